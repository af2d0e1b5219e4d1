"""What grows how much with the day: 100 to 1,000 jobs, a volunteer for each 25, seconds of each part and memory.

Every size is measured in a process of its own, the median of some tries, in seconds of the processor. The last line
says with which power of the number of jobs a time grew from the smallest day to the largest (n log n from 100 to 1,000
jobs: 1.18).
"""

import argparse
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from statistics import mean, median

from routing.bench._days import AFTERNOON, MORNING, doors, ward_day
from routing.bench._picture import curves
from routing.evaluate import evaluate
from routing.insert import places_for, windows_that_hold
from routing.plan import Plan
from routing.problem import Job, Problem, TimeWindow
from routing.roads.starter import starter_map
from routing.search import matrix, warm
from routing.search.arrays import Arrays, make_arrays
from routing.search.decode import plan_of
from routing.search.team import Search, typical_cost
from routing.solve import solve

JOBS_A_VOLUNTEER = 25
TRIES = 5
ROUNDS = 2000
HOURS = [half.start_s + 3600 * hour for half in (MORNING, AFTERNOON) for hour in range(3)]
OFFERED = [TimeWindow(start_s, start_s + 3600) for start_s in HOURS]


def main(arguments: list[str]) -> int:
    """A row a size; with ``--picture`` the curves as SVG."""
    parser = argparse.ArgumentParser(prog="python -m routing bench growth", description=__doc__)
    parser.add_argument("--days", default="100,200,400,700,1000", help="jobs, with commas between")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=10.0, metavar="S", help="for the plan")
    parser.add_argument("--picture", type=Path, metavar="SVG")
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alone:
        print(
            *(f"{name}\t{figure}" for name, figure in _measured(options.alone, options.seed, options.limit).items()),
            sep="\n",
        )
        return 0
    sizes = [int(n) for n in options.days.split(",")]
    rows = {n: _in_a_process(n, options) for n in sizes}
    names = list(rows[sizes[0]])
    print("| jobs | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|", sep="\n")
    for n, row in rows.items():
        print(f"| {n} | " + " | ".join(f"{row[name]:.3g}" for name in names) + " |", flush=True)
    first, last = rows[sizes[0]], rows[sizes[-1]]
    grown = [name for name in names if first[name] > 0 and last[name] > 0]
    power = {name: math.log(last[name] / first[name]) / math.log(sizes[-1] / sizes[0]) for name in grown}
    print("| power | " + " | ".join(f"{power[name]:.2f}" if name in power else "–" for name in names) + " |")
    if options.picture:
        timed = [name for name in names if name.endswith(", s")]
        options.picture.write_text(
            curves("seconds over jobs", {name: [(n, rows[n][name]) for n in sizes] for name in timed}), "utf-8"
        )
    return 0


def _in_a_process(jobs: int, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "routing", "bench", "growth", "--alone", str(jobs)]
    command += ["--seed", str(options.seed), "--limit", str(options.limit)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: float(figure) for name, figure in (line.split("\t") for line in lines)}


def _measured(jobs: int, seed: int, limit_s: float) -> dict[str, float]:
    """Seconds of every part, rounds a second, what was left out, and the most memory in MB."""
    warm.begin()
    warm.is_ready(600.0)
    network = starter_map().network
    day = ward_day(jobs + TRIES, seed, network, volunteers=math.ceil(jobs / JOBS_A_VOLUNTEER))
    urgent, day = day.jobs[jobs:], replace(day, jobs=day.jobs[:jobs])
    arrays = make_arrays(day, day.jobs)
    search = Search(arrays, seed)
    search.run(0, 1.0)
    first = plan_of(arrays, search.orders())
    search.run(10 * ROUNDS, 0.5 * typical_cost(arrays))
    plan = solve(day, limit_s, seed=seed)
    evaluation = evaluate(day, plan)
    spots = doors(jobs, Random(seed), network)
    return {
        "travel matrix, s": _median_s(lambda: network.matrix(spots)),
        "matrix tables, s": (of_matrix_s := _median_s(lambda: _matrix_tables(day))),
        "other tables, s": _median_s(lambda: make_arrays(day, day.jobs)) - of_matrix_s,
        "first plan on them, s": _median_s(lambda: _first(arrays)),
        "1,000 rounds, s": _median_s(lambda: search.run(ROUNDS, 0.5 * typical_cost(arrays))) * 1000 / ROUNDS,
        "evaluate, s": _median_s(lambda: evaluate(day, first)),
        "ranked places, s": _mean_s(lambda job: places_for(day, plan, job), urgent),
        "six windows, s": _mean_s(lambda job: windows_that_hold(day, plan, job, OFFERED), urgent),
        "left out": float(evaluation.unserved),
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _matrix_tables(day: Problem) -> None:
    """What the kernel reads instead of the travel matrix: copies of it, and everybody's neighbours."""
    arc = matrix.arcs(day, day.jobs, [day.office, *(job.location for job in day.jobs)])
    matrix.near(arc, len(day.jobs))
    matrix.dearest(arc)


def _first(arrays: Arrays) -> Plan:
    """What a first plan takes once the tables are there: one greedy round, times."""
    search = Search(arrays, 1)
    search.run(0, 1.0)
    return plan_of(arrays, search.orders())


def _mean_s(work: Callable[[Job], object], jobs: Sequence[Job]) -> float:
    """Of several jobs, as some fit in many places and some in few."""
    return mean(_median_s(partial(work, job)) for job in jobs)


def _median_s(work: Callable[[], object]) -> float:
    took_s = []
    for _ in range(TRIES):
        began_s = time.process_time()
        work()
        took_s.append(time.process_time() - began_s)
    return median(took_s)
