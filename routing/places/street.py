"""One street of the gazetteer: its line, its house numbers and its alleys, and where a door on it should
be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from routing.geo import Point
from routing.places.numbers import number_value
from routing.places.track import Anchor, Spot, Track

MatchClass = Literal["exact", "interpolated", "street", "name_only", "area"]
Line = Sequence[Point]
Alley = tuple[str, ...]

EXACT_RADIUS_M = 20
MOUTH_REACH_M = 60.0  # an alley that begins farther than this from its street has no known mouth
VAGUE_M = 400  # a guess worse than this says no more than the street
STEP_RADIUS_M = 60  # what every alley whose own line is unknown adds to the radius


@dataclass(frozen=True)
class Guess:
    """A place on a street with the way it was found."""

    point: Point | None
    match_class: MatchClass
    radius_m: int


@dataclass
class Street:
    """`lines` is empty for a street known by name only; keys of `houses` are (alley, number)."""

    name: str
    lines: list[Line] = field(default_factory=list)
    houses: dict[tuple[Alley, str], Point] = field(default_factory=dict)
    alleys: dict[Alley, list[Line]] = field(default_factory=dict)

    def add_house(self, alley: Alley, number: str, point: Point) -> None:
        """Record a house; `131-133` is found under either number too."""
        for one in dict.fromkeys([number, *number.split("-")]):
            self.houses.setdefault((alley, one), point)

    def where(self, alley: Alley, number: str) -> Guess:
        """The best that is known about a door: itself, its neighbours, its alley's mouth, the street."""
        known = self.houses.get((alley, number)) or self.houses.get((alley, number.split("-")[0]))
        if known:
            return Guess(known, "exact", EXACT_RADIUS_M)
        guess = self._in_alley(alley, number) if alley else self._on_street(number)
        middle = self.track.middle
        if guess and not (middle and guess.radius_m > min(middle.radius_m, VAGUE_M)):
            return guess
        return Guess(middle.point, "street", middle.radius_m) if middle else Guess(None, "name_only", 0)

    def _on_street(self, number: str) -> Guess | None:
        value = number_value(number)
        spot = self.track.at(value) if value is not None else None
        return Guess(spot.point, "interpolated", spot.radius_m) if spot else None

    def _in_alley(self, alley: Alley, number: str) -> Guess | None:
        """On the alley's own line when it is drawn, else at its mouth."""
        track = self._alley_track(alley)
        value = number_value(number)
        spot = (track.at(value) if value is not None else None) or track.middle
        if spot:
            return Guess(spot.point, "interpolated", spot.radius_m)
        outer = self.where(alley[:-1], alley[-1])
        if outer.match_class not in ("exact", "interpolated"):
            return None
        return Guess(outer.point, "interpolated", outer.radius_m + STEP_RADIUS_M)

    @cached_property
    def track(self) -> Track:
        """The street with its houses and the mouths of its alleys."""
        mouths = [Anchor(value, spot) for value, spot in self._mouths()]
        return Track(self.lines, _anchors(self.houses, ()) + mouths)

    @cached_property
    def _line_tracks(self) -> dict[Alley, Track]:
        return {(): Track(self.lines, ())} | {alley: Track(lines, ()) for alley, lines in self.alleys.items()}

    @cached_property
    def _alley_tracks(self) -> dict[Alley, Track]:
        return {}

    def _mouths(self) -> Iterable[tuple[int, Point]]:
        for alley in self.alleys:
            value = number_value(alley[0])
            mouth = self._mouth(alley) if len(alley) == 1 else None
            if mouth and value is not None:
                yield value, mouth

    def _mouth(self, alley: Alley) -> Point | None:
        """Where an alley leaves its street (or an inner alley its outer one)."""
        outer = self._line_tracks.get(alley[:-1])
        ends = {end for line in self.alleys.get(alley, []) for end in (line[0], line[-1])}
        return outer.foot(ends, MOUTH_REACH_M) if outer else None

    def _alley_track(self, alley: Alley) -> Track:
        if alley not in self._alley_tracks:
            mouth = self._mouth(alley)
            first = [Anchor(0, mouth), Anchor(1, mouth)] if mouth else []
            self._alley_tracks[alley] = Track(self.alleys.get(alley, []), first + _anchors(self.houses, alley))
        return self._alley_tracks[alley]


def _anchors(houses: Mapping[tuple[Alley, str], Point], alley: Alley) -> list[Anchor]:
    return [
        Anchor(value, point)
        for (its_alley, number), point in houses.items()
        if its_alley == alley and "-" not in number and (value := number_value(number)) is not None
    ]


__all__ = ["Alley", "Guess", "Line", "MatchClass", "Spot", "Street"]
