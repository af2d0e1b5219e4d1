"""One street of the gazetteer: its line, its house numbers and its alleys, and where a door on it should be."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from routing.geo import Point
from routing.places.certainty import CONFIRMED, EXACT, Evidence, MatchClass, Sureness, street_only, sureness
from routing.places.numbering import Support
from routing.places.numbers import number_value
from routing.places.spine import Spine
from routing.places.track import Door, Spot, Track

Line = Sequence[Point]
Alley = tuple[str, ...]

MOUTH_REACH_M = 60.0  # an alley that begins farther than this from its street has no known mouth
ALLEY_DEPTH_M = 160.0  # an alley that is not drawn is not thought to reach deeper into its block
INWARDS_M_PER_NUMBER = 4.0  # least error in alleys of Hải Châu whose lines are taken away (in most folds)
VAGUE_M = 400  # a guess worse than this says no more than the street
UNDRAWN_SD_M = 20.0  # what an alley whose own line is unknown adds, and what every number in it adds to that
UNDRAWN_SD_M_PER_NUMBER = 2.0
UNSAID = 30  # a door without a number is thought to lie so many numbers inside its alley


@dataclass(frozen=True)
class Guess:
    """A place on a street with the way it was found."""

    point: Point | None
    match_class: MatchClass
    radius_m: int
    probability: float
    evidence: Evidence | None = None


@dataclass
class Street:
    """`lines` is empty for a street known by name only; keys of `houses` are (alley, number).

    `pins` are doors where somebody of the ward has been: they stand before the map's house numbers. `base` is the name
    that people say where several streets have it (see `apart`).
    """

    name: str
    lines: list[Line] = field(default_factory=list)
    houses: dict[tuple[Alley, str], Point] = field(default_factory=dict)
    alleys: dict[Alley, list[Line]] = field(default_factory=dict)
    pins: dict[tuple[Alley, str], Point] = field(default_factory=dict)
    base: str = ""

    def add_house(self, alley: Alley, number: str, point: Point) -> None:
        """Record a house; `131-133` is found under either number too."""
        for one in dict.fromkeys([number, *number.split("-")]):
            self.houses.setdefault((alley, one), point)

    def where(self, alley: Alley, number: str) -> Guess:
        """The best that is known about a door: itself, its neighbours, its alley's mouth, the street."""
        if pin := self.pins.get((alley, number)):
            return _guess(pin, CONFIRMED)
        known = self.houses.get((alley, number)) or self.houses.get((alley, number.split("-")[0]))
        if known:
            return _guess(known, EXACT)
        middle, spot = self.track.middle, self._spot(alley, number)
        guess = self._estimated(alley, spot) if spot else None
        if guess and not (middle and guess.radius_m > min(middle[1], VAGUE_M)):
            return guess
        if middle is None:
            return Guess(None, "name_only", 0, 0.0)
        if guess and number_value(number) is not None and guess.match_class == "street":
            return replace(guess, radius_m=middle[1])
        return _guess(middle[0], street_only(middle[1]))

    def _estimated(self, alley: Alley, spot: Spot) -> Guess:
        evidence = Evidence(spot.sd_m, spot.support, bool(alley))
        return _guess(spot.point, sureness(evidence), evidence)

    def _spot(self, alley: Alley, number: str) -> Spot | None:
        value = number_value(number)
        if not alley:
            return self.track.at(value) if value is not None else None
        track = self._alley_track(alley)
        if track.lines:
            return track.at(value) if value is not None else _middle(track)
        mouth = self._mouth_spot(alley)
        if mouth is None:
            return track.at(value) if value is not None else None
        return self._into_the_block(alley, mouth, value)

    def _into_the_block(self, alley: Alley, mouth: Spot, value: int | None) -> Spot:
        """Inside an alley that is not drawn: from its mouth to its known numbers, else straight into the block."""
        doors = self._doors(alley)
        inside = Track([], doors, mouth.point).at(value) if doors and value is not None else None
        away = UNSAID if value is None else value
        if inside:
            away = min(away, inside.support.gap or 0)
        sd_m = math.hypot(mouth.sd_m, UNDRAWN_SD_M + UNDRAWN_SD_M_PER_NUMBER * away)
        point = inside.point if inside else self._inwards(alley, mouth.point, value or 0)
        support = replace(inside.support, strain=mouth.support.strain) if inside else mouth.support
        return Spot(point, sd_m, support)

    def _inwards(self, alley: Alley, mouth: Point, value: int) -> Point:
        """A place on the alley's side of its street, the deeper the higher the number."""
        outer = self._spine(alley[:-1])
        if outer is None:
            return mouth
        along, aside = outer.beside(mouth)
        side = math.copysign(1.0, aside) if abs(aside) > 1 else 0.0
        return outer.point(along, aside + side * min(ALLEY_DEPTH_M, INWARDS_M_PER_NUMBER * value))

    def _mouth_spot(self, alley: Alley) -> Spot | None:
        """Where an alley begins: where its line meets the street, else where its number would be."""
        mouth = self._mouth(alley)
        if mouth:
            return Spot(mouth, 5.0, Support(0, around=1))
        known = (self.houses | self.pins).get((alley[:-1], alley[-1]))
        return Spot(known, 10.0, Support(0, around=1)) if known else self._spot(alley[:-1], alley[-1])

    @cached_property
    def track(self) -> Track:
        """The street with its houses and the mouths of its alleys."""
        mouths = [Door(value, spot, "mouth") for value, spot in self._mouths()]
        return Track(self.lines, self._doors(()) + mouths)

    def _spine(self, alley: Alley) -> Spine | None:
        """Of the street itself for an empty alley; None where the line is not known."""
        if alley not in self._spines:
            lines = self.alleys.get(alley) if alley else self.lines
            self._spines[alley] = Spine(lines) if lines else None
        return self._spines[alley]

    @cached_property
    def _spines(self) -> dict[Alley, Spine | None]:
        return {}

    @cached_property
    def _alley_tracks(self) -> dict[Alley, Track]:
        return {}

    def _doors(self, alley: Alley) -> list[Door]:
        return [
            Door(value, point, "pin" if (its_alley, number) in self.pins else "house")
            for (its_alley, number), point in (self.houses | self.pins).items()
            if its_alley == alley and "-" not in number and (value := number_value(number)) is not None
        ]

    def _mouths(self) -> Iterable[tuple[int, Point]]:
        for alley in self.alleys:
            value = number_value(alley[0])
            mouth = self._mouth(alley) if len(alley) == 1 else None
            if mouth and value is not None:
                yield value, mouth

    def _mouth(self, alley: Alley) -> Point | None:
        """Where an alley leaves its street (or an inner alley its outer one)."""
        outer = self._spine(alley[:-1])
        ends = {end for line in self.alleys.get(alley, []) for end in (line[0], line[-1])}
        if not outer or not ends:
            return None
        aside, along = min((abs(outer.beside(end)[1]), outer.beside(end)[0]) for end in ends)
        return outer.point(along, 0.0) if aside <= MOUTH_REACH_M else None

    def _alley_track(self, alley: Alley) -> Track:
        if alley not in self._alley_tracks:
            lines = self.alleys.get(alley, [])
            self._alley_tracks[alley] = Track(lines, self._doors(alley), self._mouth(alley))
        return self._alley_tracks[alley]


def _middle(track: Track) -> Spot | None:
    return Spot(track.middle[0], track.middle[1] / 2, Support(None)) if track.middle else None


def _guess(point: Point, sure: Sureness, evidence: Evidence | None = None) -> Guess:
    return Guess(point, sure.match_class, sure.radius_m, sure.probability, evidence)
