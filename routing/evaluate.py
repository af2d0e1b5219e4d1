"""The single truth about a plan: what it costs and what it breaks."""

from collections import Counter

from routing.constraints import PLAN_CONSTRAINTS, ROUTE_CONSTRAINTS
from routing.fairness import crowded_stops
from routing.plan import Evaluation, Plan, Violation
from routing.problem import Problem
from routing.timing import RiddenRoute, is_late_bag, ride


def evaluate(problem: Problem, plan: Plan) -> Evaluation:
    """Rides every route again from the order of its visits, and adds up what it costs and what it breaks.

    Stated times are compared with what is possible; stated times that are later than need be are kept. A
    shift under way that has no trip left in the plan still rides home, and pays for it.
    """
    routes = [ride(problem, route) for route in plan.routes if route.shift_id in problem.shift_by_id]
    violations: list[Violation] = []
    for constraint in ROUTE_CONSTRAINTS:
        for route in routes:
            violations.extend(constraint(problem, route))
    for plan_constraint in PLAN_CONSTRAINTS:
        violations.extend(plan_constraint(problem, plan))

    served = {visit.job_id for route in plan.routes for visit in route.visits()}
    unserved_weight = sum(job.priority for job in problem.jobs if job.id not in served)
    homeward = _locations_homeward(problem, routes)
    travel_s = sum(trip.travel_s for route in routes for trip in route.trips)
    travel_s += sum(problem.travel_s(location, problem.office) for location in homeward)
    distance_m = sum(trip.distance_m for route in routes for trip in route.trips)
    distance_m += sum(int(problem.distance_m[location, problem.office]) for location in homeward)
    missed, moved = _missed_cutoffs(routes), _moved_jobs(problem, routes)
    late_bags = _late_bags(routes)
    stops = Counter(route.shift.id for route in routes for trip in route.trips for _ in trip.visits)
    crowded = crowded_stops(problem, stops)
    prices = problem.prices
    return Evaluation(
        cost=travel_s * prices.travel_per_s
        + unserved_weight * prices.unserved
        + (len(missed) + len(late_bags)) * prices.cutoff_missed
        + len(moved) * prices.moved_job
        + crowded * prices.crowded_stop,
        travel_s=travel_s,
        distance_m=distance_m,
        unserved_weight=unserved_weight,
        violations=tuple(violations),
        missed_cutoffs=missed,
        moved_jobs=moved,
        late_bags=late_bags,
        crowded_stops=crowded,
    )


def _locations_homeward(problem: Problem, routes: list[RiddenRoute]) -> list[int]:
    """Where those shifts under way are whose first trip the plan does not mention."""
    started = {route.shift.id for route in routes if route.trips and route.trips[0].first}
    return [shift.start_location for shift in problem.shifts if shift.start_s is not None and shift.id not in started]


def _missed_cutoffs(routes: list[RiddenRoute]) -> tuple[str, ...]:
    """Jobs whose priced cut-off is missed."""
    return tuple(
        visit.job.id
        for route in routes
        for trip in route.trips
        for visit in trip.visits
        if visit.job.cutoff_s is not None and not visit.job.cutoff_hard and trip.back_s > visit.job.cutoff_s
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


def _late_bags(routes: list[RiddenRoute]) -> tuple[str, ...]:
    """Shifts under way that miss a cut-off with what they carry."""
    return tuple(
        route.shift.id for route in routes for trip in route.trips if is_late_bag(route.shift, trip.first, trip.back_s)
    )
