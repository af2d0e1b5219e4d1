"""Recording what happened. An event is accepted once, never edited; states are derived in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import event as sa_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.clock import now, tick
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event, EventNote, Job
from dispatch.dossiers.projection import project
from dispatch.duty.models import Duty
from dispatch.live.news import CHANGES, route_changed


class EventIsWritten(RuntimeError):
    """Somebody tried to change or delete an event."""


LOCKED = "locked dossiers"


@dataclass(frozen=True)
class Actor:
    """Who did it: `staff`, `volunteer`, `citizen` or `system`, and the row number of that kind."""

    kind: str
    id: int | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Origin:
    """Where an event was born: its key, its own time (already corrected), and the phone it came from."""

    key: str
    occurred_at: datetime
    device_id: int | None = None
    device_seq: int | None = None
    clock_offset_s: int = 0


def born_here(key: str | None = None) -> Origin:
    """Origin of an event that happens now, at the desk or in the system.

    Two events of one request must replay in the order in which they were written: no two ticks are the same moment.
    """
    return Origin(key=key or str(uuid4()), occurred_at=tick())


def record(
    kind: str,
    subject: Dossier | Job,
    actor: Actor,
    *,
    data: Mapping[str, Any] | None = None,
    origin: Origin | None = None,
    duty_id: int | None = None,
    corrects: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> tuple[Event, bool]:
    """Append an event to a dossier or one of its jobs and derive the states again.

    Returns the event and whether it is new: with a key seen before nothing changes. `notes` are words (a name, a
    remark) that stand beside the event and can be erased. The caller commits.
    """
    origin = origin or born_here()
    job = subject if isinstance(subject, Job) else None
    dossier = lock_dossier(subject.dossier_id if isinstance(subject, Job) else subject.id)
    found = db.session.scalars(
        select(Event).where(Event.ward_id == dossier.ward_id, Event.key == origin.key).limit(1)
    ).first()
    if found is not None:
        return found, False
    subjects = {"dossier_id": dossier.id, "job_id": job.id if job else None, "duty_id": duty_id, "corrects": corrects}
    written = _write(kind, actor, origin, ward_id=dossier.ward_id, data=data, notes=notes, **subjects)
    if job is not None and kind in CHANGES and actor.kind != "volunteer":
        route_changed(job.ward_id, {id for id in (job.duty_id, written.data.get("duty_id")) if id is not None})
    project(dossier)
    return written, True


def _write(
    kind: str,
    actor: Actor,
    origin: Origin,
    *,
    ward_id: int,
    data: Mapping[str, Any] | None,
    notes: Mapping[str, str] | None,
    **columns: Any,
) -> Event:
    written = Event(
        ward_id=ward_id,
        key=origin.key,
        kind=kind,
        actor_kind=actor.kind,
        actor_id=actor.id,
        device_id=origin.device_id,
        device_seq=origin.device_seq,
        occurred_at=origin.occurred_at,
        received_at=now(),
        clock_offset_s=origin.clock_offset_s,
        data=dict(data or {}),
        **columns,
    )
    db.session.add(written)
    for note_kind, text in (notes or {}).items():
        if text.strip():
            db.session.add(EventNote(ward_id=ward_id, event_key=origin.key, kind=note_kind, text=text.strip()))
    db.session.flush()
    return written


def record_of_duty(
    kind: str,
    duty: Duty,
    actor: Actor,
    *,
    data: Mapping[str, Any] | None = None,
    origin: Origin | None = None,
    corrects: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> tuple[Event, bool]:
    """Append an event to a volunteer's duty (a pause, an incident, the end of the shift), once a key. The caller
    commits."""
    origin = origin or born_here()
    known = select(Event).where(Event.ward_id == duty.ward_id, Event.key == origin.key).limit(1)
    found = db.session.scalars(known).first()
    if found is not None:
        return found, False
    subjects = {"duty_id": duty.id, "corrects": corrects}
    return _write(kind, actor, origin, ward_id=duty.ward_id, data=data, notes=notes, **subjects), True


def lock_dossier(dossier_id: int) -> Dossier:
    """The dossier, locked until the transaction ends, so that two writers derive one after the other.

    It is read again: what this session holds may be from before the other writer's commit. Once a transaction is
    enough: from then on nobody else changes it.
    """
    locked: set[int] = db.session().info.setdefault(LOCKED, set())
    if dossier_id in locked:
        return db.session.get_one(Dossier, dossier_id)
    query = select(Dossier).where(Dossier.id == dossier_id).with_for_update()
    dossier = db.session.scalars(query.execution_options(populate_existing=True)).one()
    locked.add(dossier_id)
    return dossier


@sa_event.listens_for(Session, "after_transaction_end")
def _locks_end(session: Session, _: object) -> None:
    session.info.pop(LOCKED, None)


@sa_event.listens_for(Session, "before_flush")
def _events_stay(session: Session, *_: object) -> None:
    """Events are history: nothing in this program edits or deletes one."""
    changed = [o for o in session.dirty if isinstance(o, Event) and session.is_modified(o)]
    if changed or any(isinstance(o, Event) for o in session.deleted):
        raise EventIsWritten("an event is never edited or deleted; record one that corrects it")
