"""The six digits with which a citizen proves at the door that the papers are theirs, and envelope numbers.

The digits are computed from the secret key, not stored. The phone can check them without a network but not read them:
its page holds a slow salted hash (PBKDF2), so that finding the million possible codes takes hours, not a glance.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from flask import current_app

from dispatch.dossiers.models import Dossier
from dispatch.identity import dossier_code, read_code

ROUNDS = 200_000
LONGEST_ENVELOPE = 20
MARK = "B"  # bì thư


@dataclass(frozen=True)
class Check:
    """What the phone's page needs to check a code: PBKDF2-HMAC-SHA256 of the digits, salt as text, digest as hex."""

    salt: str
    rounds: int
    digest: str


def handover_code(dossier: Dossier) -> str:
    """The dossier's six digits, the same for every try at its door."""
    secret = current_app.config["SECRET_KEY"].encode()
    name = f"hand-over:{dossier.ward_id}:{dossier.code}".encode()
    return f"{int.from_bytes(hmac.new(secret, name, hashlib.sha256).digest()[:8]) % 1_000_000:06d}"


def check_of(dossier: Dossier) -> Check:
    """How the phone checks the dossier's code."""
    salt = f"{dossier.ward_id}:{dossier.code}"
    return Check(salt, ROUNDS, _slow_hash(handover_code(dossier), salt))


@lru_cache(maxsize=4096)
def _slow_hash(code: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt.encode(), ROUNDS).hex()


def envelope_label(number: int) -> str:
    """What stands on a printed label: a mark, six digits and a check digit."""
    return MARK + dossier_code(number)


def read_envelope(text: str) -> str:
    """An envelope's number as scanned or typed, in one spelling; any other name on an envelope is kept as it is."""
    plain = "".join(c for c in text.upper() if c.isalnum())[:LONGEST_ENVELOPE]
    digits = read_code(plain.removeprefix(MARK))
    return MARK + digits if digits and plain.removeprefix(MARK) == digits else plain
