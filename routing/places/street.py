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
        if alley:
            return self._in_alley(alley, number)
        value = number_value(number)
        spot = self.track.at(value) if value is not None else None
        if spot:
            return Guess(spot.point, "interpolated", spot.radius_m)
        middle = self.track.middle()
        return Guess(middle.point, "street", middle.radius_m) if middle else Guess(None, "name_only", 0)

    def _in_alley(self, alley: Alley, number: str) -> Guess:
        track = self._alley_tracks.get(alley)
        if track:
            value = number_value(number)
            spot = track.at(value) if value is not None else track.middle()
            spot = spot or track.middle()
            if spot:
                return Guess(spot.point, "interpolated", spot.radius_m)
        outer = self.where(alley[:-1], alley[-1])
        if outer.match_class not in ("exact", "interpolated"):
            return outer
        return Guess(outer.point, "interpolated", outer.radius_m + STEP_RADIUS_M)

    @cached_property
    def track(self) -> Track:
        """The street with its houses and the mouths of its alleys."""
        mouths = [Anchor(value, spot) for value, spot in self._mouths()]
        return Track(self.lines, _anchors(self.houses, ()) + mouths)

    def _mouths(self) -> Iterable[tuple[int, Point]]:
        for alley in self.alleys:
            mouth, value = self._mouth(alley), number_value(alley[0])
            if len(alley) == 1 and mouth and value is not None:
                yield value, mouth

    def _mouth(self, alley: Alley) -> Point | None:
        """Where an alley leaves its street (or an inner alley its outer one)."""
        outer = Track(self.lines if len(alley) == 1 else self.alleys.get(alley[:-1], []), ())
        ends = [end for line in self.alleys.get(alley, []) for end in (line[0], line[-1])]
        near = [hit for end in ends if (hit := outer.nearest(end))]
        point, far_m = min(near, key=lambda hit: hit[1], default=(None, 0.0))
        return point if far_m < MOUTH_REACH_M else None

    @cached_property
    def _alley_tracks(self) -> Mapping[Alley, Track]:
        tracks = {}
        for alley in {alley for alley, _ in self.houses if alley} | set(self.alleys):
            mouth = self._mouth(alley)
            first = [Anchor(0, mouth), Anchor(1, mouth)] if mouth else []
            tracks[alley] = Track(self.alleys.get(alley, []), first + _anchors(self.houses, alley))
        return tracks


def _anchors(houses: Mapping[tuple[Alley, str], Point], alley: Alley) -> list[Anchor]:
    return [
        Anchor(value, point)
        for (its_alley, number), point in houses.items()
        if its_alley == alley and "-" not in number and (value := number_value(number)) is not None
    ]


__all__ = ["Alley", "Guess", "Line", "MatchClass", "Spot", "Street"]
