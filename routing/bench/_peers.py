"""The others, on the same problem: PyVRP and VROOM (the extra ``bench`` installs them), OR-Tools' routing model.

Each answers with orders that are timed, checked and priced here; a trace holds (seconds, cost) of every better plan.
One vehicle of theirs is one span of a shift. A skill is a profile of ways that no one without it can take.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any

import numpy as np

from routing import baseline as ortools_baseline
from routing.evaluate import evaluate
from routing.plan import Plan, Unserved
from routing.problem import IntTable, Problem
from routing.search.budget import Progress
from routing.solve import solve
from routing.timing import schedule

NO_WAY = 20
"""How many times the dearest way an impossible one costs: PyVRP searches worse where prices lie far apart."""
Trips = dict[tuple[str, int], list[list[str]]]
"""By shift and span: the jobs of each trip."""


@dataclass
class Run:
    """What a solver found: the plan, the seconds it took, and its better and better costs."""

    plan: Plan
    seconds: float
    trace: list[tuple[float, int]] = field(default_factory=list)


Solver = Callable[[Problem, float, int], Run | None]


def ours(problem: Problem, limit_s: float, seed: int) -> Run:
    """`routing.solve`."""
    trace: list[tuple[float, int]] = []

    def note(progress: Progress) -> None:
        if not progress.unserved:
            trace.append((progress.elapsed_s, progress.cost))

    began_s = time.monotonic()
    plan = solve(problem, limit_s, seed=seed, on_progress=note)
    return Run(plan, time.monotonic() - began_s, trace)


def baseline(problem: Problem, limit_s: float, seed: int) -> Run | None:
    """OR-Tools' routing model alone."""
    if any(job.release_s for job in problem.jobs):
        return None
    trace: list[tuple[float, int]] = []
    began_s = time.monotonic()

    def note(plan: Plan) -> None:
        if not plan.unserved:
            trace.append((time.monotonic() - began_s, evaluate(problem, plan).cost))

    plan = ortools_baseline.baseline(problem, limit_s, note)
    return Run(plan, time.monotonic() - began_s, trace)


def pyvrp_twice(problem: Problem, limit_s: float, seed: int) -> Run:
    """The better of two runs side by side, one thread each."""
    with ProcessPoolExecutor(2) as pool:
        runs = list(pool.map(_pyvrp, [problem] * 2, [limit_s] * 2, (seed, seed + 1)))
    return min(runs, key=lambda run: evaluate(problem, run.plan).rank)


def _pyvrp(problem: Problem, limit_s: float, seed: int) -> Run:
    """Asked to serve everything; where it cannot, once more with a price on what is left out."""
    pyvrp, began_s = import_module("pyvrp"), time.monotonic()
    data, spans = _for_pyvrp(problem, required=True)
    result = pyvrp.solve(data, pyvrp.stop.MaxRuntime(limit_s - (time.monotonic() - began_s)), seed=seed)
    if not result.best.is_feasible():
        began_s = time.monotonic()
        data, spans = _for_pyvrp(problem, required=False)
        result = pyvrp.solve(data, pyvrp.stop.MaxRuntime(limit_s - (time.monotonic() - began_s)), seed=seed)
    seconds = time.monotonic() - began_s
    found: Trips = defaultdict(list)
    for route in result.best.routes() if result.best.is_feasible() else ():
        trips: dict[int, list[str]] = defaultdict(list)
        for stop in route:
            if stop.is_client():
                trips[stop.trip].append(problem.jobs[stop.idx].id)
        found[spans[route.vehicle_type()].pop()] += [trips[number] for number in sorted(trips)]
    run = Run(_plan(problem, found), seconds)
    at_s = 0.0
    for step_s, standing in zip(result.stats.runtimes, result.stats, strict=False):
        at_s += step_s
        if standing.best_feas and (not run.trace or standing.best_cost < run.trace[-1][1]):
            run.trace.append((at_s, standing.best_cost))
    return run


