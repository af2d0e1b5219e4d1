"""The end of a volunteer's shift: the balance is zero or explained line by line, and the officer signs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select

from dispatch.clock import at
from dispatch.custody.holdings import held_by
from dispatch.custody.models import CustodyLine
from dispatch.database import db, of_ward
from dispatch.dossiers.events import Actor, record, record_of_duty
from dispatch.dossiers.models import Dossier, Event, EventNote
from dispatch.dossiers.operations import NotPossible
from dispatch.duty.models import Duty

MOST = 500


@dataclass(frozen=True)
class Balance:
    """What went through a volunteer's hands on one duty, and what is still in them."""

    taken: int
    handed_in: int
    fetched: int
    returned: int
    passed_on: int
    taken_over: int
    held: list[Dossier]
    closed_at: datetime | None


def balance_of(duty: Duty) -> Balance:
    """The duty's hand-overs counted, and the volunteer's bag as it is now."""
    moves = _moves(duty)
    return Balance(
        taken=moves.get(("citizen", "volunteer"), 0),
        handed_in=_handed_in(duty),
        fetched=moves.get(("office", "volunteer"), 0),
        returned=moves.get(("volunteer", "citizen"), 0),
        passed_on=moves.get(("volunteer", "volunteer"), 0),
        taken_over=_taken_over(duty),
        held=list(held_by(duty.volunteer_id)),
        closed_at=closed_at(duty),
    )


def _moves(duty: Duty) -> dict[tuple[str, str], int]:
    query = (
        select(CustodyLine.giver, CustodyLine.taker, func.count(CustodyLine.id))
        .where(CustodyLine.ward_id == g.ward.id, CustodyLine.duty_id == duty.id, CustodyLine.taken_back.is_(False))
        .group_by(CustodyLine.giver, CustodyLine.taker)
    )
    return {(row[0], row[1]): row[2] for row in db.session.execute(query.limit(50))}


def _handed_in(duty: Duty) -> int:
    """Dossiers of this duty, collected or taken over, that the office took from the volunteer."""
    touched = select(CustodyLine.dossier_id).where(
        CustodyLine.ward_id == g.ward.id, (CustodyLine.duty_id == duty.id) | _was_passed_to(duty)
    )
    query = select(func.count(func.distinct(CustodyLine.dossier_id))).where(
        CustodyLine.ward_id == g.ward.id,
        CustodyLine.giver_id == duty.volunteer_id,
        CustodyLine.taker == "office",
        CustodyLine.dossier_id.in_(touched),
    )
    return db.session.scalar(query) or 0


def _taken_over(duty: Duty) -> int:
    query = select(func.count(CustodyLine.id)).where(CustodyLine.ward_id == g.ward.id, _was_passed_to(duty))
    return db.session.scalar(query) or 0


def _was_passed_to(duty: Duty) -> ColumnElement[bool]:
    """Passed on by another volunteer that day; such a line names the giver's duty."""
    start = at(duty.service_date, 0, g.ward.timezone)
    return and_(
        CustodyLine.giver == "volunteer",
        CustodyLine.taker_id == duty.volunteer_id,
        CustodyLine.at.between(start, start + timedelta(days=1)),
        CustodyLine.taken_back.is_(False),
    )


def closed_at(duty: Duty) -> datetime | None:
    """When an officer signed the end of this duty."""
    query = of_ward(Event).where(Event.duty_id == duty.id, Event.kind == "shift_closed")
    event = db.session.scalars(query.order_by(Event.occurred_at.desc()).limit(1)).first()
    return event.occurred_at if event else None


def closed_among(duties: Sequence[Duty]) -> dict[int, datetime]:
    """Duty -> when an officer signed its end."""
    ids = [duty.id for duty in duties]
    query = of_ward(Event).where(Event.duty_id.in_(ids), Event.kind == "shift_closed").order_by(Event.occurred_at)
    return {event.duty_id or 0: event.occurred_at for event in db.session.scalars(query.limit(MOST))}


def close_shift(duty: Duty, reasons: Mapping[str, str], actor: Actor) -> None:
    """Sign the end of a shift. `reasons`: dossier code -> why it is still in the bag; each one needs a reason.

    Raises NotPossible. The caller commits.
    """
    held = held_by(duty.volunteer_id)
    open_lines = [dossier for dossier in held if not reasons.get(dossier.code, "").strip()]
    if open_lines:
        raise NotPossible(_("Please receive what is in the bag, or say for each dossier why it is still out."))
    for dossier in held:
        record("explained", dossier, actor, data={"duty_id": duty.id}, notes={"explained": reasons[dossier.code]})
    record_of_duty("shift_closed", duty, actor, data={"held": len(held)})


def explanations(held: list[Dossier]) -> dict[int, str]:
    """The last reason that was given for each of these dossiers."""
    query = (
        select(Event.dossier_id, EventNote.text)
        .join(EventNote, (EventNote.ward_id == Event.ward_id) & (EventNote.event_key == Event.key))
        .where(Event.ward_id == g.ward.id, Event.kind == "explained", Event.dossier_id.in_([one.id for one in held]))
        .order_by(Event.occurred_at)
        .limit(MOST)
    )
    return {row[0] or 0: row[1] for row in db.session.execute(query)}
