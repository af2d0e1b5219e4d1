"""How long a search may go on, and who is told how it goes."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How a search stands. ``cost`` is the best so far; ``fraction`` is the part of the limit that has passed."""

    elapsed_s: float
    cost: int
    served: int
    unserved: int
    fraction: float


OnProgress = Callable[[Progress], bool | None]


class Budget:
    """Time and iterations left to a search, with a word about its progress now and then.

    With ``max_iterations`` the search's steps are counted instead of seconds, so that it can be repeated
    exactly; ``limit_s`` then only guards. The search ends early when ``on_progress`` returns ``False`` or
    ``stop`` returns true.
    """

    TELL_EVERY_S = 0.25

    def __init__(
        self,
        limit_s: float,
        max_iterations: int | None = None,
        on_progress: OnProgress | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.limit_s = limit_s
        self.max_iterations = max_iterations
        self.iterations = 0
        self._on_progress = on_progress
        self._stop = stop
        self._began_s = time.monotonic()
        self._told_s = -1.0
        self._standing = (0, 0, 0)
        self.stopped = False

    @property
    def elapsed_s(self) -> float:
        """Seconds since the budget was made."""
        return time.monotonic() - self._began_s

    @property
    def left_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.limit_s - self.elapsed_s)

    def fraction(self) -> float:
        """The part that is used up, from 0 to 1."""
        if self.max_iterations is not None:
            return min(1.0, self.iterations / max(1, self.max_iterations))
        return min(1.0, self.elapsed_s / self.limit_s) if self.limit_s > 0 else 1.0

    def found(self, cost: int, served: int, unserved: int) -> None:
        """A better plan has been found."""
        self._standing = (cost, served, unserved)
        self._tell()

    def over(self) -> bool:
        """Whether to end now. To be asked often: it also tells about progress from time to time."""
        if self.elapsed_s - self._told_s >= self.TELL_EVERY_S:
            self._tell()
        return self.stopped or self.left_s == 0.0 or self.fraction() >= 1.0

    def _tell(self) -> None:
        if self._stop is not None and self._stop():
            self.stopped = True
        self._told_s = self.elapsed_s
        if self._on_progress is None:
            return
        cost, served, unserved = self._standing
        fraction = max(self.fraction(), min(1.0, self._told_s / self.limit_s) if self.limit_s else 1.0)
        if self._on_progress(Progress(self._told_s, cost, served, unserved, fraction)) is False:
            self.stopped = True
