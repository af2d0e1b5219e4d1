"""The only bridge to `routing`: a day's facts become a `Problem`, the plan in force becomes its `Plan`.

Jobs and shifts keep their public ids on the other side, so that assignments keep their names from version to version.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from dispatch.planning import assumptions
from dispatch.planning.day import CannotPlan, DayFacts, DutyFacts, JobFacts, read_day
from dispatch.planning.models import Plan as StoredPlan
from dispatch.planning.models import PlanRoute
from dispatch.wards.map_store import LoadedMap
from dispatch.wards.models import Ward
from dispatch.wards.road_changes import map_of_day
from routing.geo import Point
from routing.plan import Plan, Route, Unserved
from routing.problem import Job, Problem, Shift
from routing.roads.pace import over_hours
from routing.timing import schedule

OFFICE = 0


@dataclass(frozen=True)
class Bridged:
    """A problem with the facts behind it and the position of each of its locations."""

    facts: DayFacts
    problem: Problem
    points: tuple[Point, ...]

    def location_of(self, point: tuple[float, float]) -> int:
        """The row of a position in the travel tables."""
        return self.points.index(Point(*point))


def build_problem(ward: Ward, day: date, now: datetime) -> tuple[Problem, DayFacts]:
    """What is to be planned on this day as it stands now, and the facts behind it. Raises CannotPlan."""
    facts = read_day(ward, day, now)
    return bridge(facts, map_of_day(ward, day)).problem, facts


def bridge(facts: DayFacts, ward_map: LoadedMap, extra: tuple[tuple[float, float], ...] = ()) -> Bridged:
    """The problem of these facts; `extra` are further positions that shall be in the travel tables.

    A plan has one table of travel times: where the pace by hour was measured, that of the hours to be ridden.
    """
    away = [duty.standing.point for duty in facts.on_duty if duty.away and duty.standing.point]
    spots = dict.fromkeys([facts.office, *(job.point for job in facts.jobs), *away, *extra])
    points = tuple(Point(*spot) for spot in spots)
    row = {spot: number for number, spot in enumerate(spots)}
    matrix = ward_map.network.matrix(points)
    slower = over_hours(ward_map.hours, _hours_ahead(facts))
    problem = Problem(
        jobs=tuple(_job(job, row[job.point]) for job in facts.jobs),
        shifts=tuple(_shift(duty, row, facts.jobs) for duty in facts.on_duty),
        duration_s=np.ceil(matrix.duration_s * slower).astype(np.int32),
        distance_m=matrix.distance_m,
        office=OFFICE,
        handling_s=assumptions.HANDLING_S,
    )
    return Bridged(facts, problem, points)


def _hours_ahead(facts: DayFacts) -> list[tuple[int, int]]:
    """What is left of everybody's half-days, in seconds after midnight."""
    spans = [span for duty in facts.on_duty for span in duty.spans]
    return [(max(span.start_s, facts.now_s), span.end_s) for span in spans if span.end_s > facts.now_s]


def _job(job: JobFacts, location: int) -> Job:
    return Job(
        id=job.key,
        location=location,
        service_s=job.service_s,
        setup_s=assumptions.SETUP_S,
        deliver=int(job.leg == "return"),
        collect=int(job.leg == "collect"),
        windows=(job.window,) if job.window else (),
        skills=frozenset([job.skill] if job.skill else []),
        priority=job.priority,
        cutoff_s=job.cutoff_s,
        cutoff_hard=job.cutoff_hard,
        only_shift=job.holder,
        preferred_shift=job.assigned,
        aboard=job.aboard,
    )


def _shift(duty: DutyFacts, row: dict[tuple[float, float], int], jobs: tuple[JobFacts, ...]) -> Shift:
    for_later = sum(job.holder == duty.key and not job.aboard for job in jobs)
    return Shift(
        id=duty.key,
        spans=duty.spans,
        capacity=duty.capacity,
        skills=duty.skills,
        start_location=row[duty.standing.point] if duty.away and duty.standing.point else OFFICE,
        start_s=duty.free_s,
        carried=duty.standing.carried + for_later if duty.away else 0,
        carried_cutoff_s=duty.carried_cutoff_s,
    )


def rest_in_force(bridged: Bridged, stored: StoredPlan | None) -> tuple[Problem, Plan]:
    """What is left of the plan in force, timed from now; jobs that it does not serve are unserved.

    Whoever is late already is late: windows and cut-offs that this rest no longer keeps are lifted in the problem
    that comes back, so that one late stop does not forbid every change elsewhere.
    """
    problem = bridged.problem
    routes = {route.duty_id: route for route in stored.routes} if stored else {}
    orders = {duty.key: _orders(duty, routes.get(duty.id), problem) for duty in bridged.facts.on_duty}
    timed = [schedule(problem, key, trips) for key, trips in orders.items() if trips]
    served = {visit.job_id for route in timed for visit in route.visits()}
    plan = Plan(tuple(timed), tuple(Unserved(job.id) for job in problem.jobs if job.id not in served))
    return _lift_what_is_missed(problem, timed), plan


def _orders(duty: DutyFacts, route: PlanRoute | None, problem: Problem) -> list[tuple[int, list[str]]]:
    """(span, jobs) of every trip that this duty still has to do."""
    trips: dict[int, list[str]] = {}
    if duty.away:
        trips[duty.standing.kept[-1].trip] = []
    for stop in route.stops if route else ():
        job = problem.job_by_id.get(stop.job.public_id)
        if job is not None and job.preferred_shift == duty.key:
            trips.setdefault(stop.trip, []).append(job.id)
    spans = {number: int(trip["span"]) for number, trip in enumerate(route.trips)} if route else {}
    first, last = problem.shift_by_id[duty.key].first_span, len(duty.spans) - 1
    orders: list[tuple[int, list[str]]] = []
    for number, jobs in sorted(trips.items()):
        span = min(max(spans.get(number, 0) - duty.first_span, first), last)
        if duty.away and number == duty.standing.kept[-1].trip and span > first:
            # Somebody began the afternoon's trip in the morning: only what is in the bag is done before lunch.
            orders.append((first, [job for job in jobs if problem.job_by_id[job].aboard]))
            jobs = [job for job in jobs if not problem.job_by_id[job].aboard]
        if jobs or not orders:
            orders.append((span, jobs))
    return orders if duty.away else [(span, jobs) for span, jobs in orders if jobs]


def _lift_what_is_missed(problem: Problem, routes: list[Route]) -> Problem:
    lifted = {}
    for route in routes:
        for trip in route.trips:
            for visit in trip.visits:
                job = problem.job_by_id[visit.job_id]
                if job.windows and not any(visit.start_s in window for window in job.windows):
                    job = replace(job, windows=())
                if job.cutoff_hard and job.cutoff_s is not None and trip.back_s > job.cutoff_s:
                    job = replace(job, cutoff_hard=False)
                lifted[job.id] = job
    return replace(problem, jobs=tuple(lifted.get(job.id, job) for job in problem.jobs))


__all__ = ["Bridged", "CannotPlan", "bridge", "build_problem", "rest_in_force"]
