"""The streets as a directed graph in which forbidden turns cannot be ridden.

Node numbers: the junctions, then a copy of a junction for every beginning of a forbidden turn that leads there. Whoever
has ridden that beginning arrives at the copy, and from the copy only what is allowed goes on.

Seconds and metres travel in one number, `milliseconds * 2**24 + decimetres`: float64 holds it exactly, so the
fastest path is found by time, ties go to the shorter one, and both figures come out of the same path.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from routing.roads.network import RoadNetwork

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

Turn = tuple[int, ...]
"""Edges ridden one after the other: 2 x the edge's number, + 1 where it is ridden backward."""

SHIFT = float(2**24)


def packed(duration_s: FloatArray, distance_m: FloatArray) -> FloatArray:
    """One number for both, in which the shorter time is the smaller."""
    return np.round(duration_s * 1000.0) * SHIFT + np.round(distance_m * 10.0)


@dataclass(frozen=True)
class Arcs:
    """Rides from node `tail` to node `head` over an `edge`; arrays of equal length."""

    tail: IntArray
    head: IntArray
    weight: FloatArray
    edge: IntArray

    @classmethod
    def joined(cls, *parts: "Arcs") -> "Arcs":
        """All of them, only the cheapest between two nodes, ordered by tail and head."""
        tail, head, weight, edge = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("tail", "head", "weight", "edge")
        )
        order = np.lexsort((weight, head, tail))
        tail, head, weight, edge = tail[order], head[order], weight[order], edge[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        return cls(tail[first], head[first], weight[first], edge[first])

    def edge_of(self, tail: int, head: int) -> int:
        """The edge ridden between two nodes of `joined` arcs."""
        low, high = np.searchsorted(self.tail, [tail, tail + 1])
        return int(self.edge[low + np.searchsorted(self.head[low:high], head)])


class Streets:
    """`size` nodes; `junction[node]` is the junction a node stands at; `at_end[edge]` and `at_start[edge]` are the
    nodes where a ride along an edge, forward or backward, arrives."""

    def __init__(self, network: "RoadNetwork") -> None:
        e, main = network.edges, network.main
        self._start = e.start
        junctions = int(max(e.start.max(), e.end.max())) + 1 if len(e) else 0
        self._turns = set(network.turns)
        begun = sorted({turn[:i] for turn in self._turns for i in range(1, len(turn))})
        self._states = {rides: junctions + number for number, rides in enumerate(begun)}
        ends = [int((e.start if rides[-1] % 2 else e.end)[rides[-1] // 2]) for rides in begun]
        self._copies: dict[int, list[Turn]] = defaultdict(list)
        for rides, at in zip(begun, ends, strict=True):
            self._copies[at].append(rides)
        self.size = junctions + len(begun)
        self.junction = np.concatenate((np.arange(junctions), np.array(ends, dtype=np.int64)))
        self.at_end, self.at_start = e.end.copy(), e.start.copy()
        for rides, node in self._states.items():
            if len(rides) == 1:
                (self.at_start if rides[0] % 2 else self.at_end)[rides[0] // 2] = node
        number = np.arange(len(e))
        weight = packed(network.length_m / network.speed_mps, network.length_m)
        forward, backward = number[e.forward & main], number[e.backward & main]
        self.arcs = Arcs.joined(
            self.entering(e.start[forward], self.at_end[forward], weight[forward], forward, onward=True),
            self.entering(e.end[backward], self.at_start[backward], weight[backward], backward, onward=True),
        )

    def entering(
        self, junction: IntArray, head: IntArray, weight: FloatArray, edge: IntArray, onward: bool = False
    ) -> Arcs:
        """Arcs into edges: from the junctions themselves, and from those of their copies that allow it.

        With `onward` they go on to the next junction, so that a turn over several edges is kept in mind there.
        """
        parts = [Arcs(junction, head, weight, edge)]
        for i in self._watched(junction):
            ride = 2 * int(edge[i]) + int(self._start[edge[i]] != junction[i])
            for begun in self._copies[int(junction[i])]:
                rides = (*begun, ride)
                if not any(rides[k:] in self._turns for k in range(len(begun))):
                    later = (self._states.get(rides[k:]) for k in range(len(rides)))
                    to = next((node for node in later if onward and node is not None), int(head[i]))
                    parts.append(self._arc(begun, to, weight[i], edge[i]))
        return Arcs.joined(*parts)

    def standing(self, junction: IntArray, head: IntArray, weight: FloatArray, edge: IntArray) -> Arcs:
        """Arcs to what stands at the junctions themselves: whoever arrives there is there, over whichever edge."""
        parts = [Arcs(junction, head, weight, edge)]
        for i in self._watched(junction):
            copies = self._copies[int(junction[i])]
            parts += [self._arc(begun, int(head[i]), weight[i], edge[i]) for begun in copies]
        return Arcs.joined(*parts)

    def _watched(self, junction: IntArray) -> list[int]:
        """Positions of the junctions that have copies."""
        found: list[int] = np.flatnonzero(np.isin(junction, list(self._copies))).tolist()
        return found

    def _arc(self, begun: Turn, head: int, weight: float, edge: int) -> Arcs:
        return Arcs(np.array([self._states[begun]]), np.array([head]), np.array([weight]), np.array([edge]))
