"""Shortest ways between doors: one Dijkstra over the streets, with every door as a node of its own.

Seconds and metres travel in one number, `milliseconds * 2**24 + decimetres`: float64 holds it exactly, so the
fastest path is found by time, ties go to the shorter one, and both figures come out of the same path.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from routing.geo import Point, distance_m, distances_m
from routing.roads import profile

if TYPE_CHECKING:
    from routing.roads.network import Edges, RoadNetwork

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

AT_CROSSING_M = 0.05
NAMED_FROM_M = 2.0  # a street ridden for less than this is only crossed
_SHIFT = float(2**24)


def _packed(duration_s: FloatArray, distance_m: FloatArray) -> FloatArray:
    return np.round(duration_s * 1000.0) * _SHIFT + np.round(distance_m * 10.0)


def components(edges: "Edges", without: BoolArray | None = None) -> IntArray:
    """Number of the strongly connected piece each edge lies in; -1 for an edge between two pieces.

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
    return np.where(label[edges.start] == label[edges.end], label[edges.start], -1).astype(np.int64)


class Trips:
    """All ways between n points. Node numbers: the junctions, then n departures, then n arrivals."""

    def __init__(self, network: "RoadNetwork", points: Sequence[Point], with_paths: bool = False) -> None:
        self._network = network
        self._points = list(points)
        self._with_paths = with_paths
        self._doors = network.snapper.snap(self._points)
        edges = network.edges
        self._junctions = int(max(edges.start.max(), edges.end.max())) + 1 if len(edges) else 0

    # -- the graph --

    @cached_property
    def _arcs(self) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        """Tail, head, packed weight and edge of every arc, the cheapest only between two nodes."""
        tail, head, weight, edge = (
            np.concatenate(parts)
            for parts in zip(self._street_arcs(), self._door_arcs(), self._shared_edge_arcs(), strict=True)
        )
        order = np.lexsort((weight, head, tail))
        tail, head, weight, edge = tail[order], head[order], weight[order], edge[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        return tail[first], head[first], weight[first], edge[first]

    def _street_arcs(self) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        e, number, main = self._network.edges, np.arange(len(self._network.edges)), self._network.main
        forward, backward = e.forward & main, e.backward & main
        weight = _packed(self._network.length_m / self._network.speed_mps, self._network.length_m)
        return (
            np.concatenate((e.start[forward], e.end[backward])),
            np.concatenate((e.end[forward], e.start[backward])),
            np.concatenate((weight[forward], weight[backward])),
            np.concatenate((number[forward], number[backward])),
        )

    def _door_arcs(self) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        """From each departure to the ends of its edge, and from the ends to each arrival."""
        e = self._network.edges
        door = np.flatnonzero(self._doors.edge >= 0)
        edge = self._doors.edge[door]
        depart, arrive = self._junctions + door, self._junctions + len(self._points) + door
        before, access_m = self._doors.along_m[door], self._doors.access_m[door]
        after = self._network.length_m[edge] - before
        forward, backward = e.forward[edge], e.backward[edge]
        at_start, at_end = before < AT_CROSSING_M, after < AT_CROSSING_M  # there a one-way street binds nobody
        parts = [
            (depart, e.end[edge], after, forward | at_end),
            (depart, e.start[edge], before, backward | at_start),
            (e.start[edge], arrive, before, forward | at_start),
            (e.end[edge], arrive, after, backward | at_end),
        ]
        speed_mps = self._network.speed_mps[edge]
        arcs = [(a[open_], b[open_], _ride(m, access_m, speed_mps)[open_], edge[open_]) for a, b, m, open_ in parts]
        tail, head, weight, on = zip(*arcs, strict=True)
        return np.concatenate(tail), np.concatenate(head), np.concatenate(weight), np.concatenate(on)

    def _shared_edge_arcs(self) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
        """Straight from door to door where both stand on one edge."""
        edge, along_m, access_m = self._doors.edge, self._doors.along_m, self._doors.access_m
        a, b = np.nonzero((edge[:, None] == edge[None, :]) & (edge >= 0)[:, None])
        ahead = along_m[b] - along_m[a]
        e = self._network.edges
        open_ = np.where(ahead >= 0, e.forward[edge[a]], e.backward[edge[a]]) & (a != b)
        a, b, ahead = a[open_], b[open_], np.abs(ahead[open_])
        weight = _ride(ahead, access_m[a] + access_m[b], self._network.speed_mps[edge[a]])
        return self._junctions + a, self._junctions + len(self._points) + b, weight, edge[a]

    @cached_property
    def _searched(self) -> tuple[FloatArray, npt.NDArray[np.int32] | None]:
        """Packed weight from every departure to every arrival, and the predecessors when paths are wanted."""
        n, size = len(self._points), self._junctions + 2 * len(self._points)
        tail, head, weight, _ = self._arcs
        graph = csr_array((weight, (tail, head)), shape=(size, size))
        departures = np.arange(self._junctions, self._junctions + n)
        if self._with_paths:
            cost, before = dijkstra(graph, indices=departures, return_predecessors=True)
            return cost[:, self._junctions + n :], before
        return dijkstra(graph, indices=departures)[:, self._junctions + n :], None

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
        return ~known & ~self._same

    @cached_property
    def estimated(self) -> BoolArray:
        """Which points the roads do not reach, or reach only from the fewer of the others; shape (n,)."""
        piece = self._piece_of
        most = np.bincount(piece[piece >= 0]).argmax() if (piece >= 0).any() else -1
        estimated: BoolArray = (piece != most) | (piece < 0)
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
        cost, _ = self._searched
        unknown = np.isinf(cost)
        packed = np.where(unknown, 0.0, cost)
        milliseconds = np.floor(packed / _SHIFT)
        duration_s = np.ceil(milliseconds / 1000)
        distance_m = np.ceil((packed - milliseconds * _SHIFT) / 10)
        guess_m = profile.DETOUR * self._straight_m
        duration_s[unknown] = np.ceil(guess_m[unknown] / (profile.OFF_ROAD_KMH / 3.6))
        distance_m[unknown] = np.ceil(guess_m[unknown])
        duration_s[self._same] = distance_m[self._same] = 0
        return duration_s.astype(np.int32), distance_m.astype(np.int32)

    def path(self, i: int, j: int) -> tuple[list[Point], list[str]]:
        """The line from point i to point j, door to door, and the names of the streets in order."""
        cost, before = self._searched
        if before is None:
            raise ValueError("These trips were computed without paths.")
        if self._same[i, j] or np.isinf(cost[i, j]):
            return [self._points[i], self._points[j]], []
        node = self._junctions + len(self._points) + j
        nodes = [node]
        while node != self._junctions + i:
            node = int(before[i, node])
            nodes.append(node)
        nodes.reverse()
        line, streets = [self._points[i]], list[str]()
        for tail, head in pairwise(nodes):
            edge = self._edge_of(tail, head)
            piece = self._piece(edge, tail, head)
            _extend(line, piece)
            name = int(self._network.edges.name[edge])
            ridden = any(distance_m(piece[0], point) >= NAMED_FROM_M for point in piece)
            if ridden and name >= 0 and self._network.names[name] not in streets[-1:]:
                streets.append(self._network.names[name])
        _extend(line, [self._points[j]])
        return line, streets

    def _edge_of(self, tail: int, head: int) -> int:
        tails, heads, _, edges = self._arcs
        low, high = np.searchsorted(tails, [tail, tail + 1])
        return int(edges[low + np.searchsorted(heads[low:high], head)])

    def _piece(self, edge: int, tail: int, head: int) -> list[Point]:
        """The part of an edge ridden between two nodes."""
        if tail < self._junctions and head < self._junctions:
            points = self._network.edge_points(edge)
            return points if self._network.edges.start[edge] == tail else points[::-1]
        return self._network.snapper.cut(edge, self._share(edge, tail), self._share(edge, head))

    def _share(self, edge: int, node: int) -> float:
        """Where a node stands on an edge: 0 at its start, 1 at its end."""
        if node < self._junctions:
            return 0.0 if self._network.edges.start[edge] == node else 1.0
        length_m = float(self._network.length_m[edge])
        door = (node - self._junctions) % len(self._points)
        return float(self._doors.along_m[door]) / length_m if length_m else 0.0


def _ride(street_m: FloatArray, access_m: FloatArray, speed_mps: FloatArray) -> FloatArray:
    walk_m = access_m * profile.DETOUR
    return _packed(street_m / speed_mps + walk_m / (profile.ACCESS_KMH / 3.6), street_m + walk_m)


def _columns(points: list[Point]) -> tuple[FloatArray, FloatArray]:
    return np.array([p.lat for p in points], dtype=float), np.array([p.lon for p in points], dtype=float)


def _extend(line: list[Point], points: list[Point]) -> None:
    line.extend(points[1:] if points and line[-1] == points[0] else points)
