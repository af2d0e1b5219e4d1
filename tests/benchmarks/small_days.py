"""Small days against the exact method: ``python -m tests.benchmarks.small_days --days 20 --seconds 0.5``."""

import argparse

from routing.evaluate import evaluate
from routing.search import warm
from routing.solve import solve
from tests.unit.routing.exact import best_rank, small_day


def main() -> int:
    """A row a size: how many days were solved to the proven best; the exit code is 1 where one was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=20, help="of each size")
    parser.add_argument("--sizes", default="8,10,11,12", help="jobs, with commas between")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each plan")
    options = parser.parse_args()
    warm.begin()
    warm.is_ready(600.0)
    missed = 0
    for jobs in map(int, options.sizes.split(",")):
        days = [small_day(seed, jobs) for seed in range(options.days)]
        best = sum(evaluate(day, solve(day, options.seconds)).rank == best_rank(day) for day in days)
        print(f"{jobs} jobs: {best} of {len(days)} days proven optimal", flush=True)
        missed += len(days) - best
    return int(missed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
