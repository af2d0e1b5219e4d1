"""Cuts that say how many routes it takes to serve a set of jobs, where visits beyond the fair share have a price.

With Q the largest fair share, a route that enters the set S (comes to a job of S from anywhere else) y times and serves
e jobs beyond its share serves at most Q y + e jobs of S: where y = 0 none, otherwise no more than Q + e in all. Over
all routes of a plan that serves S, with Y whole, Q Y + E >= |S|, and so (mixed integer rounding)

    Y + E / f >= ceil(|S| / Q),    f = |S| - Q (ceil(|S| / Q) - 1)

Entries belong to rides and E to visits, so that such a cut only changes what rides and visits are worth to a route.
(Rounded capacity cuts: Laporte, Nobert and Desrochers, Operations Research 33(5), 1985, here with a priced capacity.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.bound.columns import Column

Floats = npt.NDArray[Any]

MOST_CAPACITIES, AT_ONCE, VIOLATED = 150, 15, 0.05


@dataclass(frozen=True, slots=True)
class Capacity:
    """A set of jobs, how often it is entered at least, and for how much of an entry a crowded visit stands."""

    jobs: frozenset[int]
    entries: int
    beyond: float

    def entered(self, column: Column) -> int:
        """How often a route comes into the set."""
        inside = [x in self.jobs for x in (0, *column.stops)]
        return sum(not a and b for a, b in pairwise(inside))


def capacity_of(jobs: frozenset[int], share: int) -> Capacity:
    """The cut of a set."""
    entries = -(-len(jobs) // share)
    return Capacity(jobs, entries, 1 / (len(jobs) - share * (entries - 1)))


def violated_capacities(
    columns: Sequence[Column], values: Sequence[float], crowded: float, known: Sequence[Capacity], jobs: int, share: int
) -> list[Capacity]:
    """The cuts that the present solution breaks most, among sets that grow from each job along the rides."""
    rides = np.zeros((jobs + 1, jobs + 1))
    for column, value in zip(columns, values, strict=True):
        before = 0
        for x in column.stops:
            rides[before, x] += value if x else 0.0
            before = x
    into = rides.sum(axis=0)
    sets = np.eye(jobs + 1, dtype=bool)[1:]
    entered, rows = into[1:].copy(), np.arange(jobs)
    both = (rides + rides.T)[1:].copy()
    found: dict[frozenset[int], float] = {}
    for size in range(2, jobs):
        near = np.where(sets, -np.inf, both)
        near[:, 0] = -np.inf
        chosen = near.argmax(axis=1)
        entered += into[chosen] - both[rows, chosen]
        sets[rows, chosen] = True
        both += (rides + rides.T)[chosen]
        entries = -(-size // share)
        lacking = entries - entered - crowded / (size - share * (entries - 1))
        for row in np.flatnonzero(lacking > VIOLATED):
            found[frozenset(np.flatnonzero(sets[row]).tolist())] = float(lacking[row])
    for cut in known:
        found.pop(cut.jobs, None)
    worst = sorted(found, key=lambda one: (-found[one], sorted(one)))
    return [capacity_of(one, share) for one in worst[: min(AT_ONCE, MOST_CAPACITIES - len(known))]]
