"""What is wrong with an output of VROOM's form, whoever wrote it."""

from collections.abc import Iterator

from routing.constraints import PLAN_CONSTRAINTS, ROUTE_CONSTRAINTS
from routing.evaluate import evaluate
from routing.formats.vroom.read import Read, read_input
from routing.formats.vroom.read_plan import read_plan
from routing.plan import Violation

ASKED = {one.__name__: (one.__doc__ or "").partition("\n")[0] for one in (*ROUTE_CONSTRAINTS, *PLAN_CONSTRAINTS)}
"""What each constraint asks, in its own words."""


def wrong_with(problem: bytes | str, output: bytes | str) -> list[str]:
    """Every violation in words, and a cost that is not what the steps cost; raises ``InputError``."""
    read = read_input(problem, to_check=True)
    stated = read_plan(read, output)
    evaluation = evaluate(read.problem, stated.plan)
    wrong = [_in_words(violation) for violation in evaluation.violations]
    wrong += _outside_window(read, stated.begun_s) if not wrong else ()
    cost = evaluation.cost - evaluation.unserved_price
    return (
        wrong if stated.cost in (None, cost) else [*wrong, f"summary.cost is {stated.cost}, but the plan costs {cost}"]
    )


def _in_words(broken: Violation) -> str:
    """The constraint, where it is broken and by how much, and what it asks."""
    where = [f"vehicle {broken.shift_id}" if broken.shift_id else "", f"job {broken.job_id}" if broken.job_id else ""]
    values = ", ".join(f"{name} {value}" for name, value in broken.values.items())
    said = ", ".join(filter(None, [*where, f"by {broken.amount}" + (f" ({values})" if values else "")]))
    return f"{broken.constraint}: {said}. {ASKED[broken.constraint]}"


def _outside_window(read: Read, begun_s: dict[str, int]) -> Iterator[str]:
    """Setups, or services without one, that begin outside the windows of VROOM's own words."""
    for job in read.input.jobs:
        begin_s, windows = begun_s.get(str(job.id)), job.time_windows
        if begin_s is None or not windows or any(start <= begin_s <= end for start, end in windows):
            continue
        if job.late_per_minute is None or begin_s < max(end for _start, end in windows):
            yield f"window: job {job.id} begins at {begin_s}"
