"""How far our plans are from a proven lower bound, on ward days."""

import argparse
import time
from dataclasses import replace

from routing.bench._days import ward_day
from routing.bound.bound import lower_bound
from routing.bound.quick import quick_bound
from routing.evaluate import evaluate
from routing.plan import Plan
from routing.problem import Prices, Problem
from routing.roads.starter import starter_map
from routing.search.budget import gap_of
from routing.solve import solve


def main(arguments: list[str]) -> int:
    """A row a day: the plan of the first seconds, the bound that is there at once, the better one, and when it was."""
    parser = argparse.ArgumentParser(prog="python -m routing bench bound", description=__doc__)
    parser.add_argument("--days", default="60,90,120", help="jobs, with commas between")
    parser.add_argument("--seeds", default="1", help="with commas between")
    parser.add_argument("--plan-seconds", type=float, default=10.0, metavar="S")
    parser.add_argument("--seconds", type=float, default=120.0, metavar="S", help="for the bound")
    parser.add_argument("--crowded-stop", type=int, default=Prices().crowded_stop, help="0: travel alone is priced")
    options = parser.parse_args(arguments)
    network = starter_map().network
    small = ward_day(3, 1, network)
    lower_bound(small, solve(small, 1.0), 60.0)  # from here on it is compiled
    print(
        "| jobs | seed | plan | at once | gap | seconds | bound | gap | seconds |",
        "|---" * 9 + "|",
        sep="\n",
        flush=True,
    )
    for jobs in map(int, options.days.split(",")):
        for seed in map(int, options.seeds.split(",")):
            day = ward_day(jobs, seed, network)
            day = replace(day, prices=replace(day.prices, crowded_stop=options.crowded_stop))
            plan = solve(day, options.plan_seconds, seed=1)
            if broken := evaluate(day, plan).violations:
                print(f"broken: {broken}")
                return 1
            print(_row(jobs, seed, day, plan, options.seconds), flush=True)
    return 0


def _row(jobs: int, seed: int, day: Problem, plan: Plan, limit_s: float) -> str:
    began_s = time.monotonic()
    quick = quick_bound(day)
    quick_s = time.monotonic() - began_s
    found_s = [0.0]
    began_s = time.monotonic()
    bound = lower_bound(day, plan, limit_s, on_bound=lambda _: found_s.append(time.monotonic() - began_s))
    known = quick is not None and len(quick.impossible) == len(plan.unserved)
    at_once = f"{quick.cost} | {_gap(quick.cost, bound.plan_cost)}" if quick is not None and known else "– | –"
    better = f"{bound.cost} | {_gap(bound.cost, bound.plan_cost)} | {found_s[-1]:.0f}"
    return f"| {jobs} | {seed} | {bound.plan_cost} | {at_once} | {quick_s:.2f} | {better} |"


def _gap(bound: int, cost: int) -> str:
    return f"{100 * gap_of(cost, bound):.1f} %" if bound else "–"
