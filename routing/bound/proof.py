"""The lower bound as work that tells how it goes, and can be stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from routing.bound.bound import Bound, lower_bound
from routing.evaluate import evaluate
from routing.plan import Plan
from routing.problem import Problem
from routing.search.budget import Stop, gap_of

TELL_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Proving:
    """The part of the time that has passed, from 0 to 1, and the gap that is proven so far (as in ``Progress``)."""

    fraction: float
    gap: float | None


OnProof = Callable[[Proving], bool | None]


def prove(problem: Problem, plan: Plan, limit_s: float, on_progress: OnProof, stop: Stop | None = None) -> Bound:
    """As ``lower_bound``; a thread calls ``on_progress`` twice a second, until the answer is there."""
    evaluation = evaluate(problem, plan)
    cost, bounds = evaluation.cost - evaluation.unserved_price, [0]
    over, began_s = Event(), time.monotonic()

    def tell() -> None:
        while not over.wait(TELL_EVERY_S):
            gap = gap_of(cost, bounds[-1]) if bounds[-1] and cost > 0 else None
            on_progress(Proving(min(1.0, (time.monotonic() - began_s) / limit_s), gap))

    teller = Thread(target=tell, daemon=True, name="proof")
    teller.start()
    try:
        return lower_bound(problem, plan, limit_s, stop, bounds.append)
    finally:
        over.set()
        teller.join()
