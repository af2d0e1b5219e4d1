"""The front door: from a problem to a plan."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from routing.evaluate import evaluate
from routing.insert import insert, places_for
from routing.plan import Evaluation, Plan, Unserved
from routing.problem import Problem
from routing.search.anneal import COLD_START, WARM_START, anneal
from routing.search.budget import Budget, OnProgress, Phase, Progress, Stop
from routing.search.construct import construct
from routing.search.guided import guide
from routing.search.plans import plan_of, take_over
from routing.search.slots import Slots, make_slots
from routing.search.tours import Tours
from routing.why import why_unserved

__all__ = ["Progress", "solve"]

ANNEALING_SHARE = 0.9
"""The part of the time for ruin and recreate; guided local search gets the rest."""

ENOUGH_S_PER_PAIR = 0.02
"""A small day does not need all the time that a large one may have."""


def solve(
    problem: Problem,
    limit_s: float,
    seed: int = 1,
    on_progress: OnProgress | None = None,
    start: Plan | None = None,
    max_iterations: int | None = None,
    stop: Stop | None = None,
) -> Plan:
    """A feasible plan, as cheap as can be found in ``limit_s`` seconds. What is left out has its reasons.

    A first plan is there within milliseconds. ``on_progress`` is called a few times a second; when it
    returns ``False``, or ``stop`` is set, the search ends soon and the best plan so far comes back.
    ``start`` is a plan to begin with, such as the one in force; what of it no longer fits is put elsewhere.
    With ``max_iterations`` the same ``seed`` gives the same plan, as long as ``limit_s`` is not reached.

    Python's lock is held for much of the time: a server calls ``routing.search.process.solve_in_process``.
    """
    if max_iterations is None:
        limit_s = min(limit_s, ENOUGH_S_PER_PAIR * len(problem.jobs) ** 2)
    budget = Budget(limit_s, on_progress, stop)
    best = _Best(problem)
    best.offer(_complete(problem, Plan(())))
    if start is not None:
        best.offer(_complete(problem, start))
    if problem.shifts and problem.jobs:
        _search(make_slots(problem), best, budget, Random(seed), start, max_iterations)
    best.offer(_squeezed(problem, best.plan))
    return _explained(problem, best.plan)


class _Best:
    """The best feasible plan that was offered, in ``evaluate``'s eyes."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.plan = Plan(())
        self.evaluation: Evaluation | None = None

    def offer(self, plan: Plan) -> None:
        evaluation = evaluate(self.problem, plan)
        if evaluation.feasible and (self.evaluation is None or evaluation.cost < self.evaluation.cost):
            self.plan, self.evaluation = plan, evaluation


def _search(
    slots: Slots, best: _Best, budget: Budget, rng: Random, start: Plan | None, max_iterations: int | None
) -> None:
    """Construction, ruin and recreate, then guided local search from the best that was found."""
    orders: list[list[int]] = []

    def keep(found: Sequence[Sequence[int]], cost: int) -> None:
        orders[:] = [list(jobs) for jobs in found]
        served = sum(map(len, found))
        budget.found(cost, served, len(slots.problem.jobs) - served)

    tours = Tours(slots)
    if start is not None:
        take_over(tours, start)
    construct(tours)
    keep(tours.orders(), tours.cost())
    best.offer(_squeezed(slots.problem, plan_of(slots, orders)))

    begin = WARM_START if start is not None and any(start.routes) else COLD_START
    anneal(tours, Phase(budget, ANNEALING_SHARE, max_iterations), rng, keep, begin)
    best.offer(_squeezed(slots.problem, plan_of(slots, orders)))
    guide(slots, list(orders), budget, keep, max_iterations)
    best.offer(_squeezed(slots.problem, plan_of(slots, orders)))


def _squeezed(problem: Problem, plan: Plan) -> Plan:
    """The plan with what was left out put into places that the search's own terms do not have."""
    placed = True
    while placed:  # One that finds a place can make another one's: a detour may be quicker by rounding.
        placed = False
        for left_out in plan.unserved:
            job = problem.job_by_id[left_out.job_id]
            places = places_for(problem, plan, job)
            if places and places[0].added_cost < job.priority * problem.prices.unserved:
                plan, placed = insert(problem, plan, places[0], job), True
    return plan


def _complete(problem: Problem, plan: Plan) -> Plan:
    """The plan with every job that it does not mention among the unserved."""
    mentioned = {visit.job_id for route in plan.routes for visit in route.visits()}
    missing = tuple(Unserved(job.id) for job in problem.jobs if job.id not in mentioned)
    return replace(plan, unserved=missing)


def _explained(problem: Problem, plan: Plan) -> Plan:
    """The plan with the reasons for everything that is left out."""
    left_out = (
        Unserved(item.job_id, why_unserved(problem, plan, problem.job_by_id[item.job_id])) for item in plan.unserved
    )
    return replace(plan, unserved=tuple(left_out))
