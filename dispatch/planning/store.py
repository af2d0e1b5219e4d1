"""Writing a plan down as the next version of its day. A plan that breaks anything is never stored."""

from typing import Any

from sqlalchemy import select

from dispatch.clock import now
from dispatch.database import db
from dispatch.planning.bridge import Bridged
from dispatch.planning.in_force import next_version
from dispatch.planning.models import Plan, PlanRoute, PlanStop, PlanUnserved
from dispatch.planning.sketch import RouteSketch, reasons_of, sketch, snapshot
from routing.evaluate import evaluate
from routing.plan import Evaluation, Violation
from routing.plan import Plan as RoutingPlan
from routing.roads.network import RoadNetwork


class BrokenPlan(RuntimeError):
    """A plan breaks constraints; storing it would send people on impossible ways."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{v.constraint} {v.shift_id} {v.job_id} {v.amount}" for v in violations[:5]))
        self.constraint = violations[0].constraint


class Prepared:
    """A checked plan with lines and figures, ready to be stored. Made while no transaction is open.

    `gap` is how much of its cost a better plan could save at most, where that is proven. Raises BrokenPlan.
    """

    def __init__(
        self,
        bridged: Bridged,
        plan: RoutingPlan,
        network: RoadNetwork,
        map_id: int | None,
        solver_s: float,
        gap: float | None = None,
    ) -> None:
        evaluation = evaluate(bridged.problem, plan)
        if not evaluation.feasible:
            raise BrokenPlan(evaluation.violations)
        self.facts, self.map_id = bridged.facts, map_id
        self.routes = sketch(bridged, plan, network)
        self.problem = snapshot(bridged, plan)
        self.reasons = reasons_of(plan, bridged)
        self.figures = _figures(evaluation, self.routes, len(self.reasons), solver_s) | {"gap": gap}

    def store(self, account_id: int | None) -> Plan:
        """Writes the draft. The caller commits."""
        day, ward_id = self.facts.day, self.facts.ward_id
        plan = Plan(
            ward_id=ward_id,
            service_date=day,
            version=next_version(ward_id, day),
            made_at=now(),
            made_by=account_id,
            based_on_id=self.facts.based_on_id,
            map_id=self.map_id,
            figures=self.figures,
            problem=self.problem,
        )
        colours = self._colours()
        for route in self.routes:
            plan.routes.append(_route(ward_id, route, colours[route.duty_id]))
        for job_id, reasons in self.reasons.items():
            plan.unserved.append(PlanUnserved(ward_id=ward_id, job_id=job_id, reasons=reasons))
        db.session.add(plan)
        db.session.flush()
        return plan

    def _colours(self) -> dict[int, int]:
        """Positions, which are colours on screen: a duty keeps the one of the version before."""
        before = select(PlanRoute.duty_id, PlanRoute.position).where(PlanRoute.plan_id == self.facts.based_on_id)
        colours: dict[int, int] = {row.duty_id: row.position for row in db.session.execute(before)}
        free = (number for number in range(len(colours) + len(self.routes)) if number not in colours.values())
        taken = {route.duty_id: colours.get(route.duty_id) for route in self.routes}
        return {duty_id: next(free) if position is None else position for duty_id, position in taken.items()}


def _figures(evaluation: Evaluation, routes: list[RouteSketch], unserved: int, solver_s: float) -> dict[str, Any]:
    return {
        "cost": evaluation.cost,
        "travel_s": evaluation.travel_s,
        "distance_m": evaluation.distance_m,
        "served": sum(len(route.stops) for route in routes),
        "unserved": unserved,
        "missed_cutoffs": len(evaluation.missed_cutoffs),
        "moved_jobs": len(evaluation.moved_jobs),
        "solver_s": round(solver_s, 2),
    }


def _route(ward_id: int, route: RouteSketch, position: int) -> PlanRoute:
    return PlanRoute(
        ward_id=ward_id,
        duty_id=route.duty_id,
        position=position,
        travel_s=route.travel_s,
        distance_m=route.distance_m,
        peak_load=route.peak_load,
        trips=route.trips,
        stops=[PlanStop(ward_id=ward_id, position=number, **stop) for number, stop in enumerate(route.stops)],
    )
