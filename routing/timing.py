"""From an order of visits to times: how a trip really goes, second by second.

A visit arrives, spends its setup, waits for a window to open, starts, and leaves when the service is done.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from routing.plan import Route, Trip, Visit
from routing.problem import Job, Problem, Shift, TimeWindow

NOTHING_ARRIVED: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RiddenVisit:
    """A visit with the times at which it can really happen, and the bag's load when it leaves the door.

    ``hasty_s`` is by how much the stated times are shorter than travel, setup and service allow.
    """

    job: Job
    arrive_s: int
    start_s: int
    leave_s: int
    load: int
    hasty_s: int


@dataclass(frozen=True, slots=True)
class RiddenTrip:
    """A trip as it really goes. ``first`` marks the shift's first trip (the one under way, if any).

    ``work_s`` is travel, setup and service. What the trip collects is at the office at ``office_s``; never,
    when it ends elsewhere.
    """

    span: int
    first: bool
    start_location: int
    end_location: int
    office_s: int | None
    leave_s: int
    start_load: int
    visits: tuple[RiddenVisit, ...]
    back_s: int
    hasty_s: int
    travel_s: int
    travel_cost: int
    distance_m: int
    work_s: int


@dataclass(frozen=True, slots=True)
class RiddenRoute:
    """All trips of a shift as they really go. Jobs that the problem does not know are left out."""

    shift: Shift
    trips: tuple[RiddenTrip, ...]


def earliest_start(windows: Sequence[TimeWindow], time_s: int) -> int:
    """The first second from ``time_s`` on at which service may start; ``time_s`` itself if too late."""
    if not windows:
        return time_s
    return min((max(time_s, w.start_s) for w in windows if time_s <= w.end_s), default=time_s)


def needs_setup(job: Job, before: Job | None) -> bool:
    """Whether the job's setup is spent: not again at the door where the visit before was."""
    return before is None or before.location != job.location


def is_first_trip(shift: Shift, index: int, span: int) -> bool:
    """Whether this trip of a route is the shift's first: under way, or beginning the day."""
    return index == 0 and span == shift.first_span


def is_last_trip(shift: Shift, index: int, count: int, span: int) -> bool:
    """Whether this trip of a route of ``count`` trips ends where the shift ends."""
    return index == count - 1 and span == len(shift.spans) - 1


def end_of(problem: Problem, shift: Shift, last: bool) -> int:
    """Location at which a trip ends."""
    return shift.end_location if last and shift.end_location is not None else problem.office


def late_s(job: Job, start_s: int) -> int:
    """Seconds that a service starts after the last window, where that has only a price."""
    if job.late_per_min is None or not job.windows:
        return 0
    return max(0, start_s - max(window.end_s for window in job.windows))


def late_price(job: Job, start_s: int) -> int:
    """What starting the service then costs."""
    return late_s(job, start_s) * (job.late_per_min or 0) // 60


def released_s(jobs: Iterable[Job], arrived_s: Mapping[str, int]) -> int:
    """The first second at which a trip with these jobs may leave the office.

    ``arrived_s`` says when what linked jobs collect is at the office.
    """
    return max((max(job.release_s, _linked_s(job, arrived_s)) for job in jobs), default=0)


def _linked_s(job: Job, arrived_s: Mapping[str, int]) -> int:
    return arrived_s[job.after] + job.after_delay_s if job.after is not None and job.after in arrived_s else 0


def earliest_leave(problem: Problem, shift: Shift, span: int, trips_before: Sequence[Trip]) -> int:
    """The first second at which a trip in ``span`` can start after the trips before it."""
    opens_s = shift.spans[span].start_s
    if trips_before:
        return max(opens_s, trips_before[-1].back_s + problem.handling_s)
    if shift.start_s is None:
        return opens_s
    if span == shift.first_span or shift.start_location == problem.office:
        return max(opens_s, shift.start_s)
    # Nothing is left to do on the trip under way: the volunteer rides home first.
    home_s = shift.start_s + problem.travel_s(shift.start_location, problem.office)
    return max(opens_s, home_s + problem.handling_s)


def latest_back(problem: Problem, shift: Shift, span: int, first: bool, last: bool = False) -> int:
    """The last second at which a trip in ``span`` may end.

    That is the end of the span; but a volunteer who is out too far to be back by then is only asked to come
    home.
    """
    ends_s = shift.spans[span].end_s
    if not first or shift.start_s is None:
        return ends_s
    leave_s = max(shift.start_s, shift.spans[span].start_s)
    return max(ends_s, leave_s + problem.travel_s(shift.start_location, end_of(problem, shift, last)))


