"""What a volunteer reports about the shift itself: a pause, running late, an incident on the way, the end."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from dispatch.clock import local
from dispatch.custody.holdings import held_by
from dispatch.database import db
from dispatch.dossiers.events import Actor, Origin, record_of_duty
from dispatch.dossiers.models import Event
from dispatch.dossiers.taking_back import in_force
from dispatch.dossiers.words import incident
from dispatch.duty.models import Device, Duty
from dispatch.field.expected import Said, Spot
from dispatch.field.taps import SHIFT_KINDS, PhoneClock, Tap, event_key
from dispatch.live.positions import forget

LATE_MIN = (10, 20, 30, 45, 60)


def accept_of_shift(device: Device, tap: Tap, clock: PhoneClock) -> bool:
    """Record one report; False where its key is known already. Commits."""
    duty = device.link.duty
    origin = Origin(
        key=event_key(tap.key, device, tap),
        occurred_at=clock.corrected(tap.occurred_at),
        device_id=device.id,
        device_seq=tap.seq,
        clock_offset_s=clock.offset_s,
    )
    data = dict(tap.data)
    if tap.kind == "shift_ended":
        data["held"] = len(held_by(duty.volunteer_id))
    actor = Actor("volunteer", duty.volunteer_id)
    corrects = event_key(tap.corrects, device) if tap.kind == "undone" else None
    _event, new = record_of_duty(tap.kind, duty, actor, data=data, origin=origin, corrects=corrects, notes=tap.notes)
    if new and tap.kind in ("position_off", "shift_ended"):
        forget(duty)
    db.session.commit()
    return new


def reports(ward_id: int, duty_ids: list[int]) -> dict[int, list[Event]]:
    """Duty -> what was reported about its shift, oldest first."""
    kinds = (*SHIFT_KINDS, "undone")
    query = select(Event).where(
        Event.ward_id == ward_id, Event.duty_id.in_(duty_ids), Event.job_id.is_(None), Event.kind.in_(kinds)
    )
    found: dict[int, list[Event]] = {}
    for event in in_force(db.session.scalars(query.limit(1000))):
        found.setdefault(event.duty_id or 0, []).append(event)
    return found


def standing_of(duty: Duty) -> dict[str, datetime | None]:
    """Since when the volunteer has been pausing (`paused`), and when they said that the shift is over (`ended`)."""
    standing: dict[str, datetime | None] = {"paused": None, "ended": None}
    for event in reports(duty.ward_id, [duty.id]).get(duty.id, []):
        if event.kind == "break_started":
            standing["paused"] = standing["paused"] or event.occurred_at
        if event.kind in ("break_ended", "shift_ended"):
            standing["paused"] = None
        if event.kind == "shift_ended":
            standing["ended"] = event.occurred_at
    return standing


def said_in(events: list[Event], spot: Spot | None) -> Said:
    """What a shift's reports, oldest first, mean for when the volunteer will be where."""
    pauses: list[tuple[datetime, datetime | None]] = []
    late = next((event for event in reversed(events) if event.kind == "running_late"), None)
    for event in events:
        pausing = bool(pauses) and pauses[-1][1] is None
        if event.kind == "break_started" and not pausing:
            pauses.append((event.occurred_at, None))
        if event.kind in ("break_ended", "shift_ended") and pausing:
            pauses[-1] = (pauses[-1][0], event.occurred_at)
    late_s = 60 * int(late.data.get("minutes", 0)) if late else 0
    return Said(tuple(pauses), late.occurred_at if late else None, late_s, spot)


def in_words(event: Event, zone: str) -> str:
    """A report as the board says it."""
    time, minutes = _clock(event.occurred_at, zone), event.data.get("minutes")
    return {
        "break_started": _("pausing since %(time)s", time=time),
        "break_ended": _("riding again since %(time)s", time=time),
        "running_late": _("about %(minutes)s minutes late, said at %(time)s", minutes=minutes, time=time),
        "shift_ended": _("ended the shift at %(time)s", time=time),
        "incident": _("%(time)s, incident: %(what)s", what=incident(event.data.get("what")), time=time),
    }[event.kind]


def _clock(moment: datetime, zone: str) -> str:
    return local(moment, zone).strftime("%H:%M")
