"""Travel judged from the map file alone: raw stretches of road, doors joined by trying all of them, plain Dijkstra.

It shares with the library only the table of speeds and the meaning of tags.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import cos, radians
from pathlib import Path

import numpy as np
import osmium
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from routing.geo import METRES_PER_DEGREE, Point, distance_m
from routing.roads import profile
from routing.roads.profile import SPEED_KMH, SURFACE_SHARE, ride, stops

Cost = tuple[float, float]  # seconds and metres
Segments = dict[Point, dict[Point, Cost]]  # from, to
Step = tuple[Point, Point, float]  # from, to, and the share of the stretch between them
Ridden = tuple[Point, ...]  # the points by which a search remembers how a forbidden turn began
AT_NODE_M = 0.05


@dataclass(frozen=True)
class Rules:
    """`barriers` that nobody passes; `turns`, points in a row that nobody may ride."""

    barriers: set[Point]
    turns: set[Ridden]


@dataclass(frozen=True)
class Joint:
    """Where a door meets the road: on the stretch `a` to `b`, at this share of it, so far from the door."""

    a: Point
    b: Point
    share: float
    spot: Point
    access_m: float

    @property
    def access(self) -> Cost:
        walk_m = self.access_m * profile.DETOUR
        return walk_m / (profile.ACCESS_KMH / 3.6), walk_m

    def stub(self, node: Point) -> tuple[Point, float] | None:
        """The end of the stretch behind the spot as seen from `node`, and the share ridden between spot and node."""
        assert node in (self.a, self.b), "the line begins or ends beside its stretch"
        other, share = (self.b, self.share) if node == self.a else (self.a, 1.0 - self.share)
        return (other, share) if share * distance_m(self.a, self.b) >= AT_NODE_M else None


def read_segments(file: Path) -> Segments:
    """Every stretch between two neighbouring nodes of a way that a scooter may ride."""
    found: Segments = {}
    for way in osmium.FileProcessor(str(file)).with_locations():
        rule = ride(dict(way.tags)) if way.is_way() else None
        if rule is None:
            continue
        points = [Point(round(node.lat, 7), round(node.lon, 7)) for node in way.nodes]
        for a, b in pairwise(points):
            metres = distance_m(a, b)
            cost = metres / (SPEED_KMH[rule.road_class] * SURFACE_SHARE[rule.surface] / 3.6), metres
            for begin, end, open_ in ((a, b, rule.forward), (b, a, rule.backward)):
                if open_:
                    old = found.setdefault(begin, {}).get(end)
                    found[begin][end] = min(old, cost) if old else cost
    return found


def read_rules(file: Path) -> Rules:
    """Walls, and forbidden turns (`no_...` is all that these files have), as the file's own relations have them."""
    at: dict[int, Point] = {}
    ways: dict[int, list[int]] = {}
    rules = Rules(set(), set())
    for one in osmium.FileProcessor(str(file)):
        if one.is_node():
            at[one.id] = Point(round(one.lat, 7), round(one.lon, 7))
            rules.barriers.update([at[one.id]] if stops(dict(one.tags)) else [])
        elif one.is_way():
            ways[one.id] = [node.ref for node in one.nodes]
        elif "restriction" in one.tags:
            assert one.tags["restriction"].startswith("no_")
            members = {role: [m for m in one.members if m.role == role] for role in ("from", "via", "to")}
            line = ways[members["from"][0].ref]
            for step in [*members["via"], *members["to"]]:
                line = _joined(line, [step.ref] if step.type == "n" else ways[step.ref])
            length = sum(len(ways[m.ref]) - 1 for m in members["via"] if m.type == "w") + 3
            begin = len(ways[members["from"][0].ref]) - 2
            rules.turns.add(tuple(at[node] for node in line[begin : begin + length]))
    return rules


def _joined(line: list[int], more: list[int]) -> list[int]:
    """One line of two that share an end, `line` keeping its direction unless it has to be turned."""
    for first in (line, line[::-1]):
        for second in (more, more[::-1]):
            if first[-1] == second[0]:
                return first + second[1:]
    raise AssertionError("these two do not meet")


