"""Names for things that people and browsers see. Row numbers stay inside."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

# Damm, H. Michael: Total anti-symmetrische Quasigruppen (2004). Catches every single wrong digit and every
# swap of neighbours: the two mistakes made when a code is said on the phone.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def public_id() -> str:
    """An unguessable name for a row in a URL: 12 characters, 59 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def _interim(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def dossier_code(number: int | None = None) -> str:
    """A dossier's code: six digits and a check digit, to be said on the phone."""
    if number is None:
        number = secrets.randbelow(900_000) + 100_000
    body = f"{number:06d}"
    return body + str(_interim(body))


def read_code(text: str) -> str | None:
    """The seven digits of a code as typed or spoken (`482 9137`, `4829-137`), or None where it cannot be one."""
    digits = "".join(c for c in text if c.isdecimal())
    if not digits.isascii():
        digits = "".join(str(int(c)) for c in digits)
    return digits if len(digits) == 7 and _interim(digits) == 0 else None


def spoken_code(code: str) -> str:
    """The code in two groups, as it is read out and printed."""
    return f"{code[:3]} {code[3:]}"
