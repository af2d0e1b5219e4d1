"""A plan under construction: jobs in slots, with constant-time tests of where one more fits.

For every slot it keeps the earliest and latest start of each visit and the highest load before and after
it, so that a place is tested by looking at its two neighbours only.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

from routing.search.slots import OFFICE_NODE, Slots

NEVER = 10**12
NO_GAP = NEVER // 2


@dataclass(slots=True)
class _Tour:
    """One slot's visits and what follows from their order.

    ``before`` and ``after`` are the nodes on both sides of every gap, ``gap_cost`` is the cost of the arc
    between. ``start_s[k]`` is the earliest start of visit ``k`` and ``latest_s[k]`` the latest that keeps
    all that follows, the trip's end being ``latest_s[-1]``; ``peak_before[k]`` and ``peak_after[k]`` are
    the highest loads up to and from the gap before visit ``k``. ``cost`` is priced travel and surcharges.
    """

    cost: int = 0
    jobs: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    gap_cost: list[int] = field(default_factory=list)
    leave_s: int = 0
    start_s: list[int] = field(default_factory=list)
    latest_s: list[int] = field(default_factory=lambda: [0])
    peak_before: list[int] = field(default_factory=list)
    peak_after: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job fits, and what it adds to the cost."""

    cost: int
    slot: int
    position: int