def latest_starts(problem: Problem, shift: Shift, span: int, jobs: Sequence[Job]) -> list[int]:
    """For each visit of a trip a second after which it cannot start, and at last one for being back.

    Setups are left out of account, and the trip is taken for the one that may be back latest.
    """
    latest_s = [max(latest_back(problem, shift, span, *ends) for ends in ((True, True), (True, False), (False, False)))]
    after: Job | None = None
    for job in reversed(jobs):
        ride_s = problem.travel_s(job.location, after.location) if after else 0
        closes_s = max((window.end_s for window in job.windows), default=latest_s[0])
        if job.late_per_min is not None:
            closes_s = latest_s[0]
        latest_s.insert(0, min(closes_s, latest_s[0] - ride_s - job.service_s))
        after = job
    return latest_s


def is_late_bag(shift: Shift, first: bool, back_s: int, at_office: bool = True) -> bool:
    """Whether a trip that ends then misses the cut-off of what was in the bag before."""
    if not first or shift.bag_due_s is None:
        return False
    return not at_office or back_s > shift.bag_due_s


def ride_trip(problem: Problem, shift: Shift, trip: Trip, first: bool, last: bool = False) -> RiddenTrip:
    """How a stated trip really goes. Stated times are kept where they are possible, and put off where not."""
    jobs = [problem.job_by_id[visit.job_id] for visit in trip.visits if visit.job_id in problem.job_by_id]
    stated = [visit for visit in trip.visits if visit.job_id in problem.job_by_id]
    start = problem.start_of(shift) if first else problem.office
    end = end_of(problem, shift, last)
    load = start_load = sum(job.deliver for job in jobs if not job.aboard) + (
        problem.load_at_start(shift) if first else 0
    )
    now_s = stated_s = trip.leave_office_s
    here = start
    before: Job | None = None
    visits = []
    for job, visit in zip(jobs, stated, strict=True):
        leg_s = problem.travel_s(here, job.location)
        setup_s = job.setup_s if needs_setup(job, before) else 0
        arrive_s = max(visit.arrive_s, now_s + leg_s)
        start_s = max(visit.start_s, arrive_s + setup_s)
        hasty_s = (
            max(0, stated_s + leg_s - visit.arrive_s)
            + max(0, visit.arrive_s + setup_s - visit.start_s)
            + max(0, visit.start_s + job.service_s - visit.leave_s)
        )
        now_s, stated_s = max(visit.leave_s, start_s + job.service_s), visit.leave_s
        load += job.collect - job.deliver
        visits.append(RiddenVisit(job, arrive_s, start_s, now_s, load, hasty_s))
        here, before = job.location, job
    leg_s = problem.travel_s(here, end)
    back_s = max(trip.back_s, now_s + leg_s)
    legs = list(pairwise([start, *(job.location for job in jobs), end]))
    travel_s = sum(problem.travel_s(*leg) for leg in legs)
    return RiddenTrip(
        span=trip.span,
        first=first,
        start_location=start,
        end_location=end,
        office_s=back_s if end == problem.office else None,
        leave_s=trip.leave_office_s,
        start_load=start_load,
        visits=tuple(visits),
        back_s=back_s,
        hasty_s=max(0, stated_s + leg_s - trip.back_s),
        travel_s=travel_s,
        travel_cost=sum(problem.cost_of(*leg) for leg in legs),
        distance_m=sum(int(problem.distance_m[leg]) for leg in legs),
        work_s=worked_s(problem, shift, jobs, first, last),
    )


def worked_s(problem: Problem, shift: Shift, jobs: Sequence[Job], first: bool, last: bool) -> int:
    """Travel, setup and service of a trip."""
    here, work_s = problem.start_of(shift) if first else problem.office, 0
    for before, job in zip((None, *jobs[:-1]), jobs, strict=True) if jobs else ():
        work_s += problem.travel_s(here, job.location) + job.service_s
        work_s += job.setup_s if needs_setup(job, before) else 0
        here = job.location
    return work_s + problem.travel_s(here, end_of(problem, shift, last))


def most_work_s(problem: Problem, shift: Shift) -> int | None:
    """How long a shift can work. Who is out already is at least asked to come home."""
    if shift.max_work_s is None or shift.start_s is None:
        return shift.max_work_s
    homes = (problem.office, end_of(problem, shift, last=True))
    return max(shift.max_work_s, *(problem.travel_s(shift.start_location, home) for home in homes))


