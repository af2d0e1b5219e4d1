"""Routes to begin with: those of good plans, priced as the relaxed day prices them."""

from collections.abc import Iterator

from routing.bound import labels as k
from routing.bound.columns import Column
from routing.bound.relaxed import Kind, Relaxed
from routing.plan import Plan
from routing.problem import Problem
from routing.search.arrays import make_arrays
from routing.search.decode import orders_for
from routing.search.team import Search, typical_cost

ROUNDS, WARMTH, MOST_COLUMNS = 20_000, 0.5, 20_000
Trips = list[tuple[int, tuple[int, ...]]]
"""(span, jobs) of each trip."""


def seeds(problem: Problem, day: Relaxed, plan: Plan) -> list[Column]:
    """Columns from the plan and from what a short search finds around it."""
    arrays = make_arrays(problem, problem.jobs)
    search = Search(arrays, 1)
    search.load(orders_for(arrays, plan))
    search.run(ROUNDS, WARMTH * typical_cost(arrays))
    groups = arrays.group.tolist()
    best = search.orders()
    ridden = [(low, best[low:high]) for low, high, _ in groups]
    pool = [(groups[column.group][0], column.orders) for column in search.columns(MOST_COLUMNS)]
    found: dict[Column, None] = {}
    for low, orders in [*ridden, *pool]:
        trips = [(arrays.slots[low + n].span, tuple(order)) for n, order in enumerate(orders) if order]
        for column in _columns(day, problem.shifts[arrays.slots[low].shift].id, trips):
            found[column] = None
    return list(found)


def _columns(day: Relaxed, shift_id: str, trips: Trips) -> Iterator[Column]:
    by_kind: dict[int, Trips] = {}
    for span, jobs in trips:
        by_kind.setdefault(day.kind_of[shift_id, span], []).append((span, jobs))
    for number, own in by_kind.items():
        first = min(span for (name, span), kind in day.kind_of.items() if name == shift_id and kind == number)
        cost = least_cost(day, day.kinds[number], [(span - first, jobs) for span, jobs in own])
        if cost is not None:
            stops = tuple(x for _, jobs in own for x in (0, *jobs))
            yield Column(number, stops[1:], cost)


def least_cost(day: Relaxed, kind: Kind, trips: Trips) -> int | None:
    """What a route costs on the relaxed day; nothing where it cannot be ridden there."""
    costs = (_ridden(day, kind, trips, *start) for start in kind.start.tolist() if start[1] <= trips[0][0])
    return min((cost for cost in costs if cost is not None), default=None)


def _ridden(day: Relaxed, kind: Kind, trips: Trips, x: int, span: int, t: int, cost: int) -> int | None:
    if span != trips[0][0]:
        return None
    visits = 0
    for number, (span, jobs) in enumerate(trips):
        if number:
            cost += int(kind.home_cost[0, x])
            t = max(t + int(kind.home_s[0, x]) + int(kind.rule[k.HANDLING]), int(kind.span[span, 0]))
            x = 0
        for y in jobs:
            row = day.stop[y]
            ready = max(t + int(day.arc_s[x, y]), int(row[k.RELEASE]))
            windows = day.window[row[k.WIN] : row[k.WIN_END]].tolist()
            start = next((max(ready, opens) for opens, closes in windows if ready <= closes), None)
            if start is None or start > row[k.MUST] or kind.price[y] < 0:
                return None
            cost += int(day.arc_cost[x, y]) + int(kind.price[y])
            cost += max(0, start - int(row[k.SOFT])) * int(row[k.RATE]) // 60
            cost += int(kind.rule[k.MISSED]) * bool(start > row[k.CUT])
            x, t, visits = y, start, visits + 1
    last = int(kind.span[span, 2])
    if t + kind.home_s[last, x] > kind.span[span, 1]:
        return None
    return cost + int(kind.home_cost[last, x]) + int(kind.rule[k.CROWD]) * max(0, visits - int(kind.rule[k.SHARE]))
