"""From a problem to the flat arrays of the kernel.

``arc[x, y]`` holds, from ``x`` to ``y`` and then from ``y`` to ``x``, the time between two starts of service and the
price of the ride. ``stop``, ``slot``, ``shift`` and ``fee`` are tables with the columns that the kernel names;
``price[x, r]`` is what a job costs in a slot besides travel, below 0 where it may not ride. ``pay`` makes leaving
jobs out dearer than anything else: first by their weight, then by their number. A row of ``group`` is a range of
slots that does not touch the rest of its shift, and its class: groups of one class are all the same.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from routing.fairness import fair_shares
from routing.problem import Job, Problem, TimeWindow
from routing.search import columns as k
from routing.search.asked import Asked
from routing.search.matrix import Ints, arcs, dearest, near
from routing.timing import latest_back, most_work_s

MOST_SLOTS = 8
"""More trips than this in one span are not searched for."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One trip that a shift could make. ``first`` may be under way, ``last`` ends where the shift ends.

    Where a shift begins elsewhere than at the office, its other trips in that span need the first one; where it ends
    elsewhere, those before need the last one. In a span that has both, or is under way and ends elsewhere, the search
    makes one trip.
    """

    shift: int
    span: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """What does not change during a search. Node ``x`` is the job ``jobs[x - 1]``."""

    problem: Problem
    jobs: tuple[Job, ...]
    slots: tuple[Slot, ...]
    arc: Ints
    stop: Ints
    win: Ints
    pay: Ints
    key: Ints
    price: Ints
    word: Ints
    near: Ints
    linked: Ints
    slot: Ints
    shift: Ints
    group: Ints
    fee: Ints

    @property
    def kernel_tables(self) -> tuple[Ints, ...]:
        """The tables in the order in which the kernel takes them."""
        routes = (self.near, self.linked, self.slot, self.shift, self.group, self.fee)
        return (self.arc, self.stop, self.win, self.pay, self.key, self.price, self.word, *routes)


def make_arrays(problem: Problem, jobs: tuple[Job, ...]) -> Arrays:
    """The arrays for these of the problem's jobs, and all shifts that are not frozen."""
    slots = tuple(_slots(problem, len(jobs)))
    ends = _ends(problem, len(jobs), slots)
    places = [problem.office, *(job.location for job in jobs), *list(ends)[1:]]
    node = {job.id: number for number, job in enumerate(jobs, start=1)}
    arc = arcs(problem, jobs, places)
    stop, win = _stops(jobs, node)
    slot = _slot_table(problem, slots, ends)
    price = _prices(problem, jobs, slots, slot)
    shift = _shift_table(problem, slots)
    _number_classes(slot, shift, price)
    group = _groups(problem, slots, slot, shift)
    pay = _pay(problem, jobs, arc, shift)
    linked = _linked(jobs, node)
    stop[:, k.LONE] = _alone(arc, slot, len(jobs))
    prices, several = problem.prices, int(slot[:, k.TWIN].any())
    return Arrays(
        problem=problem,
        jobs=jobs,
        slots=slots,
        arc=arc,
        stop=stop,
        win=win,
        pay=pay,
        key=_keys(jobs, arc, pay, price),
        price=price,
        word=np.random.default_rng(12345).integers(1, 2**63 - 1, len(arc) + len(group) + 1).astype(np.uint64),
        near=near(arc, len(jobs)),
        linked=linked,
        slot=slot,
        shift=shift,
        group=group,
        fee=np.array([prices.crowded_stop, prices.cutoff_missed, problem.handling_s, len(linked), several], np.int64),
    )


