"""The planner against its peers: one table, each plan judged twice, and a picture of cost over time."""

import argparse
import math
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from routing.bench._days import tight_day, ward_day
from routing.bench._judge import judge
from routing.bench._peers import SOLVERS, Run
from routing.bench._picture import picture
from routing.evaluate import evaluate
from routing.formats.public import read_public
from routing.problem import Problem
from routing.roads.network import RoadNetwork
from routing.roads.osm import import_map
from routing.roads.starter import starter_map

ROOMY, TIGHT = (60, 120, 200, 300), (60, 120)


@dataclass(frozen=True)
class Line:
    """One instance in the table: what each solver left out and what its plan costs (None: cannot do it)."""

    name: str
    results: dict[str, tuple[int, int] | None]
    runs: dict[str, Run]

    def ratio(self, solver: str, to: str) -> float | None:
        """The cost against the peer's; None where either is missing or they serve differently."""
        own, other = self.results.get(solver), self.results.get(to)
        return own[1] / other[1] if own and other and own[0] == other[0] and other[1] else None


def main(arguments: list[str]) -> int:
    """Run, and print the table; the exit code is 1 where a plan was broken."""
    options = _options(arguments)
    names = [name for name in SOLVERS if name in options.solvers.split(",")]
    print(_versions(), f"limit {options.limit:g} s, seed {options.seed}", sep="\n", flush=True)
    print(
        "| instance | " + " | ".join(names) + " | ours / PyVRP |", "|---" * (len(names) + 2) + "|", sep="\n", flush=True
    )
    lines, broken = [], False
    for name, problem in _instances(options).items():
        line, wrong = _measure(name, problem, names, options.limit, options.seed)
        lines.append(line)
        broken = broken or bool(wrong)
        print(_row(line, names), *wrong, sep="\n", flush=True)
    _print_means(lines, names)
    if options.picture:
        options.picture.write_text(
            picture(lines[-1].name, {n: run.trace for n, run in lines[-1].runs.items()}), "utf-8"
        )
    return int(broken)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m routing bench planner", description=__doc__)
    parser.add_argument("--limit", type=float, default=10.0, metavar="S", help="seconds for every solver")
    parser.add_argument("--seed", type=int, default=1, metavar="K")
    parser.add_argument("--solvers", default=",".join(SOLVERS), help="names with commas between")
    parser.add_argument("--days", default=",".join(map(str, ROOMY)), help="jobs of ward days; empty: none")
    parser.add_argument("--tight", default=",".join(map(str, TIGHT)), help="jobs of days with tight bags and releases")
    parser.add_argument("--files", type=Path, nargs="*", default=[], help="public instances")
    parser.add_argument("--map", type=Path, help="an .osm.pbf for the ward days, instead of the starter map")
    parser.add_argument("--picture", type=Path, metavar="SVG", help="cost over time of the last instance")
    return parser.parse_args(arguments)


def _instances(options: argparse.Namespace) -> dict[str, Problem]:
    network: RoadNetwork = (import_map(options.map) if options.map else starter_map()).network
    numbers = {key: [int(n) for n in getattr(options, key).split(",") if n] for key in ("days", "tight")}
    days = {f"ward {n}": ward_day(n, options.seed, network) for n in numbers["days"]}
    days |= {f"ward {n}, tight bags": tight_day(n, options.seed, network) for n in numbers["tight"]}
    return days | {path.stem: read_public(path) for path in options.files}


def _measure(name: str, problem: Problem, names: list[str], limit_s: float, seed: int) -> tuple[Line, list[str]]:
    """Each solver in turn; what is wrong with a plan stands below the row."""
    line, wrong = Line(name, {}, {}), []
    for solver in names:
        run = SOLVERS[solver](problem, limit_s, seed)
        line.results[solver] = None
        if run is None:
            continue
        evaluation = evaluate(problem, run.plan)
        reasons, left_out, cost = judge(problem, run.plan)
        reasons += [f"{v.constraint} {v.shift_id} {v.job_id}" for v in evaluation.violations]
        if (left_out, cost) != (evaluation.unserved, evaluation.cost - evaluation.unserved_price):
            reasons.append(f"the judge says {left_out} left out and {cost}")
        wrong += [f"  {name}, {solver}: {reason}" for reason in reasons]
        line.results[solver] = left_out, cost
        line.runs[solver] = run
    return line, wrong


def _row(line: Line, names: list[str]) -> str:
    ratio = line.ratio("ours", "PyVRP")
    cells = [_cell(line.results[name]) for name in names]
    return f"| {line.name} | {' | '.join(cells)} | {'–' if ratio is None else f'{ratio:.3f}'} |"


def _cell(result: tuple[int, int] | None) -> str:
    if result is None:
        return "–"
    left_out, cost = result
    return f"{cost}" + (f" ({left_out} left out)" if left_out else "")


def _print_means(lines: list[Line], names: list[str]) -> None:
    """Geometric means against PyVRP, over the instances where both serve alike."""
    for name in names:
        ratios = [ratio for line in lines if (ratio := line.ratio(name, "PyVRP")) is not None]
        if ratios and name != "PyVRP":
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            print(f"{name} / PyVRP: geometric mean {mean:.3f}, worst {max(ratios):.3f}, {len(ratios)} instances")


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for package in ("ortools", "pyvrp", "pyvroom", "numba"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            print(f"{package} is not installed (the extra “bench” brings the peers)", file=sys.stderr)
    return ", ".join(found)
