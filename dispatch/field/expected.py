"""When the volunteer will be at each door that is left, told from where the day stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.dossiers.models import Job
from dispatch.planning.models import PlanStop

TIGHT = timedelta(minutes=10)
AT_A_DOOR = timedelta(minutes=5)  # where no plan says how long


@dataclass(frozen=True)
class Expected:
    """Arrival and end at one door, and whether the promised window holds: `holds`, `tight`, `late` or `""` (none)."""

    arrives_at: datetime
    leaves_at: datetime
    verdict: str = ""
    late_min: int = 0


def expect(left: Sequence[tuple[Job, PlanStop | None]], moment: datetime) -> list[Expected]:
    """One expectation a door, in riding order. `moment` is now (aware UTC)."""
    result: list[Expected] = []
    before: PlanStop | None = None
    clock = moment
    for job, stop in left:
        arrives_at = _arrival(job, stop, clock, before, first=not result)
        starts_at = max(arrives_at, job.promised_start or job.window_start or arrives_at)
        leaves_at = max(starts_at + _service(stop), moment)
        result.append(Expected(arrives_at, leaves_at, *_verdict(job, arrives_at)))
        clock, before = leaves_at, stop
    return result


def _arrival(job: Job, stop: PlanStop | None, clock: datetime, before: PlanStop | None, *, first: bool) -> datetime:
    """At the door already; else the ride from where the volunteer is, and for a new trip not before its plan."""
    if job.state == "at_door" and job.arrived_at:
        return job.arrived_at
    travel = timedelta(seconds=stop.travel_s if stop else 0)
    if first and job.set_out_at:
        return max(clock, job.set_out_at + travel)
    arrives_at = clock + travel
    new_trip = stop is not None and (before is None or before.trip != stop.trip)
    return max(arrives_at, stop.arrives_at) if stop is not None and new_trip else arrives_at


def _service(stop: PlanStop | None) -> timedelta:
    return stop.leaves_at - stop.starts_at if stop else AT_A_DOOR


def _verdict(job: Job, arrives_at: datetime) -> tuple[str, int]:
    end = job.promised_end or job.window_end
    if end is None:
        return "", 0
    if arrives_at > end:
        return "late", int((arrives_at - end).total_seconds() // 60) or 1
    return ("tight" if arrives_at > end - TIGHT else "holds"), 0