def _slots(problem: Problem, n_jobs: int) -> Iterator[Slot]:
    for index, shift in enumerate(problem.shifts):
        if shift.frozen is not None:
            continue
        final = len(shift.spans) - 1
        for span in range(shift.first_span, final + 1):
            own_begin = shift.start_s is None and shift.begin_location is not None and span == shift.first_span
            own_end = shift.end_location is not None and span == final
            rides_anyway = span == shift.first_span and (shift.start_s is not None or problem.load_at_start(shift) > 0)
            count = 1 if own_end and (own_begin or rides_anyway) else min(shift.max_trips, n_jobs + 1, MOST_SLOTS)
            for number in range(count):
                last = span == final and number == count - 1
                yield Slot(index, span, span == shift.first_span and number == 0, last)


def _start_of(problem: Problem, slot: Slot) -> int:
    return problem.start_of(problem.shifts[slot.shift]) if slot.first else problem.office


def _end_of(problem: Problem, slot: Slot) -> int:
    end = problem.shifts[slot.shift].end_location
    return end if slot.last and end is not None else problem.office


def _ends(problem: Problem, n_jobs: int, slots: Sequence[Slot]) -> dict[int, int]:
    """The node of every location where trips start or end."""
    ends = {place for slot in slots for place in (_start_of(problem, slot), _end_of(problem, slot))}
    others = sorted(ends - {problem.office})
    return {problem.office: 0, **{place: node for node, place in enumerate(others, start=n_jobs + 1)}}


def _stops(jobs: Sequence[Job], node: dict[str, int]) -> tuple[Ints, Ints]:
    stop = np.zeros((len(jobs) + 1, 16), np.int32)
    win: list[tuple[int, int]] = []
    for x, job in enumerate(jobs, start=1):
        windows = list(_merged(job.windows)) or [(0, k.NEVER)]
        rate = job.late_per_min
        if rate is not None:
            stop[x, k.RATE], stop[x, k.SOFT] = min(rate, 1_000_000), windows[-1][1]
            windows[-1] = windows[-1][0], k.NEVER
        else:
            stop[x, k.SOFT] = k.NEVER
        stop[x, k.OPEN], stop[x, k.CLOSE] = windows[0][0], windows[-1][1]
        stop[x, k.WIN], stop[x, k.WIN_END] = len(win), len(win) + len(windows)
        win += windows
        stop[x, k.LOAD] = 0 if job.aboard else job.deliver
        stop[x, k.CHANGE] = job.collect - (job.deliver if job.aboard else 0)
        stop[x, k.RELEASE], stop[x, k.DELAY] = job.release_s, job.after_delay_s
        cutoff_s = k.NEVER if job.cutoff_s is None else job.cutoff_s
        stop[x, k.CUT], stop[x, k.MUST] = (k.NEVER, cutoff_s) if job.cutoff_hard else (cutoff_s, k.NEVER)
        if job.after in node:
            before = node[job.after]
            stop[x, k.AFTER] = before
            stop[x, k.SIBLING], stop[before, k.FOLLOWER] = stop[before, k.FOLLOWER], x
    return stop, np.array(win or [(0, 0)], np.int32)


def _merged(windows: Iterable[TimeWindow]) -> Iterator[tuple[int, int]]:
    """The windows in order, those that touch made one."""
    start_s, end_s = None, -1
    for window in sorted(windows):
        if start_s is None:
            start_s, end_s = window.start_s, window.end_s
        elif window.start_s <= end_s + 1:
            end_s = max(end_s, window.end_s)
        else:
            yield start_s, end_s
            start_s, end_s = window.start_s, window.end_s
    if start_s is not None:
        yield start_s, end_s


