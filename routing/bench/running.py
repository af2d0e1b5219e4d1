"""A day that is under way: one urgent job, windows to promise, and re-planning after something has happened.

The day stands at a given second: what was begun is done, everybody stands at their last door, and the results of the
trip under way are aboard. An urgent job is ranked at once, and refined from the best place; a long search from there
says what was possible. Then a volunteer drops out, a street closes (ten doors can only be reached by a long way
round), or five jobs come in: each is planned freely, and with a price on every promise that changes hands.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from routing.bench._days import AFTERNOON, MORNING, ward_day
from routing.evaluate import evaluate
from routing.insert import insert, places_for, windows_that_hold
from routing.plan import Plan, Unserved
from routing.problem import IntTable, Job, Prices, Problem, Shift, TimeWindow
from routing.roads.starter import starter_map
from routing.solve import solve
from routing.timing import schedule

NOW_S = 9 * 3600
NEW_JOBS = 5
CLOSED, ROUND_S = 10, 600
OFFERED = [
    TimeWindow(s, s + 3600) for half in (MORNING, AFTERNOON) for s in range(half.start_s, half.end_s - 3599, 3600)
]


def main(arguments: list[str]) -> int:
    """Prints one line a figure; costs are those of ``evaluate`` without the prices of changes."""
    parser = argparse.ArgumentParser(prog="python -m routing bench running", description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", type=float, default=20.0, metavar="S", help="for what was possible")
    parser.add_argument("--urgent", type=int, default=5, help="so many urgent jobs, one at a time")
    parser.add_argument("--crowded-stop", type=int, default=Prices().crowded_stop, help="0: travel alone is priced")
    parser.add_argument("--moved", type=int, default=300, help="price of a promise that changes hands")
    options = parser.parse_args(arguments)
    day = ward_day(options.jobs + NEW_JOBS, options.seed, starter_map().network)
    new, day = (
        day.jobs[-NEW_JOBS:],
        replace(day, jobs=day.jobs[:-NEW_JOBS], prices=Prices(crowded_stop=options.crowded_stop)),
    )
    plan = solve(day, 10.0, seed=1)
    rest, going = _under_way(day, plan)
    print(f"{len(rest.jobs)} of {len(day.jobs)} jobs are left at second {NOW_S}", flush=True)
    _urgent(day, plan, rest, going, [replace(job, windows=()) for job in new[: options.urgent]], options.long)
    _changes(rest, going, new, options.moved, options.long)
    return 0


def _under_way(day: Problem, plan: Plan) -> tuple[Problem, Plan]:
    """What is left of the day, and of the plan."""
    done: set[str] = set()
    aboard: dict[str, str] = {}
    serves: dict[str, str] = {}
    shifts: list[Shift] = []
    orders: dict[str, list[tuple[int, list[str]]]] = {}
    for shift in day.shifts:
        route = next((route for route in plan.routes if route.shift_id == shift.id), None)
        here, free_s, carried = day.office, NOW_S, 0
        for trip in route.trips if route else ():
            begun = [visit for visit in trip.visits if visit.arrive_s < NOW_S and trip.leave_office_s < NOW_S]
            left = [visit.job_id for visit in trip.visits[len(begun) :]]
            done.update(visit.job_id for visit in begun)
            serves.update(dict.fromkeys(left, shift.id))
            if begun and left:
                here, free_s = day.job_by_id[begun[-1].job_id].location, max(NOW_S, begun[-1].leave_s)
                carried = sum(day.job_by_id[visit.job_id].collect for visit in begun)
                aboard.update({name: shift.id for name in left if day.job_by_id[name].deliver})
            if left:
                orders.setdefault(shift.id, []).append((trip.span, left))
        shifts.append(replace(shift, start_s=free_s, start_location=here, carried=carried))
    jobs = tuple(
        replace(job, aboard=job.id in aboard, only_shift=aboard.get(job.id), preferred_shift=serves.get(job.id))
        for job in day.jobs
        if job.id not in done
    )
    rest = replace(day, jobs=jobs, shifts=tuple(shifts))
    routes = tuple(schedule(rest, shift_id, trips) for shift_id, trips in orders.items())
    return rest, Plan(routes, tuple(Unserved(job.id) for job in jobs if job.id not in serves))


def _urgent(day: Problem, plan: Plan, rest: Problem, going: Plan, urgent: list[Job], long_s: float) -> None:
    ranked_ms, promised_ms, over = [], [], []
    for job in urgent:
        asked = replace(rest, jobs=(*rest.jobs, job))
        waiting = replace(going, unserved=(*going.unserved, Unserved(job.id)))
        places, took_ms = _timed(partial(places_for, asked, waiting, job, NOW_S))
        ranked_ms.append(took_ms)
        _, today_ms = _timed(partial(windows_that_hold, rest, going, job, OFFERED, NOW_S))
        _, tomorrow_ms = _timed(partial(windows_that_hold, day, plan, job, OFFERED))
        promised_ms.append(today_ms + tomorrow_ms)
        first = insert(asked, waiting, places[0], job)
        refined, best = solve(asked, 0.3, start=first), solve(asked, long_s, start=first)
        costs = [evaluate(asked, one).cost for one in (first, refined, best)]
        over.append([100 * (cost / costs[2] - 1) for cost in costs])
        print(
            f"urgent {job.id}: ranked {costs[0]}, refined in 0.3 s {costs[1]}, in {long_s:g} s {costs[2]}", flush=True
        )
    print(f"ranked places: median {median(ranked_ms):.1f} ms, worst {max(ranked_ms):.1f} ms")
    print(f"windows of two days: median {median(promised_ms):.1f} ms, worst {max(promised_ms):.1f} ms")
    worst = [max(one) for one in zip(*over, strict=True)]
    print(f"over the long search, worst: ranked {worst[0]:.2f} %, refined {worst[1]:.2f} %", flush=True)


def _changes(rest: Problem, going: Plan, new: tuple[Job, ...], price: int, limit_s: float) -> None:
    days = {
        "a volunteer drops out": _without(
            rest, max(going.routes, key=lambda route: len(list(route.visits()))).shift_id
        ),
        "a street closes": replace(rest, duration_s=_closed(rest)),
        "five new jobs": replace(rest, jobs=(*rest.jobs, *new)),
    }
    for name, day in days.items():
        plans = []
        for moved in (0, price):
            priced = replace(day, prices=replace(day.prices, moved_job=moved))
            found = solve(priced, limit_s, start=going)
            plain = evaluate(replace(day, prices=replace(day.prices, moved_job=0)), found)
            plans.append((plain.cost - plain.unserved_price, plain.unserved, len(evaluate(priced, found).moved_jobs)))
        (free, free_out, free_moved), (kept, kept_out, kept_moved) = plans
        print(
            f"{name}: free {free} ({free_out} left out), {free_moved} promises moved; "
            f"kept {kept} ({kept_out} left out), {kept_moved} moved: {100 * (kept / free - 1):+.2f} %",
            flush=True,
        )


def _without(rest: Problem, shift_id: str) -> Problem:
    """The rest without a volunteer, and without what lies in that bag: it comes back to the office first."""
    jobs = tuple(
        replace(job, preferred_shift=None) if job.preferred_shift == shift_id else job
        for job in rest.jobs
        if job.only_shift != shift_id
    )
    return replace(rest, jobs=jobs, shifts=tuple(shift for shift in rest.shifts if shift.id != shift_id))


def _closed(rest: Problem) -> IntTable:
    """Travel times where the ten doors nearest to the first one can only be reached by a long way round."""
    inside = np.zeros(len(rest.duration_s), bool)
    here = rest.jobs[0].location
    inside[[job.location for job in sorted(rest.jobs, key=lambda job: rest.travel_s(here, job.location))[:CLOSED]]] = (
        True
    )
    longer_s: IntTable = ROUND_S * (inside[:, None] != inside[None, :])
    return np.add(rest.duration_s, longer_s)


def _timed(work: Callable[[], list[Any]]) -> tuple[list[Any], float]:
    began_s = time.perf_counter()
    answer = work()
    return answer, (time.perf_counter() - began_s) * 1000
