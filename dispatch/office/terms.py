"""What the officer writes on the slip: the promised date as the rules give it, and how an official code looks."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from dispatch.clock import local
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Event
from dispatch.dossiers.working_days import add_working_days, is_working_day, promised_on
from dispatch.wards.models import Ward

LATEST = timedelta(days=730)
# H17.61.09-261123-0001 or a later form of it: letters and digits in dotted parts, a date, a number.
_SHAPE = re.compile(r"[A-Z]\d{1,3}(\.\d{1,3}){1,4}-\d{6}-\d{1,6}")


@dataclass(frozen=True)
class Term:
    """One way to promise: `normal` or `verified`, and the date that it gives."""

    name: str
    day: date
    working_days: int


def terms_of(ward: Ward, dossier: Dossier, received_at: datetime) -> list[Term]:
    """The dates that the procedure gives for a dossier received at this moment."""
    procedure = dossier.procedure
    terms = [Term("normal", promised_on(ward, procedure, received_at), procedure.working_days)]
    if procedure.working_days_verified:
        verified = promised_on(ward, procedure, received_at, verified=True)
        terms.append(Term("verified", verified, procedure.working_days_verified))
    return terms


def after_pause(ward: Ward, dossier: Dossier, now: datetime) -> date:
    """The promised date when the papers are complete now: the working days that were left when the clock stopped."""
    today = local(now, ward.timezone).date()
    paused_at = db.session.scalar(
        select(Event.occurred_at)
        .where(Event.ward_id == ward.id, Event.dossier_id == dossier.id, Event.kind == "paused")
        .order_by(Event.occurred_at.desc())
        .limit(1)
    )
    if paused_at is None or dossier.promised_on is None:
        return add_working_days(ward, today, dossier.procedure.working_days)
    paused_on = local(paused_at, ward.timezone).date()
    return add_working_days(ward, today, _working_days_between(ward, paused_on, dossier.promised_on))


def _working_days_between(ward: Ward, start: date, end: date) -> int:
    days = max((min(end, start + LATEST) - start).days, 0)
    return sum(is_working_day(ward, start + timedelta(days=n)) for n in range(1, days + 1))


def looks_official(code: str) -> bool:
    """Whether the code has the form that the official system gives. Another form is kept all the same."""
    return bool(_SHAPE.fullmatch(code.strip().upper()))


def same_official_code(dossier: Dossier, code: str) -> Dossier | None:
    """Another dossier of the ward that has this official code already."""
    query = select(Dossier).where(
        Dossier.ward_id == dossier.ward_id, Dossier.official_code == code, Dossier.id != dossier.id
    )
    return db.session.scalars(query.limit(1)).first()
