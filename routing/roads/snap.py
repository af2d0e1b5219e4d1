"""Joining doors to streets: the nearest point of the nearest edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops

from routing.geo import Plane, Point
from routing.roads import profile

if TYPE_CHECKING:
    from routing.roads.network import Edges

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

ISLAND_SLACK_M = 30.0  # a door this much nearer to an island than to a real street is an estimate


@dataclass(frozen=True)
class Doors:
    """Where n points meet the streets, as arrays of shape (n,).

    `edge`: the edge, -1 where none is within reach. `along_m`: from the edge's start to that spot.
    `access_m`: from the door to that spot, straight. `doubtful`: the door stands at a street that leads
    nowhere we know.
    """

    edge: IntArray
    along_m: FloatArray
    access_m: FloatArray
    doubtful: BoolArray

    @property
    def off_the_roads(self) -> BoolArray:
        """Which points no road that leads on reaches: every figure of theirs is an estimate."""
        return (self.edge < 0) | self.doubtful


class Snapper:
    """An index over all edges; only `main` ones are snapped to, the others are noticed."""

    def __init__(self, edges: "Edges", length_m: FloatArray, main: BoolArray, plane: Plane) -> None:
        self._plane = plane
        self._length_m = length_m
        owner = np.repeat(np.arange(len(edges)), np.diff(edges.shape_start))
        lines = shapely.linestrings(plane.xy(edges.shape_lat, edges.shape_lon), indices=owner)
        self.lines: npt.NDArray[np.object_] = np.asarray(lines)
        self._main, self._islands = np.flatnonzero(main), np.flatnonzero(~main)
        self._main_tree = shapely.STRtree(self.lines[self._main])
        self._island_tree = shapely.STRtree(self.lines[self._islands])

    def snap(self, points: Sequence[Point]) -> Doors:
        """Each point's spot on the nearest main edge within `profile.REACH_M`."""
        spots = np.asarray(shapely.points(self._plane.xy([p.lat for p in points], [p.lon for p in points])))
        nearest, access_m = _nearest(self._main_tree, spots)
        _, island_m = _nearest(self._island_tree, spots)
        edge = np.full(len(points), -1)
        known = nearest >= 0
        edge[known] = self._main[nearest[known]]
        along_m = np.zeros(len(points))
        on = self.lines[edge[known]]
        share = shapely.line_locate_point(on, spots[known], normalized=True)
        along_m[known] = share * self._length_m[edge[known]]
        return Doors(edge, along_m, access_m, island_m + ISLAND_SLACK_M < access_m)

    def cut(self, edge: int, from_share: float, to_share: float) -> list[Point]:
        """The line of an edge between two shares (0 start, 1 end) of its length; backward when from > to."""
        line = self.lines[edge]
        low, high = sorted((from_share, to_share))
        part = shapely.ops.substring(line, low, high, normalized=True)
        points = [self._plane.point(x, y) for x, y in part.coords]
        return points if from_share <= to_share else points[::-1]


def _nearest(tree: shapely.STRtree, spots: npt.NDArray[np.object_]) -> tuple[IntArray, FloatArray]:
    """Index (-1: none) and distance (inf) of the nearest line in reach; the lowest index of several that
    tie."""
    index, metres = np.full(len(spots), -1), np.full(len(spots), np.inf)
    if len(tree) and len(spots):
        (spot, line), found_m = tree.query_nearest(spots, max_distance=profile.REACH_M, return_distance=True)
        order = np.lexsort((-line, spot))  # the last write wins, so the lowest line index comes last
        index[spot[order]], metres[spot[order]] = line[order], found_m[order]
    return index, metres
