"""Ruin and recreate: take strings of neighbouring visits out, put them back more cleverly, cool down.

Slack induction by string removals after J. Christiaens and G. Vanden Berghe (Transportation Science 54(2),
2020).
"""

import math
from collections.abc import Callable
from random import Random

import numpy as np

from routing.search.budget import Phase
from routing.search.tours import Tours

Orders = list[list[int]]

LONGEST_STRING = 10
REMOVED_ON_AVERAGE = 10
COLD_START, WARM_START, END = 4.0, 0.4, 0.04
"""Temperatures, in units of the typical cost between neighbours: warm is for a plan that is good already."""


def anneal(
    tours: Tours,
    phase: Phase,
    rng: Random,
    on_better: Callable[[Orders, int], None],
    begin: float = COLD_START,
) -> None:
    """Improves the tours until the phase is over; tells every new best, and leaves them at some good state."""
    if np.count_nonzero(tours.slots.may_ride.any(axis=1)) < 2:
        return
    near = _neighbours(tours)
    scale = _typical_cost(tours, near)
    rank = _insertion_orders(tours, rng)
    current = best = tours.cost()
    while not phase.over():
        phase.iterations += 1
        before = tours.mark()
        if not tours.take(_strings(tours, near, rng)):
            tours.restore(before)
            continue
        for job in rank(tours.unserved()):
            place = tours.best_place(job)
            if place is not None and place.cost < tours.unserved_cost[job]:
                tours.put(job, place)
        cost = tours.cost()
        temperature = scale * begin * (END / begin) ** phase.fraction()
        if cost < current - temperature * math.log(1.0 - rng.random()):
            current = cost
            if cost < best:
                best = cost
                on_better(tours.orders(), cost)
        else:
            tours.restore(before)


def _neighbours(tours: Tours) -> list[list[int]]:
    """For every job all jobs, nearest first, itself included."""
    size = len(tours.slot_of) + 1
    between = tours.slots.arc_cost[1:size, 1:size]
    nearest: list[list[int]] = between.argsort(axis=1, kind="stable").tolist()
    return nearest


def _typical_cost(tours: Tours, near: list[list[int]]) -> float:
    costs = sorted(tours.arc_cost[job + 1][other + 1] for job, row in enumerate(near) for other in row[1:6])
    return max(1.0, float(costs[len(costs) // 2]))


def _insertion_orders(tours: Tours, rng: Random) -> Callable[[list[int]], list[int]]:
    """A function that puts jobs into one of several orders, drawn anew every time."""
    far = [tours.arc_cost[0][job + 1] for job in range(len(tours.slot_of))]
    open_s = [sum(end_s - start_s for start_s, end_s in windows) for windows in tours.windows]

    def rank(jobs: list[int]) -> list[int]:
        rng.shuffle(jobs)
        draw = rng.randrange(11)
        if draw < 2:
            jobs.sort(key=lambda job: open_s[job])
        elif draw < 6:
            jobs.sort(key=lambda job: -far[job])
        elif draw < 7:
            jobs.sort(key=lambda job: far[job])
        elif draw < 8:
            jobs.sort(key=lambda job: -tours.unserved_cost[job])
        return jobs

    return rank


def _strings(tours: Tours, near: list[list[int]], rng: Random) -> list[int]:
    """Strings of consecutive visits around one place, at most one a trip."""
    lengths = [len(tour.jobs) for tour in tours.tours if tour.jobs]
    if not lengths:
        return []
    longest = min(LONGEST_STRING, sum(lengths) / len(lengths))
    wanted = int(rng.random() * max(1.0, 4 * REMOVED_ON_AVERAGE / (1 + longest) - 1)) + 1
    removed: list[int] = []
    ruined: set[int] = set()
    for job in near[rng.randrange(len(near))]:
        slot = tours.slot_of[job]
        if slot is None or slot in ruined:
            continue
        ruined.add(slot)
        jobs = tours.tours[slot].jobs
        length = int(rng.random() * min(len(jobs), longest)) + 1
        removed += _string(jobs, jobs.index(job), length, rng)
        if len(ruined) >= wanted:
            break
    return removed


def _string(jobs: list[int], around: int, length: int, rng: Random) -> list[int]:
    """So many consecutive jobs, one of them at index ``around``; or with some kept in their midst."""
    kept = 0
    if rng.random() < 0.5:
        while length + kept < len(jobs) and rng.random() < 0.5:
            kept += 1
    whole = length + kept
    begin = rng.randint(max(0, around - whole + 1), min(around, len(jobs) - whole))
    gap = begin + rng.randint(0, length)
    return jobs[begin:gap] + jobs[gap + kept : begin + whole]
