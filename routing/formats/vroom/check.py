"""What is wrong with an output of VROOM's form, whoever wrote it."""

from collections.abc import Iterator

from routing.evaluate import evaluate
from routing.formats.vroom.read import Read, read_input
from routing.formats.vroom.read_plan import read_plan


def wrong_with(problem: bytes | str, output: bytes | str) -> list[str]:
    """Every violation in words, and a cost that is not what the steps cost; raises ``InputError``."""
    read = read_input(problem, to_check=True)
    stated = read_plan(read, output)
    evaluation = evaluate(read.problem, stated.plan)
    wrong = [
        f"{v.constraint}: vehicle {v.shift_id}, job {v.job_id}, by {v.amount} {v.values or ''}".rstrip()
        for v in evaluation.violations
    ]
    wrong += _outside_window(read, stated.begun_s) if not wrong else ()
    cost = evaluation.cost - evaluation.unserved_price
    return (
        wrong if stated.cost in (None, cost) else [*wrong, f"summary.cost is {stated.cost}, but the plan costs {cost}"]
    )


def _outside_window(read: Read, begun_s: dict[str, int]) -> Iterator[str]:
    """Setups, or services without one, that begin outside the windows of VROOM's own words."""
    for job in read.input.jobs:
        begin_s, windows = begun_s.get(str(job.id)), job.time_windows
        if begin_s is None or not windows or any(start <= begin_s <= end for start, end in windows):
            continue
        if job.late_per_minute is None or begin_s < max(end for _start, end in windows):
            yield f"window: job {job.id} begins at {begin_s}"
