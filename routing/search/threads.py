"""Several searches side by side, cooling down together until their time, or their rounds, are over."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from routing.search.budget import Budget
from routing.search.team import Search

CHUNK_S = 0.01
ROUNDS_AT_ONCE = 20
WARMTH = 4.0
"""How much warmer every other search begins."""
END = 0.04
"""The last temperature, in units of the typical cost between neighbours."""


class Cooling:
    """One phase of a search: from which to which second it lasts, or how many rounds, and how warm it begins."""

    def __init__(self, ends_s: float, budget: Budget, unit: float, begin: float, rounds: int | None = None) -> None:
        self.rounds = rounds
        self._budget, self._unit, self._begin = budget, unit, begin
        self._began_s = budget.elapsed_s
        self._lasts_s = max(1e-9, ends_s - self._began_s)

    def fraction(self, done: int) -> float:
        """The part of the phase that is over after so many rounds."""
        if self.rounds is not None:
            return min(1.0, done / self.rounds) if self.rounds > 0 else 1.0
        return min(1.0, (self._budget.elapsed_s - self._began_s) / self._lasts_s)

    def temperature(self, fraction: float, warmth: float) -> float:
        """How warm it is then; ``warmth`` is how much warmer than the others a search begins."""
        begin = self._begin * warmth
        return self._unit * begin * float((END / begin) ** fraction)


def cool(
    searches: Sequence[Search], cooling: Cooling, budget: Budget, on_look: Callable[[], None], look_s: float = 0.02
) -> None:
    """Runs every search in a thread of its own until the phase is over; ``on_look`` is called now and then."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(searches)) as pool:
        warmths = [WARMTH if number % 2 else 1.0 for number in range(len(searches))]
        work = [pool.submit(_run, *one, cooling, stop) for one in zip(searches, warmths, strict=True)]
        try:
            while wait(work, timeout=look_s).not_done:
                on_look()
                if budget.over():
                    stop.set()
        finally:
            stop.set()
    for one in work:
        one.result()


def _run(search: Search, warmth: float, cooling: Cooling, stop: threading.Event) -> None:
    done, chunk = 0, ROUNDS_AT_ONCE
    while not stop.is_set():
        fraction = cooling.fraction(done)
        if fraction >= 1.0:
            return
        began_s = time.perf_counter()
        if cooling.rounds is not None:
            chunk = min(ROUNDS_AT_ONCE, cooling.rounds - done)
        search.run(chunk, cooling.temperature(fraction, warmth))
        done += chunk
        took_s = time.perf_counter() - began_s
        chunk = max(1, min(10_000, int(chunk * CHUNK_S / max(took_s, 1e-6))))
