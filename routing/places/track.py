"""House numbers along a street: where a number should be, from the numbers whose place is known.

Measured on 643 addresses of Đà Nẵng: odd and even numbers keep to their sides in 97.8 %, and a number is
worth 3.65 m at the median. The radii here are cautious roundings of the errors found when known numbers
are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely
from shapely.geometry import LineString, MultiLineString, MultiPoint
from shapely.ops import nearest_points

from routing.geo import Plane, Point, distance_m

METRES_PER_NUMBER = 3.65
NEAR_LINE_M = 60.0  # known numbers farther than this from the street's line are placed without it


@dataclass(frozen=True)
class Anchor:
    """A house number whose place is known."""

    value: int
    point: Point


@dataclass(frozen=True)
class Spot:
    """An estimated place and the distance within which the door should lie."""

    point: Point
    radius_m: int


class Track:
    """A street's or an alley's line (maybe in pieces, maybe unknown) with the numbers known on it."""

    def __init__(self, lines: Sequence[Sequence[Point]], anchors: Sequence[Anchor]) -> None:
        self.lines = [line for line in lines if len(line) > 1]
        self.anchors = sorted(anchors, key=lambda anchor: anchor.value)

    @cached_property
    def _plane(self) -> Plane:
        return Plane(self.lines[0][0] if self.lines else self.anchors[0].point)

    @cached_property
    def parts(self) -> list[LineString]:
        """The line in metres, pieces that continue each other joined, longest first."""
        merged = shapely.line_merge(MultiLineString([[*map(self._plane.flat, line)] for line in self.lines]))
        parts = [part for part in shapely.get_parts(merged) if isinstance(part, LineString)]
        return sorted(parts, key=lambda part: -part.length)

    @cached_property
    def _whole(self) -> MultiLineString:
        return MultiLineString(self.parts)

    @cached_property
    def middle(self) -> Spot | None:
        """The middle of the longest piece, the radius reaching to the farthest end of all."""
        if not self.lines:
            points = [anchor.point for anchor in self.anchors]
            if not points:
                return None
            point = points[len(points) // 2]
            return Spot(point, 50 + round(max(distance_m(point, other) for other in points)))
        longest = self.parts[0].interpolate(0.5, normalized=True)
        point = self._plane.point(longest.x, longest.y)
        return Spot(point, 20 + round(max(distance_m(point, p) for line in self.lines for p in line)))

    def foot(self, points: Iterable[Point], reach_m: float) -> Point | None:
        """The point of the line that is nearest to any of some points; None beyond reach or without a line."""
        if not self.lines:
            return None
        spots = MultiPoint([self._plane.flat(point) for point in points])
        if spots.is_empty or not self._whole.dwithin(spots, reach_m):
            return None
        x, y = nearest_points(self._whole, spots)[0].coords[0]
        return self._plane.point(x, y)

    def at(self, value: int) -> Spot | None:
        """Where a number should be; None when no number is known here."""
        if not self.anchors:
            return None
        own_side = [anchor for anchor in self.anchors if anchor.value % 2 == value % 2]
        anchors = own_side or self.anchors
        below = max((a for a in anchors if a.value <= value), key=lambda a: a.value, default=None)
        above = min((a for a in anchors if a.value >= value), key=lambda a: a.value, default=None)
        if below and above:
            return self._between(below, above, value)
        return self._beyond(below or above or anchors[0], value)

    def _between(self, below: Anchor, above: Anchor, value: int) -> Spot:
        gap_m = distance_m(below.point, above.point)
        share = (value - below.value) / ((above.value - below.value) or 1)
        radius_m = round(max(25.0, min(gap_m / 2, METRES_PER_NUMBER * 2 * (above.value - below.value))))
        a, b = self._flat(below.point), self._flat(above.point)
        part = self._part_near(a, b)
        if part is None:
            on = LineString([a, b]).interpolate(share, normalized=True)
            return Spot(self._plane.point(on.x, on.y), radius_m)
        at_a, at_b = part.project(a), part.project(b)
        on = part.interpolate(at_a + share * (at_b - at_a))
        foot_a, foot_b = part.interpolate(at_a), part.interpolate(at_b)
        x = on.x + (1 - share) * (a.x - foot_a.x) + share * (b.x - foot_b.x)
        y = on.y + (1 - share) * (a.y - foot_a.y) + share * (b.y - foot_b.y)
        return Spot(self._plane.point(x, y), radius_m)

    def _beyond(self, known: Anchor, value: int) -> Spot:
        """Past the last known number: 3.65 m a number along the line, or that number itself."""
        ahead_m = METRES_PER_NUMBER * abs(value - known.value)
        flat = self._flat(known.point)
        part = self._part_near(flat, flat)
        direction = self._direction(part) if part is not None else 0
        if part is None or not direction:
            return Spot(known.point, round(30 + ahead_m))
        along = part.project(flat) + direction * METRES_PER_NUMBER * (value - known.value)
        on, foot = part.interpolate(min(max(along, 0.0), part.length)), part.interpolate(part.project(flat))
        point = self._plane.point(on.x + flat.x - foot.x, on.y + flat.y - foot.y)
        return Spot(point, round(30 + ahead_m / 2))

    def _direction(self, part: LineString) -> int:
        """1 when numbers grow along the piece, -1 when they fall, 0 when that is not known."""
        known = [
            (anchor.value, part.project(flat))
            for anchor in self.anchors
            if part.distance(flat := self._flat(anchor.point)) < NEAR_LINE_M
        ]
        if len(known) < 2:
            return 0
        mean_value = sum(value for value, _ in known) / len(known)
        slope = sum((value - mean_value) * along for value, along in known)
        return (slope > 0) - (slope < 0)

    def _part_near(self, a: shapely.Point, b: shapely.Point) -> LineString | None:
        if not self.lines:
            return None
        part = min(self.parts, key=lambda part: part.distance(a) + part.distance(b))
        return part if max(part.distance(a), part.distance(b)) < NEAR_LINE_M else None

    def _flat(self, point: Point) -> shapely.Point:
        return shapely.Point(self._plane.flat(point))
