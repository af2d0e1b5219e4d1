"""When the volunteer will be at each door that is left, told from where the day stands now.

`static/js/field-eta.js` tells the same on the phone, each minute and without a network; a test holds both together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dispatch.dossiers.models import Job
from dispatch.planning.models import PlanStop
from routing.geo import Point, distance_m

TIGHT = timedelta(minutes=10)
EARLY = timedelta(minutes=5)  # nobody is asked to wait for less
AT_A_DOOR = timedelta(minutes=5)  # where no plan says how long
BEFORE_THE_PLAN = timedelta(hours=1)  # "I am late" said earlier was about another door
FRESH = timedelta(minutes=5)  # an older position says nothing about a ride
DETOUR = 1.35  # of streets over the straight line
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Spot:
    """Where the phone was (degrees, rounded to about 100 m), and when."""

    at: datetime
    lat: float
    lon: float


@dataclass(frozen=True)
class Said:
    """What is known beside the taps at doors: pauses (one without an end goes on), being late, where the phone is."""

    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    late_at: datetime | None = None
    late_s: int = 0
    spot: Spot | None = None

    def delay(self, since: datetime, moment: datetime) -> timedelta:
        """What was lost since then: the pauses, or what the volunteer said where that is more."""
        pauses = [(max(start, since), min(end or moment, moment)) for start, end in self.pauses]
        stood = sum((end - start for start, end in pauses if end > start), timedelta(0))
        late = timedelta(seconds=self.late_s) if self.late_at and self.late_at >= since else timedelta(0)
        return max(stood, late)


NOTHING_SAID = Said()


@dataclass(frozen=True)
class Expected:
    """Arrival and end at one door, and whether the promised window holds: `holds`, `tight`, `late`, `early` (the
    volunteer has to wait) or `""` (none). `off_min`: minutes late or early."""

    arrives_at: datetime
    leaves_at: datetime
    verdict: str = ""
    off_min: int = 0


def expect(left: Sequence[tuple[Job, PlanStop | None]], moment: datetime, said: Said = NOTHING_SAID) -> list[Expected]:
    """One expectation a door, in riding order. `moment` is now (aware UTC)."""
    result: list[Expected] = []
    before: PlanStop | None = None
    clock = moment
    for job, stop in left:
        first = not result
        arrives_at = _first_arrival(job, stop, moment, said) if first else _later_arrival(stop, clock, before)
        starts_at = max(arrives_at, job.promised_start or job.window_start or arrives_at)
        ends_at = starts_at + (stop.leaves_at - stop.starts_at if stop else AT_A_DOOR)
        if first and job.state == "at_door":
            ends_at += said.delay(arrives_at, moment)
        clock, before = max(ends_at, moment), stop
        result.append(Expected(arrives_at, clock, *_verdict(job, arrives_at, moment)))
    return result


def _first_arrival(job: Job, stop: PlanStop | None, moment: datetime, said: Said) -> datetime:
    """At the door already; else from where the volunteer is, or set out; else as the plan has it."""
    if job.state == "at_door" and job.arrived_at:
        return job.arrived_at
    if job.set_out_at:
        due, since = _due(job, stop, job.set_out_at, moment, said.spot)
        return max(moment, due + said.delay(since, moment))
    arrives_at = _later_arrival(stop, moment, None)
    if stop is None:
        return arrives_at
    return max(arrives_at, stop.arrives_at + said.delay(stop.arrives_at - BEFORE_THE_PLAN, moment))


def _due(
    job: Job, stop: PlanStop | None, set_out_at: datetime, moment: datetime, spot: Spot | None
) -> tuple[datetime, datetime]:
    """When the ride under way would end, and since when a delay adds to that."""
    left = ride_left(job, stop, spot) if spot and set_out_at < spot.at and moment - spot.at <= FRESH else None
    if left is None or spot is None:
        return set_out_at + timedelta(seconds=stop.travel_s if stop else 0), set_out_at
    return spot.at + left, spot.at


def ride_left(job: Job, stop: PlanStop | None, spot: Spot) -> timedelta | None:
    """How long it takes from there at the pace that the plan has for this ride; None where nobody can say."""
    if stop is None or stop.distance_m <= 0 or job.place is None or job.place.point is None:
        return None
    straight_m = distance_m(Point(spot.lat, spot.lon), Point(*job.place.point))
    return timedelta(seconds=round(straight_m * DETOUR * stop.travel_s / stop.distance_m))


def _later_arrival(stop: PlanStop | None, clock: datetime, before: PlanStop | None) -> datetime:
    """The ride from the door before, and for a new trip not before its plan."""
    if stop is None:
        return clock
    arrives_at = clock + timedelta(seconds=stop.travel_s)
    return max(arrives_at, stop.arrives_at) if before is None or before.trip != stop.trip else arrives_at


def _verdict(job: Job, arrives_at: datetime, moment: datetime) -> tuple[str, int]:
    start, end = job.promised_start, job.promised_end or job.window_end
    if start is not None and moment < start and arrives_at <= start - EARLY:
        return "early", _minutes(start - arrives_at)
    if end is None:
        return "", 0
    if arrives_at > end:
        return "late", _minutes(arrives_at - end) or 1
    return ("tight" if arrives_at > end - TIGHT else "holds"), 0


def _minutes(time: timedelta) -> int:
    return int(time.total_seconds() / 60 + 0.5)
