"""The travel matrix as the kernel reads it: the only tables that grow with the square of the jobs.

Both are made some rows at a time, which stay in the processor's cache. What else the kernel needs is in
``routing.search.arrays``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.problem import UNREACHABLE_S, Job, Problem
from routing.search.columns import NEVER

Ints = npt.NDArray[np.integer[Any]]
ROWS_AT_ONCE = 64


def arcs(problem: Problem, jobs: Sequence[Job], places: Sequence[int]) -> Ints:
    """Times between starts of service, and prices of rides, there and back: shape (places, places, 4), int32.

    ``places`` are locations: the office, those of the jobs, then others where trips start or end.
    """
    spots, mine = np.array(places), slice(1, len(jobs) + 1)
    service_s, setup_s = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
    service_s[mine], setup_s[mine] = [job.service_s for job in jobs], [job.setup_s for job in jobs]
    door = np.full(len(places), -1)
    door[mine] = spots[mine]
    cost = problem.duration_s if problem.travel_cost is None else problem.travel_cost
    arc = np.empty((len(places), len(places), 4), np.int32)
    for rows in _rows(0, len(places)):
        time_s = np.minimum(problem.duration_s[spots[rows]][:, spots].astype(np.int64), UNREACHABLE_S)
        time_s += service_s[rows, None]
        if setup_s.any():
            time_s += np.where(door[rows, None] == door, 0, setup_s)
        priced = cost[spots[rows]][:, spots].astype(np.int64) * problem.prices.travel_per_s
        arc[rows, :, 0], arc[rows, :, 1] = np.minimum(time_s, NEVER), np.minimum(priced, NEVER)
        arc[:, rows, 2], arc[:, rows, 3] = arc[rows, :, 0].T, arc[rows, :, 1].T
    return arc


def near(arc: Ints, n_jobs: int) -> Ints:
    """For every job all jobs, nearest there and back first, itself included; of equal ones the first. Row 0 is empty.

    Numbers that hold cost and job are sorted: several times as quick as an order of costs, and the order is the same.
    """
    order = np.zeros((n_jobs + 1, n_jobs), np.int32)
    job = np.arange(n_jobs)
    for rows in _rows(1, n_jobs + 1):
        both = arc[rows, 1 : n_jobs + 1]
        key = (both[..., 1].astype(np.int64) + both[..., 3]) * n_jobs + job
        if key.max() < 2**32:
            key = key.astype(np.uint32)
        key.sort(axis=1)
        order[rows] = key % n_jobs + 1
    return order


def dearest(arc: Ints) -> int:
    """The highest price of a ride that there is."""
    return int(np.max(arc[..., 1], initial=0, where=arc[..., 0] < UNREACHABLE_S))


def _rows(first: int, end: int) -> Iterator[slice]:
    return (slice(row, min(row + ROWS_AT_ONCE, end)) for row in range(first, end, ROWS_AT_ONCE))
