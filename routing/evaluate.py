"""The single truth about a plan: what it costs and what it breaks."""

from collections import Counter
from collections.abc import Iterator

from routing.constraints import PLAN_CONSTRAINTS, ROUTE_CONSTRAINTS, misses
from routing.fairness import crowded_stops
from routing.plan import Evaluation, Plan, Violation
from routing.problem import Problem
from routing.timing import RiddenRoute, end_of, is_late_bag, late_price, late_s, ride


def evaluate(problem: Problem, plan: Plan) -> Evaluation:
    """Rides every route again from the order of its visits, and adds up what it costs and what it breaks.

    Stated times are compared with what is possible; stated times that are later than need be are kept. A
    shift under way that has no trip left in the plan still rides home, and pays for it.
    """
    routes = [ride(problem, route) for route in plan.routes if route.shift_id in problem.shift_by_id]
    served = {visit.job_id for route in plan.routes for visit in route.visits()}
    left_out = [job for job in problem.jobs if job.id not in served]
    unserved_weight = sum(job.priority for job in left_out)
    homeward = _homeward(problem, routes)
    trips = [trip for route in routes for trip in route.trips]
    travel_cost = sum(trip.travel_cost for trip in trips) + sum(problem.cost_of(*leg) for leg in homeward)
    missed, moved, unwished = _missed_cutoffs(routes), _moved_jobs(problem, routes), _unwished(routes)
    late_bags = _late_bags(routes)
    stops = Counter(route.shift.id for route in routes for trip in route.trips for _ in trip.visits)
    crowded = crowded_stops(problem, stops)
    prices = problem.prices
    return Evaluation(
        cost=travel_cost * prices.travel_per_s
        + sum(problem.shift_by_id[shift_id].fixed_price for shift_id in stops)
        + sum(late_price(visit.job, visit.start_s) for trip in trips for visit in trip.visits)
        + unserved_weight * prices.unserved
        + (len(missed) + len(late_bags)) * prices.cutoff_missed
        + len(moved) * prices.moved_job
        + len(unwished) * prices.unwished
        + crowded * prices.crowded_stop,
        travel_s=sum(trip.travel_s for trip in trips) + sum(problem.travel_s(*leg) for leg in homeward),
        travel_cost=travel_cost,
        distance_m=sum(trip.distance_m for trip in trips) + sum(int(problem.distance_m[leg]) for leg in homeward),
        unserved=len(left_out),
        unserved_weight=unserved_weight,
        unserved_price=unserved_weight * prices.unserved,
        violations=tuple(_violations(problem, plan, routes)),
        missed_cutoffs=missed,
        moved_jobs=moved,
        late_bags=late_bags,
        crowded_stops=crowded,
        late_s=sum(late_s(visit.job, visit.start_s) for trip in trips for visit in trip.visits),
        unwished=unwished,
    )


def _violations(problem: Problem, plan: Plan, routes: list[RiddenRoute]) -> Iterator[Violation]:
    for constraint in ROUTE_CONSTRAINTS:
        for route in routes:
            yield from constraint(problem, route)
    for plan_constraint in PLAN_CONSTRAINTS:
        yield from plan_constraint(problem, plan)


def _homeward(problem: Problem, routes: list[RiddenRoute]) -> list[tuple[int, int]]:
    """The rides home, from where to where, of those shifts under way whose first trip the plan does not mention."""
    trips = {route.shift.id: route.trips for route in routes if route.trips}
    legs = []
    for shift in problem.shifts:
        own = trips.get(shift.id, ())
        if problem.is_away(shift) and not (own and own[0].first):
            last = not own and shift.first_span == len(shift.spans) - 1
            legs.append((shift.start_location, end_of(problem, shift, last)))
    return legs


def _missed_cutoffs(routes: list[RiddenRoute]) -> tuple[str, ...]:
    """Jobs whose priced cut-off is missed."""
    return tuple(
        visit.job.id
        for route in routes
        for trip in route.trips
        for visit in trip.visits
        if visit.job.cutoff_s is not None and not visit.job.cutoff_hard and misses(trip, visit.job.cutoff_s)
    )


def _moved_jobs(problem: Problem, routes: list[RiddenRoute]) -> tuple[str, ...]:
    """Jobs that ride with another shift than the one in force, though that one is still on duty."""
    return tuple(
        visit.job.id
        for route in routes
        for trip in route.trips
        for visit in trip.visits
        if visit.job.preferred_shift in problem.shift_by_id and visit.job.preferred_shift != route.shift.id
    )


def _unwished(routes: list[RiddenRoute]) -> tuple[str, ...]:
    """Jobs that ride with none of the shifts that they were wished for."""
    return tuple(
        visit.job.id
        for route in routes
        for trip in route.trips
        for visit in trip.visits
        if visit.job.wished_shifts and route.shift.id not in visit.job.wished_shifts
    )


def _late_bags(routes: list[RiddenRoute]) -> tuple[str, ...]:
    """Shifts under way that miss a cut-off with what they carry."""
    return tuple(
        route.shift.id
        for route in routes
        for trip in route.trips
        if is_late_bag(route.shift, trip.first, trip.back_s, trip.office_s is not None)
    )
