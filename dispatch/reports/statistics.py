"""What the chairman asks, answered from visits. Pure counting: no database, no clock, no rounding."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from dispatch.clock import local
from dispatch.reports.visits import Period, Visit

GROUPINGS: dict[str, Callable[[Visit], str]] = {
    "leg": lambda visit: visit.leg,
    "channel": lambda visit: visit.channel,
    "procedure": lambda visit: visit.procedure,
    "neighbourhood": lambda visit: visit.neighbourhood,
}


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """None where there is nothing to take a share of."""
        return 100.0 * self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Figures:
    """The answers for one group of visits in a period.

    `completed`: visits that ended in a hand-over in the period. `first_try`: of those first tried in the period, how
    many succeeded then. `on_time`: of the completed ones with a promise, how many arrived within the window that was
    promised first (since the visit was asked for, or asked for again).
    The two times are medians in hours: request to collection, result to return.
    """

    tried: int
    completed: int
    first_try: Share
    on_time: Share
    to_collection_h: float | None
    to_return_h: float | None


def figures(visits: Iterable[Visit], period: Period) -> Figures:
    """Count one group of visits."""
    visits = list(visits)
    tried = [v for v in visits if period.holds(v.first_try_at)]
    done = [v for v in visits if v.state == "done" and period.holds(v.finished_at)]
    promised = [v for v in done if v.promised_start and v.promised_end]
    return Figures(
        tried=len(tried),
        completed=len(done),
        first_try=Share(sum(v.state == "done" and v.attempts == 1 for v in tried), len(tried)),
        on_time=Share(sum(kept(v) for v in promised), len(promised)),
        to_collection_h=_median_h((v.requested_at, v.finished_at) for v in done if v.leg == "collect"),
        to_return_h=_median_h((v.ready_at, v.finished_at) for v in done if v.leg == "return"),
    )


def kept(visit: Visit) -> bool:
    """Whether somebody stood at the door within the promised window (both ends included)."""
    came = visit.arrived_at or visit.finished_at
    if came is None or visit.promised_start is None or visit.promised_end is None:
        return False
    return visit.promised_start <= came <= visit.promised_end


def by_group(visits: Sequence[Visit], period: Period, grouping: str) -> dict[str, Figures]:
    """Figures a group, the largest group first."""
    key = GROUPINGS[grouping]
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(key(visit), []).append(visit)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: figures(rows, period) for name, rows in ordered}


def a_day(moments: Iterable[datetime | None], period: Period) -> dict[date, int]:
    """How many of these moments fall on each day of the period; every day has a number."""
    days = (period.last - period.first).days + 1
    counts = {period.first + timedelta(days=n): 0 for n in range(days)}
    for moment in moments:
        if moment is not None and period.holds(moment):
            counts[local(moment, period.zone).date()] += 1
    return counts


def _median_h(spans: Iterable[tuple[datetime | None, datetime | None]]) -> float | None:
    hours = [(end - start).total_seconds() / 3600 for start, end in spans if start and end]
    return median(hours) if hours else None
