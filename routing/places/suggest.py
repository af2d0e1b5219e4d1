"""Suggestions while an address is being typed."""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from routing.geo import Point
from routing.places.numbers import Numbers, chains
from routing.places.text import fold, nfc

if TYPE_CHECKING:
    from routing.places.gazetteer import Gazetteer

SuggestionKind = Literal["house", "alley", "street"]
_TOKEN = re.compile(r"[a-z]+|\d+")
_STREET_WORD = re.compile(r"[\s,.]*(?:(?:duong|d\.|pho)\s+)?")


@dataclass(frozen=True)
class Suggestion:
    """One line of the list under the address field; `label` keeps the house number that was typed."""

    label: str
    kind: SuggestionKind
    point: Point | None


@dataclass(frozen=True)
class _Reading:
    """One way to read what was typed: numbers as typed, their meaning, and the beginning of a street's
    name."""

    typed: str
    numbers: Numbers
    query: str


class Suggester:
    """An index of the street names of a gazetteer by their words."""

    def __init__(self, gazetteer: "Gazetteer") -> None:
        self._gazetteer = gazetteer
        self._by_beginning: dict[str, list[tuple[str, tuple[str, ...], int]]] = defaultdict(list)
        for name in gazetteer.streets:
            words = tuple(_TOKEN.findall(fold(name)))
            for place, word in enumerate(words):
                for beginning in {word[:1], word[:2]}:
                    self._by_beginning[beginning].append((name, words, place))

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """At most `limit` completions, best first; nothing before the second letter."""
        text = nfc(text)
        ranked: dict[str, tuple[tuple[object, ...], _Reading, str]] = {}
        for reading in _readings(text):
            for name, rank in self._matches(reading.query, text):
                label = f"{reading.typed} {name}".strip()
                if label not in ranked or rank < ranked[label][0]:
                    ranked[label] = (rank, reading, name)
        if not ranked:
            ranked = self._mended(text)
        best = sorted(ranked.items(), key=lambda item: item[1][0])[:limit]
        return [self._suggestion(label, reading, name) for label, (_, reading, name) in best]

    def _matches(self, query: str, text: str) -> list[tuple[str, tuple[object, ...]]]:
        """Streets whose words begin as the query's do, with a rank: from the first word on before inside."""
        wanted = _TOKEN.findall(query)
        if sum(map(len, wanted)) < 2:
            return []
        found: list[tuple[str, tuple[object, ...]]] = []
        for name, words, place in self._by_beginning.get(wanted[0][:2], ()):
            if _goes_on(words[place:], wanted):
                unlike = 0 if name.lower().startswith(text[-len(query) :].lower().strip()) else 1
                whole = 0 if tuple(wanted) == words else 1
                found.append((name, (place > 0, whole, unlike, _natural(words))))
        return found

    def _mended(self, text: str) -> dict[str, tuple[tuple[object, ...], _Reading, str]]:
        """The street meant by a mistyped name, or by another spelling of it."""
        mended: dict[str, tuple[tuple[object, ...], _Reading, str]] = {}
        for reading in _readings(text):
            written = self._gazetteer.names.find(reading.query)
            closest = written[0] if written else self._gazetteer.names.closest(reading.query)
            if closest and (written or len(reading.query) > 3):
                label = f"{reading.typed} {closest.name}".strip()
                mended[label] = ((closest.errors,), reading, closest.name)
        return mended

    def _suggestion(self, label: str, reading: _Reading, name: str) -> Suggestion:
        numbers = reading.numbers
        kind: SuggestionKind = "house" if numbers.number else "alley" if numbers.alley else "street"
        guess = self._gazetteer.where(name, numbers.alley, numbers.number)
        return Suggestion(label, kind, guess.point if guess else None)


def _readings(text: str) -> list[_Reading]:
    """The text as a name alone, and as a number followed by a name: `2 thang` may be either."""
    folded = fold(text)
    readings = [_Reading("", Numbers(), folded[_skipped(folded, 0) :].strip())]
    first = next(iter(chains(folded)), None)
    if first and not folded[: first.begin].strip(" ,."):
        begin = _skipped(folded, first.end)
        readings.append(_Reading(text[: first.end].strip(" ,."), first, folded[begin:].strip()))
    return readings


def _skipped(folded: str, begin: int) -> int:
    """Past spaces and the word for street."""
    match = _STREET_WORD.match(folded, begin)
    return match.end() if match else begin


def _goes_on(words: tuple[str, ...], wanted: list[str]) -> bool:
    """Whether words begin as the query does; the last query word may be unfinished."""
    last = len(wanted) - 1
    return len(words) > last and list(words[:last]) == wanted[:-1] and words[last].startswith(wanted[last])


def _natural(words: tuple[str, ...]) -> tuple[tuple[int, int | str], ...]:
    """Order in which 2 comes before 10."""
    return tuple((0, int(word)) if word.isdigit() else (1, word) for word in words)
