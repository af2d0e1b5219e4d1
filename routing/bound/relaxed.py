"""The day as the lower bound sees it: everything that is left out here only makes plans cheaper.

Kept are travel, setup and service, windows (hard and priced), skills and who may serve what, what names a shift in a
job, spans and lunch, where shifts begin and end, the first trip of a shift under way, the handling between trips, the
price of riding at all, of visits beyond the fair share and, where bags are short, the bag. Weakened, each to something
that every feasible plan fulfils: a release holds back the job, not its whole trip; a cut-off is missed only where the
straight ride home from the door would be too late; the number of trips in a span is one or any. Left out: links
between jobs, the most stops and the most work of a shift, locks, and cut-offs of what is carried already.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import shortest_path

from routing.bound import labels as k
from routing.fairness import fair_shares
from routing.problem import UNREACHABLE_S, Job, Problem, Shift
from routing.timing import end_of, latest_back

Ints = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Routes that ``count`` groups may ride, each at most one: shifts that are alike, or one span of each of them.

    ``start`` holds (node, span, second, cost so far) of every way to begin, ``span`` (from, until) of each span,
    ``price`` what each job costs besides travel (below 0: may not ride); ``home_s`` and ``home_cost`` are the ride
    home from each job within the day, and where it ends the day. ``rule`` is explained in ``labels``.
    """

    count: int
    start: Ints
    span: Ints
    price: Ints
    home_s: Ints
    home_cost: Ints
    rule: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """The whole day. ``base`` is paid whoever rides what; ``arc_s`` lies between two starts of service.

    Nodes: 0 is the office, 1..n the jobs, then other places where shifts start. ``kind_of`` gives the kind of a shift
    in a span.
    """

    jobs: tuple[Job, ...]
    base: int
    arc_s: Ints
    arc_cost: Ints
    stop: Ints
    window: Ints
    kinds: tuple[Kind, ...]
    kind_of: dict[tuple[str, int], int]


def relax(problem: Problem) -> Relaxed:
    """The relaxed day of a problem."""
    jobs = problem.jobs
    starts = sorted({problem.start_of(shift) for shift in problem.shifts} - {problem.office})
    node = {problem.office: 0, **{place: n for n, place in enumerate(starts, start=len(jobs) + 1)}}
    places = np.array([problem.office, *(job.location for job in jobs), *starts])
    travel_s = np.minimum(problem.duration_s[np.ix_(places, places)].astype(np.int64), UNREACHABLE_S)
    quickest_s = _quickest(problem)
    stop, window = _stops(problem, quickest_s, starts)
    apart = _spans_are_apart(problem)
    found: dict[Hashable, int] = {}
    kinds: list[Kind] = []
    kind_of: dict[tuple[str, int], int] = {}
    for shift in problem.shifts:
        for spans in _groups(shift, apart):
            kind = _kind(problem, shift, spans, node, quickest_s)
            arrays = (kind.start, kind.span, kind.price, kind.home_s, kind.home_cost, kind.rule)
            number = found.setdefault(tuple(array.tobytes() for array in arrays), len(kinds))
            if number == len(kinds):
                kinds.append(kind)
            else:
                kinds[number] = replace(kinds[number], count=kinds[number].count + 1)
            kind_of.update({(shift.id, span): number for span in spans})
    cost = problem.duration_s if problem.travel_cost is None else problem.travel_cost
    arc_cost = cost[np.ix_(places, places)].astype(np.int64) * problem.prices.travel_per_s
    base = sum(_stay_cost(problem, shift) for shift in problem.shifts)
    return Relaxed(jobs, base, _arcs(jobs, places, travel_s), arc_cost, stop, window, tuple(kinds), kind_of)


def _quickest(problem: Problem) -> Ints:
    """Seconds from place to place by way of any others: never more than what a visit in between allows."""
    table = np.minimum(problem.duration_s.astype(np.float64), float(UNREACHABLE_S))
    return np.floor(shortest_path(table + 1e-6 * (table == 0), method="FW")).astype(np.int64)


def _arcs(jobs: tuple[Job, ...], places: Ints, travel_s: Ints) -> Ints:
    n = len(jobs)
    service_s, setup_s = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
    service_s[1 : n + 1], setup_s[1 : n + 1] = [job.service_s for job in jobs], [job.setup_s for job in jobs]
    is_job = (np.arange(len(places)) > 0) & (np.arange(len(places)) <= n)
    same_door = (places[:, None] == places[None, :]) & is_job[:, None] & is_job[None, :]
    return service_s[:, None] + travel_s + np.where(same_door, 0, setup_s[None, :])


def _stops(problem: Problem, quickest_s: Ints, starts: list[int]) -> tuple[Ints, Ints]:
    stop = np.zeros((len(problem.jobs) + 1, 10), np.int64)
    window: list[tuple[int, int]] = []
    for x, job in enumerate(problem.jobs, start=1):
        row, spans = stop[x], [(w.start_s, w.end_s) for w in sorted(job.windows)] or [(0, k.NEVER)]
        row[k.SOFT] = k.NEVER
        if job.late_per_min is not None and job.windows:
            row[k.RATE], row[k.SOFT] = job.late_per_min, max(end for _, end in spans)
            spans.append((row[k.SOFT], k.NEVER))
        row[k.WIN], row[k.WIN_END] = len(window), len(window) + len(spans)
        window += spans
        there_s = min(int(quickest_s[place, job.location]) for place in (problem.office, *starts))
        row[k.RELEASE] = job.release_s + there_s if job.release_s else 0
        home_s = job.service_s + int(quickest_s[job.location, problem.office])
        row[k.HOME] = home_s
        cut_s = k.NEVER if job.cutoff_s is None else job.cutoff_s - home_s
        row[k.CUT], row[k.MUST] = (k.NEVER, cut_s) if job.cutoff_hard else (cut_s, k.NEVER)
        row[k.DELIVER], row[k.COLLECT] = 0 if job.aboard else job.deliver, job.collect
    return stop, np.array(window or [(0, 0)], np.int64)


