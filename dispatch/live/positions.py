"""About where a volunteer's phone is: kept only on duty and with consent, coarse, the latest few, gone with the shift.

Consent is the last of the shift's `position_on`, `position_off` and `shift_ended`; it is asked for anew each day.
"""

import math
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.models import Event, EventNote
from dispatch.dossiers.taking_back import in_force
from dispatch.duty.links import AFTER_SHIFT
from dispatch.duty.models import Duty
from dispatch.field.expected import Spot
from dispatch.field.taps import CONSENT_KINDS
from dispatch.live.models import PhonePosition
from dispatch.tasks.runner import sweep

DECIMALS = 3
"""Of degrees: squares of 111 m from south to north and 107 m from west to east in Đà Nẵng."""
KEPT = 3
MOST = 1000


def agreed(duty: Duty) -> bool:
    """Whether the volunteer has said yes, and neither taken it back nor ended the shift."""
    kinds = (*CONSENT_KINDS, "shift_ended", "undone")
    said = select(Event).where(
        Event.ward_id == duty.ward_id, Event.duty_id == duty.id, Event.job_id.is_(None), Event.kind.in_(kinds)
    )
    events = in_force(db.session.scalars(said.limit(MOST)))
    return bool(events) and events[-1].kind == "position_on"


def is_on_duty(duty: Duty, moment: datetime) -> bool:
    """Whether one of the duty's half-days is under way."""
    return duty.off_at is None and any(shift.starts_at <= moment < shift.ends_at for shift in duty.shifts)


def keep_position(duty: Duty, lat: float, lon: float) -> bool:
    """Keep about where the phone is now (degrees); False, and nothing kept, where it must not be. Commits."""
    moment = now()
    if not (is_on_duty(duty, moment) and agreed(duty)):
        db.session.rollback()
        return False
    coarse = {"lat": round(lat, DECIMALS), "lon": round(lon, DECIMALS)}
    db.session.add(PhonePosition(ward_id=duty.ward_id, duty_id=duty.id, at=moment, **coarse))
    db.session.flush()
    own = (PhonePosition.ward_id == duty.ward_id) & (PhonePosition.duty_id == duty.id)
    latest = select(PhonePosition.id).where(own).order_by(PhonePosition.id.desc()).limit(KEPT)
    db.session.execute(delete(PhonePosition).where(own, PhonePosition.id.not_in(latest.scalar_subquery())))
    db.session.commit()
    return True


def forget(duty: Duty) -> None:
    """Delete every position of the duty. The caller commits."""
    db.session.execute(
        delete(PhonePosition).where(PhonePosition.ward_id == duty.ward_id, PhonePosition.duty_id == duty.id)
    )


def _forget_notes(ward_id: int) -> None:
    """Delete where incidents were, two hours after the day's last half-day: the desk may still be looking. Commits."""
    where = (EventNote.ward_id == ward_id) & (EventNote.kind == "position")
    named = select(EventNote.id, Event.duty_id).outerjoin(
        Event, (Event.ward_id == EventNote.ward_id) & (Event.key == EventNote.event_key)
    )
    notes = db.session.execute(named.where(where).limit(MOST)).all()
    ids = {duty_id for _id, duty_id in notes if duty_id is not None}
    duties = db.session.scalars(select(Duty).where(Duty.id.in_(ids)).limit(MOST)).all()
    here = {duty.id for duty in duties if any(now() < shift.ends_at + AFTER_SHIFT for shift in duty.shifts)}
    over = [id for id, duty_id in notes if duty_id not in here]
    db.session.execute(delete(EventNote).where(EventNote.id.in_(over)))
    db.session.commit()


def latest_spots(ward_id: int, duty_ids: Sequence[int]) -> dict[int, Spot]:
    """Duty -> where its phone was last."""
    query = select(PhonePosition).where(PhonePosition.ward_id == ward_id, PhonePosition.duty_id.in_(duty_ids))
    rows = db.session.scalars(query.order_by(PhonePosition.id).limit(MOST))
    return {row.duty_id: Spot(row.at, row.lat, row.lon) for row in rows}


def read_degrees(lat: object, lon: object) -> tuple[float, float] | None:
    """Latitude and longitude from what a phone sent; None for anything that is no place on earth."""
    try:
        point = float(str(lat)[:20]), float(str(lon)[:20])
    except ValueError:
        return None
    return point if all(map(math.isfinite, point)) and abs(point[0]) <= 90 and abs(point[1]) <= 180 else None


@sweep("forget_positions")
def forget_positions(ward_id: int) -> None:
    """Delete what stands of duties that are not under way any more, or whose volunteer took the consent back."""
    _forget_notes(ward_id)
    ids = select(PhonePosition.duty_id).where(PhonePosition.ward_id == ward_id).distinct().limit(MOST)
    for duty in db.session.scalars(select(Duty).where(Duty.id.in_(ids))).all():
        if not (is_on_duty(duty, now()) and agreed(duty)):
            forget(duty)
    db.session.commit()
