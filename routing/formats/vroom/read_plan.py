"""VROOM's output as a Plan: for checking what any solver says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from routing.formats.errors import InputError, parsed
from routing.formats.vroom.read import Read
from routing.plan import Plan, Route, Trip, Unserved, Visit
from routing.problem import Shift


class _Some(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Step(_Some):
    type: str
    arrival: int
    id: int | None = None
    job: int | None = None
    setup: int = 0
    service: int = 0
    waiting_time: int = 0

    @property
    def job_id(self) -> str:
        return str(self.job if self.id is None else self.id)

    @property
    def leave_s(self) -> int:
        return self.arrival + self.setup + self.service + self.waiting_time


class _Route(_Some):
    vehicle: int
    steps: Annotated[list[_Step], Field(min_length=2)]


class _Summary(_Some):
    cost: int | None = None


class _LeftOut(_Some):
    id: int


class _Output(_Some):
    summary: _Summary = _Summary()
    routes: list[_Route]
    unassigned: list[_LeftOut] = []


@dataclass(frozen=True)
class Stated:
    """A plan with the times that it states, its cost (if it says one), and when each job's setup or service begins."""

    plan: Plan
    cost: int | None
    begun_s: dict[str, int]


def read_plan(read: Read, json: bytes | str) -> Stated:
    """Raises ``InputError`` where it is no plan."""
    output = parsed(_Output, json)
    routes = tuple(_route(read, number, route) for number, route in enumerate(output.routes))
    plan = Plan(routes, tuple(Unserved(str(left_out.id)) for left_out in output.unassigned))
    steps = [step for route in output.routes for step in route.steps if step.type == "job"]
    return Stated(plan, output.summary.cost, {step.job_id: step.arrival + step.waiting_time for step in steps})


def _route(read: Read, number: int, route: _Route) -> Route:
    shift = read.problem.shift_by_id.get(str(route.vehicle))
    if shift is None:
        raise InputError(f"routes.{number}.vehicle", f"there is no vehicle {route.vehicle}")
    trips, begun = [], 0
    for at, step in enumerate(route.steps):
        if at and step.type in ("reload", "end"):
            trips.append(_trip(shift, route.steps[begun : at + 1]))
            begun = at
        elif at and step.type != "job":
            raise InputError(f"routes.{number}.steps.{at}.type", f"{step.type!r} is not supported")
    return Route(shift.id, tuple(trip for trip in trips if trip.visits))


def _trip(shift: Shift, steps: Sequence[_Step]) -> Trip:
    """From one stay at the office to the next. It rides in the span in which it ends, else in the last."""
    begin, *doors, end = steps
    span = next((n for n, span in enumerate(shift.spans) if end.arrival <= span.end_s), len(shift.spans) - 1)
    return Trip(span, begin.leave_s, tuple(map(_visit, doors)), end.arrival)


def _visit(step: _Step) -> Visit:
    start_s = step.arrival + step.setup + step.waiting_time
    return Visit(step.job_id, step.arrival, start_s, step.leave_s)
