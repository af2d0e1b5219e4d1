"""The master: OR-Tools picks from all good routes those that make the best plan together (set partitioning).

The linear program first (GLOP): it gives a bound, and columns whose reduced cost exceeds the gap cannot be in a better
plan. Then CP-SAT, with the plan so far as a hint. Groups of one class are all the same, and a class has as many routes
as it has groups. A visit beyond a shift's fair share is in the price of its column, which is a whole day then. Links
between jobs are not in the model: with them the plan stays as it is.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver.python.model_builder_helper import ModelBuilderHelper, ModelSolverHelper, SolveStatus
from ortools.sat.python import cp_model
from scipy.sparse import csr_matrix

from routing.search import columns as k
from routing.search.arrays import Arrays
from routing.search.team import Column, Orders

LP_SHARE = 0.4
"""The part of the master's time that the linear program may take."""
MOST_COLUMNS = 4000
REPEATABLE_TIME = 2.0
"""OR-Tools' own measure of work, where the same plan is wanted again."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A column with its class, its jobs, and what it costs more than leaving the group empty."""

    kind: int
    jobs: tuple[int, ...]
    cost: int
    orders: tuple[tuple[int, ...], ...]


class Master:
    """OR-Tools at work on one plan; another thread may tell it to stop."""

    def __init__(self) -> None:
        self._end: Callable[[], object] = bool
        self._stopped = False

    def stop(self) -> None:
        """Ends the solver that is running, and what would come after it. Call it again until ``combine`` is back."""
        self._stopped = True
        self._end()

    def combine(self, arrays: Arrays, best: Orders, pool: Iterable[Column], limit_s: float, repeatable: bool) -> Orders:
        """The orders that the pool's routes make at the least cost, or ``best`` where they make nothing better."""
        if arrays.linked.size or limit_s <= 0:
            return best
        choices, hint = _choices(arrays, best, pool)
        model = _Model(arrays, choices, hint, {x for order in best for x in order})
        self._end = model.linear.interrupt_solve
        kept = model.promising(None if repeatable else limit_s * LP_SHARE)
        self._end = model.whole.stop_search
        if not kept or self._stopped:
            return best
        chosen = model.choose(kept, None if repeatable else limit_s * (1 - LP_SHARE))
        return best if chosen is None else _assigned(arrays, chosen)


def _choices(arrays: Arrays, best: Orders, pool: Iterable[Column]) -> tuple[list[_Choice], list[int]]:
    """The cheapest column of every class and set of jobs; and the numbers of those that ``best`` is made of."""
    found: dict[tuple[int, frozenset[int]], _Choice] = {}
    for column in pool:
        low, high, kind = arrays.group[column.group].tolist()
        jobs = tuple(x for trip in column.orders for x in trip)
        cost = column.cost + _cost_of_shift(arrays, low, len(jobs)) - _cost_when_empty(arrays, range(low, high))
        key = (kind, frozenset(jobs))
        if key not in found or cost < found[key].cost:
            found[key] = _Choice(kind, jobs, cost, column.orders)
    number = {key: place for place, key in enumerate(found)}
    ridden = (
        (kind, frozenset(x for trip in best[low:high] for x in trip)) for low, high, kind in arrays.group.tolist()
    )
    return list(found.values()), [number[key] for key in ridden if key in number]


def _cost_of_shift(arrays: Arrays, slot: int, stops: int) -> int:
    """What it costs that the shift of a slot rides, and goes beyond its fair share."""
    row = arrays.shift[arrays.slot[slot, k.SHIFT]]
    return int(row[k.FIXED]) + int(arrays.fee[k.CROWD]) * max(0, stops - int(row[k.SHARE]))


def _cost_when_empty(arrays: Arrays, slots: Iterable[int]) -> int:
    cost = 0
    for row in (arrays.slot[r] for r in slots if arrays.slot[r, k.STAYS]):
        ride = arrays.arc[row[k.START], row[k.END]]
        cost += int(ride[1]) + int(arrays.fee[k.MISSED]) * bool(row[k.CARRIED] < row[k.LEAVE] + ride[0])
    return cost


