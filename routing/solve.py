"""The front door: from a problem to a plan."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from routing.evaluate import evaluate
from routing.insert import insert, places_for
from routing.plan import Evaluation, Plan, Unserved
from routing.problem import Problem
from routing.search import warm
from routing.search.budget import Budget, Floor, OnProgress, Progress, Stop
from routing.search.construct import construct
from routing.search.guided import guide
from routing.search.plans import plan_of
from routing.search.slots import make_slots
from routing.search.tours import Tours
from routing.timing import schedule_all
from routing.why import why_unserved

__all__ = ["Progress", "solve"]

ENOUGH_S_PER_PAIR = 0.005
"""A small day does not need all the time that a large one may have."""

LOOK_EVERY_S = 0.05
PATIENCE_S = 1.5
"""How long a search waits for a kernel that only has to be loaded, before it begins without."""


def solve(
    problem: Problem,
    limit_s: float,
    seed: int = 1,
    on_progress: OnProgress | None = None,
    start: Plan | None = None,
    max_iterations: int | None = None,
    stop: Stop | None = None,
    threads: int = 2,
) -> Plan:
    """A feasible plan, as good as can be found in ``limit_s`` seconds. What is left out has its reasons.

    Plans are compared by ``Evaluation.rank``: what they serve, then what they cost. Locks hold even where they
    break something else, which ``evaluate`` then tells. A first plan is there within milliseconds.
    ``on_progress`` is called a few times a second; when it returns ``False``, or ``stop`` is set, the search ends
    soon and the best plan so far comes back. ``start`` is a plan to begin with, such as the one in force; what of
    it no longer fits is put elsewhere. With ``max_iterations`` (for each thread) the same ``seed`` and ``threads``
    give the same plan, as long as ``limit_s`` is not reached. Whoever listens also hears the gap to a lower bound,
    which a thread beside the search works out in the first few tenths of a second (``routing.bound.quick``).

    Until the kernel has been compiled, once on every machine, OR-Tools' routing model searches instead; if that is
    done in time, the kernel goes on within the same limit. A server
    calls ``routing.search.process.solve_in_process``, where nothing keeps its threads waiting.
    """
    asked_s = limit_s
    if max_iterations is None:
        limit_s = min(limit_s, ENOUGH_S_PER_PAIR * len(problem.jobs) ** 2)
    budget = Budget(limit_s, on_progress, stop)
    best = _Best(problem)
    best.offer(_locked(problem))
    if start is not None:
        best.offer(_complete(problem, start))
    better = start if start is not None and any(start.routes) else None
    warm.begin()
    with _bounded(problem, budget, asked_s) if on_progress is not None else nullcontext():
        if not _kernel_is_there(budget, 600.0 if max_iterations is not None else min(PATIENCE_S, asked_s)):
            budget.limit_s = min(asked_s, budget.elapsed_s + limit_s)
            _search_without_kernel(best, budget)
        if _kernel_is_there(budget, asked_s - budget.elapsed_s if warm.is_compiled() else 0.0):
            budget.limit_s = min(asked_s, budget.elapsed_s + limit_s)  # to load is not to search
            from routing.search.improve import improve

            improve(problem, better, budget, best.offer, seed, threads, max_iterations)
    best.offer(_squeezed(problem, best.plan))
    if best.evaluation is not None:
        left_out = len(best.plan.unserved)
        budget.end(best.evaluation.cost, len(problem.jobs) - left_out, left_out)
    return _explained(problem, best.plan)


def _kernel_is_there(budget: Budget, patience_s: float) -> bool:
    """Whether the kernel can be called; waits for it so long at most, and not after it was asked to stop."""
    until_s = budget.elapsed_s + patience_s
    while not (warm.is_settled() or budget.stopped or budget.elapsed_s >= until_s):
        warm.is_ready(min(LOOK_EVERY_S, patience_s))
        budget.over()  # hears whether to stop
    return warm.is_ready()


@contextmanager
def _bounded(problem: Problem, budget: Budget, limit_s: float) -> Iterator[None]:
    """Works out what no plan costs less than, while the search runs; not where parts are locked, as it knows no locks.

    A search that needs less than its time waits for it, and for the kernel where that only has to be loaded: it may be
    over before.
    """
    over = threading.Event()

    def work_out() -> None:
        while not warm.is_ready(LOOK_EVERY_S):
            if over.is_set() or warm.is_settled():
                return
        from routing.bound.quick import quick_bound

        bound = quick_bound(problem, over)
        if bound is not None:
            weight = sum(problem.job_by_id[name].priority for name in bound.impossible)
            budget.floor = Floor(bound.cost, len(bound.impossible), problem.prices.unserved * weight)

    thread = threading.Thread(target=work_out, daemon=True, name="bound")
    if not any(shift.frozen is not None or shift.next_stops for shift in problem.shifts):
        thread.start()
    try:
        yield
        while thread.is_alive() and budget.elapsed_s < limit_s and not budget.stopped:
            if not warm.is_compiled() and budget.elapsed_s >= PATIENCE_S:
                break
            thread.join(LOOK_EVERY_S)
            budget.over()  # also hears whether to stop
    finally:
        over.set()


class _Best:
    """The best plan that was offered, in ``evaluate``'s eyes: the one that breaks least, then the one of best rank."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.plan = Plan(())
        self.evaluation: Evaluation | None = None

    def offer(self, plan: Plan) -> None:
        evaluation = evaluate(self.problem, plan)
        if self.evaluation is None or _order(evaluation) < _order(self.evaluation):
            self.plan, self.evaluation = plan, evaluation


def _order(evaluation: Evaluation) -> tuple[int, int, int, int]:
    return len(evaluation.violations), *evaluation.rank


def _locked(problem: Problem) -> Plan:
    """The plan of nothing but what is locked."""
    orders = {shift.id: shift.frozen for shift in problem.shifts if shift.frozen is not None}
    next_stops = {s.id: ((s.first_span, s.next_stops),) for s in problem.shifts if s.next_stops and s.frozen is None}
    return _complete(problem, Plan(schedule_all(problem, {**orders, **next_stops})))


def _search_without_kernel(best: _Best, budget: Budget) -> None:
    """Greedy insertion, then OR-Tools' routing model, until the budget is over or the kernel compiled."""
    problem = best.problem
    if not problem.shifts or not problem.jobs:
        return
    slots = make_slots(problem)
    orders: list[list[int]] = []

    def keep(found: Sequence[Sequence[int]], cost: int) -> None:
        orders[:] = [list(jobs) for jobs in found]
        served = sum(map(len, found))
        budget.found(cost, served, len(problem.jobs) - served)

    tours = Tours(slots)
    construct(tours)
    keep(tours.orders(), tours.cost())
    best.offer(plan_of(slots, orders))
    guide(slots, list(orders), budget, keep, until=warm.is_compiled)
    best.offer(plan_of(slots, orders))


def _squeezed(problem: Problem, plan: Plan) -> Plan:
    """The plan with what was left out put into places that the search's own terms do not have."""
    placed = True
    while placed:  # One that finds a place can make another one's: a detour may be quicker by rounding.
        placed = False
        for left_out in plan.unserved:
            job = problem.job_by_id[left_out.job_id]
            places = places_for(problem, plan, job)
            if places:
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
