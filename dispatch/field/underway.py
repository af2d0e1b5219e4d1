"""Setting out: nobody taps it on the way. The system records it when the door before is finished, and tells it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from dispatch.citizens import outbox
from dispatch.clock import local, now
from dispatch.database import db, reading
from dispatch.dossiers.events import SYSTEM, Origin, lock_dossier, record
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.taking_back import in_force
from dispatch.duty.links import AFTER_SHIFT
from dispatch.duty.models import Duty
from dispatch.field.route import Door, Route, route_of
from dispatch.field.taps import derived_key
from dispatch.planning.models import PlanStop
from dispatch.wards.models import Ward

STALE = timedelta(minutes=15)  # after the expected arrival nobody is "on the way" any more
TURNS = ("opened", "unplanned", "rescheduled", "relocated", "retry")
FINISHED = ("done", "not_done")


def set_out_for_next(duty: Duty) -> None:
    """After a door was finished: the volunteer rides to the next of the same trip. Commits.

    The route is read before it is this phone's turn to write, as reading it takes longest.
    """
    with reading():
        ride = _next_ride(duty)
    job = db.session.get_one(Job, ride.job_id) if ride else None
    if ride is None or job is None:
        return
    lock_dossier(job.dossier_id)
    db.session.refresh(job)
    if (job.state, job.duty_id) != ("planned", duty.id):  # the desk was faster
        db.session.rollback()
        return
    origin = Origin(key=set_out_key(job, duty), occurred_at=ride.since)
    _, new = record("set_out", job, SYSTEM, origin=origin, duty_id=duty.id)
    if new:
        stop = db.session.get(PlanStop, ride.stop_id) if ride.stop_id else None
        tell_on_the_way(Door(job, stop), duty, ride.since)
    db.session.commit()


@dataclass(frozen=True)
class _Ride:
    job_id: int
    stop_id: int | None
    since: datetime


def _next_ride(duty: Duty) -> _Ride | None:
    """The door to set out for; None where nobody rides on."""
    route = route_of(duty, bare=True)
    door = route.next
    finished = None if _is_over(duty) else _last_finished(duty)
    if door is None or finished is None or door.job.state != "planned" or _rides_from_office(route, door, finished):
        return None
    return _Ride(door.job.id, door.stop.id if door.stop else None, finished.occurred_at)


def set_out_key(job: Job, duty: Duty) -> str:
    """One key for one ride of a duty to a job, whoever records it first: the system, a tap, a second phone.

    A job that left the plan and came back is a new ride.
    """
    last_turn = (
        select(Event.key)
        .where(Event.ward_id == job.ward_id, Event.job_id == job.id, Event.kind.in_(TURNS))
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(1)
    )
    return derived_key("set_out", duty.public_id, db.session.scalar(last_turn) or job.public_id)


def tell_on_the_way(door: Door, duty: Duty, set_out_at: datetime) -> None:
    """Tell the citizen once a ride, with the expected time, unless it would come too late. The caller commits."""
    travel = timedelta(seconds=door.stop.travel_s if door.stop else 0)
    earliest = door.job.promised_start or door.job.window_start
    eta = max(set_out_at + travel, earliest) if earliest else set_out_at + travel
    if eta + STALE <= now():
        return
    zone = db.session.get_one(Ward, duty.ward_id).timezone
    outbox.tell(
        "on_the_way",
        door.job.dossier,
        job=door.job,
        key=f"on_the_way:{set_out_key(door.job, duty)}",
        values={"volunteer": duty.volunteer.name.split()[-1], "eta": local(eta, zone).strftime("%H:%M")},
        not_after=eta + STALE,
    )


def _last_finished(duty: Duty) -> Event | None:
    query = (
        select(Event)
        .where(Event.ward_id == duty.ward_id, Event.duty_id == duty.id, Event.kind.in_((*FINISHED, "undone")))
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(100)
    )
    return next(reversed(in_force(db.session.scalars(query))), None)


def _is_over(duty: Duty) -> bool:
    """A phone that sends only the next morning what it recorded: nobody is on the way any more."""
    return all(shift.ends_at + AFTER_SHIFT <= now() for shift in duty.shifts)


def _rides_from_office(route: Route, door: Door, finished: Event) -> bool:
    """The first door of a trip waits for a tap, unless a re-plan put it there while the volunteer is out."""
    is_on_route = any(other.job.id == finished.job_id and other.stop is not None for other in route.over)
    return route.starts_trip(door) and is_on_route
