"""What may not happen: one named constraint, one function, one reason that a person can read.

Those of ``ROUTE_CONSTRAINTS`` look at one ridden route, those of ``PLAN_CONSTRAINTS`` at the whole plan.
The name of a function is the ``constraint`` of the violations that it yields; their ``amount`` is in
seconds, bag units, or a count. Words for people are made elsewhere, from the name and the values.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from routing.plan import Plan, Violation
from routing.problem import Problem
from routing.timing import RiddenRoute, RiddenTrip, arrivals, is_last_trip, late_s, latest_back, most_work_s, orders_of


def window(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """Service starts inside one of the job's windows (amount: seconds outside the nearest one).

    Where lateness has a price, it may also start after the last one.
    """
    for trip in route.trips:
        for visit in trip.visits:
            windows = visit.job.windows
            if not windows or any(visit.start_s in w for w in windows) or late_s(visit.job, visit.start_s):
                continue
            outside_s = min(max(w.start_s - visit.start_s, visit.start_s - w.end_s) for w in windows)
            values = {
                "start_s": visit.start_s,
                "windows": [{"start_s": w.start_s, "end_s": w.end_s} for w in windows],
            }
            yield Violation("window", route.shift.id, visit.job.id, outside_s, values)


def outside_span(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A trip belongs to a span of its shift and starts neither before it nor before the shift is free."""
    for trip in route.trips:
        if not 0 <= trip.span < len(route.shift.spans):
            yield Violation("outside_span", route.shift.id, None, 1, {"span": trip.span})
            continue
        earliest_s = max(route.shift.spans[trip.span].start_s, route.shift.start_s or 0)
        if trip.leave_s < earliest_s:
            values = {"span": trip.span, "leave_s": trip.leave_s, "earliest_s": earliest_s}
            yield Violation("outside_span", route.shift.id, None, earliest_s - trip.leave_s, values)


