"""A street as one line: pieces in a row joined, the two carriageways of a wide street taken for one."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree
from shapely.geometry import LineString

from routing.geo import FloatArray, Plane, Point

Line = Sequence[Point]
SIDE_BY_SIDE_M = 40.0  # carriageways nearer to each other than this are one street
_GAP_COSTS = 2.0  # how much road a metre without road must bring to be worth it

Edge = tuple[int, int, float]


class Spine:
    """The way from one end of a street to the other, with a plane in metres around it.

    A place beside it is `along_m` from its beginning and `aside_m` to the left of it (negative: right).
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.plane = Plane(lines[0][0])
        self.line = LineString(_longest_way([self.plane.xy(*zip(*line, strict=True)) for line in lines]))

    @property
    def length_m(self) -> float:
        return float(self.line.length)

    def beside(self, point: Point) -> tuple[float, float]:
        """(along_m, aside_m) of a place."""
        spot = shapely.Point(self.plane.flat(point))
        along = float(self.line.project(spot))
        (x, y), (dx, dy) = self._at(along)
        left = dx * (spot.y - y) - dy * (spot.x - x)
        return along, float(np.copysign(self.line.distance(spot), left))

    def point(self, along_m: float, aside_m: float) -> Point:
        """The place for (along_m, aside_m); past an end it lies in the street's last direction."""
        on = min(max(along_m, 0.0), self.length_m)
        (x, y), (dx, dy) = self._at(on)
        ahead = along_m - on
        return self.plane.point(x + dx * ahead - dy * aside_m, y + dy * ahead + dx * aside_m)

    def _at(self, along: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Position and unit direction, smoothed over some metres so that a corner has a direction too."""
        on = self.line.interpolate(along)
        a, b = self.line.interpolate(max(0.0, along - 8)), self.line.interpolate(min(self.length_m, along + 8))
        length = a.distance(b) or 1.0
        return (on.x, on.y), ((b.x - a.x) / length, (b.y - a.y) / length)


def _longest_way(lines: Sequence[FloatArray]) -> FloatArray:
    """Of the shortest ways between ends of pieces the one with most road and least gap."""
    if len(lines) == 1 and len(np.unique(lines[0], axis=0)) > 1:
        return lines[0]
    rounded = np.asarray(np.round(np.concatenate(lines), 1), dtype=np.float64)
    spots, index = np.unique(rounded, axis=0, return_inverse=True)
    if len(spots) < 2:
        return np.vstack([spots, spots + 0.1])
    runs = np.split(index, np.cumsum([len(line) for line in lines])[:-1])
    road = [edge for run in runs for edge in _steps(spots, pairwise(run))]
    gaps = _steps(spots, KDTree(spots).query_pairs(SIDE_BY_SIDE_M))
    gaps += _bridges(spots, road + gaps)
    ends = np.unique([run[i] for run in runs for i in (0, -1)])
    near, before = dijkstra(_graph(len(spots), road, gaps, 1.5), directed=False, indices=ends, return_predecessors=True)
    wary = dijkstra(_graph(len(spots), road, gaps, 3.0), directed=False, indices=ends)
    reached = np.isfinite(near)
    worth = np.full(near.shape, -np.inf)
    worth[reached] = near[reached] - _GAP_COSTS * (wary[reached] - near[reached])
    first, last = np.unravel_index(int(np.argmax(worth)), worth.shape)
    way = [int(last)]
    while way[-1] != ends[first]:
        way.append(int(before[first, way[-1]]))
    return np.asarray(spots[way], dtype=np.float64) if len(way) > 1 else np.asarray(lines[0], dtype=np.float64)


def _steps(spots: FloatArray, pairs: Iterable[tuple[int, int]]) -> list[Edge]:
    return [(int(a), int(b), float(np.hypot(*(spots[a] - spots[b])))) for a, b in pairs if a != b]


def _bridges(spots: FloatArray, edges: list[Edge]) -> list[Edge]:
    """From the longest piece to others, where the gap is shorter than the other piece; stray pieces stay apart."""
    graph = _graph(len(spots), edges, [], 1.0)
    count, piece = connected_components(graph, directed=False)
    lengths = np.bincount(piece, weights=np.asarray(graph.sum(axis=1)).ravel(), minlength=count)
    joined = piece == int(np.argmax(lengths))
    bridges: list[Edge] = []
    for other in np.argsort(-lengths)[1:]:
        own, others = np.flatnonzero(joined), np.flatnonzero(piece == other)
        gap, nearest = map(np.asarray, KDTree(spots[own]).query(spots[others]))
        narrowest = int(np.argmin(gap))
        if gap[narrowest] < lengths[other]:
            bridges.append((int(own[nearest[narrowest]]), int(others[narrowest]), float(gap[narrowest])))
            joined |= piece == other
    return bridges


def _graph(size: int, road: list[Edge], gaps: list[Edge], factor: float) -> csr_array:
    """A sparse matrix of lengths, gaps counted `factor` times; of two edges between the same spots the shorter
    counts."""
    shortest: dict[tuple[int, int], float] = {}
    for a, b, length in [*road, *((a, b, factor * length) for a, b, length in gaps)]:
        key = (min(a, b), max(a, b))
        shortest[key] = min(length, shortest.get(key, np.inf))
    if not shortest:
        return csr_array((size, size))
    rows, columns = zip(*shortest, strict=True)
    return csr_array((list(shortest.values()), (rows, columns)), shape=(size, size))
