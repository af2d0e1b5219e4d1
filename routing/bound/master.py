"""The linear program over the routes found so far (GLOP), and the routes themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ortools.math_opt.python import mathopt

from routing.bound import labels as k
from routing.bound.capacity import Capacity
from routing.bound.columns import Column, Cut
from routing.bound.relaxed import Relaxed

MOST_BEYOND = 0.7
"""Cuts of capacity take at most this part of the price of a crowded visit: without it routes would be long ones."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The dual prices: what serving each job is worth (index 0 unused), what each cut fines, what each entry into a set
    with a cut of capacity is worth, and the weight left out."""

    worth: list[float]
    fine: list[float]
    entry: list[float]
    weight: float


def between(old: Prices, new: Prices, share: float) -> Prices:
    """So much of the old prices, the rest of the new; cuts that came since had no price."""

    def mixed(before: Sequence[float], now: Sequence[float]) -> list[float]:
        known = [*before, *[0.0] * (len(now) - len(before))]
        return [share * a + (1 - share) * b for a, b in zip(known, now, strict=True)]

    weight = share * old.weight + (1 - share) * new.weight
    return Prices(mixed(old.worth, new.worth), mixed(old.fine, new.fine), mixed(old.entry, new.entry), weight)


@dataclass
class Master:
    """Grows by columns and cuts; ``solve`` gives the dual prices."""

    day: Relaxed
    left_out: int
    columns: list[Column] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    capacities: list[Capacity] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._model = mathopt.Model()
        jobs = self.day.jobs
        self._rows = [self._model.add_linear_constraint(lb=1.0) for _ in jobs]
        self._kinds = [self._model.add_linear_constraint(ub=float(kind.count)) for kind in self.day.kinds]
        self._weight = self._model.add_linear_constraint(ub=float(self.left_out))
        self._cut_rows: list[mathopt.LinearConstraint] = []
        self._capacity_rows: list[mathopt.LinearConstraint] = []
        self._beyond = self._model.add_variable(lb=0.0)
        self._most_beyond = MOST_BEYOND * float(self.day.kinds[0].rule[k.CROWD])
        self._model.objective.set_linear_coefficient(self._beyond, self._most_beyond)
        self._variables: list[mathopt.Variable] = []
        self._known: set[Column] = set()
        self._missing = []
        for job, row in zip(jobs, self._rows, strict=True):
            variable = self._model.add_variable(lb=0.0)
            row.set_coefficient(variable, 1.0)
            self._missing.append(variable)
            if self.left_out:
                unserved = self._model.add_variable(lb=0.0, ub=1.0)
                row.set_coefficient(unserved, 1.0)
                self._weight.set_coefficient(unserved, float(job.priority))
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    def add(self, columns: Iterable[Column]) -> int:
        """Takes in the columns that it does not have yet, and says how many."""
        new = [column for column in dict.fromkeys(columns) if column not in self._known]
        for column in new:
            variable = self._model.add_variable(lb=0.0)
            self._model.objective.set_linear_coefficient(variable, float(column.cost))
            for x, count in column.counts.items():
                self._rows[x - 1].set_coefficient(variable, float(count))
            self._kinds[column.kind].set_coefficient(variable, 1.0)
            for cut, row in zip(self.cuts, self._cut_rows, strict=True):
                if cut.uses(column):
                    row.set_coefficient(variable, float(cut.uses(column)))
            for capacity, row in zip(self.capacities, self._capacity_rows, strict=True):
                self._enter(capacity, row, column, variable)
            self._variables.append(variable)
        self.columns += new
        self._known.update(new)
        return len(new)

    def cut(self, cuts: Sequence[Cut]) -> None:
        """Adds cuts."""
        for cut in cuts:
            row = self._model.add_linear_constraint(ub=1.0)
            for column, variable in zip(self.columns, self._variables, strict=True):
                if cut.uses(column):
                    row.set_coefficient(variable, float(cut.uses(column)))
            self.cuts.append(cut)
            self._cut_rows.append(row)

    def need(self, capacities: Sequence[Capacity]) -> None:
        """Adds cuts of capacity. A crowded visit may always be bought: so all together are worth no more than one."""
        for capacity in capacities:
            row = self._model.add_linear_constraint(lb=float(capacity.entries))
            row.set_coefficient(self._beyond, capacity.beyond)
            for column, variable in zip(self.columns, self._variables, strict=True):
                self._enter(capacity, row, column, variable)
            self.capacities.append(capacity)
            self._capacity_rows.append(row)

    def _enter(
        self, capacity: Capacity, row: mathopt.LinearConstraint, column: Column, variable: mathopt.Variable
    ) -> None:
        used = capacity.entered(column) + self.crowded(column) * capacity.beyond
        if used:
            row.set_coefficient(variable, used)

    def crowded(self, column: Column) -> int:
        """How many visits of a route lie beyond its fair share."""
        return max(0, column.visits - int(self.day.kinds[column.kind].rule[k.SHARE]))

    def forget(self, unwanted: set[Column]) -> None:
        """Drops columns."""
        kept = [(c, v) for c, v in zip(self.columns, self._variables, strict=True) if c not in unwanted]
        for column, variable in zip(self.columns, self._variables, strict=True):
            if column in unwanted:
                self._model.delete_variable(variable)
        self.columns, self._variables = [c for c, _ in kept], [v for _, v in kept]
        self._known -= unwanted

    def solve(self, dear: Sequence[float]) -> tuple[float, Prices, list[float], list[int]] | None:
        """The least cost, the prices, how much of each column is ridden, and which jobs are not served in full.

        Not to serve a job costs ``dear``, which is then the most that it can be worth: any limit gives a true bound,
        and a low one keeps the prices sober as long as few routes are known. Nothing where GLOP gives up.
        """
        for variable, cost in zip(self._missing, dear, strict=True):
            self._model.objective.set_linear_coefficient(variable, cost)
        result = self._solved()
        if result is None or result.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        duals = result.dual_values()
        entry = [max(0.0, duals[row]) for row in self._capacity_rows]
        beyond = sum(price * one.beyond for price, one in zip(entry, self.capacities, strict=True))
        most = min(1.0, self._most_beyond / beyond) if beyond else 1.0
        prices = Prices(
            [0.0, *(max(0.0, duals[row]) for row in self._rows)],
            [max(0.0, -duals[row]) for row in self._cut_rows],
            [most * price for price in entry],
            max(0.0, -duals[self._weight]),
        )
        values = result.variable_values()
        missing = [x for x, variable in enumerate(self._missing) if values[variable] > 1e-6]
        return result.objective_value(), prices, [values[variable] for variable in self._variables], missing

    def _solved(self) -> mathopt.SolveResult | None:
        """Begun from the last solution; where GLOP loses its way, from nothing."""
        for _ in range(2):
            try:
                return self._solver.solve()
            except Exception:  # MathOpt 9.15 raises whatever comes to hand where GLOP ends abnormally.
                self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
        return None
