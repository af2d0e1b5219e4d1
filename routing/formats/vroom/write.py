"""A plan in VROOM's words: routes of steps, what is unassigned, and sums."""

from collections.abc import Iterator
from typing import Any

from routing.evaluate import evaluate
from routing.formats.vroom.read import Read
from routing.formats.vroom.schema import Job, Vehicle
from routing.plan import Evaluation, Plan, Reason, Violation
from routing.timing import RiddenRoute, RiddenVisit, needs_setup, ride

Written = dict[str, Any]


def write_plan(read: Read, plan: Plan, solving_ms: int = 0) -> Written:
    """The whole output. ``cost`` of the summary is the priced sum, of a route its travel and its fixed price."""
    evaluation = evaluate(read.problem, plan)
    jobs = {str(job.id): job for job in read.input.jobs}
    vehicles = {str(vehicle.id): vehicle for vehicle in read.input.vehicles}
    routes = [
        _route(read, vehicles[route.shift_id], ride(read.problem, route), jobs, evaluation)
        for route in plan.routes
        if any(trip.visits for trip in route.trips)
    ]
    return {
        "code": 0,
        "summary": _summary(read, plan, evaluation, routes, solving_ms),
        "unassigned": [
            _of_place(jobs[left_out.job_id].location, jobs[left_out.job_id].location_index)
            | {"id": jobs[left_out.job_id].id, "type": "job", "reasons": [_reason(why) for why in left_out.reasons]}
            for left_out in plan.unserved
        ],
        "routes": routes,
    }


SUMS = ("setup", "service", "duration", "waiting_time", "priority", "distance")


def _summary(read: Read, plan: Plan, evaluation: Evaluation, routes: list[Written], solving_ms: int) -> Written:
    amounts = {
        key: [sum(route[key][d] for route in routes) for d in range(read.amount.size)] for key in ("delivery", "pickup")
    }
    return {
        "cost": evaluation.cost - evaluation.unserved_price,
        "routes": len(routes),
        "unassigned": len(plan.unserved),
        **amounts,
        **{key: sum(route[key] for route in routes) for key in SUMS},
        "violations": [_violation(violation) for violation in evaluation.violations],
        "computing_times": {"loading": 0, "solving": solving_ms, "routing": 0},
    }


def _reason(why: Reason) -> Written:
    return {"code": why.code, **why.values}


def _violation(violation: Violation) -> Written:
    return {"cause": violation.constraint, "vehicle": violation.shift_id, "job": violation.job_id} | violation.values


def _of_place(location: Any, index: int | None) -> Written:
    named = {} if location is None else {"location": list(location)}
    return named if index is None else named | {"location_index": index}


def _route(read: Read, vehicle: Vehicle, ridden: RiddenRoute, jobs: dict[str, Job], evaluation: Evaluation) -> Written:
    served = [jobs[visit.job.id] for trip in ridden.trips for visit in trip.visits]
    steps = list(_Steps(read, vehicle, jobs).of(ridden))
    return {
        "vehicle": vehicle.id,
        "cost": sum(trip.travel_cost for trip in ridden.trips) + vehicle.costs.fixed,
        "delivery": _sum_of([job.delivery for job in served], read.amount.size),
        "pickup": _sum_of([job.pickup for job in served], read.amount.size),
        **{key: sum(step[key] for step in steps) for key in ("setup", "service", "waiting_time")},
        "duration": steps[-1]["duration"],
        "distance": steps[-1]["distance"],
        "priority": sum(job.priority for job in served),
        "steps": steps,
        "violations": [_violation(v) for v in evaluation.violations if v.shift_id == str(vehicle.id)],
    }


def _sum_of(amounts: list[list[int]], size: int) -> list[int]:
    return [sum(each[d] for each in amounts if each) for d in range(size)]


class _Steps:
    """The steps of one route, with the sums that grow from step to step."""

    def __init__(self, read: Read, vehicle: Vehicle, jobs: dict[str, Job]) -> None:
        self.read, self.vehicle, self.jobs = read, vehicle, jobs
        self.travelled_s = self.distance_m = 0
        self.load = [0] * read.amount.size

    def of(self, ridden: RiddenRoute) -> Iterator[Written]:
        """Out, the doors, back; between two trips a `reload` at the office."""
        home_s = None
        for number, trip in enumerate(ridden.trips):
            doors = [self.jobs[visit.job.id] for visit in trip.visits]
            self.load = _sum_of([job.delivery for job in doors], len(self.load))
            if home_s is None:
                yield self._step("start", trip.start_location, trip.leave_s)
            else:
                yield self._step("reload", trip.start_location, home_s, waiting_s=trip.leave_s - home_s)
            here, before = trip.start_location, None
            for visit in trip.visits:
                self._ride(here, visit.job.location)
                yield self._door(visit, needs_setup(visit.job, before))
                here, before = visit.job.location, visit.job
            self._ride(here, trip.end_location)
            home_s = trip.back_s
            if number == len(ridden.trips) - 1:
                yield self._step("end", trip.end_location, home_s)

    def _door(self, visit: RiddenVisit, with_setup: bool) -> Written:
        job = self.jobs[visit.job.id]
        out, into = (_sum_of([amounts], len(self.load)) for amounts in (job.delivery, job.pickup))
        self.load = [load - less + more for load, less, more in zip(self.load, out, into, strict=True)]
        setup_s = visit.job.setup_s if with_setup else 0
        return self._step("job", visit.job.location, visit.arrive_s) | {
            "id": job.id,
            "job": job.id,
            **_of_place(job.location, job.location_index),
            "setup": setup_s + visit.job.service_s - job.service,  # some spend it as a part of the service
            "service": job.service,
            "waiting_time": visit.start_s - setup_s - visit.arrive_s,
            **({"description": job.description} if job.description else {}),
        }

    def _ride(self, origin: int, target: int) -> None:
        self.travelled_s += self.read.problem.travel_s(origin, target)
        self.distance_m += int(self.read.problem.distance_m[origin, target])

    def _step(self, kind: str, place: int, arrival_s: int, waiting_s: int = 0) -> Written:
        location = {"start": self.vehicle.start, "end": self.vehicle.end}.get(kind)
        return {
            "type": kind,
            **_of_place(location, None if place == self.read.nowhere else place),
            "arrival": arrival_s,
            "setup": 0,
            "service": 0,
            "waiting_time": waiting_s,
            "duration": self.travelled_s,
            "distance": self.distance_m,
            "load": list(self.load),
            "violations": [],
        }
