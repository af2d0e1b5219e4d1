"""A plan under construction: jobs in slots, with constant-time tests of where one more fits.

For every slot it keeps the earliest and latest start of each visit and the highest load before and after
it, so that a place is tested by looking at its two neighbours only.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from routing.search.slots import OFFICE_NODE, Slots

NEVER = 10**12


@dataclass(slots=True)
class _Tour:
    """One slot's visits and what follows from their order.

    ``before`` and ``after`` are the nodes on both sides of every gap, ``gap_cost`` is the cost of the arc
    between. ``start_s[k]`` is the earliest start of visit ``k`` and ``latest_s[k]`` the latest that keeps
    all that follows, the trip's end being ``latest_s[-1]``; ``peak_before[k]`` and ``peak_after[k]`` are
    the highest loads up to and from the gap before visit ``k``.
    """

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
    """Jobs in slots. Every public method leaves it feasible, but for ``take``, which says so."""

    def __init__(self, slots: Slots) -> None:
        jobs = slots.problem.jobs
        self.slots = slots
        self.time_s: list[list[int]] = slots.time_s.tolist()
        self.arc_cost: list[list[int]] = slots.arc_cost.tolist()
        self.surcharge: list[list[int]] = slots.surcharge.tolist()
        self.cost_into: list[list[int]] = slots.arc_cost.T.tolist()
        # The longer slots come first, so that of two equal places the one with more room is taken.
        by_length = sorted(range(len(slots.slots)), key=lambda s: slots.slots[s].leave_s - slots.slots[s].back_s)
        self.riding_slots = [[s for s in by_length if row[s]] for row in slots.may_ride.tolist()]
        self.windows = [
            sorted((window.start_s, window.end_s) for window in job.windows) or [(0, NEVER)] for job in jobs
        ]
        self.loaded = [0 if job.aboard else job.deliver for job in jobs]
        self.change = [job.collect - (job.deliver if job.aboard else 0) for job in jobs]
        self.unserved_cost = [job.priority * slots.problem.prices.unserved for job in jobs]
        self.share = slots.share
        self.count = [0] * len(slots.of_shift)
        self.slot_of: list[int | None] = [None] * len(jobs)
        self.tours = [_Tour() for _ in slots.slots]
        for shift, own in enumerate(slots.of_shift):
            self._refresh_shift(shift, own)

    def orders(self) -> list[list[int]]:
        """The jobs of every slot, in order."""
        return [list(tour.jobs) for tour in self.tours]

    def unserved(self) -> list[int]:
        """The jobs that are in no slot."""
        return [job for job, slot in enumerate(self.slot_of) if slot is None]

    def best_place(self, job: int) -> Place | None:
        """The cheapest place for a job that is in no slot, or nothing where it fits nowhere."""
        best: Place | None = None
        best_cost = NEVER
        into, out_of, surcharge = self.cost_into[job + 1], self.arc_cost[job + 1], self.surcharge[job]
        for s in self.riding_slots[job]:
            tour, extra = self.tours[s], surcharge[s] + self._crowding(s)
            costs = [into[a] + out_of[b] - c for a, b, c in zip(tour.before, tour.after, tour.gap_cost, strict=True)]
            # Most slots are dismissed by their cheapest gap alone, before any time is looked at.
            while (cost := min(costs)) + extra < best_cost:
                position = costs.index(cost)
                if self._fits(job, s, position):
                    best_cost = cost + extra
                    best = Place(best_cost, s, position)
                    break
                costs[position] = NEVER
        return best

    def put(self, job: int, place: Place) -> None:
        """Puts the job into a place that ``best_place`` found, the tours being unchanged since."""
        self.tours[place.slot].jobs.insert(place.position, job)
        self.slot_of[job] = place.slot
        self._refresh_shift(self.slots.slots[place.slot].shift, (place.slot,))

    def take(self, jobs: Iterable[int]) -> bool:
        """Takes jobs out of their slots; says whether all times still hold without them.

        They may not: a detour can be quicker than the straight way (if only by rounding), and the next
        visit at a door may owe its setup to the one before it.
        """
        changed = set()
        for job in jobs:
            slot = self.slot_of[job]
            if slot is not None:
                self.tours[slot].jobs.remove(job)
                self.slot_of[job] = None
                changed.add(slot)
        self._refresh(changed)
        touched = {self.slots.slots[s].shift for s in changed}
        return all(self._holds(s) for shift in touched for s in self.slots.of_shift[shift])

    def restore(self, orders: Sequence[Sequence[int]]) -> None:
        """Goes back to what ``orders`` gave."""
        changed = [s for s, jobs in enumerate(orders) if self.tours[s].jobs != jobs]
        for s in changed:
            for job in self.tours[s].jobs:
                self.slot_of[job] = None
        for s in changed:
            self.tours[s].jobs = list(orders[s])
            for job in orders[s]:
                self.slot_of[job] = s
        self._refresh(set(changed))

    def cost(self) -> int:
        """Priced travel, surcharges, unfair shares and what is left out."""
        total = sum(self.unserved_cost[job] for job in self.unserved())
        crowded = sum(max(0, count - share) for count, share in zip(self.count, self.share, strict=True))
        total += crowded * self.slots.problem.prices.crowded_stop
        for s, tour in enumerate(self.tours):
            if tour.jobs or self.slots.slots[s].stays:
                total += sum(tour.gap_cost) + sum(self.surcharge[job][s] for job in tour.jobs)
        return total

    def _crowding(self, s: int) -> int:
        """What one more visit in this slot costs for being beyond its shift's fair share."""
        shift = self.slots.slots[s].shift
        return self.slots.problem.prices.crowded_stop if self.count[shift] >= self.share[shift] else 0

    def append(self, job: int, slots: Iterable[int]) -> bool:
        """Puts the job at the end of the first of these slots where it fits; says whether it did."""
        for s in slots:
            end = len(self.tours[s].jobs)
            if self.slots.may_ride[job, s] and self._fits(job, s, end):
                self.put(job, Place(0, s, end))
                return True
        return False

    def _holds(self, s: int) -> bool:
        tour = self.tours[s]
        return all(start_s <= latest_s for start_s, latest_s in zip(tour.start_s, tour.latest_s, strict=False))

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

    def _refresh(self, changed: set[int]) -> None:
        for shift in {self.slots.slots[s].shift for s in changed}:
            self._refresh_shift(shift, changed)

    def _refresh_shift(self, shift: int, changed: Container[int]) -> None:
        """Brings one shift's slots up to date, of which ``changed`` have a new order of visits."""
        own = self.slots.of_shift[shift]
        self.count[shift] = sum([len(self.tours[s].jobs) for s in own])
        handling_s = self.slots.problem.handling_s
        free_s = 0
        for s in own:
            slot, tour = self.slots.slots[s], self.tours[s]
            leave_s = max(slot.leave_s, free_s)
            if s in changed:
                self._reorder(s)
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