def _slot_table(problem: Problem, slots: Sequence[Slot], ends: dict[int, int]) -> Ints:
    table = np.zeros((len(slots), 13), np.int32)
    numbers = {index: number for number, index in enumerate(dict.fromkeys(slot.shift for slot in slots))}
    for r, slot in enumerate(slots):
        shift = problem.shifts[slot.shift]
        load = problem.load_at_start(shift) if slot.first else 0
        cutoff_s = shift.bag_due_s if slot.first else None
        if cutoff_s is not None and _end_of(problem, slot) != problem.office:
            cutoff_s = -1
        row = table[r]
        row[k.START], row[k.END] = ends[_start_of(problem, slot)], ends[_end_of(problem, slot)]
        row[k.LEAVE] = max(shift.spans[slot.span].start_s, shift.start_s or 0)
        row[k.BACK] = latest_back(problem, shift, slot.span, slot.first, slot.last)
        row[k.CAP] = max(shift.capacity, load) if slot.first else shift.capacity
        row[k.BAG] = load
        row[k.SHIFT] = numbers[slot.shift]
        row[k.STAYS] = slot.first and (problem.is_away(shift) or (load > 0 and not any(row[:2])))
        row[k.LOCK] = len(shift.next_stops) if slot.first else 0
        row[k.CARRIED] = k.NEVER if cutoff_s is None else cutoff_s
    _write_needs(table, slots)
    return table


def _write_needs(table: Ints, slots: Sequence[Slot]) -> None:
    """By its number, counted from 1, the slot without which another one of its span is not ridden."""
    for r, slot in enumerate(slots):
        begins, ends = slot.first and not table[r, k.STAYS] and table[r, k.START] > 0, slot.last and table[r, k.END] > 0
        if not (begins or ends):
            continue
        for s, other in enumerate(slots):
            if s != r and (other.shift, other.span) == (slot.shift, slot.span):
                table[s, k.NEEDS] = r + 1


def _prices(problem: Problem, jobs: Sequence[Job], slots: Sequence[Slot], table: Ints) -> Ints:
    price = np.full((len(slots), len(jobs) + 1), -1, np.int32)
    asked = Asked(problem, jobs)
    known: dict[Hashable, int] = {}
    for r, slot in enumerate(slots):
        shift = problem.shifts[slot.shift]
        row = table[r].copy()
        row[[k.SHIFT, k.NEEDS]] = 0
        name = shift.id if shift.id in asked.named or row[k.LOCK] else None
        same = known.setdefault((row.tobytes(), slot.first, shift.skills, problem.is_away(shift), name), r)
        # What no job knows by name is the same for all jobs as what is equal to it.
        price[r, 1:] = asked.prices(shift, slot.first, row) if same == r else price[same, 1:]
    return np.ascontiguousarray(price.T)


def _shift_table(problem: Problem, slots: Sequence[Slot]) -> Ints:
    shares = fair_shares(problem)
    rows = []
    for index, group in groupby(range(len(slots)), lambda r: slots[r].shift):
        shift, own = problem.shifts[index], list(group)
        most = k.NEVER if shift.max_stops is None else shift.max_stops
        most_s = most_work_s(problem, shift)
        most_s = k.NEVER if most_s is None else most_s
        rows.append((own[0], own[-1] + 1, shares[shift.id], most, most_s, shift.fixed_price, 0))
    return np.array(rows, np.int64).reshape(-1, 7)


def _number_classes(slot: Ints, shift: Ints, price: Ints) -> None:
    """Numbers slots and shifts that are all the same, and marks slots that are like the one before."""
    of_shift: dict[Hashable, int] = {}
    of_slot: dict[Hashable, int] = {}
    for v, row in enumerate(shift):
        own = range(row[k.LO], row[k.HI])
        name = (row[k.SHARE :].tobytes(), *(_name(slot, price, r) for r in own))
        shift[v, k.SHIFT_CLASS] = of_shift.setdefault(name, len(of_shift))
        for r in own:
            place = (int(shift[v, k.SHIFT_CLASS]), r - row[k.LO])
            slot[r, k.SLOT_CLASS] = of_slot.setdefault(place, len(of_slot))
            slot[r, k.TWIN] = r > row[k.LO] and _name(slot, price, r) == _name(slot, price, r - 1)


def _name(slot: Ints, price: Ints, r: int) -> Hashable:
    """What tells a slot from others."""
    row = slot[r].copy()
    row[[k.SHIFT, k.TWIN, k.SLOT_CLASS, k.NEEDS]] = 0
    return row.tobytes(), price[:, r].tobytes()


