"""Travel from many nodes to many in a fraction of a second: the graph is contracted once, node by node.

Contracting a node lays a shortcut over it between every two of its neighbours, so that what is left keeps its
distances. In a good order (minimum degree, as sparse matrices are factored) a city needs some twenty shortcuts a node.
A fastest path then climbs in that order and comes down again, and all searches climb the same few nodes.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from routing.roads.streets import SHIFT, Arcs

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


class Hierarchy:
    """Nodes by their `rank` in the order of contraction. Rank r has the neighbours `above[first[r]:first[r + 1]]`, all
    of a higher rank; `up` and `down` are the weights from r to them and from them to r (inf: no way)."""

    def __init__(self, rank: IntArray, first: IntArray, above: IntArray, up: FloatArray, down: FloatArray) -> None:
        self.rank, self.first, self.above, self.up, self.down = rank, first, above, up, down

    @classmethod
    def of(cls, size: int, arcs: Arcs) -> "Hierarchy":
        """Contract a graph of `size` nodes."""
        rank, first, above = _order(size, arcs) if size else (np.zeros(0, int), np.zeros(1, int), np.zeros(0, int))
        self = cls(rank, first, above, np.full(len(above), np.inf), np.full(len(above), np.inf))
        key = self._keys()
        tail, head = rank[arcs.tail], rank[arcs.head]
        for weights, low, high in ((self.up, tail, head), (self.down, head, tail)):
            ours = low < high
            weights[np.searchsorted(key, low[ours] * size + high[ours])] = arcs.weight[ours]
        self._contract(key)
        return self

    def _keys(self) -> IntArray:
        """One sorted number for every neighbourhood: lower rank x size + higher rank."""
        size = len(self.rank)
        return np.repeat(np.arange(size), np.diff(self.first)) * size + self.above

    def _contract(self, key: IntArray) -> None:
        size = len(self.rank)
        for r in range(size):
            begin, end = self.first[r], self.first[r + 1]
            if end - begin < 2:
                continue
            lower, higher = _pairs(int(end - begin))
            above, up, down = self.above[begin:end], self.up[begin:end], self.down[begin:end]
            at = np.searchsorted(key, above[lower] * size + above[higher])
            self.up[at] = np.minimum(self.up[at], down[lower] + up[higher])
            self.down[at] = np.minimum(self.down[at], down[higher] + up[lower])

    def travel(self, n: int, departs: Arcs, arrives: Arcs) -> FloatArray:
        """Cheapest weight from n doors to n doors, shape (n, n), inf where there is no way.

        `departs` lead from door numbers to nodes, `arrives` from nodes to door numbers.
        """
        upward, downward = self._climb(departs.head), self._climb(arrives.tail)
        ranks = np.array(sorted({*upward, *downward}), dtype=np.int64)
        row = np.full(len(self.rank), -1)
        row[ranks] = np.arange(len(ranks))
        cost = np.full((len(ranks), n), np.inf)
        np.minimum.at(cost, (row[self.rank[departs.head]], departs.tail), departs.weight)
        for r in upward:
            near = slice(self.first[r], self.first[r + 1])
            rows = row[self.above[near]]
            cost[rows] = np.minimum(cost[rows], cost[row[r]] + self.up[near, None])
        for r in downward[::-1]:
            near = slice(self.first[r], self.first[r + 1])
            if near.stop > near.start:
                over = (cost[row[self.above[near]]] + self.down[near, None]).min(axis=0)
                np.minimum(cost[row[r]], over, out=cost[row[r]])
        found = np.full((n, n), np.inf)
        if len(arrives.tail):
            over = cost[row[self.rank[arrives.tail]]] + arrives.weight[:, None]
            np.minimum.at(found.T, arrives.head, over)
        return found

    def _climb(self, nodes: IntArray) -> list[int]:
        """The ranks of these nodes and of everything above them, in order."""
        first, above = self.first, self.above
        seen: set[int] = set()
        for r in np.unique(self.rank[nodes]).tolist():
            while r not in seen:
                seen.add(r)
                if first[r] == first[r + 1]:
                    break
                r = int(above[first[r]])  # the lowest neighbour is joined to all the others
        return sorted(seen)

    def arrays(self) -> dict[str, Any]:
        """For `from_arrays`, in small types: weights as milliseconds (-1: no way) and decimetres."""
        small = {name: getattr(self, name).astype(np.int32) for name in ("rank", "above")}
        small["degree"] = np.diff(self.first).astype(np.int32)
        for name in ("up", "down"):
            known = np.isfinite(weight := getattr(self, name))
            milliseconds, decimetres = np.divmod(np.where(known, weight, 0.0), SHIFT)
            small[f"{name}_ms"] = np.where(known, milliseconds, -1).astype(np.int32)
            small[f"{name}_dm"] = decimetres.astype(np.int32)
        return small

    @classmethod
    def from_arrays(cls, stored: Mapping[str, npt.NDArray[Any]]) -> "Hierarchy":
        """Inverse of `arrays`; raises KeyError when one is missing."""
        up, down = (
            np.where(stored[f"{name}_ms"] < 0, np.inf, stored[f"{name}_ms"] * SHIFT + stored[f"{name}_dm"])
            for name in ("up", "down")
        )
        first = np.concatenate(([0], np.cumsum(stored["degree"], dtype=np.int64)))
        return cls(stored["rank"].astype(np.int64), first, stored["above"].astype(np.int64), up, down)


def _order(size: int, arcs: Arcs) -> tuple[IntArray, IntArray, IntArray]:
    """Rank of every node, and who stands above whom: the pattern of a sparse factor, which has all shortcuts."""
    tail, head = np.concatenate((arcs.tail, arcs.head)), np.concatenate((arcs.head, arcs.tail))
    joined = coo_array((np.ones(len(tail)), (tail, head)), shape=(size, size)).tocsc()
    joined.data[:] = -1.0
    diagonal = np.asarray(-joined.sum(axis=0)).ravel() + 1.0
    every = np.arange(size)
    matrix = joined + coo_array((diagonal, (every, every)), shape=(size, size)).tocsc()
    factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    lower = factor.L.tocsc()
    lower.sort_indices()
    column = np.repeat(every, np.diff(lower.indptr))
    below = lower.indices > column
    first = np.concatenate(([0], np.cumsum(np.bincount(column[below], minlength=size))))
    return factor.perm_c.astype(np.int64), first.astype(np.int64), lower.indices[below].astype(np.int64)


@lru_cache(maxsize=64)
def _pairs(count: int) -> tuple[IntArray, IntArray]:
    """All pairs of positions below `count`, the lower one first."""
    lower, higher = np.triu_indices(count, 1)
    return lower.astype(np.int64), higher.astype(np.int64)
