"""A true lower bound of what a day costs that is there within a fraction of a second.

It is the bound of ``routing.bound.bound`` (Lagrange: serving each job is worth something, each shift rides what is
then cheapest) with coarser routes (``routing.bound.coarse``). What jobs are worth is guessed, the nearest neighbour's
ride, a part of the way from and to the office, and what is paid at the door in any case, and improved by subgradients;
whatever it is, the bound holds. It speaks of plans that leave out nothing but what nobody can serve in time.
"""

from dataclasses import dataclass
from math import ceil, inf

import numpy as np
import numpy.typing as npt

from routing.bound import labels as k
from routing.bound.coarse import coarse
from routing.bound.relaxed import Relaxed, relax
from routing.problem import Problem
from routing.search.budget import Stop

Floats = npt.NDArray[np.float64]

MOST_ROUNDS, MOST_WORK = 30, 100_000_000
"""How often prices are moved: fewer times where one round looks at many rides, and no bound where at more than this."""
FIRST_STRIDE, PATIENCE = 0.3, 3
FLOAT_TOLERANCE = 0.001


@dataclass(frozen=True, slots=True)
class QuickBound:
    """No plan that leaves out the jobs ``impossible`` alone, which nobody can serve, costs less than ``cost``.

    What they cost as unserved jobs is not counted. ``worth`` is what serving each job is worth there.
    """

    cost: int
    impossible: frozenset[str]
    worth: tuple[float, ...]


def quick_bound(problem: Problem, stop: Stop | None = None) -> QuickBound | None:
    """The bound; nothing where the day is too large for it, or where it was stopped. The same for the same problem."""
    if not problem.jobs or not problem.shifts:
        return None
    ascent = _Ascent(relax(problem))
    best = -inf
    for _ in range(ascent.rounds):
        if stop is not None and stop.is_set():
            return None
        best = max(best, ascent.step())
    impossible = frozenset(job.id for job, able in zip(problem.jobs, ascent.servable[1:], strict=True) if not able)
    if not ascent.rounds:
        return None
    return QuickBound(max(0, ceil(best - FLOAT_TOLERANCE)), impossible, tuple(ascent.at.tolist()))


class _Ascent:
    """Moves the prices towards better bounds (Polyak's strides, to a goal that a plan might cost)."""

    def __init__(self, day: Relaxed) -> None:
        self.day, self.parts = day, coarse(day)
        self.rounds = min(MOST_ROUNDS, MOST_WORK // sum(part.work for part in self.parts))
        fee = np.min([part.fee for part in self.parts], axis=0)
        self.servable = np.isfinite(fee)
        self.fee = np.where(self.servable, fee, 0.0)
        n = len(day.jobs)
        rides = day.arc_cost[:, : n + 1].astype(np.float64)
        np.fill_diagonal(rides, k.NEVER)
        self.into = rides.min(axis=0)
        self.most = self.into + self.fee + float(day.kinds[0].rule[k.CROWD])
        share = max(int(kind.rule[k.SHARE]) for kind in day.kinds)
        office = day.arc_cost[0, : n + 1] + np.min([kind.home_cost.min(axis=0) for kind in day.kinds], axis=0)
        self.worth = np.where(self.servable, np.minimum(self.into + self.fee + office / share, self.most), 0.0)
        self.worth[0] = 0.0
        self.goal = float(day.base + 1.2 * self.worth.sum())
        self._best, self.at, self._waited, self._stride = -inf, self.worth, 0, FIRST_STRIDE

    def step(self) -> float:
        """The bound of the prices as they stand; then they are moved."""
        bound, away = self._bound()
        self._waited += 1
        if bound > self._best:
            self._best, self.at, self._waited = bound, self.worth, 0
        elif self._waited > PATIENCE:
            self._stride, self._waited, self.worth = self._stride / 2, 0, self.at
        squares = float(away @ away)
        if squares:
            by = self._stride * max(1.0, self.goal - bound) / squares
            self.worth = np.clip(self.worth + by * away, 0.0, self.most)
        return bound

    def _bound(self) -> tuple[float, Floats]:
        bound, away = self.day.base + float(self.worth.sum()), np.where(self.servable, 1.0, 0.0)
        for part in self.parts:
            part.walk(self.worth)
            for kind in part.kinds:
                least, visits = part.least(kind, self.into, self.fee)
                if least < 0:
                    bound += kind.count * least
                    away -= kind.count * visits
        return bound, away
