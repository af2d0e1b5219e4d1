"""Routes as the linear program sees them, and cuts over three jobs."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A route of one kind: its jobs in order (0 is the office between trips), and what it costs at least."""

    kind: int
    stops: tuple[int, ...]
    cost: int

    @property
    def counts(self) -> Counter[int]:
        """How often each job is served."""
        return Counter(x for x in self.stops if x)

    @property
    def visits(self) -> int:
        """How many visits there are, each time that a job is served."""
        return sum(x > 0 for x in self.stops)


@dataclass(frozen=True, slots=True)
class Cut:
    """A subset-row cut: of three jobs, routes that serve two or more can be ridden once in all."""

    jobs: tuple[int, int, int]

    def uses(self, column: Column) -> int:
        """How much of it a route takes."""
        counts = column.counts
        return sum(counts[x] for x in self.jobs) // 2
