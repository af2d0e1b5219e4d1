"""An independent judge of benchmark plans: orders and tables in, what is wrong and the cost out.

It shares no code with `evaluate`, `timing` or the search: it rides every trip as early as it can by itself.
"""

from collections.abc import Iterator
from itertools import pairwise

from routing.plan import Plan
from routing.problem import Job, Problem, Shift

Judged = tuple[list[str], int, int]
"""What is wrong, how many jobs are left out, and what the plan costs without them."""


def judge(problem: Problem, plan: Plan) -> Judged:
    """For days without cut-offs, links, setups and locks, as the benchmarks are."""
    jobs = {job.id: job for job in problem.jobs}
    shifts = {shift.id: shift for shift in problem.shifts}
    costs = problem.duration_s if problem.travel_cost is None else problem.travel_cost
    wrong: list[str] = []
    served: list[str] = []
    cost = 0
    for route in plan.routes:
        shift = shifts[route.shift_id]
        cost += shift.fixed_price if any(trip.visits for trip in route.trips) else 0
        free_s, spans = 0, [trip.span for trip in route.trips]
        wrong += [f"{shift.id}: {n} trips in a span" for n in map(spans.count, spans) if n > shift.max_trips]
        for trip in route.trips:
            ids = [visit.job_id for visit in trip.visits]
            doors = [jobs[job_id] for job_id in ids]
            served += ids
            places = [problem.office, *(job.location for job in doors), problem.office]
            cost += sum(int(costs[a, b]) for a, b in pairwise(places))
            wrong += [f"{shift.id}: {why}" for why in _load(doors, shift)]
            free_s, late = _time(problem, shift, trip.span, doors, free_s)
            wrong += [f"{shift.id}: {why}" for why in late]
    wrong += [
        f"job {job_id} is served {served.count(job_id)} times" for job_id in {*served} if served.count(job_id) > 1
    ]
    return wrong, len(jobs) - len(set(served)), cost


def _load(doors: list[Job], shift: Shift) -> Iterator[str]:
    load = sum(job.deliver for job in doors)
    if load > shift.capacity:
        yield f"{load} units at the start"
    for job in doors:
        load += job.collect - job.deliver
        if load > shift.capacity:
            yield f"{load} units after {job.id}"
        if job.skills - shift.skills:
            yield f"cannot do {job.id}"


def _time(problem: Problem, shift: Shift, span: int, doors: list[Job], free_s: int) -> tuple[int, list[str]]:
    """When the volunteer is free again, and what was too late. ``free_s`` is the end of the trip before."""
    opens_s, ends_s = shift.spans[span].start_s, shift.spans[span].end_s
    now_s = max(opens_s, free_s + problem.handling_s if free_s else 0, max((job.release_s for job in doors), default=0))
    here, late = problem.office, []
    for job in doors:
        now_s += int(problem.duration_s[here, job.location])
        open_windows = [window for window in job.windows if now_s <= window.end_s]
        if job.windows and not open_windows:
            late.append(f"late at {job.id}")
        elif job.windows:
            now_s = max(now_s, min(window.start_s for window in open_windows))
        now_s, here = now_s + job.service_s, job.location
    now_s += int(problem.duration_s[here, problem.office])
    return now_s, [*late, *([f"back {now_s - ends_s} late"] if now_s > ends_s else [])]