def ride(problem: Problem, route: Route) -> RiddenRoute:
    """How a stated route really goes. Raises ``KeyError`` when its shift is not in the problem."""
    shift = problem.shift_by_id[route.shift_id]
    count = len(route.trips)
    trips = (
        ride_trip(
            problem, shift, trip, is_first_trip(shift, index, trip.span), is_last_trip(shift, index, count, trip.span)
        )
        for index, trip in enumerate(route.trips)
    )
    return RiddenRoute(shift, tuple(trips))


def time_visits(problem: Problem, here: int, now_s: int, before: Job | None, jobs: Iterable[Job]) -> Iterator[Visit]:
    """The earliest times of visits in the given order, for somebody who leaves ``here`` at ``now_s``.

    ``before`` is the job visited there on the same trip. Windows that cannot be met are overrun.
    """
    for job in jobs:
        arrive_s = now_s + problem.travel_s(here, job.location)
        ready_s = arrive_s + (job.setup_s if needs_setup(job, before) else 0)
        start_s = earliest_start(job.windows, ready_s)
        now_s = start_s + job.service_s
        yield Visit(job.id, arrive_s, start_s, now_s)
        here, before = job.location, job


def time_trip(
    problem: Problem, shift: Shift, span: int, jobs: Sequence[Job], leave_s: int, first: bool, last: bool = False
) -> Trip:
    """The earliest times of a trip that may start at ``leave_s``, kept whatever windows it overruns.

    It starts later where it would only wait at the first door.
    """
    start, end = problem.start_of(shift) if first else problem.office, end_of(problem, shift, last)
    visits = list(time_visits(problem, start, leave_s, None, jobs))
    if not visits:
        return Trip(span, leave_s, (), leave_s + problem.travel_s(start, end))
    needless_s = visits[0].start_s - jobs[0].setup_s - visits[0].arrive_s
    visits[0] = replace(visits[0], arrive_s=visits[0].arrive_s + needless_s)
    back_s = visits[-1].leave_s + problem.travel_s(jobs[-1].location, end)
    return Trip(span, leave_s + needless_s, tuple(visits), back_s)


def schedule(
    problem: Problem,
    shift_id: str,
    orders: Sequence[tuple[int, Sequence[str]]],
    arrived_s: Mapping[str, int] = NOTHING_ARRIVED,
) -> Route:
    """The earliest times for a given order: ``orders`` holds ``(span, job ids)`` for each trip.

    ``arrived_s`` says for jobs that others come after when what they collect is at the office. The order is
    kept whatever it breaks; ``evaluate`` tells. Raises ``KeyError`` for an unknown shift or job.
    """
    shift = problem.shift_by_id[shift_id]
    trips: list[Trip] = []
    for index, (span, job_ids) in enumerate(orders):
        jobs = [problem.job_by_id[job_id] for job_id in job_ids]
        leave_s = max(earliest_leave(problem, shift, span, trips), released_s(jobs, arrived_s))
        last = is_last_trip(shift, index, len(orders), span)
        trips.append(time_trip(problem, shift, span, jobs, leave_s, is_first_trip(shift, index, span), last))
    return Route(shift_id, tuple(trips))


def schedule_all(problem: Problem, orders: Mapping[str, Sequence[tuple[int, Sequence[str]]]]) -> tuple[Route, ...]:
    """The earliest times for the orders of several shifts, linked jobs after what they wait for."""
    routes = tuple(schedule(problem, shift_id, trips) for shift_id, trips in orders.items())
    for _ in range(sum(job.after is not None for job in problem.jobs)):
        arrived_s = arrivals(problem, routes)
        timed = tuple(schedule(problem, shift_id, trips, arrived_s) for shift_id, trips in orders.items())
        if timed == routes:
            break
        routes = timed
    return routes


def arrivals(problem: Problem, routes: Iterable[Route]) -> dict[str, int]:
    """When what each job collects is at the office, as the routes state it; nothing where it never is."""
    arrived_s: dict[str, int] = {}
    for route in routes:
        shift, count = problem.shift_by_id[route.shift_id], len(route.trips)
        for index, trip in enumerate(route.trips):
            last = is_last_trip(shift, index, count, trip.span)
            if end_of(problem, shift, last) == problem.office:
                arrived_s.update({visit.job_id: trip.back_s for visit in trip.visits})
    return arrived_s


def orders_of(route: Route) -> list[tuple[int, list[str]]]:
    """The order of a route's visits, as ``schedule`` takes it."""
    return [(trip.span, [visit.job_id for visit in trip.visits]) for trip in route.trips]
