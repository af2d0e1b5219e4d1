"""Streets, house numbers and alleys of a ward: suggestions while typing, and where an address is."""

from dataclasses import dataclass
from typing import Literal

from routing.geo import Point
from routing.places.address import Address

MatchClass = Literal["exact", "interpolated", "street", "name_only", "area"]
SuggestionKind = Literal["house", "alley", "street"]


@dataclass(frozen=True)
class Suggestion:
    """One line of the list under the address field; `label` keeps the house number that was typed."""

    label: str
    kind: SuggestionKind
    point: Point | None


@dataclass(frozen=True)
class Candidate:
    """One answer to "where is it". `point` is None for `name_only`: the street is known, its position is not.

    `radius_m` is the distance within which the door should lie (0 where there is no point).
    """

    label: str
    point: Point | None
    match_class: MatchClass
    radius_m: int
    street: str
    parts: Address


class Gazetteer:
    """Made by `routing.roads.osm.import_map` or `routing.roads.starter.starter_map`."""

    def to_bytes(self) -> bytes:
        """The gazetteer as compressed JSON."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> "Gazetteer":
        """Inverse of `to_bytes`; raises ValueError when `data` is not such a file."""
        raise NotImplementedError

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Completions of what was typed so far, best first; nothing before the second letter."""
        raise NotImplementedError

    def locate(self, text: str) -> list[Candidate]:
        """Where the address is, best first; empty when nothing of it is known."""
        raise NotImplementedError