def _for_pyvrp(problem: Problem, required: bool) -> tuple[Any, list[list[tuple[str, int]]]]:
    """PyVRP's data, and the shifts and spans of each vehicle type: those that are alike are one."""
    pyvrp = import_module("pyvrp")
    size = len(problem.duration_s)
    costs = problem.duration_s if problem.travel_cost is None else problem.travel_cost
    skills = sorted({shift.skills for shift in problem.shifts}, key=sorted)
    several = any(shift.max_trips > 1 for shift in problem.shifts)
    alike: dict[tuple[Any, ...], list[tuple[str, int]]] = defaultdict(list)
    for shift in problem.shifts:
        for number, span in enumerate(shift.spans):
            kind = (shift.capacity, shift.fixed_price, span.start_s, span.end_s, shift.skills, shift.max_trips)
            alike[kind].append((shift.id, number))
    types = [
        pyvrp.VehicleType(
            num_available=len(members),
            capacity=[capacity],
            fixed_cost=fixed,
            tw_early=start_s,
            tw_late=end_s,
            profile=skills.index(able),
            reload_depots=[0] if several else [],
            max_reloads=trips - 1,
        )
        for (capacity, fixed, start_s, end_s, able, trips), members in alike.items()
    ]
    clients = [
        pyvrp.Client(
            location=job.location,
            delivery=[job.deliver],
            pickup=[job.collect],
            service_duration=job.service_s,
            release_time=job.release_s,
            prize=0 if required else job.priority * NO_WAY * int(costs.max()),
            required=required,
            **({"tw_early": job.windows[0].start_s, "tw_late": job.windows[0].end_s} if job.windows else {}),
        )
        for job in problem.jobs
    ]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(size)],
        clients=clients,
        depots=[pyvrp.Depot(problem.office)],
        vehicle_types=types,
        distance_matrices=[_closed(problem, costs, able) for able in skills],
        duration_matrices=[problem.duration_s.astype(np.int64) for _ in skills],
    )
    return data, list(alike.values())


def _closed(problem: Problem, costs: IntTable, able: frozenset[str]) -> IntTable:
    """The prices of travel for who has these skills: no way to a door that asks for another."""
    table = costs.astype(np.int64)
    for job in problem.jobs:
        if job.skills - able:
            table[:, job.location] = NO_WAY * int(costs.max())
    np.fill_diagonal(table, 0)
    return table


def vroom(problem: Problem, limit_s: float, seed: int) -> Run | None:
    """VROOM on two threads; it knows neither several trips nor releases, and takes no seed."""
    if any(shift.max_trips > 1 for shift in problem.shifts):
        return None
    vroom_, began_s = import_module("vroom"), time.monotonic()
    known = sorted({skill for shift in problem.shifts for skill in shift.skills})
    numbers = {skill: number for number, skill in enumerate(known)}
    asked = vroom_.Input()
    asked.set_durations_matrix("car", problem.duration_s)
    if problem.travel_cost is not None:
        asked.set_costs_matrix("car", problem.travel_cost)
    spans = [(shift, number) for shift in problem.shifts for number in range(len(shift.spans))]
    for id_, (shift, number) in enumerate(spans):
        asked.add_vehicle(
            vroom_.Vehicle(
                id_,
                start=problem.office,
                end=problem.office,
                capacity=[shift.capacity],
                skills={numbers[skill] for skill in shift.skills},
                time_window=vroom_.TimeWindow(shift.spans[number].start_s, shift.spans[number].end_s),
                costs=vroom_.VehicleCosts(fixed=shift.fixed_price),
            )
        )
    for id_, job in enumerate(problem.jobs):
        asked.add_job(
            vroom_.Job(
                id_,
                job.location,
                default_service=job.service_s,
                delivery=vroom_.Amount([job.deliver]),
                pickup=vroom_.Amount([job.collect]),
                skills={numbers[skill] for skill in job.skills},
                time_windows=[vroom_.TimeWindow(window.start_s, window.end_s) for window in job.windows],
            )
        )
    answer = asked.solve(exploration_level=5, nb_threads=2, timeout=timedelta(seconds=limit_s)).to_dict()
    seconds = time.monotonic() - began_s
    found: Trips = {}
    for route in answer["routes"]:
        shift, number = spans[route["vehicle"]]
        ids = [problem.jobs[step["id"]].id for step in route["steps"] if step["type"] == "job"]
        found[shift.id, number] = [ids]
    plan = _plan(problem, found)
    return Run(plan, seconds, [] if plan.unserved else [(seconds, evaluate(problem, plan).cost)])


def _plan(problem: Problem, found: Trips) -> Plan:
    """The orders, timed."""
    routes = []
    for shift in problem.shifts:
        orders: list[tuple[int, Sequence[str]]] = [
            (span, trip) for span in range(len(shift.spans)) for trip in found.get((shift.id, span), []) if trip
        ]
        if orders:
            routes.append(schedule(problem, shift.id, orders))
    served = {visit.job_id for route in routes for visit in route.visits()}
    return Plan(tuple(routes), tuple(Unserved(job.id) for job in problem.jobs if job.id not in served))


SOLVERS: dict[str, Solver] = {"ours": ours, "PyVRP": pyvrp_twice, "VROOM": vroom, "OR-Tools": baseline}
