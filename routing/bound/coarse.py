"""Routes priced by walks in steps of time: rough, but there in milliseconds, and never too dear.

Shifts that differ only in where and when they begin share their tables, at the least price of each job in any of them;
bags are left out of account. A walk has at most a few visits more than a fair share. Longer routes are bounded too: as
long as no visit is worth more than the cheapest ride there, what the visit costs at least and the price of a visit
beyond the share together, a route is no cheaper than its first visit and its last ones, wherever these begin.
"""

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from routing.bound import labels as k
from routing.bound import walks
from routing.bound.relaxed import Ints, Kind, Relaxed

Floats = npt.NDArray[np.float64]

STEPS = 60
BEYOND = 2
"""Visits beyond the largest fair share that are looked at one by one."""


class Coarse:
    """Kinds of shifts that end alike, and the walks through their day."""

    def __init__(self, day: Relaxed, kinds: list[Kind]) -> None:
        self.day, self.kinds = day, kinds
        first, n = kinds[0], len(day.jobs)
        begins_s = np.min([kind.span[:, 0] for kind in kinds], axis=0)
        until_s, last = first.span[:, 1], first.span[:, 2]
        self.zero_s = int(min(begins_s.min(), *(kind.start[:, 2].min() for kind in kinds)))
        lasts_s = max(0, int(until_s.max()) - self.zero_s)
        self.step_s = lasts_s // STEPS + 1
        self.ride = (day.arc_s[:, : n + 1] // self.step_s).astype(np.int64)
        self.ride_cost = day.arc_cost[:, : n + 1].astype(np.float64)
        self.span = np.stack([self._steps(begins_s), self._steps(until_s)], axis=1)
        self.home_by = self._steps(until_s[:, None] - first.home_s[last])
        self.home_cost = first.home_cost[last].astype(np.float64)
        self.reload_by = self._steps(until_s[:, None] - first.home_s[[0] * len(last)])
        self.reload = (first.home_s[0] + int(first.rule[k.HANDLING])) // self.step_s
        self.reload_cost = first.home_cost[0].astype(np.float64)
        self.reloads = bool(first.rule[k.RELOADS])
        self.opens, self.pays = self._opening(lasts_s // self.step_s + 1)
        visits = min(n, max(int(kind.rule[k.SHARE]) for kind in kinds) + BEYOND)
        self.shape = (visits, *self.opens.shape)

    @property
    def work(self) -> int:
        """How many rides one ``walk`` looks at."""
        rides: int = self.shape[0] * int((self.span[:, 1] - self.span[:, 0] + 1).sum()) * self.shape[-1] ** 2
        return rides

    @property
    def fee(self) -> Floats:
        """What a visit to each job costs at least besides the ride; infinite where nobody can come in time."""
        later = np.arange(self.opens.shape[1])[:, None] >= self.ride.min(axis=0)
        return np.asarray(np.where((self.opens >= 0) & later, self.pays, np.inf).min(axis=(0, 1)))

    def _steps(self, second: Ints) -> Ints:
        return np.asarray((second - self.zero_s) // self.step_s, np.int64)

    def _opening(self, steps: int) -> tuple[Ints, Floats]:
        """In which step each job's service begins where it is reached in a step (-1: too late), and what that costs."""
        day, first = self.day, self.kinds[0]
        prices = np.array([kind.price for kind in self.kinds])
        price = np.where(prices < 0, k.NEVER, prices).min(axis=0)
        shape = len(first.span), steps, len(price)
        opens, pays = np.full(shape, -1, np.int64), np.zeros(shape)
        reached_s = self.zero_s + self.step_s * np.arange(steps)
        for x in range(1, len(price)):
            row, begins_s = day.stop[x], np.full(steps, k.NEVER)
            asked_s = np.maximum(reached_s, row[k.RELEASE])
            for opens_s, closes_s in day.window[row[k.WIN] : row[k.WIN_END]][::-1]:
                begins_s = np.where(asked_s <= closes_s, np.maximum(asked_s, opens_s), begins_s)
            late = np.maximum(0, begins_s - row[k.SOFT]) * row[k.RATE] // 60
            pays[:, :, x] = price[x] + late + int(first.rule[k.MISSED]) * (begins_s > row[k.CUT])
            for s, until_s in enumerate(first.span[:, 1]):
                holds = (begins_s <= row[k.MUST]) & (begins_s + first.home_s[2, x] <= until_s) & (price[x] < k.NEVER)
                opens[s, holds, x] = self._steps(begins_s[holds])
        return opens, pays

    def walk(self, worth: Floats) -> None:
        """Finds the cheapest walks where serving each job is worth so much."""
        tables = self.value, self.following, self.ready, self.after, self.out, self.out_to = _empty(self.shape)
        walks.cheapest(
            *(self.ride, self.ride_cost, self.span, self.opens, self.pays, self.home_by, self.home_cost),
            *(self.reload_by, self.reload, self.reload_cost, self.reloads, worth),
            *tables,
        )
        self.worth = worth

    def least(self, kind: Kind, into: Floats, fee: Floats) -> tuple[float, Floats]:
        """What the cheapest route of a kind costs at least, and how often the cheapest walk serves each job.

        ``into`` is the cheapest ride to each job.
        """
        n, visits, share, crowd = len(self.day.jobs), self.shape[0], int(kind.rule[k.SHARE]), float(kind.rule[k.CROWD])
        beyond = crowd * np.maximum(0, np.arange(1, visits + 1) - share)
        floating = float((self.ready[0, -1].min(axis=(0, 1)) + into)[1:].min())
        longer = np.inf if visits == n else floating + beyond[-1] + crowd
        least, at = np.inf, (0, 0, 0, 0)
        for node, span, second, paid in kind.start.tolist():
            step = self._steps(second + self.day.arc_s[node, : n + 1])
            inside = np.flatnonzero(step < self.shape[2])[1:]
            costs = paid + self.ride_cost[node, inside, None] + self.ready[0, :, span, step[inside], inside] + beyond
            if costs.size and costs.min() < least:
                which, layer = np.unravel_index(costs.argmin(), costs.shape)
                x = int(inside[which])
                least, at = float(costs.min()), (int(layer), span, int(step[x]), x)
            least = min(least, paid + float((self.ride_cost[node] + fee - self.worth)[1:].min()) + longer)
        served = np.zeros(n + 1)
        if np.isfinite(least):
            tables = (self.ride, self.span, self.opens, self.reload, self.following, self.out_to)
            walks.follow(*tables, *at, served)
        return least, served


def coarse(day: Relaxed) -> list[Coarse]:
    """All kinds of the day, those that end alike together."""
    alike: dict[Hashable, list[Kind]] = {}
    for kind in day.kinds:
        rule = kind.rule[[k.CROWD, k.HANDLING, k.RELOADS, k.MISSED]]
        ends = (kind.span[:, 1:], kind.home_s, kind.home_cost, rule)
        alike.setdefault(tuple(np.ascontiguousarray(array).tobytes() for array in ends), []).append(kind)
    return [Coarse(day, kinds) for kinds in alike.values()]


def _empty(shape: tuple[int, ...]) -> "tuple[Floats, Ints, Floats, Ints, Floats, Ints]":
    both = (2, *shape)
    return (
        np.empty(both),
        np.zeros(both, np.int32),
        np.empty(both),
        np.zeros(shape, np.int32),
        np.empty(shape[:3]),
        np.zeros(shape[:3], np.int64),
    )
