"""Taps become events. The rules of reconciliation, for a phone that may be late, offline, doubled or replaced.
tests/app/test_field_reconciliation.py plays generated histories against them, `python -m tests.torture` real servers.

1. A tap on a job that stands, or ever stood, on a published route of this volunteer is a fact: it is recorded in any
   state of the job, also after the link has ended. What contradicts the desk, or a second phone, leaves a flag on the
   job (`projection.py`), never a refusal.
2. The same key changes nothing, however often and by whichever way it comes. A key that another job uses already is
   not trusted; one is derived from it. Setting out has one key a ride, whoever records it first.
3. A tap counts for the device under whose key it was made, also when another link was opened on that phone since.
4. It happened when the phone says, corrected by how far the phone's clock was off when it first sent (`devices.py`);
   a time to come, or older than a phone's key, is the time of receipt. Replay is by time, the phone's own order, key.
5. Taking back reaches an own tap of the last five minutes by the taps' times, also when it overtakes that tap.
6. Turned away are only: a kind nobody knows, a job that never was this volunteer's, and taking back too late.
7. Each tap is committed by itself, so that one bad tap keeps no other waiting.

So the same facts give the same state in whatever order they come in. What depends on the order is only whom the system
told that somebody is on the way (`underway.py`): it told what it knew then, and such a guess never leaves a flag.
"""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dispatch.citizens import outbox
from dispatch.clock import local
from dispatch.custody import door as at_door
from dispatch.database import db
from dispatch.dossiers.events import Actor, Origin, lock_dossier, record
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.taking_back import UNDO, UNDO_GRACE
from dispatch.duty.models import Device, Duty
from dispatch.field.differences import remember_seen
from dispatch.field.route import Door, route_of
from dispatch.field.shift import accept_of_shift
from dispatch.field.taps import CONSENT_KINDS, SEEN, SHIFT_KINDS, PhoneClock, Tap, event_key
from dispatch.field.underway import set_out_key, tell_on_the_way
from dispatch.places.operations import seen_at_door
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.wards.models import Ward

PERSON = {"collect": "giver", "return": "receiver"}


@dataclass(frozen=True)
class Answer:
    """What became of one tap: `accepted`, `known` (a resend) or `refused` with a sentence."""

    key: str
    state: str
    sentence: str = ""


def accept(device: Device, tap: Tap, clock: PhoneClock) -> tuple[Answer, Duty | None]:
    """Record one tap and commit. Gives the answer for the phone, and the duty under which it counts."""
    if not tap.job and tap.kind in (*SHIFT_KINDS, *CONSENT_KINDS, "undone"):
        return Answer(tap.key, "accepted" if accept_of_shift(device, tap, clock) else "known"), None
    if tap.kind == SEEN:
        return Answer(tap.key, "accepted" if remember_seen(device, tap.data["shown"]) else "known"), None
    found = _job_and_duty(device, tap.job)
    if not tap.kind or found is None:
        db.session.rollback()
        return Answer(tap.key, "refused", _("This stop is not on your route. Please call the desk.")), None
    job, duty = found
    try:
        answer = _record(device, duty, job, tap, clock)
        db.session.commit()
    except IntegrityError:  # the same tap came in by two ways at once; the other one was first
        db.session.rollback()
        answer = Answer(tap.key, "known")
    return answer, duty


def _record(device: Device, duty: Duty, job: Job, tap: Tap, clock: PhoneClock) -> Answer:
    lock_dossier(job.dossier_id)
    db.session.refresh(job)
    corrects = event_key(tap.corrects, device) if tap.kind == "undone" else None
    origin = Origin(
        key=set_out_key(job, duty) if tap.kind == "set_out" else _own_key(device, job, tap),
        occurred_at=clock.corrected(tap.occurred_at),
        device_id=device.id,
        device_seq=tap.seq,
        clock_offset_s=clock.offset_s,
    )
    if corrects is not None and not _may_take_back(job, duty, corrects, origin):
        return Answer(tap.key, "refused", _("More than five minutes have passed. Please call the desk to change it."))
    was_done = job.state == "done"
    data, said = at_door.facts(job, tap)
    notes = {PERSON[job.leg] if kind == "person" else kind: text for kind, text in said.items()}
    if tap.kind != "incident":
        notes.pop("position", None)  # an arrival says where the door is; where the volunteer was is not kept
    event, new = record(
        tap.kind,
        job,
        Actor("volunteer", duty.volunteer_id),
        data=data,
        origin=origin,
        duty_id=duty.id,
        corrects=corrects,
        notes=notes,
    )
    if not new:
        return Answer(tap.key, "known")
    if event.kind == "arrived" and tap.point is not None and job.place is not None:
        seen_at_door(job.place, tap.point, event.occurred_at)
    tell_citizen(event, job, duty, was_done=was_done)
    at_door.follow(event, job, said)
    return Answer(tap.key, "accepted")


