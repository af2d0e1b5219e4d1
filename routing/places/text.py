"""Vietnamese text made comparable: composed, without diacritics, in small letters."""

import re
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


def untelex(folded: str) -> str:
    """A text typed in Telex while the keyboard program was off, folded.

    >>> untelex("ngoo quyeefn"), untelex("ddaf nawxng")
    ('ngo quyen', 'da nang')
    """
    return " ".join(map(_untelex_word, folded.split()))


def _untelex_word(word: str) -> str:
    word = word.replace("dd", "d")
    vowel = re.search(r"[aeiouyw]", word)
    if not vowel or word.isdigit():
        return word
    head, tail = word[: vowel.start()], word[vowel.start() :]
    tail = re.sub(r"^w", "u", tail)
    tail = re.sub(r"(?<=[a-z])[sfrxjzw]", "", tail)
    return head + re.sub(r"([aeo])\1", r"\1", tail)
