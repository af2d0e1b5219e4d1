"""A true lower bound of what a day costs, by column generation.

A plan is a choice of routes. The linear program in which every job is served at least once, by fractions of routes of
which each kind has as many as there are shifts, costs no more than the best plan; the routes in it are those of the
relaxed day (``routing.bound.relaxed``), of which every route of a feasible plan is one that costs no more there. It is
never solved to the end that matters: for *any* prices ``w >= 0`` of jobs, ``f >= 0`` of cuts and ``m >= 0`` of weight
left out, every feasible plan that leaves out a weight of at most ``W`` costs at least

    base + sum(w) - sum(f) - m W - sum over jobs of max(0, w[j] - m priority[j]) where W > 0
         + sum over kinds of count * min(0, the least reduced cost of a route of that kind)

(Lagrange: each job's row, each cut and the weight are put into the objective at these prices; what is left is to choose
for each kind at most ``count`` routes, none of which is worth more than the cheapest.) So the bound holds whenever the
search is broken off, and whatever rounding the linear program does; the last term is exact (``routing.bound.labels``).
Subset-row cuts hold for every choice of whole routes. Costs are whole numbers: the bound is rounded up, after 0.001 is
taken off for what floating point may have added.

The objective is the priced sum of ``evaluate`` without what is left out: travel, lateness, cut-offs, changes,
unfulfilled wishes, visits beyond the fair share, riding at all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from routing.bound.master import Column, Master, Prices
from routing.bound.pricing import ALL, Pricing
from routing.bound.quick import quick_bound
from routing.bound.relaxed import Relaxed, relax
from routing.bound.seeds import least_cost, seeds
from routing.bound.strengthen import remember_cycles, violated_cuts
from routing.evaluate import evaluate
from routing.plan import Plan
from routing.problem import Problem
from routing.search.budget import Stop, gap_of

MOST_JOBS = 400
LEVELS = ((2, 0.3), (8, 0.05), (ALL, 0.0))
"""How many labels a node keeps, and what lies between them in units of the usual cost of a job: first few and rough,
which is quick and finds most routes, then all, which proves."""
CLOSE = 1e-4
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
    while time.monotonic() < until_s and not (stop is not None and stop.is_set()) and best < cost:
        if generation.proven == 0 and until_s - time.monotonic() < limit_s / 2:
            generation.prove()
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
        self.proven = 0
        self._level, self._blend, self._rounds = 0, BLEND, 0
        self._centre: tuple[float, Prices] | None = None
        n = len(self.day.jobs)
        alone = [column for x in range(1, n + 1) for column in _alone(self.day, x)]
        self.master.add([*seeds(problem, self.day, plan), *alone])
        self._usual = max(1, cost) / n
        self._dear = [2.0 * self._usual] * n

    def prove(self) -> None:
        """Looks for no more routes roughly: from now on every round proves a bound."""
        if self._level < len(LEVELS) - 1:
            self._level = len(LEVELS) - 1
            self._centre = None if self._centre is None else (-inf, self._centre[1])

    def step(self, until_s: float, stop: Stop | None) -> bool:
        """One solution of the linear program, and routes for its prices. Whether there is more to do."""
        solution = self.master.solve(self._dear)
        if solution is None:
            return False
        value, prices, ridden, missing = solution
        asked = self._blended(prices)
        most, slack = LEVELS[self._level]
        offers = self.pricing.all_kinds(asked, self.master.cuts, most, slack * self._usual, until_s, stop)
        if offers is None:
            return False
        bound = _lagrangian(self.day, asked, self.master.left_out, [offer.least for offer in offers])
        if self._centre is None or bound > self._centre[0]:
            self._centre = bound, asked
        exact = most == ALL
        if exact:
            self.proven = max(self.proven, ceil(self.day.base + bound - FLOAT_TOLERANCE))
        routes = [route for offer in offers for route in offer.routes]
        new = self.master.add(column for column in routes if _reduced(column, prices, self.master) < -1e-6)
        if new and value - bound > CLOSE * value:
            return True
        return self._go_on(new, ridden, missing, exact)

    def _go_on(self, new: int, ridden: list[float], missing: list[int], exact: bool) -> bool:
        """What comes next where no route changes the solution any more."""
        if not new and self._blend:
            self._blend = 0.0
            return True
        if missing:
            for job in missing:
                self._dear[job] *= 1.5
        elif not exact:
            self._level += 1
        elif not self._strengthen(ridden):
            return False
        self._blend, self._centre = BLEND, None
        return True

    def _strengthen(self, ridden: list[float]) -> bool:
        columns = self.master.columns[: len(ridden)]
        gone = remember_cycles(self.pricing, columns, ridden)
        if gone:
            self.master.forget({column for column in self.master.columns if not self.pricing.allows(column)})
            self._level = 1
            return True
        cuts = violated_cuts(columns, ridden, self.master.cuts, len(self.day.jobs))
        self.master.cut(cuts)
        self._level = 1
        return bool(cuts)

    def _blended(self, prices: Prices) -> Prices:
        if self._centre is None or not self._blend:
            return prices
        share, centre = self._blend, self._centre[1]
        worth = share * np.array(centre.worth) + (1 - share) * np.array(prices.worth)
        fine = share * np.array(centre.fine) + (1 - share) * np.array(prices.fine)
        return Prices(worth.tolist(), fine.tolist(), share * centre.weight + (1 - share) * prices.weight)


def _alone(day: Relaxed, x: int) -> list[Column]:
    """The routes that serve nothing but this job."""
    found = []
    for number, kind in enumerate(day.kinds):
        costs = (least_cost(day, kind, [(span, (x,))]) for span in range(len(kind.span)))
        cost = min((cost for cost in costs if cost is not None), default=None)
        if cost is not None:
            found.append(Column(number, (x,), cost))
    return found


def _reduced(column: Column, prices: Prices, master: Master) -> float:
    fines = sum(fine * cut.uses(column) for cut, fine in zip(master.cuts, prices.fine, strict=True) if fine > 0)
    return column.cost - sum(prices.worth[x] * count for x, count in column.counts.items()) + fines


def _lagrangian(day: Relaxed, prices: Prices, left_out: int, least: list[float]) -> float:
    """The bound of the module's docstring, without the base."""
    bound = sum(prices.worth) - sum(prices.fine)
    if left_out:
        bound -= prices.weight * left_out
        bound -= sum(max(0.0, w - prices.weight * j.priority) for j, w in zip(day.jobs, prices.worth[1:], strict=True))
    return bound + sum(kind.count * min(0.0, one) for kind, one in zip(day.kinds, least, strict=True))
