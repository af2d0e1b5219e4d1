"""How long a month takes: 30 people, 10 wanted a half-day, 20 days, skills, weekly limits, rest, wishes, history."""

import argparse
import time

from routing.bench._months import month
from routing.roster.solve import solve_roster


def main(arguments: list[str]) -> int:
    """Print a row a month; exit code 1 where one was not proven in the time."""
    parser = argparse.ArgumentParser(prog="python -m routing bench roster", description=__doc__)
    parser.add_argument("--months", type=int, default=8, metavar="N")
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--wanted", type=int, default=10)
    parser.add_argument("--available", type=float, default=0.7, metavar="SHARE", help="of the half-days")
    parser.add_argument("--limit", type=float, default=15.0, metavar="S")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    options = parser.parse_args(arguments)
    print(
        "| month | seconds | proven | gap | places empty | largest deviation |", "|---|---|---|---|---|---|", sep="\n"
    )
    proven = True
    for seed in range(options.months):
        began_s = time.monotonic()
        problem = month(seed, options.people, options.wanted, available=options.available)
        roster = solve_roster(problem, options.limit, options.threads)
        seconds = time.monotonic() - began_s
        empty = sum(item.missing for item in roster.unfilled if not item.backup)
        proven = proven and roster.optimal
        cells = (f"{seconds:.1f}", "yes" if roster.optimal else "no", f"{roster.gap:.3f}", empty)
        print(f"| {seed} | {' | '.join(map(str, cells))} | {roster.largest_deviation:.2f} |", flush=True)
    return 0 if proven else 1