def _spans_are_apart(problem: Problem) -> bool:
    """Whether nothing but the clock ties the spans of a shift together."""
    plain = all(
        shift.start_s is None
        and shift.begin_location is None
        and shift.end_location is None
        and shift.fixed_price == 0
        and all(a.end_s + problem.handling_s <= b.start_s for a, b in zip(shift.spans, shift.spans[1:], strict=False))
        for shift in problem.shifts
    )
    return plain and problem.prices.crowded_stop == 0


def _groups(shift: Shift, apart: bool) -> list[list[int]]:
    """The spans of a shift that one route goes through."""
    ahead = list(range(shift.first_span, len(shift.spans)))
    return [[span] for span in ahead] if apart else [ahead]


def _kind(problem: Problem, shift: Shift, spans: list[int], node: dict[int, int], quickest_s: Ints) -> Kind:
    prices, last = problem.prices, len(shift.spans) - 1
    places = [problem.office, *(job.location for job in problem.jobs)]
    service_s = np.array([0, *(job.service_s for job in problem.jobs)])
    ends = (problem.office, end_of(problem, shift, last=True))
    cost = problem.duration_s if problem.travel_cost is None else problem.travel_cost
    home_s = np.array([problem.duration_s[places, end].astype(np.int64) + service_s for end in ends])
    home_s = np.vstack([home_s, quickest_s[np.ix_(places, ends)].min(axis=1) + service_s])
    home_cost = np.array([cost[places, end].astype(np.int64) * prices.travel_per_s for end in ends])
    begins = [max(shift.spans[s].start_s, shift.start_s or 0) for s in spans]
    until = [
        max(latest_back(problem, shift, s, first, end) for first in (True, False) for end in (True, False))
        for s in spans
    ]
    price = np.array([-1, *(_price(problem, job, shift) for job in problem.jobs)], np.int64)
    capacity = max(shift.capacity, problem.load_at_start(shift)) if _bags_are_short(problem) else -1
    share = fair_shares(problem)[shift.id]
    rule = (share, prices.crowded_stop, capacity, problem.handling_s, int(shift.max_trips > 1), prices.cutoff_missed)
    return Kind(
        1,
        np.array(_starts(problem, shift, spans, node, begins), np.int64),
        np.array([(a, b, s == last) for a, b, s in zip(begins, until, spans, strict=True)], np.int64),
        price,
        home_s,
        home_cost,
        np.array(rule, np.int64),
    )


def _starts(
    problem: Problem, shift: Shift, spans: list[int], node: dict[int, int], begins: list[int]
) -> list[tuple[int, int, int, int]]:
    """(node, span, second, cost) of every way to begin a route, the cost of staying where one is taken off."""
    prices, start = problem.prices, problem.start_of(shift)
    paid = shift.fixed_price - _stay_cost(problem, shift)
    ride_s, ride = problem.travel_s(start, problem.office), problem.cost_of(start, problem.office) * prices.travel_per_s
    found = []
    for number, (span, begin_s) in enumerate(zip(spans, begins, strict=True)):
        if span == shift.first_span:
            found.append((node[start], number, begin_s, paid))
            if start != problem.office:
                found.append((0, number, begin_s + ride_s + problem.handling_s, paid + ride))
        elif problem.is_away(shift):
            home_s = (shift.start_s or 0) + ride_s + problem.handling_s
            found.append((0, number, max(begin_s, home_s), paid + ride))
        else:
            found.append((0, number, begin_s, paid))
    return found


def _stay_cost(problem: Problem, shift: Shift) -> int:
    """What a shift under way pays for riding home without a visit."""
    if not problem.is_away(shift):
        return 0
    last = shift.first_span == len(shift.spans) - 1
    home = end_of(problem, shift, last)
    return problem.cost_of(shift.start_location, home) * problem.prices.travel_per_s


def _price(problem: Problem, job: Job, shift: Shift) -> int:
    if job.only_shift not in (None, shift.id) or not job.skills <= shift.skills or shift.id in job.excluded_shifts:
        return -1
    prices = problem.prices
    moved = job.preferred_shift in problem.shift_by_id and job.preferred_shift != shift.id
    unwished = bool(job.wished_shifts) and shift.id not in job.wished_shifts
    return moved * prices.moved_job + unwished * prices.unwished


def _bags_are_short(problem: Problem) -> bool:
    """Whether the bags are worth looking at: where they are large, leaving them out changes little."""
    room = sum(shift.capacity * (len(shift.spans) - shift.first_span) for shift in problem.shifts)
    wanted = max(sum(job.deliver for job in problem.jobs), sum(job.collect for job in problem.jobs))
    return 2 * wanted > room
