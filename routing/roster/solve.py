"""Filling a month in three steps: no place empty, then fair (both proven), then people on call for what stands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from math import inf

from ortools.sat.python import cp_model

from routing.roster.model import Duties, Term, backups_model, duties_model, month_price
from routing.roster.problem import RosterProblem
from routing.roster.report import Outcome, report
from routing.roster.roster import Roster, RosterNotFoundError, RosterProgress

POLL_S = 0.1
LEAST_S = 0.5
"""What a step gets at least when the steps before it took the whole time."""
ON_CALL_S = 2.0
"""What the choice of who stands by gets at most: evening that out to the last is not worth the wait."""


OnProgress = Callable[[RosterProgress], bool]


@dataclass
class _Search:
    """One run over the steps: the time that is left, and whether somebody asked to stop."""

    left_s: float
    workers: int
    seed: int
    on_progress: OnProgress | None
    spent_s: float = 0.0
    missing: int | None = None
    stopped: bool = False
    proven: bool = True

    def minimize(self, step: str, duties: Duties, objective: Term, most_s: float = inf) -> cp_model.CpSolver | None:
        """Solve, and tell every tenth of a second how it goes. The solver comes back with the best that it found
        (None: nothing); what is not proven to be the best is noted."""
        duties.model.minimize(objective)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = LEAST_S if self.stopped else max(LEAST_S, min(most_s, self.left_s))
        solver.parameters.num_workers = self.workers
        solver.parameters.random_seed = self.seed
        best = _Best()
        solver.best_bound_callback = best.note_bound
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(solver.solve, duties.model, best)
            polls = 0
            while wait((running,), POLL_S).not_done:
                polls += 1
                if not self.stopped and not self._tell(step, self.spent_s + polls * POLL_S, best.gap()):
                    self.stopped = True
                if self.stopped and best.found:
                    solver.stop_search()
            status = running.result()
        self.proven = self.proven and status == cp_model.OPTIMAL
        self.left_s -= solver.wall_time
        self.spent_s += solver.wall_time
        return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None

    def _tell(self, step: str, seconds: float, gap: float) -> bool:
        return self.on_progress is None or self.on_progress(RosterProgress(step, seconds, self.missing, gap))


class _Best(cp_model.CpSolverSolutionCallback):
    """The best price and bound so far, for who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False
        self.price = self.bound = 0.0

    def on_solution_callback(self) -> None:
        self.found, self.price, self.bound = True, self.objective_value, self.best_objective_bound

    def note_bound(self, bound: float) -> None:
        self.bound = bound

    def gap(self) -> float:
        return share_of(self.price, self.bound) if self.found else 1.0


def share_of(price: float, bound: float) -> float:
    """The gap between a price and its bound, as a share of the price."""
    return min(1.0, max(0.0, price - bound) / max(1.0, abs(price)))


def solve_roster(
    problem: RosterProblem,
    time_limit_s: float = 15.0,
    workers: int = 2,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> Roster:
    """The best month that can be found in the time. ``on_progress`` returns False to stop with what there is.

    Raises ``RosterNotFoundError`` where the time is too short for any.
    """
    search = _Search(time_limit_s, workers, seed, on_progress)
    duties = duties_model(problem)
    empty = sum(duties.missing.values())
    places = search.minimize("places", duties, empty)
    if places is None:
        raise RosterNotFoundError
    minimal = search.proven
    search.missing = round(places.objective_value)

    duties.model.add(empty <= search.missing)
    for yes in duties.serves.values():
        duties.model.add_hint(yes, places.value(yes))
    fairness = search.minimize("fairness", duties, month_price(problem, duties))
    decided = fairness or places
    served, optimal = chosen(problem, duties, decided), search.proven

    calls, price = backups_model(problem, served)
    on_call = search.minimize("on_call", calls, price, ON_CALL_S)
    outcome = Outcome(
        served=served,
        on_call=chosen(problem, calls, on_call),
        missing={key: decided.value(short) for key, short in duties.missing.items()},
        minimal=minimal,
        optimal=optimal,
        gap=share_of(fairness.objective_value, fairness.best_objective_bound) if fairness else 1.0,
        stopped=search.stopped,
    )
    return report(problem, outcome)


def chosen(problem: RosterProblem, duties: Duties, solver: cp_model.CpSolver | None) -> dict[str, set[str]]:
    """Slots by person, as the solver decided; nobody anywhere where it found nothing."""
    slots: dict[str, set[str]] = {person.id: set() for person in problem.people}
    for (who, slot), yes in duties.serves.items():
        if solver is not None and solver.boolean_value(yes):
            slots[who].add(slot)
    return slots
