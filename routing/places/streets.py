"""Known street names, found inside a text: numbered families, dates and typing errors included."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rapidfuzz import process
from rapidfuzz.distance import OSA

from routing.places.text import fold, nfc, untelex

_TOKEN = re.compile(r"[a-z]+|\d+")
_PREFIX = re.compile(r"(đường|duong|đ\.|phố)\s+(?=\S)", re.IGNORECASE)
_DATE = re.compile(r"0?(\d{1,2})\s*(?:[-/]|\s+thang\s+)\s*0?(\d{1,2})")
_DATE_FIGURES = re.compile(r"(?<![\d/\-])0?(\d{1,2})\s*[-/]\s*0?(\d{1,2})(?![\d/\-])")
_DATE_WORDS = re.compile(r"(?<![\d/\-])0?(\d{1,2})\s+([a-z]{3,8})\s+0?(\d{1,2})(?![\d/\-])")
_JOINS = re.compile(r"[\s.\-]*")
SPELLINGS = {"phan chu trinh": "phan chau trinh"}  # other spellings in use, folded


@dataclass(frozen=True)
class Found:
    """A street in a text: `begin`..`end` are positions in the folded text, `errors` the letters mistyped."""

    name: str
    begin: int
    end: int
    errors: int = 0


def plain_street(name: str) -> str:
    """A street's name without the word for street; dates as `2 Tháng 9`.

    >>> plain_street("Đường 2-9"), plain_street("Đường Ngô Quyền")
    ('2 Tháng 9', 'Ngô Quyền')
    """
    name = _PREFIX.sub("", nfc(name), count=1)
    date = _DATE.fullmatch(fold(name))
    return f"{date[1]} Tháng {date[2]}" if date else name


@cache
def names_in_use() -> tuple[str, ...]:
    """Names that many towns have given to a street: `Trần Nhân Tông` is not Trần Thánh Tông mistyped."""
    file = resources.files("routing.places") / "data" / "street_names.txt"
    return tuple(file.read_text(encoding="utf-8").splitlines())


class StreetNames:
    """An index of street names; a name is a run of words and numbers that must be equal one by one."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(plain_street(name) for name in names if name.strip()))
        self._known = frozenset(self.names)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._by_digits: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
        self._dates: dict[tuple[str, str], str] = {}
        for name in self.names:
            self._add(fold(name), name)
        for spelling, usual in SPELLINGS.items():
            for name in [name for name in self.names if fold(name) == usual]:
                self._add(spelling, name)
        self.families = {_family(name) for name in self.names} - {""}
        for name in names_in_use():
            tokens = tuple(_TOKEN.findall(fold(name)))
            self._by_digits[_digits(tokens)].setdefault(" ".join(tokens), name)

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def _add(self, folded: str, name: str) -> None:
        tokens = tuple(_TOKEN.findall(folded))
        if not tokens:
            return
        self._by_first[tokens[0]].append((tokens, name))
        self._by_digits[_digits(tokens)].setdefault(" ".join(tokens), name)
        date = _DATE.fullmatch(folded)
        if date:
            self._dates[date[1], date[2]] = name

    def find(self, text: str) -> list[Found]:
        """All street names written out in `text`, longest first, then by likeness of the diacritics."""
        text = nfc(text)
        folded = fold(text)
        tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(folded)]
        found = []
        for i, (token, begin, _) in enumerate(tokens):
            for words, name in self._by_first.get(token, ()):
                end = _run_end(folded, tokens, i, words)
                if end:
                    found.append(Found(name, begin, end))
        found += self._find_dates(folded)
        return sorted(found, key=lambda f: (f.begin - f.end, -_alike(text[f.begin : f.end], f.name)))

    def _find_dates(self, folded: str) -> list[Found]:
        """`2-9`, and `2 thang 9` with an error in its word."""
        found = []
        for match in _DATE_FIGURES.finditer(folded):
            name = self._dates.get((match[1], match[2]))
            if name:
                found.append(Found(name, match.start(), match.end()))
        for match in _DATE_WORDS.finditer(folded):
            name = self._dates.get((match[1], match[3]))
            errors = min(OSA.distance(word, "thang") for word in (match[2], untelex(match[2])))
            if name and errors < 3:
                found.append(Found(name, match.start(), match.end(), errors))
        return found

    def closest(self, text: str, beyond: int = 0) -> Found | None:
        """The street that the words at the beginning of `text` mean when they are mistyped; None when unsure.

        Numbers must be equal: Mân Quang 3 is never Mân Quang 5. One error in a short name, two in a long one. Only
        names that reach `beyond` a position are looked at. The name may be one that is in use elsewhere only: then
        it is not `in` these names.
        """
        folded = fold(text)
        tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(folded)]
        best: Found | None = None
        for length in range(1, min(len(tokens), 7) + 1):
            words = [token for token, _, _ in tokens[:length]]
            names = self._by_digits.get(_digits(words))
            if not names or tokens[length - 1][2] <= beyond:
                continue
            for written in dict.fromkeys([" ".join(words), untelex(" ".join(words))]):
                limit = 0 if len(written) < 5 else 1 if len(written) < 11 else 2
                hit = process.extractOne(written, names.keys(), scorer=OSA.distance, score_cutoff=limit)
                if hit and (best is None or self._rather(names[hit[0]], int(hit[1]), best)):
                    best = Found(names[hit[0]], tokens[0][1], tokens[length - 1][2], int(hit[1]))
        return best

    def _rather(self, longer: str, errors: int, best: Found) -> bool:
        """`Phạm Văn Nhgị` is Phạm Văn Nghị, which is here, rather than Phạm Vấn, which is not, and a word more."""
        return errors <= best.errors or (errors == 1 and best.name not in self and longer in self)

    def alike(self, name: str, limit: int = 3) -> list[str]:
        """Known names that one may have meant by an unknown one, nearest first: one letter in four may differ."""
        folded = fold(name)
        known = self._by_digits.get(_digits(_TOKEN.findall(folded)), {})
        hits = process.extract(folded, known.keys(), scorer=OSA.distance, score_cutoff=len(folded) // 4, limit=None)
        return [known[hit] for hit, _, _ in hits if known[hit] in self][:limit]


def _digits(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(token for token in tokens if token.isdigit())


def _family(name: str) -> str:
    """`man quang` for Mân Quang 3; empty for a street without a number at its end."""
    words = fold(name).split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1].isdigit() and not words[0].isdigit() else ""


def _run_end(folded: str, tokens: list[tuple[str, int, int]], first: int, words: tuple[str, ...]) -> int:
    """Where the words end in the text when they stand there one after the other; 0 when they do not."""
    if first + len(words) > len(tokens):
        return 0
    for k, word in enumerate(words):
        token, begin, _ = tokens[first + k]
        if token != word and not (token.isdigit() and token.lstrip("0") == word):
            return 0
        if k and not _JOINS.fullmatch(folded, tokens[first + k - 1][2], begin):
            return 0
    end = tokens[first + len(words) - 1][2]
    runs_on = words[-1].isdigit() and end < len(folded) and folded[end].isalpha()
    return 0 if runs_on else end


def _alike(written: str, name: str) -> int:
    """How many letters agree, diacritics included."""
    return sum(a == b for a, b in zip(written.lower(), name.lower(), strict=False))
