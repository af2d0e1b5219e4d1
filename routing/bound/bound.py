"""A true lower bound of what a day costs, by column generation.

A plan is a choice of routes. The linear program in which every job is served at least once, by fractions of routes of
which each kind has as many as there are shifts, costs no more than the best plan; the routes in it are those of the
relaxed day (``routing.bound.relaxed``), of which every route of a feasible plan is one that costs no more there. It is
never solved to the end that matters: for *any* prices ``w >= 0`` of jobs, ``f >= 0`` of cuts, ``e >= 0`` of entries
into sets that must be entered ``k`` times and ``m >= 0`` of weight left out, every feasible plan that leaves out a
weight of at most ``W`` costs at least

    base + sum(w) - sum(f) + sum(e k) - m W - sum over jobs of max(0, w[j] - m priority[j]) where W > 0
         + sum over kinds of count * min(0, the least reduced cost of a route of that kind)

(Lagrange: each job's row, each cut and the weight are put into the objective at these prices; what is left is to choose
for each kind at most ``count`` routes, none of which is worth more than the cheapest.) So the bound holds whenever the
search is broken off, and whatever rounding the linear program does. The last term is never too high: labels look at all
routes that cost less than a limit (``routing.bound.labels``), and what they leave out cannot become one
(``routing.bound.outlook``). Subset-row cuts hold for every choice of whole routes, those of capacity for every plan
(``routing.bound.capacity``). Costs are whole numbers: the bound is rounded up, after 0.001 is
taken off for what floating point may have added.

The objective is the priced sum of ``evaluate`` without what is left out: travel, lateness, cut-offs, changes,
unfulfilled wishes, visits beyond the fair share, riding at all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from routing.bound import labels as k
from routing.bound.capacity import violated_capacities
from routing.bound.columns import Column
from routing.bound.master import Master, Prices, between
from routing.bound.pricing import Pricing
from routing.bound.quick import QuickBound, quick_bound
from routing.bound.relaxed import Relaxed, relax
from routing.bound.seeds import least_cost, seeds
from routing.bound.strengthen import remember_cycles, violated_cuts
from routing.evaluate import evaluate
from routing.plan import Plan
from routing.problem import Problem
from routing.search.budget import Stop, gap_of

MOST_JOBS = 400
CLOSE, LOOSE, NEAR = 1e-4, 0.03, 0.05
"""How far the bound may lie below the linear program's cost where nothing is left to be found, where cuts of capacity
are looked for, and where jobs that are too dear to be served may become dearer."""
DEAR = 4.0
"""What not to serve a job costs at first, in units of the usual cost of a job."""
BLEND = 0.7
"""How much of the best prices so far is in those that routes are looked for with: they swing less."""
FLOAT_TOLERANCE = 0.001

OnBound = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Bound:
    """No feasible plan that leaves out a weight of at most ``left_out`` costs less than ``cost``.

    ``plan_cost`` is what the given plan costs, ``gap`` how much of it could be saved at most, from 0 to 1.
    """

    cost: int
    left_out: int
    plan_cost: int

    @property
    def gap(self) -> float:
        """How much of the plan's cost a better plan could save at most."""
        return gap_of(self.plan_cost, self.cost)


def lower_bound(
    problem: Problem, plan: Plan, limit_s: float, stop: Stop | None = None, on_bound: OnBound | None = None
) -> Bound:
    """The best bound that is proven in the time, for plans that serve as much as this one.

    It begins with the quick one, where that speaks of such plans. Without a better one it is 0: no cost is negative.
    ``on_bound`` hears of every better bound.
    """
    evaluation = evaluate(problem, plan)
    cost = evaluation.cost - evaluation.unserved_price
    bound = Bound(0, evaluation.unserved_weight, cost)
    if not problem.jobs or not problem.shifts or len(problem.jobs) > MOST_JOBS:
        return bound
    until_s = time.monotonic() + limit_s
    quick, left_out = quick_bound(problem, stop), {item.job_id for item in plan.unserved}
    best = quick.cost if quick is not None and quick.impossible == left_out else 0
    if best and on_bound is not None:
        on_bound(best)
    generation = _Generation(problem, plan, evaluation.unserved_weight, cost)
    if best and quick is not None:
        generation.begin(quick)
    while time.monotonic() < until_s and not (stop is not None and stop.is_set()) and best < cost:
        going = generation.step(until_s, stop)
        if generation.proven > best:
            best = generation.proven
            if on_bound is not None:
                on_bound(best)
        if not going:
            break
    return Bound(min(best, cost), evaluation.unserved_weight, cost)


