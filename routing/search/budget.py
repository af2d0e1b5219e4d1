"""How long a search may go on, and who is told how it goes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

TELL_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Progress:
    """How a search stands.

    ``cost`` is that of the best plan so far, as the search sees it; ``fraction`` is the part of the time
    that has passed, from 0 to 1; ``gap`` says how much of the cost a better plan that serves as much could save
    at most, as a part of it, where that is proven (the price of what is left out set aside).
    """

    elapsed_s: float
    cost: int
    served: int
    unserved: int
    fraction: float
    gap: float | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """What no plan that leaves out so many jobs costs less than, besides the price of these jobs."""

    cost: int
    unserved: int
    unserved_price: int


def gap_of(cost: int, bound: int) -> float:
    """How much of a cost could be saved at most where nothing costs less than ``bound``: a part of it, from 0 to 1."""
    return max(0.0, 1.0 - bound / cost) if cost > 0 else 0.0


OnProgress = Callable[[Progress], bool | None]


class Stop(Protocol):
    """Anything with ``is_set``, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class Budget:
    """The time left to a search, with a word about its progress now and then.

    The search ends early when ``on_progress`` returns ``False``, or when ``stop`` is set.
    """

    def __init__(self, limit_s: float, on_progress: OnProgress | None = None, stop: Stop | None = None) -> None:
        self.limit_s = limit_s
        self.stopped = False
        self.floor: Floor | None = None
        self._on_progress = on_progress
        self._stop = stop
        self._began_s = time.monotonic()
        self._told_s = 0.0
        self._standing: tuple[int, int, int] | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the budget was made."""
        return time.monotonic() - self._began_s

    @property
    def left_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.limit_s - self.elapsed_s)

    def found(self, cost: int, served: int, unserved: int) -> None:
        """A better plan has been found. The first one is told at once, later ones at the next occasion."""
        first = self._standing is None
        if self._standing is None or (unserved, cost) < (self._standing[2], self._standing[0]):
            self._standing = (cost, served, unserved)
        if first:
            self._tell(self.elapsed_s)

    def over(self) -> bool:
        """Whether to end now. To be asked often: it also tells about progress from time to time."""
        elapsed_s = self.elapsed_s
        if self._stop is not None and self._stop.is_set():
            self.stopped = True
        elif elapsed_s - self._told_s >= TELL_EVERY_S:
            self._tell(elapsed_s)
        return self.stopped or elapsed_s >= self.limit_s

    def end(self, cost: int, served: int, unserved: int) -> None:
        """Tells of the plan that comes back, unless the search was stopped."""
        self._standing = (cost, served, unserved)
        if not self.stopped:
            self._tell(self.elapsed_s)

    def _gap(self, cost: int, unserved: int) -> float | None:
        floor = self.floor
        if floor is None or floor.unserved != unserved or cost <= floor.unserved_price:
            return None
        return gap_of(cost - floor.unserved_price, floor.cost)

    def _tell(self, elapsed_s: float) -> None:
        self._told_s = elapsed_s
        if self._stop is not None and self._stop.is_set():
            self.stopped = True
        if self._on_progress is None or self._standing is None:
            return
        fraction = min(1.0, elapsed_s / self.limit_s) if self.limit_s > 0 else 1.0
        cost, served, unserved = self._standing
        progress = Progress(elapsed_s, cost, served, unserved, fraction, self._gap(cost, unserved))
        if self._on_progress(progress) is False:
            self.stopped = True
