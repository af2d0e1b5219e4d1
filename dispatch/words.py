"""Folding text for search: without diacritics, case and punctuation, so that `Thi Hoa` finds `Thị Hoà`."""

import re
import unicodedata


def fold(text: str) -> str:
    """Lower case, no diacritics, đ as d, runs of anything else as one blank."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^0-9a-z]+", " ", letters.replace("đ", "d")).strip()


def nfc(text: str) -> str:
    """Composed, without control characters but line breaks, outer blanks removed."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if c == "\n" or unicodedata.category(c)[0] != "C").strip()