class Judge:
    """Ways from door to door by the file's own stretches of road."""

    def __init__(self, file: Path) -> None:
        self.segments, self.rules = read_segments(file), read_rules(file)
        self._begun = {turn[:i] for turn in self.rules.turns for i in range(2, len(turn))}
        self._pairs = sorted({(min(a, b), max(a, b)) for a, ends in self.segments.items() for b in ends})
        self._main = self._main_points()

    def _main_points(self) -> set[Point]:
        """The points that can all be reached from each other; there is but one such piece of any size."""
        points = sorted({point for pair in self._pairs for point in pair} - self.rules.barriers)
        number = {point: i for i, point in enumerate(points)}
        rows = [(number[a], number[b]) for a, ends in self.segments.items() for b in ends if {a, b} <= number.keys()]
        tail, head = np.array(rows).T
        graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(points), len(points)))
        _, label = connected_components(graph, connection="strong")
        most = np.bincount(label).argmax()
        return {point for point in points if label[number[point]] == most}

    def join(self, door: Point) -> Joint | None:
        """The nearest spot of all stretches; None where the stretch there does not belong to the main piece."""
        wide = cos(radians(door.lat))
        ends = np.array([(a.lat, a.lon, b.lat, b.lon) for a, b in self._pairs])
        ends = (ends - [door.lat, door.lon, door.lat, door.lon]) * METRES_PER_DEGREE * [1, wide, 1, wide]
        begin, along = ends[:, :2], ends[:, 2:] - ends[:, :2]
        share = np.clip(-(begin * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12), 0.0, 1.0)
        away_m = np.hypot(*(begin + share[:, None] * along).T)
        best = int(away_m.argmin())
        (a, b), t = self._pairs[best], float(share[best])
        if not {a, b} <= self._main | self.rules.barriers:
            return None
        spot = Point(a.lat + t * (b.lat - a.lat), a.lon + t * (b.lon - a.lon))
        return Joint(a, b, t, spot, float(away_m[best]))

    def reach(self, start: Joint) -> dict[Ridden, Cost]:
        """Seconds and metres of the fastest way to every point, by how it was ridden; without the walk to the road."""
        begin: list[tuple[float, float, Ridden]] = []
        for node in (start.a, start.b):
            if (stub := start.stub(node)) is None:
                begin.append((0.0, 0.0, (node,)))
            elif whole := self.segments.get(stub[0], {}).get(node):
                begin.append((stub[1] * whole[0], stub[1] * whole[1], self._kept((stub[0], node))))
        return self._search(begin)

    def between(self, points: Sequence[Point]) -> list[dict[Point, Cost]]:
        """For each of these points of the road: seconds and metres to everywhere."""
        rows = []
        for point in points:
            best: dict[Point, Cost] = {}
            for ridden, cost in self._search([(0.0, 0.0, (point,))]).items():
                best[ridden[-1]] = min(cost, best.get(ridden[-1], cost))
            rows.append(best)
        return rows

    def _search(self, begin: list[tuple[float, float, Ridden]]) -> dict[Ridden, Cost]:
        """Dijkstra's search; it remembers how a forbidden turn began."""
        best: dict[Ridden, Cost] = {}
        heap = sorted(begin)
        while heap:
            seconds, metres, ridden = heapq.heappop(heap)
            if ridden in best:
                continue
            best[ridden] = seconds, metres
            if ridden[-1] in self.rules.barriers:
                continue
            for after, (more_s, more_m) in self.segments.get(ridden[-1], {}).items():
                if self._allowed(row := (*ridden, after)):
                    heapq.heappush(heap, (seconds + more_s, metres + more_m, self._kept(row)))
        return best

    def _allowed(self, row: Ridden) -> bool:
        return not any(row[k:] in self.rules.turns for k in range(len(row)))

    def _kept(self, row: Ridden) -> Ridden:
        return next((row[k:] for k in range(len(row)) if row[k:] in self._begun), row[-1:])

    def travel(self, start: Joint, reached: dict[Ridden, Cost], end: Joint) -> Cost | None:
        """From door to door, walks included; `reached` is what `reach(start)` gave. None where nobody may get there."""
        found: list[Cost] = []
        for node in (end.a, end.b):
            stub = end.stub(node)
            whole = self.segments.get(node, {}).get(stub[0]) if stub else (0.0, 0.0)
            for ridden, cost in reached.items() if whole else ():
                if ridden[-1] == node and (stub is None or self._allowed((*ridden, stub[0]))):
                    share = stub[1] if stub else 0.0
                    found.append(_sum(cost, (share * whole[0], share * whole[1])))
        if (start.a, start.b) == (end.a, end.b):
            a, b, share = _along(start, end)
            if whole := self.segments.get(a, {}).get(b):
                found.append((share * whole[0], share * whole[1]))
        return _sum(min(found), start.access, end.access) if found else None

    def ride(self, line: Sequence[Point], start: Joint, end: Joint) -> Cost:
        """What it costs to follow a line drawn from door to door; an AssertionError where nobody may."""
        row = [Point(round(p.lat, 7), round(p.lon, 7)) for p in line[1:-1]]
        assert distance_m(row[0], start.spot) < 0.1, "the line leaves its door elsewhere"
        assert distance_m(row[-1], end.spot) < 0.1, "the line comes to its door elsewhere"
        assert all(p in self.segments for p in row[1:-1]), "the line leaves the road"
        nodes = [point for point, _same in groupby(p for p in row if p in self.segments)]
        steps = self._steps(nodes, start, end) if nodes else [_along(start, end)]
        for before, after in pairwise(steps):
            assert before[1] == after[0] not in self.rules.barriers, "nobody passes there"
        ridden = [steps[0][0], *(b for _a, b, _share in steps)] if steps else []
        for turn in self.rules.turns:
            assert turn not in [tuple(ridden[k : k + len(turn)]) for k in range(len(ridden))], "this turn is forbidden"
        parts = [(self.segments[a][b], share) for a, b, share in steps]
        return _sum(start.access, end.access, *((whole[0] * share, whole[1] * share) for whole, share in parts))

    @staticmethod
    def _steps(nodes: list[Point], start: Joint, end: Joint) -> list[Step]:
        """From spot to spot over these nodes; a stub of no length is none."""
        out, into = start.stub(nodes[0]), end.stub(nodes[-1])
        whole = [(a, b, 1.0) for a, b in pairwise(nodes)]
        first = [(out[0], nodes[0], out[1])] if out else []
        return first + whole + ([(nodes[-1], *into)] if into else [])


def _along(start: Joint, end: Joint) -> Step:
    """The ride between two spots of one stretch."""
    assert (start.a, start.b) == (end.a, end.b), "the line leaves the road"
    a, b = (start.a, start.b) if end.share >= start.share else (start.b, start.a)
    return a, b, abs(end.share - start.share)


def _sum(*costs: Cost) -> Cost:
    return sum(one[0] for one in costs), sum(one[1] for one in costs)