class _Model:
    """What is to be chosen, for both of OR-Tools' solvers."""

    def __init__(self, arrays: Arrays, choices: list[_Choice], hint: list[int], served: set[int]) -> None:
        self.choices, self.hint = choices, hint
        self.linear, self.whole = ModelSolverHelper("GLOP"), cp_model.CpSolver()
        self.groups = Counter(arrays.group[:, 2].tolist())
        dear = 2 * max([1, *(choice.cost for choice in choices)])
        self.penalty = {x: dear * job.priority for x, job in enumerate(arrays.jobs, start=1)}
        self.optional = self.penalty.keys() - served
        self.upper = sum(choices[c].cost for c in hint) + sum(self.penalty[x] for x in self.optional)
        self.complete = {x for c in hint for x in choices[c].jobs} == served

    def promising(self, limit_s: float | None) -> list[int]:
        """The columns that a better plan than the present one can have in it; none where there is no better one."""
        solver = self.linear
        if limit_s is not None:
            solver.set_time_limit_in_seconds(limit_s)
        solver.solve(self._relaxed())
        if solver.status() != SolveStatus.OPTIMAL:
            return []
        gap = self.upper - solver.objective_value() if self.complete else 0.01 * solver.objective_value()
        if gap < 0.5:
            return []
        reduced = solver.reduced_costs()[: len(self.choices)]
        cheapest = np.argsort(reduced, kind="stable")[:MOST_COLUMNS]
        return sorted({*cheapest[reduced[cheapest] < gap].tolist(), *self.hint})

    def _relaxed(self) -> ModelBuilderHelper:
        """The linear program: rows are jobs, then classes; variables are columns, then jobs that may be left out."""
        kinds = {kind: row for row, kind in enumerate(self.groups, start=len(self.penalty))}
        optional = sorted(self.optional)
        members = [(x - 1, c) for c, choice in enumerate(self.choices) for x in choice.jobs]
        members += [(kinds[choice.kind], c) for c, choice in enumerate(self.choices)]
        members += [(x - 1, c) for c, x in enumerate(optional, start=len(self.choices))]
        rows, columns = np.array(members).T
        shape = len(self.penalty) + len(kinds), len(self.choices) + len(optional)
        least = np.r_[np.ones(len(self.penalty)), np.full(len(kinds), -np.inf)]
        most = np.r_[np.ones(len(self.penalty)), list(self.groups.values())]
        prices = [choice.cost for choice in self.choices] + [self.penalty[x] for x in optional]
        model = ModelBuilderHelper()
        model.fill_model_from_sparse_data(  # Its own type hints are wrong.
            np.zeros(shape[1]),  # type: ignore[arg-type]
            np.full(shape[1], np.inf),  # type: ignore[arg-type]
            np.array(prices, float),  # type: ignore[arg-type]
            least,
            most,
            csr_matrix((np.ones(len(rows)), (rows, columns)), shape),
        )
        return model

    def choose(self, kept: Sequence[int], limit_s: float | None) -> list[_Choice] | None:
        """The best of these columns, or nothing where they make no better plan."""
        model = cp_model.CpModel()
        take = {c: model.new_bool_var("") for c in kept}
        for c in kept:
            model.add_hint(take[c], c in self.hint)
        holding: dict[int, list[cp_model.IntVar]] = {x: [] for x in self.penalty}
        for c in kept:
            for x in self.choices[c].jobs:
                holding[x].append(take[c])
        left_out = {x: model.new_bool_var("") for x in self.optional}
        for x, columns in holding.items():
            model.add_exactly_one([*columns, *([left_out[x]] if x in left_out else [])])
        for kind, count in self.groups.items():
            model.add(sum(take[c] for c in kept if self.choices[c].kind == kind) <= count)
        model.minimize(
            sum(self.choices[c].cost * take[c] for c in kept)
            + sum(self.penalty[x] * variable for x, variable in left_out.items())
        )
        solver = self.whole
        solver.parameters.num_workers = 1 if limit_s is None else 2
        if limit_s is None:
            solver.parameters.max_deterministic_time = REPEATABLE_TIME
        else:
            solver.parameters.max_time_in_seconds = max(0.01, limit_s)
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        if self.complete and solver.objective_value >= self.upper:
            return None
        return [self.choices[c] for c in kept if solver.boolean_value(take[c])]


def _assigned(arrays: Arrays, chosen: list[_Choice]) -> Orders:
    """The chosen columns in groups of their classes."""
    orders: Orders = [[] for _ in arrays.slots]
    free = arrays.group.tolist()
    for choice in chosen:
        group = next(group for group in free if group[2] == choice.kind)
        free.remove(group)
        for r, trip in enumerate(choice.orders, start=group[0]):
            orders[r] = list(trip)
    return orders
