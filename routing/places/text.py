"""Vietnamese text made comparable: composed, without diacritics, in small letters."""

import unicodedata
from functools import lru_cache


def nfc(text: str) -> str:
    """Composed form with single spaces, as every text of ours is kept."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    if letter in "đĐ":
        return "d"
    base = unicodedata.normalize("NFKD", letter)[0].lower()
    return base[0] if base else letter


def fold(text: str) -> str:
    """Small letters without diacritics, one for each letter of `nfc(text)`: positions stay the same.

    >>> fold("Nại Hiên Đông 20")
    'nai hien dong 20'
    """
    return "".join(map(_fold_letter, nfc(text)))