def span_end(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A trip of the last half-day is back at the office when the shift ends."""
    return _late_trips(problem, route, "span_end", last=True)


def lunch(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A trip of a half-day with another one after it is back at the office when lunch begins."""
    return _late_trips(problem, route, "lunch", last=False)


def _late_trips(problem: Problem, route: RiddenRoute, name: str, last: bool) -> Iterator[Violation]:
    shift = route.shift
    for index, trip in enumerate(route.trips):
        if not 0 <= trip.span < len(shift.spans) or (trip.span == len(shift.spans) - 1) != last:
            continue
        ends_shift = is_last_trip(shift, index, len(route.trips), trip.span)
        end_s = latest_back(problem, shift, trip.span, trip.first, ends_shift)
        if trip.back_s > end_s:
            values = {"span": trip.span, "back_s": trip.back_s, "end_s": end_s}
            yield Violation(name, shift.id, None, trip.back_s - end_s, values)


def trips_overlap(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A trip starts when the one before it has ended and the handling at the office is done."""
    shift = route.shift
    for before, trip in pairwise(route.trips):
        free_s = before.back_s + problem.handling_s
        if trip.leave_s < free_s:
            values = {"leave_s": trip.leave_s, "free_s": free_s}
            yield Violation("trips_overlap", shift.id, None, free_s - trip.leave_s, values)
    home_s = _home_first_s(problem, route)
    if home_s is not None and route.trips[0].leave_s < home_s:
        values = {"leave_s": route.trips[0].leave_s, "free_s": home_s}
        yield Violation("trips_overlap", shift.id, None, home_s - route.trips[0].leave_s, values)


def _home_first_s(problem: Problem, route: RiddenRoute) -> int | None:
    """When a volunteer who is out, but has nothing left to do there, is ready for the next trip."""
    shift = route.shift
    if not route.trips or route.trips[0].first or shift.start_s is None:
        return None
    if shift.start_location == problem.office:
        return None
    return shift.start_s + problem.travel_s(shift.start_location, problem.office) + problem.handling_s


def max_trips(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A half-day has at most as many trips as the shift allows."""
    for span, count in Counter(trip.span for trip in route.trips).items():
        if count > route.shift.max_trips:
            values = {"span": span, "trips": count, "max_trips": route.shift.max_trips}
            yield Violation("max_trips", route.shift.id, None, count - route.shift.max_trips, values)


def impossible_times(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """Nobody is faster than travel, setup and service allow."""
    for trip in route.trips:
        for visit in trip.visits:
            if visit.hasty_s > 0:
                values = {"arrive_s": visit.arrive_s, "start_s": visit.start_s}
                yield Violation("impossible_times", route.shift.id, visit.job.id, visit.hasty_s, values)
        if trip.hasty_s > 0:
            values = {"back_s": trip.back_s}
            yield Violation("impossible_times", route.shift.id, None, trip.hasty_s, values)


def capacity(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """The bag never holds more than fits; what was aboard before the plan began is taken as it is."""
    for trip in route.trips:
        fits = route.shift.capacity
        if trip.first:
            fits = max(fits, problem.load_at_start(route.shift))
        load = max([trip.start_load, *(visit.load for visit in trip.visits)])
        if load > fits:
            values = {"span": trip.span, "load": load, "capacity": fits}
            yield Violation("capacity", route.shift.id, None, load - fits, values)


def not_loaded(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """What lies at the office cannot be handed out on a trip that did not start there."""
    for trip in route.trips:
        if not (trip.first and problem.is_away(route.shift)):
            continue
        for visit in trip.visits:
            if visit.job.deliver and not visit.job.aboard:
                values = {"deliver": visit.job.deliver}
                yield Violation("not_loaded", route.shift.id, visit.job.id, visit.job.deliver, values)


def aboard(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """What is already in a bag is handed out on that bag's first trip."""
    for trip in route.trips:
        for visit in trip.visits:
            if visit.job.aboard and not (trip.first and visit.job.only_shift == route.shift.id):
                yield Violation("aboard", route.shift.id, visit.job.id, 1, {"shift": visit.job.only_shift})


def only_shift(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A job that must ride with one shift rides with it."""
    for trip in route.trips:
        for visit in trip.visits:
            if visit.job.only_shift not in (None, route.shift.id):
                yield Violation("only_shift", route.shift.id, visit.job.id, 1, {"shift": visit.job.only_shift})


def skill(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """The volunteer can do what the job asks for."""
    for trip in route.trips:
        for visit in trip.visits:
            missing = sorted(visit.job.skills - route.shift.skills)
            if missing:
                yield Violation("skill", route.shift.id, visit.job.id, len(missing), {"skills": missing})


def cutoff(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A dossier promised for the same day is at the office by its cut-off."""
    for trip in route.trips:
        for visit in trip.visits:
            cutoff_s = visit.job.cutoff_s
            if visit.job.cutoff_hard and cutoff_s is not None and misses(trip, cutoff_s):
                values = {"cutoff_s": cutoff_s, "back_s": trip.back_s}
                yield Violation("cutoff", route.shift.id, visit.job.id, max(1, trip.back_s - cutoff_s), values)


def misses(trip: RiddenTrip, cutoff_s: int) -> bool:
    """Whether what the trip collects is not at the office by then."""
    return trip.office_s is None or trip.office_s > cutoff_s


def release(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """A trip does not leave before everything that it carries may."""
    for trip in route.trips:
        for visit in trip.visits:
            if trip.leave_s < visit.job.release_s:
                values = {"release_s": visit.job.release_s, "leave_s": trip.leave_s}
                yield Violation("release", route.shift.id, visit.job.id, visit.job.release_s - trip.leave_s, values)


def excluded_shift(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """Nobody is sent to a door where they shall not go."""
    for trip in route.trips:
        for visit in trip.visits:
            if route.shift.id in visit.job.excluded_shifts:
                yield Violation("excluded_shift", route.shift.id, visit.job.id, 1)


def max_stops(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """Nobody has more doors than they can do."""
    most, count = route.shift.max_stops, sum(len(trip.visits) for trip in route.trips)
    if most is not None and count > most:
        yield Violation("max_stops", route.shift.id, None, count - most, {"stops": count, "max_stops": most})


def max_work(problem: Problem, route: RiddenRoute) -> Iterator[Violation]:
    """Nobody works longer than they can: travel, setup and service together."""
    most, work_s = most_work_s(problem, route.shift), sum(trip.work_s for trip in route.trips)
    if most is not None and work_s > most:
        yield Violation("max_work", route.shift.id, None, work_s - most, {"work_s": work_s, "max_work_s": most})


def next_stop(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A first trip begins with the stops that it is locked to, in their order."""
    routes = {route.shift_id: route for route in plan.routes}
    for shift in problem.shifts:
        if not shift.next_stops:
            continue
        route = routes.get(shift.id)
        trip = route.trips[0] if route and route.trips and route.trips[0].span == shift.first_span else None
        visits = [visit.job_id for visit in trip.visits] if trip else []
        for index, job_id in enumerate(shift.next_stops):
            if visits[index : index + 1] != [job_id]:
                yield Violation("next_stop", shift.id, job_id, 1, {"position": index})


def frozen_route(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A frozen route stays as it is."""
    routes = {route.shift_id: route for route in plan.routes}
    for shift in problem.shifts:
        if shift.frozen is None:
            continue
        route = routes.get(shift.id)
        ridden = tuple((span, tuple(ids)) for span, ids in orders_of(route)) if route else ()
        if ridden != shift.frozen:
            yield Violation("frozen_route", shift.id, None, 1)


def after(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """What waits for another job leaves the office when that one's papers are there and processed."""
    linked = [job for job in problem.jobs if job.after is not None]
    if not linked:
        return
    known = [route for route in plan.routes if route.shift_id in problem.shift_by_id]
    arrived_s = arrivals(problem, known)
    left_s = {v.job_id: (t.leave_office_s, r.shift_id) for r in known for t in r.trips for v in t.visits}
    for job in linked:
        if job.id not in left_s or job.after is None:
            continue
        leave_s, shift_id = left_s[job.id]
        if job.after not in arrived_s:
            yield Violation("after", shift_id, job.id, 1, {"after": job.after})
        elif leave_s < arrived_s[job.after] + job.after_delay_s:
            free_s = arrived_s[job.after] + job.after_delay_s
            yield Violation("after", shift_id, job.id, free_s - leave_s, {"after": job.after, "free_s": free_s})


def lost_job(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every job is visited or stands among the unserved."""
    mentioned = set(_mentions(plan))
    for job in problem.jobs:
        if job.id not in mentioned:
            yield Violation("lost_job", None, job.id, 1)


def doubled_job(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No job stands in the plan twice."""
    for job_id, count in Counter(_mentions(plan)).items():
        if count > 1:
            yield Violation("doubled_job", None, job_id, count - 1)


def unknown_job(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """The plan speaks of no job that the problem does not have."""
    for job_id in dict.fromkeys(_mentions(plan)):
        if job_id not in problem.job_by_id:
            yield Violation("unknown_job", None, job_id, 1)


def unknown_shift(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """The plan sends out nobody who is not on duty."""
    for route in plan.routes:
        if route.shift_id not in problem.shift_by_id:
            yield Violation("unknown_shift", route.shift_id, None, 1)


def doubled_shift(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A shift has one route."""
    for shift_id, count in Counter(route.shift_id for route in plan.routes).items():
        if count > 1:
            yield Violation("doubled_shift", shift_id, None, count - 1)


def _mentions(plan: Plan) -> Iterator[str]:
    for route in plan.routes:
        yield from (visit.job_id for visit in route.visits())
    yield from (left_out.job_id for left_out in plan.unserved)


ROUTE_CONSTRAINTS = (
    window,
    outside_span,
    span_end,
    lunch,
    trips_overlap,
    max_trips,
    impossible_times,
    capacity,
    not_loaded,
    aboard,
    only_shift,
    skill,
    cutoff,
    release,
    excluded_shift,
    max_stops,
    max_work,
)
PLAN_CONSTRAINTS = (next_stop, frozen_route, after, lost_job, doubled_job, unknown_job, unknown_shift, doubled_shift)