class _Generation:
    """Prices and routes in turn. ``proven`` is the best bound so far."""

    def __init__(self, problem: Problem, plan: Plan, left_out: int, cost: int) -> None:
        self.day = relax(problem)
        self.pricing = Pricing(self.day)
        self.master = Master(self.day, left_out)
        self.proven, self._blend = 0, BLEND
        crowd, share = np.max([kind.rule[[k.CROWD, k.SHARE]] for kind in self.day.kinds], axis=0).tolist()
        self.share = share if crowd else 0
        self._centre: tuple[float, Prices] | None = None
        n = len(self.day.jobs)
        alone = [column for x in range(1, n + 1) for column in _alone(self.day, x)]
        self.master.add([*seeds(problem, self.day, plan), *alone])
        self._dear = [DEAR * max(1, cost) / n] * n

    def begin(self, quick: QuickBound) -> None:
        """Begins near the prices of the quick bound. The same prices bound these routes at least as well."""
        if not self.master.left_out:
            self._centre = float(quick.cost - self.day.base), Prices(list(quick.worth), [], [], 0.0)

    def step(self, until_s: float, stop: Stop | None) -> bool:
        """One solution of the linear program, and routes for its prices. Whether there is more to do."""
        solution = self.master.solve(self._dear)
        if solution is None:
            return False
        value, prices, ridden, missing = solution
        asked = prices if self._centre is None else between(self._centre[1], prices, self._blend)
        offers = self.pricing.all_kinds(asked, self.master, until_s, stop)
        if offers is None:
            return False
        bound = _lagrangian(self.master, asked, [offer.least for offer in offers])
        better = self._centre is None or bound > self._centre[0]
        if self._centre is None or better:
            self._centre = bound, asked
        self.proven = max(self.proven, ceil(self.day.base + bound - FLOAT_TOLERANCE))
        new = self.master.add(column for offer in offers for column in offer.routes)
        moving = bool(new) or better or (not all(offer.exact for offer in offers) and self.pricing.look_closer())
        return self._go_on((value - self._centre[0]) / max(1.0, value), moving, ridden, missing)

    def _go_on(self, away: float, moving: bool, ridden: list[float], missing: list[int]) -> bool:
        """What comes next so far away from the linear program's cost. Whether there is more to do."""
        stuck = away > CLOSE and not moving
        if missing and away < NEAR:
            for job in missing:
                self._dear[job] *= 2.0
        elif away < LOOSE and self._cut_capacities(ridden):
            self._blend = BLEND
        elif stuck and self._blend:
            self._blend = 0.0
        elif stuck or away <= CLOSE:
            self._blend = BLEND
            return self._strengthen(ridden)
        else:
            self._blend = BLEND
        return True

    def _cut_capacities(self, ridden: list[float]) -> bool:
        """Asks for the entries that the solution lacks. Whether there are any."""
        master = self.master
        if not self.share or master.left_out:
            return False
        columns = master.columns[: len(ridden)]
        crowded = sum(value * master.crowded(column) for column, value in zip(columns, ridden, strict=True))
        needed = violated_capacities(columns, ridden, crowded, master.capacities, len(self.day.jobs), self.share)
        master.need(needed)
        return bool(needed)

    def _strengthen(self, ridden: list[float]) -> bool:
        columns = self.master.columns[: len(ridden)]
        gone = remember_cycles(self.pricing, columns, ridden)
        if gone:
            self.master.forget({column for column in self.master.columns if not self.pricing.allows(column)})
            return True
        cuts = violated_cuts(columns, ridden, self.master.cuts, len(self.day.jobs))
        self.master.cut(cuts)
        return bool(cuts)


def _alone(day: Relaxed, x: int) -> list[Column]:
    """The routes that serve nothing but this job."""
    found = []
    for number, kind in enumerate(day.kinds):
        costs = (least_cost(day, kind, [(span, (x,))]) for span in range(len(kind.span)))
        cost = min((cost for cost in costs if cost is not None), default=None)
        if cost is not None:
            found.append(Column(number, (x,), cost))
    return found


def _lagrangian(master: Master, prices: Prices, least: list[float]) -> float:
    """The bound of the module's docstring, without the base."""
    day, left_out = master.day, master.left_out
    bound = sum(prices.worth) - sum(prices.fine)
    bound += sum(one.entries * entry for one, entry in zip(master.capacities, prices.entry, strict=True))
    if left_out:
        bound -= prices.weight * left_out
        bound -= sum(max(0.0, w - prices.weight * j.priority) for j, w in zip(day.jobs, prices.worth[1:], strict=True))
    return bound + sum(kind.count * min(0.0, one) for kind, one in zip(day.kinds, least, strict=True))
