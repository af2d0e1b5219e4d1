"""`python -m routing`: problems and plans as JSON. Nothing but JSON goes to standard output."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from routing import bench
from routing.baseline import baseline
from routing.bound.bound import lower_bound
from routing.formats.errors import InputError, parsed
from routing.formats.vroom.check import wrong_with
from routing.formats.vroom.read import read_input
from routing.formats.vroom.write import write_plan
from routing.plan import Plan
from routing.problem import Problem
from routing.roster.problem import RosterProblem
from routing.roster.roster import RosterNotFoundError
from routing.roster.solve import solve_roster
from routing.solve import solve

BAD_INPUT = 2
BENCHES = sorted(module.name for module in iter_modules(bench.__path__) if not module.name.startswith("_"))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says whether it went well (1: violations, 2: input that cannot be used)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except InputError as error:
        print(error, file=sys.stderr)
        _write({"code": BAD_INPUT, "error": str(error)})
        return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m routing", description="Plan rides and rosters.")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("solve", help="the best plan that is found in the time")
    one.add_argument("--time-limit", type=_seconds, default=10.0, metavar="S")
    one.add_argument("--iterations", type=_count, default=None, metavar="N", help="stop after so many; repeatable")
    one.add_argument("--threads", type=_threads, default=2, metavar="N", help="searches side by side")
    one.add_argument("--seed", type=int, default=1, metavar="K")
    one.set_defaults(run=_solve)
    alone = commands.add_parser("baseline", help="OR-Tools' routing model alone, to compare with")
    alone.add_argument("--time-limit", type=_seconds, default=10.0, metavar="S")
    alone.set_defaults(run=_baseline)
    best = commands.add_parser("bound", help="what the best possible plan costs at least, and how far ours is from it")
    best.add_argument("--time-limit", type=_seconds, default=60.0, metavar="S")
    best.add_argument("--seed", type=int, default=1, metavar="K")
    best.set_defaults(run=_bound)
    judge = commands.add_parser("check", help="what a plan breaks")
    judge.set_defaults(run=_check)
    month = commands.add_parser("roster", help="who is on duty when")
    month.add_argument("--time-limit", type=_seconds, default=15.0, metavar="S")
    month.add_argument("--threads", type=_threads, default=2, metavar="N")
    month.add_argument("--seed", type=int, default=0, metavar="K")
    month.set_defaults(run=_roster)
    measured = commands.add_parser("bench", help="measure a part of the library: bench planner, bench roads")
    measured.add_argument("name", choices=BENCHES, nargs="?", default="planner")
    measured.add_argument("arguments", nargs=argparse.REMAINDER)
    measured.set_defaults(run=_bench)
    for command in (one, alone, best, judge, month):
        command.add_argument("problem", type=Path)
    judge.add_argument("plan", type=Path)
    return parser


def _threads(text: str) -> int:
    threads = int(text)
    if not 1 <= threads <= 64:
        raise argparse.ArgumentTypeError("expected 1 to 64 threads")
    return threads


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("expected 0 or more")
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError("expected more than 0 seconds")
    return seconds


def _solve(options: argparse.Namespace) -> int:
    return _solve_by(
        options,
        lambda problem: solve(
            problem, options.time_limit, seed=options.seed, max_iterations=options.iterations, threads=options.threads
        ),
    )


def _baseline(options: argparse.Namespace) -> int:
    return _solve_by(options, lambda problem: baseline(problem, options.time_limit))


def _bound(options: argparse.Namespace) -> int:
    """A quarter of the time for a plan, the rest for the bound."""
    problem = read_input(_read(options.problem)).problem
    plan = solve(problem, min(10.0, options.time_limit / 4), seed=options.seed)
    bound = lower_bound(problem, plan, options.time_limit * 3 / 4)
    _write(
        {"cost": bound.plan_cost, "bound": bound.cost, "gap": round(bound.gap, 5), "priority_left_out": bound.left_out}
    )
    return 0


def _solve_by(options: argparse.Namespace, solver: Callable[[Problem], Plan]) -> int:
    read = read_input(_read(options.problem))
    began_s = time.monotonic()
    plan = solver(read.problem)
    _write(write_plan(read, plan, solving_ms=round((time.monotonic() - began_s) * 1000)))
    return 0


def _check(options: argparse.Namespace) -> int:
    problem, plan = _read(options.problem), _read(options.plan)
    read_input(problem, to_check=True)  # what is wrong from here on is wrong in the plan
    try:
        wrong = wrong_with(problem, plan)
    except InputError as error:
        raise InputError(str(options.plan), str(error)) from error
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    _write({"ok": not wrong, "reasons": wrong})
    return 1 if wrong else 0


def _roster(options: argparse.Namespace) -> int:
    problem = parsed(RosterProblem, _read(options.problem))
    try:
        roster = solve_roster(problem, options.time_limit, options.threads, options.seed)
    except RosterNotFoundError as error:
        raise InputError("", "no roster was found in this time; please give it more") from error
    _write(roster.model_dump(mode="json"))
    return 0


def _bench(options: argparse.Namespace) -> int:
    return import_module(f"routing.bench.{options.name}").main(options.arguments) or 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), error.strerror or "cannot be read") from error


def _write(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False)
    print()


if __name__ == "__main__":
    sys.exit(main())
