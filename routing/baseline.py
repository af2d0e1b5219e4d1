"""OR-Tools' routing model alone: what every benchmark compares with."""

from collections.abc import Callable, Sequence

from routing.plan import Plan
from routing.problem import Problem
from routing.search.budget import Budget
from routing.search.construct import construct
from routing.search.guided import guide
from routing.search.plans import plan_of
from routing.search.slots import make_slots
from routing.search.tours import Tours

OnBetter = Callable[[Plan], None]


def baseline(problem: Problem, limit_s: float, on_better: OnBetter | None = None) -> Plan:
    """Greedy insertion, then guided local search for the rest of the time, all from OR-Tools' own model.

    It knows what the model's terms say: no releases, links, soft windows or locks.
    """
    if not problem.shifts or not problem.jobs:
        return plan_of(make_slots(problem), [])
    slots, budget = make_slots(problem), Budget(limit_s)
    tours = Tours(slots)
    construct(tours)
    best = [[*jobs] for jobs in tours.orders()]

    def keep(orders: Sequence[Sequence[int]], _cost: int) -> None:
        best[:] = [[*jobs] for jobs in orders]
        if on_better is not None:
            on_better(plan_of(slots, best))

    keep(best, 0)
    guide(slots, best, budget, keep)
    return plan_of(slots, best)
