"""A street's or an alley's line with the numbers known on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from routing.geo import Point, distance_m
from routing.places.numbering import ALLEY_ASIDE_M, NEAR_LINE_M, STREET_ASIDE_M, Known, Numbering, Support
from routing.places.spine import Line, Spine

_STRAY_NUMBERS = 6  # a known number beside another piece of the street speaks for so many around it
_STRAY_SD_M = 25.0


@dataclass(frozen=True)
class Door:
    """A number whose place is known; kind is pin, house or mouth."""

    value: int
    point: Point
    kind: str = "house"


@dataclass(frozen=True)
class Spot:
    """An estimated place, its standard deviation, and what stands behind it."""

    point: Point
    sd_m: float
    support: Support


class Track:
    """`lines` may be in pieces or unknown; an alley begins with its `mouth`, where number 0 would be."""

    def __init__(self, lines: Sequence[Line], doors: Sequence[Door], mouth: Point | None = None) -> None:
        self.lines = [line for line in lines if len(line) > 1]
        self.doors = sorted(doors, key=lambda door: door.value)
        self.mouth = mouth

    def at(self, value: int) -> Spot | None:
        """Where a number should be; None without a line and without two known numbers."""
        if self.spine is None:
            return None
        estimate = self._numbering.at(value)
        stray = min(self._strays, key=lambda door: abs(door.value - value), default=None)
        if stray and abs(stray.value - value) <= min(_STRAY_NUMBERS, estimate.support.gap or _STRAY_NUMBERS):
            gap = abs(stray.value - value)
            return Spot(stray.point, _STRAY_SD_M + 5.0 * gap, replace(estimate.support, gap=gap))
        on = min(max(estimate.along_m, -10.0), self.spine.length_m + 10.0)
        return Spot(self.spine.point(on, estimate.aside_m), estimate.sd_m, estimate.support)

    @cached_property
    def spine(self) -> Spine | None:
        """Along the lines, or from the lowest to the highest known number."""
        if self.lines:
            return Spine(self.lines)
        points = [self.mouth] if self.mouth else []
        points += [door.point for door in self.doors]
        apart = len(points) > 1 and distance_m(points[0], points[-1]) > 1
        return Spine([[points[0], points[-1]]]) if apart else None

    @cached_property
    def middle(self) -> tuple[Point, int] | None:
        """The middle of the street and the distance to its farthest end."""
        points = [point for line in self.lines for point in line] or [door.point for door in self.doors]
        if not points:
            return None
        point = self.spine.point(self.spine.length_m / 2, 0.0) if self.spine else points[0]
        return point, 20 + round(max(distance_m(point, other) for other in points))

    @cached_property
    def _numbering(self) -> Numbering:
        assert self.spine is not None
        known = list(self._beside)
        rule = self._rule()
        if self.mouth:
            at_mouth = self._known(Door(0, self.mouth, "mouth"))
            rule = 1 if at_mouth.along_m <= self.spine.length_m / 2 else -1
            known.append(Known(0, at_mouth.along_m, 0.0, "mouth"))
        aside_m = ALLEY_ASIDE_M if self.mouth else STREET_ASIDE_M
        return Numbering(known, self.spine.length_m, rule, aside_m)

    @cached_property
    def _beside(self) -> list[Known]:
        return [self._known(door) for door in self.doors]

    @cached_property
    def _strays(self) -> list[Door]:
        pairs = zip(self.doors, self._beside, strict=True)
        return [door for door, known in pairs if abs(known.aside_m) >= NEAR_LINE_M]

    def _known(self, door: Door) -> Known:
        assert self.spine is not None
        return Known(door.value, *self.spine.beside(door.point), door.kind)

    def _rule(self) -> int:
        """Numbers begin in the north and in the east (circular 05/2006/QĐ-BXD): 1 when the spine does too."""
        assert self.spine is not None
        begin, end = self.spine.point(0, 0), self.spine.point(self.spine.length_m, 0)
        south, west = begin.lat - end.lat, begin.lon - end.lon
        return 1 if (south if abs(south) >= abs(west) else west) >= 0 else -1
