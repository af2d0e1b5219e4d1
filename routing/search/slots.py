"""The day as slots: every trip that a shift could make, with what may ride on it.

The search puts jobs into slots. Nodes number the places it moves between: 0 is the office, job ``j`` is
node ``j + 1``, and each shift under way away from the office adds one node for where it starts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.fairness import fair_shares
from routing.problem import UNREACHABLE_S, Job, Problem, Shift
from routing.timing import latest_back

OFFICE_NODE = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """One trip that a shift could make: it starts at ``start_node`` and ends at the office.

    It leaves at ``leave_s`` or later and is back by ``back_s``. ``load`` is in the bag before anything is
    loaded. ``first`` marks the shift's first trip; ``away`` a trip under way that does not start at the
    office.
    """

    shift: int
    span: int
    first: bool
    away: bool
    start_node: int
    leave_s: int
    back_s: int
    capacity: int
    load: int

    @property
    def stays(self) -> bool:
        """Whether the trip takes place without a visit too: somebody is out, or has a bag to empty."""
        return self.away or self.load > 0


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """A problem in the search's own terms. Tables are over nodes, the last two over (job, slot).

    ``time_s[i][j]`` passes between the starts of service at ``i`` and ``j``: service, travel, setup.
    ``arc_cost`` is priced travel, ``may_ride`` what can be in a slot at all, ``surcharge`` what it costs
    there besides travel.
    """

    problem: Problem
    slots: tuple[Slot, ...]
    of_shift: tuple[tuple[int, ...], ...]
    time_s: npt.NDArray[np.int64]
    arc_cost: npt.NDArray[np.int64]
    may_ride: npt.NDArray[np.bool_]
    surcharge: npt.NDArray[np.int64]

    @property
    def share(self) -> list[int]:
        """How many visits are the fair share of each shift."""
        shares = fair_shares(self.problem)
        return [shares[shift.id] for shift in self.problem.shifts]

    def crowding_cost(self, orders: Sequence[Sequence[int]]) -> int:
        """What the visits beyond fair shares cost, given the jobs of every slot."""
        counts = [sum(len(orders[s]) for s in own) for own in self.of_shift]
        crowded = sum(max(0, count - share) for count, share in zip(counts, self.share, strict=True))
        return crowded * self.problem.prices.crowded_stop


def make_slots(problem: Problem) -> Slots:
    """The slots of every shift, and the tables of what may ride where and at what price."""
    cutoffs = Counter(job.cutoff_s for job in problem.jobs if job.cutoff_s is not None)
    crowded = _bags_are_short(problem)
    slots: list[Slot] = []
    of_shift: list[tuple[int, ...]] = []
    starts: list[int] = []
    for index, shift in enumerate(problem.shifts):
        away = shift.start_s is not None and shift.start_location != problem.office
        if away:
            starts.append(shift.start_location)
        start_node = len(problem.jobs) + len(starts) if away else OFFICE_NODE
        own: list[Slot] = []
        for span in range(shift.first_span, len(shift.spans)):
            ends_s = _trip_ends(problem, shift, span, cutoffs, crowded)
            own += _span_slots(problem, index, span, start_node, ends_s, first=not own)
        of_shift.append(tuple(range(len(slots), len(slots) + len(own))))
        slots += own
    time_s, arc_cost = _tables(problem, starts)
    may_ride, surcharge = _eligibility(problem, slots)
    return Slots(problem, tuple(slots), tuple(of_shift), time_s, arc_cost, may_ride, surcharge)


def _bags_are_short(problem: Problem) -> bool:
    """Whether one trip a span could be too few to carry everything."""
    room = sum(shift.capacity * (len(shift.spans) - shift.first_span) for shift in problem.shifts)
    wanted = max(sum(job.deliver for job in problem.jobs), sum(job.collect for job in problem.jobs))
    return 2 * wanted > room


def _trip_ends(problem: Problem, shift: Shift, span: int, cutoffs: Counter[int], crowded: bool) -> list[int]:
    """By when each trip of the span has to be back.

    Where a cut-off falls into the span, the first trip is one that meets it: what the cut-off concerns
    rides there, and the rest of the span is another trip.
    """
    under_way = shift.start_s is not None and span == shift.first_span
    away = under_way and shift.start_location != problem.office
    end_s = latest_back(problem, shift, span, first=under_way)
    meets_s = _cutoff_to_meet(problem, shift, span, cutoffs)
    count = 1
    if crowded:
        count = shift.max_trips
    elif away or meets_s is not None:
        count = min(2, shift.max_trips)
    ends_s = [end_s] * count
    if meets_s is not None and (count > 1 or meets_s == shift.bag_due_s):
        ends_s[0] = min(meets_s, end_s)
    return ends_s


def _cutoff_to_meet(problem: Problem, shift: Shift, span: int, cutoffs: Counter[int]) -> int | None:
    """The cut-off inside the span that its first trip meets, if there is one and it can be met at all."""
    under_way = shift.start_s is not None and span == shift.first_span
    away = under_way and shift.start_location != problem.office
    home_s = max(shift.spans[span].start_s, shift.start_s or 0)
    if away:
        home_s += problem.travel_s(shift.start_location, problem.office)
    can_be_met = range(home_s, shift.spans[span].end_s)
    if under_way and shift.bag_due_s is not None:
        return shift.bag_due_s if shift.bag_due_s in can_be_met else None
    if away and not _brings_dated(problem, shift):
        return None
    inside = [(count, cutoff_s) for cutoff_s, count in cutoffs.items() if cutoff_s in can_be_met]
    return max(inside)[1] if inside else None


def _brings_dated(problem: Problem, shift: Shift) -> bool:
    """Whether the shift under way is to bring something with a cut-off, by the plan in force."""
    return any(job.cutoff_s is not None and shift.id in (job.preferred_shift, job.only_shift) for job in problem.jobs)


def _span_slots(problem: Problem, index: int, span: int, start_node: int, ends_s: list[int], first: bool) -> list[Slot]:
    shift = problem.shifts[index]
    opens_s = max(shift.spans[span].start_s, shift.start_s or 0)
    load = problem.load_at_start(shift)
    slots = []
    for number, back_s in enumerate(ends_s):
        is_first = first and number == 0
        slots.append(
            Slot(
                shift=index,
                span=span,
                first=is_first,
                away=is_first and start_node != OFFICE_NODE,
                start_node=start_node if is_first else OFFICE_NODE,
                leave_s=opens_s,
                back_s=back_s,
                capacity=max(shift.capacity, load) if is_first else shift.capacity,
                load=load if is_first else 0,
            )
        )
    return slots


def _tables(problem: Problem, starts: list[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    jobs = problem.jobs
    places = np.array([problem.office, *(job.location for job in jobs), *starts])
    rest = [0] * len(starts)
    service_s = np.array([0, *(job.service_s for job in jobs), *rest])
    setup_s = np.array([0, *(job.setup_s for job in jobs), *rest])
    travel_s = np.minimum(problem.duration_s[np.ix_(places, places)].astype(np.int64), UNREACHABLE_S)
    is_job = np.zeros(len(places), dtype=bool)
    is_job[1 : len(jobs) + 1] = True
    same_door = (places[:, None] == places[None, :]) & is_job[:, None] & is_job[None, :]
    time_s = service_s[:, None] + travel_s + np.where(same_door, 0, setup_s[None, :])
    cost = problem.duration_s if problem.travel_cost is None else problem.travel_cost
    priced = np.minimum(cost[np.ix_(places, places)].astype(np.int64), UNREACHABLE_S) * problem.prices.travel_per_s
    return time_s, priced


def _eligibility(problem: Problem, slots: list[Slot]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    shape = (len(problem.jobs), len(slots))
    may_ride, surcharge = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int64)
    for s, slot in enumerate(slots):
        shift = problem.shifts[slot.shift]
        for j, job in enumerate(problem.jobs):
            may_ride[j, s] = _may_ride(job, shift, slot)
            if job.cutoff_s is not None and slot.back_s > job.cutoff_s:
                surcharge[j, s] += problem.prices.cutoff_missed
            if job.preferred_shift in problem.shift_by_id and job.preferred_shift != shift.id:
                surcharge[j, s] += problem.prices.moved_job
    return may_ride, surcharge


def _may_ride(job: Job, shift: Shift, slot: Slot) -> bool:
    if job.only_shift not in (None, shift.id) or not job.skills <= shift.skills or shift.id in job.excluded_shifts:
        return False
    if job.windows and not any(w.start_s <= slot.back_s and w.end_s >= slot.leave_s for w in job.windows):
        return False
    if job.aboard and not slot.first:
        return False
    if job.deliver and not job.aboard and slot.away:
        return False
    return not (job.cutoff_hard and job.cutoff_s is not None and slot.back_s > job.cutoff_s)
