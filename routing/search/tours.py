"""A plan under construction: jobs in slots, with constant-time tests of where one more fits.

For every slot it keeps the earliest and latest start of each visit and the highest load before and after
it, so that a place is tested by looking at its two neighbours only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from routing.search.slots import OFFICE_NODE, Slots

NEVER = 10**12


@dataclass(slots=True)
class _Tour:
    """One slot's visits and what follows from their order.

    ``start_s[k]`` is the earliest start of visit ``k`` and ``latest_s[k]`` the latest that keeps all that
    follows, the trip's end being ``latest_s[-1]``; ``peak_before[k]`` and ``peak_after[k]`` are the highest
    loads up to and from the gap before visit ``k``.
    """

    jobs: list[int] = field(default_factory=list)
    leave_s: int = 0
    start_s: list[int] = field(default_factory=list)
    latest_s: list[int] = field(default_factory=list)
    peak_before: list[int] = field(default_factory=list)
    peak_after: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job fits, and what it adds to the cost."""

    cost: int
    slot: int
    position: int


class Tours:
    """Jobs in slots. Every public method leaves it feasible."""

    def __init__(self, slots: Slots) -> None:
        jobs = slots.problem.jobs
        self.slots = slots
        self.time_s: list[list[int]] = slots.time_s.tolist()
        self.arc_cost: list[list[int]] = slots.arc_cost.tolist()
        self.surcharge: list[list[int]] = slots.surcharge.tolist()
        self.riding_slots = [[s for s, ok in enumerate(row) if ok] for row in slots.may_ride.tolist()]
        self.windows = [
            sorted((window.start_s, window.end_s) for window in job.windows) or [(0, NEVER)] for job in jobs
        ]
        self.loaded = [0 if job.aboard else job.deliver for job in jobs]
        self.change = [job.collect - (job.deliver if job.aboard else 0) for job in jobs]
        self.unserved_cost = [job.priority * slots.problem.prices.unserved for job in jobs]
        self.slot_of: list[int | None] = [None] * len(jobs)
        self.tours = [_Tour() for _ in slots.slots]
        for shift in range(len(slots.of_shift)):
            self._refresh_shift(shift)

    def orders(self) -> list[list[int]]:
        """The jobs of every slot, in order."""
        return [list(tour.jobs) for tour in self.tours]

    def unserved(self) -> list[int]:
        """The jobs that are in no slot."""
        return [job for job, slot in enumerate(self.slot_of) if slot is None]

    def best_place(self, job: int) -> Place | None:
        """The cheapest place for a job that is in no slot, or nothing where it fits nowhere."""
        best = min((p for s in self.riding_slots[job] if (p := self._best_in_slot(job, s))), default=None)
        return None if best is None else Place(best[0], best[2], best[3])

    def put(self, job: int, place: Place) -> None:
        """Puts the job into a place that ``best_place`` found, the tours being unchanged since."""
        self.tours[place.slot].jobs.insert(place.position, job)
        self.slot_of[job] = place.slot
        self._refresh_shift(self.slots.slots[place.slot].shift)

    def take(self, jobs: Iterable[int]) -> None:
        """Takes jobs out of their slots."""
        touched = set()
        for job in jobs:
            slot = self.slot_of[job]
            if slot is not None:
                self.tours[slot].jobs.remove(job)
                self.slot_of[job] = None
                touched.add(self.slots.slots[slot].shift)
        for shift in touched:
            self._refresh_shift(shift)

    def set_slots(self, orders: Sequence[tuple[int, Sequence[int]]]) -> None:
        """Gives slots an order of visits that is known to be feasible."""
        for slot, _ in orders:
            for job in self.tours[slot].jobs:
                if self.slot_of[job] == slot:
                    self.slot_of[job] = None
        for slot, jobs in orders:
            self.tours[slot].jobs = list(jobs)
            for job in jobs:
                self.slot_of[job] = slot
        for shift in {self.slots.slots[slot].shift for slot, _ in orders}:
            self._refresh_shift(shift)

    def cost(self) -> int:
        """Priced travel, surcharges and what is left out."""
        total = sum(self.unserved_cost[job] for job in self.unserved())
        for s, tour in enumerate(self.tours):
            nodes = [self.slots.slots[s].start_node, *(job + 1 for job in tour.jobs), OFFICE_NODE]
            total += sum(self.arc_cost[a][b] for a, b in pairwise(nodes))
            total += sum(self.surcharge[job][s] for job in tour.jobs)
        return total

    def append(self, job: int, slots: Iterable[int]) -> bool:
        """Puts the job at the end of the first of these slots where it fits; says whether it did."""
        for s in slots:
            end = len(self.tours[s].jobs)
            place = self._best_in_slot(job, s, from_position=end) if self.slots.may_ride[job, s] else None
            if place is not None:
                self.put(job, Place(place[0], s, end))
                return True
        return False

    def _best_in_slot(self, job: int, s: int, from_position: int = 0) -> tuple[int, int, int, int] | None:
        """(cost, minus the slot's end, slot, position) of the cheapest place for the job in one slot."""
        tour, slot, node = self.tours[s], self.slots.slots[s], job + 1
        loaded, change, room = self.loaded[job], self.change[job], slot.capacity
        time_s, arc_cost, windows = self.time_s, self.arc_cost, self.windows[job]
        from_job_s, from_job_cost = time_s[node], arc_cost[node]
        last_start_s = windows[-1][1]
        nodes = [slot.start_node, *(other + 1 for other in tour.jobs), OFFICE_NODE]
        best_cost, best_position = NEVER, -1
        for position in range(from_position, len(tour.jobs) + 1):
            before, after = nodes[position], nodes[position + 1]
            if tour.peak_before[position] + loaded > room:
                break
            cost = arc_cost[before][node] + from_job_cost[after] - arc_cost[before][after]
            if cost >= best_cost or tour.peak_after[position] + change > room:
                continue
            start_s = (tour.start_s[position - 1] if position else tour.leave_s) + time_s[before][node]
            if start_s > last_start_s:
                continue
            start_s = next(max(start_s, opens_s) for opens_s, ends_s in windows if start_s <= ends_s)
            if start_s + from_job_s[after] <= tour.latest_s[position]:
                best_cost, best_position = cost, position
        if best_position < 0:
            return None
        return best_cost + self.surcharge[job][s], -slot.back_s, s, best_position

    def _refresh_shift(self, shift: int) -> None:
        own = self.slots.of_shift[shift]
        handling_s = self.slots.problem.handling_s
        free_s = 0
        for s in own:
            slot, tour = self.slots.slots[s], self.tours[s]
            tour.leave_s = max(slot.leave_s, free_s)
            self._forward(s)
            if tour.jobs or slot.away:
                free_s = self._back_s(s) + handling_s
        by_s = NEVER
        for s in reversed(own):
            slot, tour = self.slots.slots[s], self.tours[s]
            self._backward(s, min(slot.back_s, by_s))
            if tour.jobs:
                first = tour.jobs[0] + 1
                by_s = tour.latest_s[0] - self.time_s[slot.start_node][first] - handling_s

    def _back_s(self, s: int) -> int:
        tour = self.tours[s]
        if not tour.jobs:
            return tour.leave_s + self.time_s[self.slots.slots[s].start_node][OFFICE_NODE]
        return tour.start_s[-1] + self.time_s[tour.jobs[-1] + 1][OFFICE_NODE]

    def _forward(self, s: int) -> None:
        tour, slot = self.tours[s], self.slots.slots[s]
        node, now_s = slot.start_node, tour.leave_s
        load = slot.load + sum(self.loaded[job] for job in tour.jobs)
        loads = [load]
        tour.start_s = []
        for job in tour.jobs:
            now_s += self.time_s[node][job + 1]
            windows = self.windows[job]
            if now_s < windows[0][0] or len(windows) > 1:
                now_s = next((max(now_s, a) for a, b in windows if now_s <= b), now_s)
            tour.start_s.append(now_s)
            load += self.change[job] - self.loaded[job]
            loads.append(load)
            node = job + 1
        tour.peak_before = loads[:]
        for k in range(1, len(loads)):
            tour.peak_before[k] = max(loads[k], tour.peak_before[k - 1])
        for k in range(len(loads) - 2, -1, -1):
            loads[k] = max(loads[k], loads[k + 1])
        tour.peak_after = loads

    def _backward(self, s: int, back_s: int) -> None:
        tour = self.tours[s]
        latest_s, node = back_s, OFFICE_NODE
        latest = [back_s]
        for job in reversed(tour.jobs):
            latest_s -= self.time_s[job + 1][node]
            latest_s = max(min(latest_s, b) for a, b in self.windows[job] if a <= latest_s)
            latest.append(latest_s)
            node = job + 1
        latest.reverse()
        tour.latest_s = latest
