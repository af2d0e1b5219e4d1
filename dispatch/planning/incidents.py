"""Incidents on the way: on the board at once, with where it was, until somebody at the desk has seen them.

One at a door stands on its visit as a flag (`dossiers/projection.py`) and goes when the dossier was looked into.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.events import Actor, record_of_duty
from dispatch.dossiers.models import Event, EventNote, Job
from dispatch.dossiers.taking_back import in_force
from dispatch.duty.models import Duty

SEEN = "incident_seen"
AT_DOORS = ("arrived", "done", "not_done")
LOOKED_BACK = timedelta(days=14)  # as long as a phone may be late with a tap
MOST = 500


@dataclass(frozen=True)
class Incident:
    """`position`: degrees as words, where the volunteer let the phone say so; `last_door`: where they were before."""

    event: Event
    duty: Duty
    note: str = ""
    position: str = ""
    last_door: str = ""

    @property
    def point(self) -> tuple[float, float] | None:
        lat, _, lon = self.position.partition(",")
        return (float(lat), float(lon)) if lon else None


def unseen(ward_id: int, day: date, today: date) -> list[Incident]:
    """What nobody at the desk has seen yet, oldest first; on today's board also of the days before."""
    of_day = Duty.service_date <= day if day == today else Duty.service_date == day
    query = (
        select(Event, Duty)
        .join(Duty, Duty.id == Event.duty_id)
        .where(
            Event.ward_id == ward_id,
            Event.job_id.is_(None),
            Event.kind.in_(("incident", "undone", SEEN)),
            Event.occurred_at >= now() - LOOKED_BACK,
            of_day,
        )
        .options(joinedload(Duty.volunteer))
        .limit(MOST)
    )
    duties: dict[Event, Duty] = {row[0]: row[1] for row in db.session.execute(query)}
    seen = {event.data.get("incident") for event in duties if event.kind == SEEN}
    left = [event for event in in_force(duties) if event.kind == "incident" and event.key not in seen]
    notes = _notes(ward_id, [event.key for event in left])
    return [_told(event, duties[event], notes.get(event.key, {})) for event in left]


def mark_seen(ward_id: int, key: str, actor: Actor) -> bool:
    """Write down who has seen it, and when. False where there is no such incident. The caller commits."""
    query = select(Event, Duty).join(Duty, Duty.id == Event.duty_id)
    of_key = query.where(Event.ward_id == ward_id, Event.key == key, Event.kind == "incident")
    found = db.session.execute(of_key.limit(1)).first()
    if found is None:
        return False
    record_of_duty(SEEN, found[1], actor, data={"incident": key})
    return True


def _told(event: Event, duty: Duty, notes: dict[str, str]) -> Incident:
    return Incident(event, duty, notes.get("note", ""), notes.get("position", ""), _last_door(event))


def _last_door(incident: Event) -> str:
    """The address of the last door that this duty reported from before."""
    query = (
        select(Job)
        .join(Event, Event.job_id == Job.id)
        .where(
            Event.ward_id == incident.ward_id,
            Event.duty_id == incident.duty_id,
            Event.kind.in_(AT_DOORS),
            Event.occurred_at <= incident.occurred_at,
        )
        .options(joinedload(Job.place))
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(1)
    )
    job = db.session.scalars(query).first()
    return job.place.spoken if job is not None and job.place is not None else ""


def _notes(ward_id: int, keys: Sequence[str]) -> dict[str, dict[str, str]]:
    query = select(EventNote).where(EventNote.ward_id == ward_id, EventNote.event_key.in_(keys)).limit(MOST)
    found: dict[str, dict[str, str]] = {}
    for note in db.session.scalars(query):
        found.setdefault(note.event_key, {})[note.kind] = note.text
    return found
