"""Searches of the kernel: one a thread, each with its own seed and state on the same tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from routing.search import columns as k
from routing.search import kernel
from routing.search.arrays import Arrays

Orders = list[list[int]]
"""The nodes of every slot, in order."""

LONGEST_STRING, REMOVED_ON_AVERAGE = 10.0, (10.0, 15.0)
"""Every other search takes more out: slower, but it leaves plans with a trip too many."""
WHOLE_TRIP, NEW_TRIP, SWAPPED_TRIP, POOL_GAP = 0.1, 0.05, 0.3, 0.004
POOL_COLUMNS, POOL_STOPS = 150_000, 4_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A route that a good plan had: its group of slots, what it costs there, and the nodes of each slot."""

    group: int
    cost: int
    orders: tuple[tuple[int, ...], ...]


class Search:
    """One search. Nothing of Python runs while ``run`` does, so that threads run side by side."""

    def __init__(self, arrays: Arrays, seed: int, number: int = 0) -> None:
        self.arrays = arrays
        self.removed = REMOVED_ON_AVERAGE[number % len(REMOVED_ON_AVERAGE)]
        n, slots, shifts = len(arrays.jobs), len(arrays.slot), len(arrays.shift)
        nodes = len(arrays.arc)
        self.fee = np.concatenate([arrays.fee, np.zeros(n + 2, np.int64)])
        self.rt = np.zeros((slots, n + 2, 7), np.int32)
        self.info = np.zeros((slots, 12), np.int64)
        self.info[:, k.CHANGED] = self.info[:, k.DIRTY] = 1
        self.own = np.zeros((shifts, 4), np.int64)
        self.stamp = np.zeros(nodes, np.int32)
        self.tot = np.zeros(6, np.int64)
        self.where = np.full(nodes, -1, np.int32)
        self.out = np.zeros(nodes, np.int32)
        self.seen = np.zeros((slots + 1, 3), np.int32)
        self.touched = np.zeros(slots, np.int8)
        self.random = np.array([(seed + 1) * 0x9E3779B97F4A7C15 % 2**64 or 1], np.uint64)
        self.kept = np.zeros((slots, n + 2), np.int32)
        self.outs = np.zeros((2, nodes + 1), np.int32)
        self.best = np.zeros((slots, n + 2), np.int32)
        self.table = np.zeros(1 << 18, np.int32)
        self.col = np.zeros((POOL_COLUMNS, 6), np.int64)
        self.data = np.zeros(POOL_STOPS, np.int32)
        self.load([[] for _ in arrays.slots])

    def load(self, orders: Sequence[Sequence[int]]) -> None:
        """Begins anew from these orders. What does not hold, or waits for another job, is put in by the first round."""
        waiting = set(self.arrays.linked.tolist())
        kept = [[x for x in order if x not in waiting] for order in orders]
        self.where[:] = -1
        self.stamp[:] = self.tot[:] = self.own[:] = 0
        self.info[:, k.CHANGED] = self.info[:, k.DIRTY] = 1
        for v, (low, high, *_) in enumerate(self.arrays.shift.tolist()):
            self._write(kept, range(low, high))
            while (r := self._broken(v, range(low, high))) >= 0:
                kept[r].pop()
                self._write(kept, range(low, high))
        for r, order in enumerate(kept):
            self.where[order] = r
        absent = np.flatnonzero(self.where[1 : len(self.arrays.jobs) + 1] < 0) + 1
        self.out[: len(absent)] = absent
        pay = int(self.arrays.pay[absent].sum())
        self.tot[:] = (len(absent), self.tot[k.SUM_COST] + pay, pay, 2**62, 0, 0)

    def _write(self, orders: Sequence[Sequence[int]], slots: Iterable[int]) -> None:
        for r in slots:
            self.rt[r, 1 : len(orders[r]) + 1, k.Q] = orders[r]
            self.info[r, k.SIZE], self.info[r, k.CHANGED] = len(orders[r]), 1

    def _broken(self, v: int, slots: Iterable[int]) -> int:
        """A slot of the shift that has a stop too many; -1 where all holds or only what is locked is left."""
        a, size, lock = self.arrays, self.info[:, k.SIZE], self.arrays.slot[:, k.LOCK]
        loose = [r for r in slots if size[r] > lock[r]]
        holds = self._refresh(v)
        holds &= self.own[v, k.COUNT] <= a.shift[v, k.MOST] and self.own[v, k.WORKED] <= a.shift[v, k.MOST_WORK]
        late = [r for r in loose if self.rt[r, 0, k.AT] > self.rt[r, 0, k.LATE]]
        full = [r for r in loose if self.rt[r, 0, k.SUF] > a.slot[r, k.CAP]]
        return next(iter([*full, *late, *(loose[-1:] if not holds else [])]), -1)

    def _refresh(self, v: int) -> bool:
        """Brings a shift up to date; says whether all of it holds."""
        a = self.arrays
        tables = (a.arc, a.stop, a.win, a.price, a.word, a.slot, a.shift, self.fee)
        return bool(kernel.hold(*tables, self.rt, self.info, self.own, self.stamp, self.tot, v))

    def run(self, rounds: int, temperature: float) -> None:
        """So many rounds at this temperature; the very first call also makes the first plan."""
        state = (self.rt, self.info, self.own, self.stamp, self.tot, self.where, self.out, self.seen, self.touched)
        memory = (self.random, self.kept, self.outs, self.best, self.table, self.col, self.data)
        how = (LONGEST_STRING, self.removed, WHOLE_TRIP, NEW_TRIP, SWAPPED_TRIP, POOL_GAP)
        kernel.search(*self.arrays.kernel_tables[:-1], self.fee, *state, *memory, rounds, temperature, *how)

    def toll(self, price: float) -> None:
        """Makes many small trips dearer from now on: a trip of m stops pays ``price`` times the root of m."""
        toll = np.round(price * np.sqrt(np.arange(len(self.fee) - k.TOLL)))
        if toll[1] == self.fee[k.TOLL + 1]:
            return
        sizes = self.info[:, k.SIZE]
        more = (toll - self.fee[k.TOLL :]).astype(np.int64)[sizes]
        self.fee[k.TOLL :] = toll
        self.own[:, k.TOTAL] += np.add.reduceat(more, self.arrays.shift[:, k.LO])
        self.tot[k.SUM_COST] += more.sum()
        tolled = int(self.fee[k.TOLL + self.best[:, 0]].sum())
        self.tot[k.BEST] += tolled - self.tot[k.TOLLED]
        self.tot[k.TOLLED] = tolled

    @property
    def cost(self) -> int:
        """Cost of the best plan in the kernel's terms, what is left out included and tolls not."""
        return int(self.tot[k.BEST] - self.tot[k.TOLLED])

    def orders(self) -> Orders:
        """The best plan."""
        return [row[1 : row[0] + 1].tolist() for row in self.best]

    def columns(self, most: int) -> list[Column]:
        """So many routes of the pool at most: those that the best plans had."""
        pool = self.col[1 : self.col[0, 0] + 1]
        found = []
        for _, group, cost, begins, length, _ in pool[np.argsort(pool[:, 5], kind="stable")[:most]].tolist():
            stops = self.data[begins : begins + length].tolist()
            found.append(Column(group, cost, tuple(_split(stops))))
        return found


def _split(stops: Sequence[int]) -> list[tuple[int, ...]]:
    """The trips of a column: each ends with a 0."""
    trips, trip = [], []
    for x in stops:
        if x:
            trip.append(x)
        else:
            trips.append(tuple(trip))
            trip = []
    return trips


def typical_cost(arrays: Arrays) -> float:
    """The usual price of a ride between neighbours: the unit of temperatures."""
    n = len(arrays.jobs) + 1
    rides = arrays.arc[1:n, 1:n, 1].copy()
    np.fill_diagonal(rides, k.NEVER)
    if n > 6:
        rides = np.partition(rides, 4, axis=1)[:, :5]
    rides = rides[rides < k.NEVER]
    return max(1.0, float(np.median(rides))) if rides.size else 1.0


__all__ = ["Column", "Orders", "Search", "typical_cost"]
