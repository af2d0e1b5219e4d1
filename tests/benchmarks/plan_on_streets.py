"""How good is a plan after ten seconds? 120 jobs at real house numbers of Hải Châu, ten volunteers, ratios printed.

`python -m tests.benchmarks.plan_on_streets [--jobs 120] [--short 10] [--long 60]` runs both limits one after the other
through the same child process as the product, checks each plan with `evaluate` and the independent checker, and prints
cost, what was left out, and the ratio of the short run to the long one.
"""

import argparse
import random
import time
from pathlib import Path

from routing.evaluate import evaluate
from routing.geo import Point
from routing.plan import Plan
from routing.problem import Job, Problem, Shift, TimeWindow
from routing.roads.osm import import_map
from routing.search.process import solve_in_process
from tests.checker import check
from tests.conftest import SHARED_DATA
from tests.days import AFTERNOON, CUTOFF_S, MORNING

OFFICE = Point(16.0561, 108.2150)
HOURS = ((8, 10), (9, 11), (14, 16))


def street_day(extract: Path, jobs: int, volunteers: int, seed: int) -> Problem:
    """Doors drawn from the extract; four of ten jobs ask for two hours, one in three must be back by 15:00 or pays."""
    ward_map = import_map(extract)
    rng = random.Random(seed)
    doors = rng.sample(sorted({point for _door, point in ward_map.gazetteer.doors()}), jobs)
    matrix = ward_map.network.matrix([OFFICE, *doors])
    return Problem(
        jobs=tuple(_job(rng, number) for number in range(1, jobs + 1)),
        shifts=tuple(Shift(f"v{number}", (MORNING, AFTERNOON), capacity=20) for number in range(volunteers)),
        duration_s=matrix.duration_s,
        distance_m=matrix.distance_m,
        handling_s=300,
    )


def _job(rng: random.Random, number: int) -> Job:
    collects = rng.random() < 2 / 3
    hours = rng.choice(HOURS) if rng.random() < 0.4 else None
    return Job(
        id=f"job-{number}",
        location=number,
        service_s=rng.choice((180, 300, 360, 420)),
        setup_s=60,
        deliver=0 if collects else 1,
        collect=1 if collects else 0,
        windows=(TimeWindow(hours[0] * 3600, hours[1] * 3600),) if hours else (),
        cutoff_s=CUTOFF_S if collects and rng.random() < 0.5 else None,
    )


def run(problem: Problem, limit_s: float) -> Plan:
    began_s = time.monotonic()
    plan = solve_in_process(problem, limit_s, seed=1)
    wall_s = time.monotonic() - began_s
    found = evaluate(problem, plan)
    wrong = check(problem.to_dict(), plan.to_dict())
    print(
        f"{limit_s:5.0f} s limit  {wall_s:6.1f} s wall  cost {found.cost:7d}  travel {found.travel_s:6d} s"
        f"  unserved {len(plan.unserved):3d}  violations {len(found.violations)}  checker {len(wrong)}"
    )
    return plan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=120)
    parser.add_argument("--short", type=float, default=10)
    parser.add_argument("--long", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    problem = street_day(SHARED_DATA / "hai_chau.osm.pbf", options.jobs, 10, options.seed)
    costs = [evaluate(problem, run(problem, limit_s)).cost for limit_s in (options.short, options.long)]
    print(f"ratio of the short run to the long one: {costs[0] / costs[1]:.3f}")


if __name__ == "__main__":
    main()
