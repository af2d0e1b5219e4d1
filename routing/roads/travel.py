"""Fastest ways between doors: the figures from the contracted graph, the lines from a search over the streets."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from routing.geo import Point, distance_m, distances_m
from routing.roads import profile
from routing.roads.streets import SHIFT, Arcs, packed

if TYPE_CHECKING:
    from routing.roads.network import Edges, RoadNetwork

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Path = tuple[list[Point], list[str], dict[str, float]]

AT_CROSSING_M = 0.05
NAMED_FROM_M = 2.0  # a street ridden for less than this is only crossed


def components(edges: "Edges", without: BoolArray | None = None) -> IntArray:
    """Number of the strongly connected piece each edge lies in; -1 for an edge between two pieces, or closed both ways.

    Edges marked in `without` are not ridden on.
    """
    if not len(edges):
        return np.zeros(0, dtype=np.int64)
    open_ = ~without if without is not None else np.ones(len(edges), dtype=bool)
    forward, backward = edges.forward & open_, edges.backward & open_
    tail = np.concatenate((edges.start[forward], edges.end[backward]))
    head = np.concatenate((edges.end[forward], edges.start[backward]))
    size = int(max(edges.start.max(), edges.end.max())) + 1
    graph = csr_array((np.ones(len(tail)), (tail, head)), shape=(size, size))
    _, label = connected_components(graph, directed=True, connection="strong")
    inside = (label[edges.start] == label[edges.end]) & (forward | backward)
    return np.where(inside, label[edges.start], -1).astype(np.int64)


class Trips:
    """All ways between n points. Node numbers for paths: those of the streets, then n departures, then n arrivals."""

    def __init__(self, network: "RoadNetwork", points: Sequence[Point]) -> None:
        self._network = network
        self._streets = network.streets
        self._points = list(points)
        self._doors = network.snapper.snap(self._points)

    # -- the doors --

    @cached_property
    def _departs(self) -> Arcs:
        """From the doors to the ends of their edges. At a crossing itself a one-way street binds nobody."""
        e, s = self._network.edges, self._streets
        door, edge, before, after = self._known_doors
        forward, backward = e.forward[edge], e.backward[edge]
        at_start, at_end = before < AT_CROSSING_M, after < AT_CROSSING_M
        return Arcs.joined(
            self._out(door, np.where(at_end, e.end[edge], s.at_end[edge]), after, forward | at_end),
            self._out(door, np.where(at_start, e.start[edge], s.at_start[edge]), before, backward | at_start),
        )

    @cached_property
    def _arrives(self) -> Arcs:
        """From the ends of edges to the doors."""
        e = self._network.edges
        door, edge, before, after = self._known_doors
        forward, backward = e.forward[edge], e.backward[edge]
        parts = [
            *self._in(door, e.start[edge], before, forward, before < AT_CROSSING_M),
            *self._in(door, e.end[edge], after, backward, after < AT_CROSSING_M),
        ]
        return Arcs.joined(*parts)

    @cached_property
    def _known_doors(self) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Number, edge, and metres to the edge's start and end of every door that has an edge."""
        door = np.flatnonzero(self._doors.edge >= 0)
        edge, before = self._doors.edge[door], self._doors.along_m[door]
        return door, edge, before, self._network.length_m[edge] - before

    def _out(self, door: IntArray, node: IntArray, street_m: FloatArray, open_: BoolArray) -> Arcs:
        return Arcs(door[open_], node[open_], self._ride(door, street_m)[open_], self._doors.edge[door[open_]])

    def _in(
        self, door: IntArray, at: IntArray, street_m: FloatArray, open_: BoolArray, standing: BoolArray
    ) -> tuple[Arcs, Arcs]:
        """Rides into the street, which a forbidden turn may prevent, and doors at the crossing itself."""
        weight, edge = self._ride(door, street_m), self._doors.edge[door]
        here, open_ = standing, open_ & ~standing
        return (
            self._streets.entering(at[open_], door[open_], weight[open_], edge[open_]),
            self._streets.standing(at[here], door[here], weight[here], edge[here]),
        )

    def _ride(self, door: IntArray, street_m: FloatArray) -> FloatArray:
        return _ride(street_m, self._doors.access_m[door], self._network.speed_mps[self._doors.edge[door]])

    @cached_property
    def _shared(self) -> Arcs:
        """Straight from door to door where both stand on one edge."""
        edge, along_m, access_m = self._doors.edge, self._doors.along_m, self._doors.access_m
        a, b = np.nonzero((edge[:, None] == edge[None, :]) & (edge >= 0)[:, None])
        ahead = along_m[b] - along_m[a]
        e = self._network.edges
        open_ = np.where(ahead >= 0, e.forward[edge[a]], e.backward[edge[a]]) & (a != b)
        a, b, ahead = a[open_], b[open_], np.abs(ahead[open_])
        weight = _ride(ahead, access_m[a] + access_m[b], self._network.speed_mps[edge[a]])
        return Arcs(a, b, weight, edge[a])

    @cached_property
    def cost(self) -> FloatArray:
        """Packed weight from every point to every point, inf where the streets know no way; shape (n, n)."""
        cost = self._network.hierarchy.travel(len(self._points), self._departs, self._arrives)
        shared = self._shared
        np.minimum.at(cost, (shared.tail, shared.head), shared.weight)
        return cost

    # -- the answers --

    @cached_property
    def _piece_of(self) -> IntArray:
        """The piece of known road each point stands at, -1 for none or a doubtful one; shape (n,)."""
        piece = np.full(len(self._points), -1)
        sure = (self._doors.edge >= 0) & ~self._doors.doubtful
        piece[sure] = self._network.known_piece[self._doors.edge[sure]]
        return piece

    @cached_property
    def guessed(self) -> BoolArray:
        """Which pairs have a stretch off the known roads between them; shape (n, n)."""
        piece = self._piece_of
        known: BoolArray = (piece[:, None] == piece[None, :]) & (piece >= 0)[:, None]
        return (~known | np.isinf(self.cost)) & ~self._same

    @cached_property
    def estimated(self) -> BoolArray:
        """Which points the roads do not reach, or join to the fewer of the others only; shape (n,)."""
        piece = self._piece_of
        most = np.bincount(piece[piece >= 0]).argmax() if (piece >= 0).any() else -1
        lost = np.isinf(self.cost) & ~self._same  # also where every turn into a street is forbidden
        cut_off = np.maximum(lost.sum(axis=0), lost.sum(axis=1)) > len(piece) // 2
        estimated: BoolArray = (piece != most) | (piece < 0) | cut_off
        return estimated

    @cached_property
    def _same(self) -> BoolArray:
        """Pairs at the very same spot: two dossiers at one door cost no travel."""
        lat, lon = _columns(self._points)
        same: BoolArray = (lat[:, None] == lat[None, :]) & (lon[:, None] == lon[None, :])
        return same

    @cached_property
    def _straight_m(self) -> FloatArray:
        lat, lon = _columns(self._points)
        return distances_m(lat[:, None], lon[:, None], lat[None, :], lon[None, :])

    def figures(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Seconds and metres, int32 of shape (n, n), rounded up, which keeps detours longer than the way."""
        unknown = np.isinf(self.cost)
        both = np.where(unknown, 0.0, self.cost)
        milliseconds = np.floor(both / SHIFT)
        duration_s = np.ceil(milliseconds / 1000)
        distance_m = np.ceil((both - milliseconds * SHIFT) / 10)
        guess_m = profile.DETOUR * self._straight_m
        duration_s[unknown] = np.ceil(guess_m[unknown] / (profile.OFF_ROAD_KMH / 3.6))
        distance_m[unknown] = np.ceil(guess_m[unknown])
        if self._network.usual is not None and unknown.any():  # what is cut off is no nearer than on other days
            usual = Trips(self._network.usual, self._points).figures()
            duration_s[unknown], distance_m[unknown] = (
                np.maximum(mine[unknown], other[unknown])
                for mine, other in zip((duration_s, distance_m), usual, strict=True)
            )
        duration_s[self._same] = distance_m[self._same] = 0
        return duration_s.astype(np.int32), distance_m.astype(np.int32)

    def _joined(self) -> Arcs:
        """Streets and doors in one graph, for paths."""
        n, size = len(self._points), self._streets.size
        out, into, shared = self._departs, self._arrives, self._shared
        return Arcs.joined(
            self._streets.arcs,
            Arcs(size + out.tail, out.head, out.weight, out.edge),
            Arcs(into.tail, size + n + into.head, into.weight, into.edge),
            Arcs(size + shared.tail, size + n + shared.head, shared.weight, shared.edge),
        )

    def paths(self) -> Iterator[Path]:
        """For each point but the last: the line to the next one, door to door, the streets' names in order, and the
        seconds ridden by class of road.

        Found by another search than the matrix (Dijkstra's, no farther than the matrix says it is).
        """
        n, size = len(self._points), self._streets.size
        far = self.cost[np.arange(n - 1), np.arange(1, n)]
        reach = float(far[np.isfinite(far)].max(initial=0.0)) + 1.0
        arcs, total = self._joined(), size + 2 * n
        graph = csr_array((arcs.weight, (arcs.tail, arcs.head)), shape=(total, total))
        departures = np.arange(size, size + n - 1)
        _, before = dijkstra(graph, indices=departures, limit=reach, return_predecessors=True)
        for i in range(n - 1):
            if self._same[i, i + 1] or np.isinf(far[i]):
                yield [self._points[i], self._points[i + 1]], [], {}
            else:
                yield self._path(arcs, _backward(before[i], size + i, size + n + i + 1))

    def _path(self, arcs: Arcs, nodes: list[int]) -> Path:
        n, size = len(self._points), self._streets.size
        line, streets, class_s = [self._points[nodes[0] - size]], list[str](), dict[str, float]()
        for tail, head in pairwise(nodes):
            edge = arcs.edge_of(tail, head)
            piece = self._piece(edge, tail, head)
            _extend(line, piece)
            road_class = profile.ROAD_CLASSES[int(self._network.edges.road_class[edge])]
            ridden_s = sum(distance_m(a, b) for a, b in pairwise(piece)) / float(self._network.speed_mps[edge])
            class_s[road_class] = class_s.get(road_class, 0.0) + ridden_s
            name = int(self._network.edges.name[edge])
            ridden = any(distance_m(piece[0], point) >= NAMED_FROM_M for point in piece)
            if ridden and name >= 0 and self._network.names[name] not in streets[-1:]:
                streets.append(self._network.names[name])
        _extend(line, [self._points[nodes[-1] - size - n]])
        return line, streets, class_s

    def _piece(self, edge: int, tail: int, head: int) -> list[Point]:
        """The part of an edge ridden between two nodes."""
        size, junction = self._streets.size, self._streets.junction
        if tail < size and head < size:
            points = self._network.edge_points(edge)
            return points if self._network.edges.start[edge] == junction[tail] else points[::-1]
        return self._network.snapper.cut(edge, self._share(edge, tail), self._share(edge, head))

    def _share(self, edge: int, node: int) -> float:
        """Where a node stands on an edge: 0 at its start, 1 at its end."""
        if node < self._streets.size:
            return 0.0 if self._network.edges.start[edge] == self._streets.junction[node] else 1.0
        length_m = float(self._network.length_m[edge])
        door = (node - self._streets.size) % len(self._points)
        return float(self._doors.along_m[door]) / length_m if length_m else 0.0


def _backward(before: npt.NDArray[np.int32], begin: int, end: int) -> list[int]:
    """The nodes of a path, from the predecessors of a search."""
    nodes = [end]
    while nodes[-1] != begin:
        nodes.append(int(before[nodes[-1]]))
    return nodes[::-1]


def _ride(street_m: FloatArray, access_m: FloatArray, speed_mps: FloatArray) -> FloatArray:
    walk_m = access_m * profile.DETOUR
    return packed(street_m / speed_mps + walk_m / (profile.ACCESS_KMH / 3.6), street_m + walk_m)


def _columns(points: list[Point]) -> tuple[FloatArray, FloatArray]:
    return np.array([p.lat for p in points], dtype=float), np.array([p.lon for p in points], dtype=float)


def _extend(line: list[Point], points: list[Point]) -> None:
    line.extend(points[1:] if points and line[-1] == points[0] else points)