class Tours:
    """Jobs in slots, always feasible."""

    def __init__(self, slots: Slots) -> None:
        jobs = slots.problem.jobs
        self.slots = slots
        self.time_s: list[list[int]] = slots.time_s.tolist()
        self.arc_cost: list[list[int]] = slots.arc_cost.tolist()
        self.surcharge: list[list[int]] = slots.surcharge.tolist()
        self._make_tables(slots)
        self.windows = [
            sorted((window.start_s, window.end_s) for window in job.windows) or [(0, NEVER)] for job in jobs
        ]
        self.loaded = [0 if job.aboard else job.deliver for job in jobs]
        self.change = [job.collect - (job.deliver if job.aboard else 0) for job in jobs]
        self.unserved_cost = [job.priority * slots.problem.prices.unserved for job in jobs]
        self.share, self.crowded_stop = slots.share, slots.problem.prices.crowded_stop
        self.count = [0] * len(slots.of_shift)
        self.slot_of: list[int | None] = [None] * len(jobs)
        self.tours = [_Tour() for _ in slots.slots]
        for shift, own in enumerate(slots.of_shift):
            self._refresh_shift(shift, own)

    def _make_tables(self, slots: Slots) -> None:
        """Tables of all gaps, a row a slot, so that they are priced at one stroke.

        The longer slots come first: of two equal places the one with more room is taken.
        """
        self.by_length = sorted(range(len(slots.slots)), key=lambda s: slots.slots[s].leave_s - slots.slots[s].back_s)
        self.row = {s: row for row, s in enumerate(self.by_length)}
        self.surcharge_by_row = np.where(slots.may_ride, slots.surcharge, NEVER)[:, self.by_length]
        self.cost_out_of, self.cost_into = slots.arc_cost, np.ascontiguousarray(slots.arc_cost.T)
        self.crowding = np.zeros(len(slots.slots), dtype=np.int64)
        shape = (len(slots.slots), 8)
        self.gaps_before, self.gaps_after = np.zeros(shape, dtype=np.intp), np.zeros(shape, dtype=np.intp)
        self.gaps_cost = np.full(shape, -NEVER)

    def _write_gaps(self, s: int) -> None:
        """Brings one slot's row of the gap tables up to date."""
        tour, row = self.tours[s], self.row[s]
        gaps = len(tour.before)
        while gaps > self.gaps_cost.shape[1]:
            self.gaps_before = np.hstack([self.gaps_before, np.zeros_like(self.gaps_before)])
            self.gaps_after = np.hstack([self.gaps_after, np.zeros_like(self.gaps_after)])
            self.gaps_cost = np.hstack([self.gaps_cost, np.full_like(self.gaps_cost, -NEVER)])
        self.gaps_before[row, :gaps] = tour.before
        self.gaps_after[row, :gaps] = tour.after
        self.gaps_cost[row, :gaps] = tour.gap_cost
        self.gaps_cost[row, gaps:] = -NEVER

    def _write_crowding(self, shift: int) -> None:
        """What one more visit in a slot of this shift costs for being beyond its fair share."""
        price = self.crowded_stop if self.count[shift] >= self.share[shift] else 0
        for s in self.slots.of_shift[shift]:
            self.crowding[self.row[s]] = price

    def orders(self) -> list[list[int]]:
        """The jobs of every slot, in order."""
        return [list(tour.jobs) for tour in self.tours]

    def unserved(self) -> list[int]:
        """The jobs that are in no slot."""
        return [job for job, slot in enumerate(self.slot_of) if slot is None]

    def best_place(self, job: int) -> Place | None:
        """The cheapest place for a job that is in no slot, or nothing where it fits nowhere."""
        node = job + 1
        extra = self.surcharge_by_row[job] + self.crowding
        costs = self.cost_into[node].take(self.gaps_before) + self.cost_out_of[node].take(self.gaps_after)
        costs += extra[:, None] - self.gaps_cost
        flat = costs.ravel()
        width = costs.shape[1]
        while True:
            cheapest = int(flat.argmin())
            cost = int(flat[cheapest])
            if cost >= NO_GAP:
                return None
            row, position = divmod(cheapest, width)
            if self._fits(job, self.by_length[row], position):
                return Place(cost, self.by_length[row], position)
            flat[cheapest] = NEVER

    def put(self, job: int, place: Place) -> None:
        """Puts the job into a place that ``best_place`` found, the tours being unchanged since."""
        self.tours[place.slot].jobs.insert(place.position, job)
        self.slot_of[job] = place.slot
        self._refresh_shift(self.slots.slots[place.slot].shift, (place.slot,))

    def cost(self) -> int:
        """Priced travel, surcharges, unfair shares and what is left out."""
        total = sum([self.unserved_cost[job] for job, slot in enumerate(self.slot_of) if slot is None])
        crowded = sum([count - share for count, share in zip(self.count, self.share, strict=True) if count > share])
        return total + crowded * self.crowded_stop + sum([tour.cost for tour in self.tours])

    def _fits(self, job: int, s: int, position: int) -> bool:
        """Whether bag and times allow the job before visit ``position`` of a slot it may ride in."""
        tour, node = self.tours[s], job + 1
        room = self.slots.slots[s].capacity
        if tour.peak_before[position] + self.loaded[job] > room:
            return False
        if tour.peak_after[position] + self.change[job] > room:
            return False
        before_s = tour.start_s[position - 1] if position else tour.leave_s
        ready_s = before_s + self.time_s[tour.before[position]][node]
        for opens_s, ends_s in self.windows[job]:
            if ready_s <= ends_s:
                start_s = max(ready_s, opens_s)
                return start_s + self.time_s[node][tour.after[position]] <= tour.latest_s[position]
        return False

    def _refresh_shift(self, shift: int, changed: Container[int]) -> None:
        """Brings one shift's slots up to date, of which ``changed`` have a new order of visits."""
        own = self.slots.of_shift[shift]
        self.count[shift] = sum([len(self.tours[s].jobs) for s in own])
        self._write_crowding(shift)
        handling_s = self.slots.problem.handling_s
        free_s = 0
        for s in own:
            slot, tour = self.slots.slots[s], self.tours[s]
            leave_s = max(slot.leave_s, free_s)
            if s in changed:
                self._reorder(s)
                self._write_gaps(s)
            if s in changed or leave_s != tour.leave_s:
                tour.leave_s = leave_s
                self._forward(s)
            if tour.jobs or slot.stays:
                last_s = tour.start_s[-1] if tour.jobs else leave_s
                free_s = last_s + self.time_s[tour.before[-1]][OFFICE_NODE] + handling_s
        by_s = NEVER
        for s in reversed(own):
            slot, tour = self.slots.slots[s], self.tours[s]
            back_s = min(slot.back_s, by_s)
            if s in changed or back_s != tour.latest_s[-1]:
                self._backward(s, back_s)
            if tour.jobs:
                by_s = tour.latest_s[0] - self.time_s[slot.start_node][tour.after[0]] - handling_s

    def _reorder(self, s: int) -> None:
        """Arcs and loads of a slot whose order of visits has changed."""
        tour, slot = self.tours[s], self.slots.slots[s]
        tour.before = [slot.start_node, *[job + 1 for job in tour.jobs]]
        tour.after = [*tour.before[1:], OFFICE_NODE]
        tour.gap_cost = [self.arc_cost[a][b] for a, b in zip(tour.before, tour.after, strict=True)]
        tour.cost = sum([self.surcharge[job][s] for job in tour.jobs])
        if tour.jobs or slot.stays:
            tour.cost += sum(tour.gap_cost)
        load = slot.load + sum([self.loaded[job] for job in tour.jobs])
        loads = [load]
        for job in tour.jobs:
            load += self.change[job] - self.loaded[job]
            loads.append(load)
        tour.peak_before = list(accumulate(loads, max))
        tour.peak_after = list(accumulate(reversed(loads), max))[::-1]

    def _forward(self, s: int) -> None:
        tour = self.tours[s]
        node, now_s = tour.before[0], tour.leave_s
        tour.start_s = []
        for job in tour.jobs:
            now_s += self.time_s[node][job + 1]
            for opens_s, ends_s in self.windows[job]:
                if now_s <= ends_s:
                    if now_s < opens_s:
                        now_s = opens_s
                    break
            tour.start_s.append(now_s)
            node = job + 1

    def _backward(self, s: int, back_s: int) -> None:
        tour = self.tours[s]
        latest_s, node = back_s, OFFICE_NODE
        latest = [back_s]
        for job in reversed(tour.jobs):
            latest_s -= self.time_s[job + 1][node]
            for opens_s, ends_s in reversed(self.windows[job]):
                if opens_s <= latest_s:
                    if ends_s < latest_s:
                        latest_s = ends_s
                    break
            latest.append(latest_s)
            node = job + 1
        latest.reverse()
        tour.latest_s = latest
