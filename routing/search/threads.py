"""Several searches side by side, each in a thread of its own, cooling down once or again and again."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import cycle

from routing.search.budget import Budget
from routing.search.team import Orders, Search

CHUNK_S = 0.01
ROUNDS_AT_ONCE = 20
END = 0.04
"""The last temperature, in units of the typical cost between neighbours."""
TOLL_UNTIL = 0.6
"""For which part of a cooling trips pay a toll."""
ROUNDS_A_JOB, MOST_COOLINGS = 300, 6
"""How long one cooling of several is; with time for more of them each is longer."""

Found = tuple[int, Orders]
"""A plan's cost in the kernel's terms, and its orders."""
Parts = Iterator[tuple[int | None, float]]
"""Of each cooling the rounds and the seconds after which it is over, whichever comes first."""


@dataclass(frozen=True)
class Phase:
    """A part of a search: it lasts until a second of the budget or for so many rounds of each thread."""

    budget: Budget
    ends_s: float
    rounds: int | None
    unit: float
    on_look: Callable[[], None]

    @property
    def left_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.ends_s - self.budget.elapsed_s)


@dataclass(frozen=True)
class Way:
    """How one search goes through a phase: once from where it is, or again and again ``anew`` from these orders.

    ``begin`` is how warm it begins, ``tolls`` what the root of a trip's stops pays in its coolings in turn, in units of
    temperature: some days are ridden best in fewer trips than a search finds without, some are not. Where trips are
    long, there are many plans that no small change makes better. Which of them a cooling ends in is chance, so that the
    best of several short ones is lower than a long one.
    """

    begin: float
    anew: Orders | None = None
    tolls: tuple[float, ...] = (0.0,)


def cool(searches: Sequence[Search], ways: Sequence[Way], phase: Phase) -> list[Found]:
    """Runs every search in a thread of its own until the phase is over; what each cooling found.

    The phase's ``on_look`` is called now and then.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(len(searches)) as pool:
        running = [pool.submit(_go, *one, phase, stop) for one in zip(searches, ways, strict=True)]
        try:
            while wait(running, timeout=0.02).not_done:
                phase.on_look()
                if phase.budget.over():
                    stop.set()
        finally:
            stop.set()
    return [found for one in running for found in one.result()]


def _go(search: Search, way: Way, phase: Phase, stop: threading.Event) -> list[Found]:
    found: list[Found] = []
    parts = _once(phase) if way.anew is None else _often(phase, ROUNDS_A_JOB * len(search.arrays.jobs))
    for toll, (rounds, lasts_s) in zip(cycle(way.tolls), parts, strict=False):
        if found and stop.is_set():
            break
        if found and way.anew is not None:
            search.load(way.anew)
        _cool_down(search, phase, _Cooling(rounds, lasts_s, way.begin, toll), stop)
        found.append((search.cost, search.orders()))
    return found


def _once(phase: Phase) -> Parts:
    yield phase.rounds, phase.left_s if phase.rounds is None else math.inf


def _often(phase: Phase, length: int) -> Parts:
    """Coolings of so many rounds or longer; after the first, which shows how long that takes, as there is time for."""
    if phase.rounds is not None:
        times = min(MOST_COOLINGS, max(1, round(phase.rounds / length)))
        yield from [(phase.rounds // times, math.inf)] * times
        return
    began_s = phase.left_s
    yield length, began_s
    took_s = began_s - phase.left_s
    for left in range(MOST_COOLINGS - 1, 0, -1):
        times = min(left, round(phase.left_s / max(0.001, took_s)))
        if times < 1:
            break
        yield None, phase.left_s / times


@dataclass(frozen=True)
class _Cooling:
    """One way from warm to cold."""

    rounds: int | None
    lasts_s: float
    begin: float
    toll: float

    def fraction(self, done: int, passed_s: float) -> float:
        """The part of the way behind it after so many rounds and seconds."""
        by_rounds = 0.0 if self.rounds is None else done / max(1, self.rounds)
        return max(by_rounds, passed_s / max(1e-9, self.lasts_s))

    def temperature(self, fraction: float) -> float:
        """How warm it is there, in units of the typical cost between neighbours."""
        return self.begin * float((END / self.begin) ** fraction)


def _cool_down(search: Search, phase: Phase, cooling: _Cooling, stop: threading.Event) -> None:
    done, chunk, began_s = 0, ROUNDS_AT_ONCE, phase.budget.elapsed_s
    while not stop.is_set():
        fraction = cooling.fraction(done, phase.budget.elapsed_s - began_s)
        if fraction >= 1.0:
            break
        at_s = time.perf_counter()
        if cooling.rounds is not None:
            chunk = min(chunk, cooling.rounds - done)
        temperature = phase.unit * cooling.temperature(fraction)
        search.toll(cooling.toll * temperature if fraction < TOLL_UNTIL else 0.0)
        search.run(chunk, temperature)
        done += chunk
        if cooling.lasts_s < math.inf:
            took_s = time.perf_counter() - at_s
            chunk = max(1, min(10_000, int(chunk * CHUNK_S / max(took_s, 1e-6))))
    search.toll(0.0)
