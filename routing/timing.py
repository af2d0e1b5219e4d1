"""From an order of visits to times: how a trip really goes, second by second.

A visit arrives, spends its setup, waits for a window to open, starts, and leaves when the service is done.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from routing.plan import Route, Trip, Visit
from routing.problem import Job, Problem, Shift, TimeWindow


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
    """A trip as it really goes. ``first`` marks the shift's first trip (the one under way, if any)."""

    span: int
    first: bool
    start_location: int
    leave_s: int
    start_load: int
    visits: tuple[RiddenVisit, ...]
    back_s: int
    hasty_s: int
    travel_s: int
    distance_m: int


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


def latest_back(problem: Problem, shift: Shift, span: int, first: bool) -> int:
    """The last second at which a trip in ``span`` may end.

    That is the end of the span; but a volunteer who is out too far to be back by then is only asked to come
    home.
    """
    ends_s = shift.spans[span].end_s
    if not first or shift.start_s is None:
        return ends_s
    leave_s = max(shift.start_s, shift.spans[span].start_s)
    return max(ends_s, leave_s + problem.travel_s(shift.start_location, problem.office))


def is_late_bag(shift: Shift, first: bool, back_s: int) -> bool:
    """Whether a trip that ends then misses the cut-off of what was in the bag before."""
    return first and shift.carried_cutoff_s is not None and back_s > shift.carried_cutoff_s


def ride_trip(problem: Problem, shift: Shift, trip: Trip, first: bool) -> RiddenTrip:
    """How a stated trip really goes. Stated times are kept where they are possible, and put off where not."""
    jobs = [problem.job_by_id[visit.job_id] for visit in trip.visits if visit.job_id in problem.job_by_id]
    stated = [visit for visit in trip.visits if visit.job_id in problem.job_by_id]
    here = start = problem.start_of(shift) if first else problem.office
    load = start_load = sum(job.deliver for job in jobs if not job.aboard) + (
        problem.load_at_start(shift) if first else 0
    )
    now_s = stated_s = trip.leave_office_s
    travel_s = distance_m = 0
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
        travel_s += leg_s
        distance_m += int(problem.distance_m[here, job.location])
        here, before = job.location, job
    leg_s = problem.travel_s(here, problem.office)
    return RiddenTrip(
        span=trip.span,
        first=first,
        start_location=start,
        leave_s=trip.leave_office_s,
        start_load=start_load,
        visits=tuple(visits),
        back_s=max(trip.back_s, now_s + leg_s),
        hasty_s=max(0, stated_s + leg_s - trip.back_s),
        travel_s=travel_s + leg_s,
        distance_m=distance_m + int(problem.distance_m[here, problem.office]),
    )


def ride(problem: Problem, route: Route) -> RiddenRoute:
    """How a stated route really goes. Raises ``KeyError`` when its shift is not in the problem."""
    shift = problem.shift_by_id[route.shift_id]
    trips = (
        ride_trip(problem, shift, trip, is_first_trip(shift, index, trip.span))
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


def time_trip(problem: Problem, shift: Shift, span: int, jobs: Sequence[Job], leave_s: int, first: bool) -> Trip:
    """The earliest times of a trip that may start at ``leave_s``, kept whatever windows it overruns.

    It starts later where it would only wait at the first door.
    """
    start = problem.start_of(shift) if first else problem.office
    visits = list(time_visits(problem, start, leave_s, None, jobs))
    if not visits:
        return Trip(span, leave_s, (), leave_s + problem.travel_s(start, problem.office))
    needless_s = visits[0].start_s - jobs[0].setup_s - visits[0].arrive_s
    visits[0] = replace(visits[0], arrive_s=visits[0].arrive_s + needless_s)
    back_s = visits[-1].leave_s + problem.travel_s(jobs[-1].location, problem.office)
    return Trip(span, leave_s + needless_s, tuple(visits), back_s)


def schedule(problem: Problem, shift_id: str, orders: Sequence[tuple[int, Sequence[str]]]) -> Route:
    """The earliest times for a given order: ``orders`` holds ``(span, job ids)`` for each trip.

    The order is kept whatever it breaks; ``evaluate`` tells. Raises ``KeyError`` for an unknown shift or
    job.
    """
    shift = problem.shift_by_id[shift_id]
    trips: list[Trip] = []
    for index, (span, job_ids) in enumerate(orders):
        jobs = [problem.job_by_id[job_id] for job_id in job_ids]
        leave_s = earliest_leave(problem, shift, span, trips)
        trips.append(time_trip(problem, shift, span, jobs, leave_s, is_first_trip(shift, index, span)))
    return Route(shift_id, tuple(trips))


def orders_of(route: Route) -> list[tuple[int, list[str]]]:
    """The order of a route's visits, as ``schedule`` takes it."""
    return [(trip.span, [visit.job_id for visit in trip.visits]) for trip in route.trips]
