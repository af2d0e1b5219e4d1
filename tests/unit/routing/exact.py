"""The best plan of a very small day by dynamic programming over sets of jobs: slow, but it cannot miss one.

It knows days of one span and one trip a shift: travel, windows, skills, priorities; bags have to be large enough.
"""

from functools import cache

import numpy as np

from routing.problem import Job, Prices, Problem, Shift, TimeWindow
from tests.days import tables


def small_day(seed: int, jobs: int) -> Problem:
    """A day that the exact method knows, with windows and skills, and not always room for everything."""
    rng = np.random.default_rng((seed, jobs))
    distance_m, duration_s = tables(rng.integers(0, 4000, size=(jobs + 1, 2)))
    span = TimeWindow(28_000, 28_000 + jobs * int(rng.integers(500, 1200)))
    return Problem(
        jobs=tuple(_job(rng, number, span) for number in range(1, jobs + 1)),
        shifts=(Shift("a", (span,), 99, frozenset({"certify"}), max_trips=1), Shift("b", (span,), 99, max_trips=1)),
        duration_s=duration_s,
        distance_m=distance_m,
        prices=Prices(crowded_stop=0),
    )


def _job(rng: np.random.Generator, number: int, span: TimeWindow) -> Job:
    opens_s = int(rng.integers(span.start_s, span.end_s - 900))
    return Job(
        f"j{number}",
        number,
        service_s=int(rng.integers(60, 600)),
        windows=(TimeWindow(opens_s, opens_s + 1800),) if rng.random() < 0.4 else (),
        skills=frozenset({"certify"} if rng.random() < 0.2 else ()),
    )


def best_rank(problem: Problem) -> tuple[int, int, int]:
    """(weight left out, jobs left out, travel) of the best plan."""
    jobs = range(len(problem.jobs))
    everything = (1 << len(problem.jobs)) - 1
    costs = [_trips(problem, shift) for shift in problem.shifts]

    @cache
    def rest(number: int, left: int) -> tuple[int, int, int]:
        if number == len(costs):
            out = [j for j in jobs if left >> j & 1]
            return sum(problem.jobs[j].priority for j in out), len(out), 0
        best, part = rest(number + 1, left), left
        while part:
            if part in costs[number]:
                weight, count, cost = rest(number + 1, left & ~part)
                best = min(best, (weight, count, cost + costs[number][part]))
            part = (part - 1) & left
        return best

    return rest(0, everything)


def _trips(problem: Problem, shift: Shift) -> dict[int, int]:
    """Set of jobs -> the least travel of a trip that serves them all."""
    office, (span,) = problem.office, shift.spans
    able = [j for j, job in enumerate(problem.jobs) if job.skills <= shift.skills]
    labels: dict[tuple[int, int], list[tuple[int, int]]] = {}
    best: dict[int, int] = {}
    for served in sorted(range(1 << len(problem.jobs)), key=int.bit_count):
        for j in able:
            if not served >> j & 1:
                continue
            job, before = problem.jobs[j], served & ~(1 << j)
            reached = []
            for i, at, cost in _before(labels, able, before, office, problem, span.start_s):
                ready_s = at + problem.travel_s(i, job.location) + job.setup_s
                start_s = min((max(ready_s, w.start_s) for w in job.windows if ready_s <= w.end_s), default=None)
                start_s = ready_s if not job.windows else start_s
                if start_s is not None:
                    reached.append((start_s + job.service_s, cost + problem.travel_s(i, job.location)))
            labels[served, j] = _undominated(reached)
            for at, cost in labels[served, j]:
                home_s = problem.travel_s(job.location, office)
                if at + home_s <= span.end_s:
                    best[served] = min(best.get(served, cost + home_s), cost + home_s)
    return best


def _before(labels, able, before, office, problem, start_s):
    if before == 0:
        return [(office, start_s, 0)]
    places = ((problem.jobs[i].location, labels.get((before, i), [])) for i in able if before >> i & 1)
    return [(place, at, cost) for place, reached in places for at, cost in reached]


def _undominated(reached):
    kept, cheapest = [], None
    for at, cost in sorted(reached):
        if cheapest is None or cost < cheapest:
            kept.append((at, cost))
            cheapest = cost
    return kept
