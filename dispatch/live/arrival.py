"""When somebody will be at one door, told to whoever waits there: the expectation that phone and board have too."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.clock import local, now
from dispatch.database import db
from dispatch.dossiers.models import Job
from dispatch.duty.models import Duty
from dispatch.field.expected import FRESH
from dispatch.field.route import Door, Route, route_of
from dispatch.wards.models import Ward

NEAR = timedelta(minutes=17, seconds=30)  # "about 15 minutes" at most
STEP_MIN = 5


@dataclass(frozen=True)
class Arrival:
    """`is_next`: the volunteer rides to this door. `is_sure`: nothing says that this moment should have passed."""

    at: datetime
    is_next: bool
    is_sure: bool


def arrival(job: Job) -> Arrival | None:
    """When the volunteer starts at this door, as things stand; None where no route says so."""
    duty = db.session.get(Duty, job.duty_id) if job.duty_id else None
    route = route_of(duty) if duty is not None else None
    door = next((door for door in route.doors if door.job.id == job.id), None) if route else None
    if route is None or door is None or door.expected is None:
        return None
    starts_at = max(door.expected.arrives_at, job.promised_start or job.window_start or door.expected.arrives_at)
    return Arrival(max(starts_at, now()), door is route.next, _is_sure(route, door))


def minutes_away(expected: Arrival) -> int:
    """5, 10 or 15 where the volunteer rides to this door and is near by all that is known; else 0."""
    left = expected.at - now()
    if not (expected.is_next and expected.is_sure) or left > NEAR:
        return 0
    return max(STEP_MIN, round(left.total_seconds() / 60 / STEP_MIN) * STEP_MIN)


def late_arrival(job: Job) -> datetime | None:
    """When somebody comes to a planned door today, where that is after what was promised; else None."""
    zone = db.session.get_one(Ward, job.ward_id).timezone
    if job.state != "planned" or job.promised_end is None:
        return None
    if local(job.promised_end, zone).date() != local(now(), zone).date():
        return None
    expected = arrival(job)
    return expected.at if expected is not None and expected.at > job.promised_end else None


def _is_sure(route: Route, door: Door) -> bool:
    """The phone said where it is a moment ago, or the ride should not have ended yet."""
    spot = route.said.spot
    is_fresh = spot is not None and now() - spot.at <= FRESH
    return is_fresh or (door.expected is not None and door.expected.arrives_at > now())