def _groups(problem: Problem, slots: Sequence[Slot], slot: Ints, shift: Ints) -> Ints:
    rows: list[tuple[int, int, int]] = []
    classes: dict[Hashable, int] = {}
    for row in shift:
        cuts = [int(row[k.LO])]
        for r in range(row[k.LO] + 1, row[k.HI]):
            apart = slot[r - 1, k.BACK] + problem.handling_s <= slot[r, k.LEAVE]
            if apart and slots[r].span != slots[r - 1].span and _spans_are_apart(problem, row, slot):
                cuts.append(r)
        for low, high in zip(cuts, [*cuts[1:], int(row[k.HI])], strict=True):
            name = (int(row[k.SHIFT_CLASS]), low - int(row[k.LO]))
            rows.append((low, high, classes.setdefault(name, len(classes))))
    return np.array(rows, np.int64).reshape(-1, 3)


def _spans_are_apart(problem: Problem, row: Ints, slot: Ints) -> bool:
    """Whether nothing but the clock ties the spans of a shift together."""
    own = slot[row[k.LO] : row[k.HI]]
    limited = row[k.MOST] < k.NEVER or row[k.MOST_WORK] < k.NEVER or row[k.FIXED] > 0
    limited |= problem.prices.crowded_stop > 0
    return not limited and len(set(own[:, k.END].tolist())) == 1


def _pay(problem: Problem, jobs: Sequence[Job], arc: Ints, shift: Ints) -> Ints:
    """Prices of leaving jobs out that outweigh everything else, and their numbers by their weights."""
    prices = problem.prices
    late = max((job.late_per_min or 0 for job in jobs), default=0) * 1440
    a_job = prices.moved_job + prices.unwished + prices.crowded_stop + 2 * prices.cutoff_missed + late
    most = 1 + len(jobs) * (2 * dearest(arc) + a_job) + int(shift[:, k.FIXED].sum())
    most = min(most, 2**60 // ((len(jobs) + 1) ** 2 * max((job.priority for job in jobs), default=1) + 1))
    return np.array([0, *(job.priority * most * (len(jobs) + 1) + most for job in jobs)], np.int64)


def _alone(arc: Ints, slot: Ints, n_jobs: int) -> Ints:
    """The least that a trip with nothing but this job costs."""
    ends = {(int(row[k.START]), int(row[k.END])) for row in slot}
    out_and_back = [arc[start, : n_jobs + 1, 1].astype(np.int64) + arc[: n_jobs + 1, end, 1] for start, end in ends]
    least: Ints = np.minimum(np.min(out_and_back, axis=0, initial=k.NEVER), k.NEVER)
    return least


def _linked(jobs: Sequence[Job], node: dict[str, int]) -> Ints:
    """The nodes of jobs that come after others, each after what it waits for."""

    def depth(job: Job) -> int:
        steps = 0
        while job.after in node:
            job, steps = jobs[node[job.after] - 1], steps + 1
        return steps

    waiting = sorted((depth(job), node[job.id]) for job in jobs if job.after in node)
    return np.array([x for _, x in waiting], np.int32)


def _keys(jobs: Sequence[Job], arc: Ints, pay: Ints, price: Ints) -> Ints:
    """Orders of insertion, one a row: the smaller comes first. The last is for the first plan: hardest first."""
    n = len(jobs) + 1
    key = np.zeros((k.ORDERS + 1, n), np.int64)
    far = arc[0, :n, 1].astype(np.int64)
    open_s = np.array([0, *(sum(b - a for a, b in _merged(job.windows)) or k.NEVER for job in jobs)], np.int64)
    key[1, 1:] = [-job.deliver - job.collect for job in jobs]
    key[2], key[3], key[4], key[5] = -far, open_s, -pay, far
    waits = np.array([0, *(job.after is not None for job in jobs)])
    hardest = np.lexsort((-far, open_s, (price >= 0).sum(axis=1), -pay, waits))
    key[k.ORDERS, hardest] = np.arange(n)
    return key
