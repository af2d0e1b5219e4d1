"""Who does how much: a shift's fair share of the visits, and what riding beyond it costs.

Travel alone would send three people round the whole ward while seven wait at the office. So a visit beyond
a shift's fair share has a price, ``Prices.crowded_stop``: worth paying for a door on the way, not for a
day's work.
"""

from collections.abc import Mapping
from functools import lru_cache

from routing.problem import Problem, Shift

FEWEST_STOPS = 4
"""Up to this many visits nobody has too much to do, however few there are in all."""


@lru_cache(maxsize=8)
def fair_shares(problem: Problem) -> dict[str, int]:
    """Shift id -> how many of the problem's visits are its fair share, by the time that it still has.

    What is left after whole shares goes one each to the largest remainders, so that nobody's share can be shared out
    among the others.
    """
    lengths_s = {shift.id: _time_left_s(shift) for shift in problem.shifts}
    total_s = sum(lengths_s.values())
    if total_s == 0:
        return dict.fromkeys(lengths_s, FEWEST_STOPS)
    count = len(problem.jobs)
    shares = {id: count * length_s // total_s for id, length_s in lengths_s.items()}
    left = sorted(lengths_s, key=lambda id: -(count * lengths_s[id] % total_s))
    for id in left[: count - sum(shares.values())]:
        shares[id] += 1
    return {id: max(FEWEST_STOPS, share) for id, share in shares.items()}


def crowded_stops(problem: Problem, stops: Mapping[str, int]) -> int:
    """How many visits lie beyond the fair share of their shift; `stops` counts the visits of each shift id."""
    shares = fair_shares(problem)
    return sum(max(0, count - shares[id]) for id, count in stops.items() if id in shares)


def _time_left_s(shift: Shift) -> int:
    begin_s = shift.start_s or 0
    return sum(max(0, span.end_s - max(span.start_s, begin_s)) for span in shift.spans)