def _job_and_duty(device: Device, public_id: str) -> tuple[Job, Duty] | None:
    """The job, if it ever stood on a published route of this phone's volunteer, and the duty it counts under.

    That is the phone's own duty where it can be; a tap that waited on the phone overnight counts for its own day.
    """
    job = db.session.scalars(
        select(Job).where(Job.ward_id == device.ward_id, Job.public_id == public_id).limit(1)
    ).first()
    if job is None:
        return None
    own = device.link.duty
    if job.duty_id == own.id:
        return job, own
    planned = (
        select(Duty)
        .join(PlanRoute, PlanRoute.duty_id == Duty.id)
        .join(Plan, Plan.id == PlanRoute.plan_id)
        .join(PlanStop, PlanStop.route_id == PlanRoute.id)
        .where(
            PlanStop.ward_id == device.ward_id,
            PlanStop.job_id == job.id,
            Plan.state.in_(("published", "superseded")),
            Duty.volunteer_id == own.volunteer_id,
        )
        .order_by(Duty.service_date.desc())
        .limit(50)
    )
    duties = db.session.scalars(planned).all()
    if own in duties or _is_in_bag(job, own):
        return job, own
    return (job, duties[0]) if duties else None


def _is_in_bag(job: Job, duty: Duty) -> bool:
    """Papers that another volunteer passed on: whoever has them may say where they go."""
    return (job.dossier.holder, job.dossier.holder_id) == ("volunteer", duty.volunteer_id)


def _own_key(device: Device, job: Job, tap: Tap) -> str:
    key = event_key(tap.key, device, tap)
    taken_by = db.session.scalar(select(Event.job_id).where(Event.ward_id == job.ward_id, Event.key == key).limit(1))
    return key if taken_by in (None, job.id) else event_key(f"{key}:{job.public_id}", device)


def _may_take_back(job: Job, duty: Duty, corrects: str, origin: Origin) -> bool:
    """Within five minutes of one's own tap. A tap that has not arrived yet may be taken back in advance."""
    target = db.session.scalars(
        select(Event).where(Event.ward_id == job.ward_id, Event.key == corrects).limit(1)
    ).first()
    if target is None:
        return True
    own = target.job_id == job.id and (target.actor_kind, target.actor_id) == ("volunteer", duty.volunteer_id)
    return own and abs(origin.occurred_at - target.occurred_at) <= UNDO + UNDO_GRACE


def tell_citizen(event: Event, job: Job, duty: Duty, *, was_done: bool) -> None:
    """What follows for messages, in the same transaction."""
    if event.kind == "set_out" and job.state == "under_way":
        doors = [door for door in route_of(duty).doors if door.job.id == job.id]
        tell_on_the_way(doors[0] if doors else Door(job), duty, event.occurred_at)
    if event.kind in ("done", "not_done", "undone"):
        outbox.cancel_for(job, "on_the_way", "returned", "call_first")
    zone = db.session.get_one(Ward, job.ward_id).timezone
    moment = local(event.occurred_at, zone)
    if event.kind == "not_done" and event.data.get("proposal") == "call_first" and job.state == "undecided":
        values = {"time": moment.strftime("%H:%M %d/%m/%Y")}
        outbox.tell("call_first", job.dossier, job=job, key=f"call_first:{event.key}", values=values)
    if event.kind == "done" and job.leg == "return" and not was_done:
        outbox.tell("returned", job.dossier, job=job, key=f"returned:{event.key}", values={"time": f"{moment:%H:%M}"})
