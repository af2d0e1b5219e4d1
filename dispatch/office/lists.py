"""What lies on the officer's desk, list by list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from dispatch.clock import today_in
from dispatch.database import db, of_ward
from dispatch.dossiers.lifecycle import JOB
from dispatch.dossiers.models import Dossier, Event, EventNote, Job
from dispatch.duty.models import Duty
from dispatch.intake.models import Request

MOST = 200
# key -> label, states of its dossiers
LISTS = {
    "receive": (_l("Carried in"), ("carried", "to_bring_in")),
    "process": (_l("In process"), ("in_process",)),
    "paused": (_l("Papers missing"), ("paused",)),
    "ready": (_l("Results ready"), ("result_ready",)),
    "away": (_l("With volunteers"), ("returning",)),
    "back": (_l("To give back"), ("to_give_back",)),
}


@dataclass
class Bag:
    """Dossiers that belong to one volunteer's day (or to nobody's: `duty` is None)."""

    duty: Duty | None
    rows: list[Dossier] = field(default_factory=list)


def counts() -> dict[str, int]:
    """How many dossiers stand on each list."""
    query = (
        select(Dossier.state, func.count(Dossier.id))
        .where(Dossier.ward_id == g.ward.id)
        .group_by(Dossier.state)
        .limit(50)
    )
    by_state = dict(db.session.execute(query).all())
    found = {key: sum(by_state.get(state, 0) for state in states) for key, (_label, states) in LISTS.items()}
    found["process"] += (
        db.session.scalar(select(func.count(Dossier.id)).join(Request).where(_submitted_in_person())) or 0
    )
    return found


def rows_of(key: str) -> Sequence[Dossier]:
    """A list's dossiers: what is due first comes first."""
    rule: ColumnElement[bool] = Dossier.state.in_(LISTS[key][1])
    if key == "process":
        rule = or_(rule, _submitted_in_person())
    query = (
        of_ward(Dossier)
        .join(Request, Dossier.request_id == Request.id)
        .where(rule)
        .order_by(Dossier.promised_on.is_(None), Dossier.promised_on, Dossier.id)
        .limit(MOST)
        .options(
            joinedload(Dossier.procedure),
            joinedload(Dossier.beneficiary),
            joinedload(Dossier.request),
            selectinload(Dossier.jobs),
        )
    )
    return db.session.scalars(query).all()


def _submitted_in_person() -> ColumnElement[bool]:
    """Papers that the citizen brought to the counter; only the result goes home by volunteer."""
    return (Dossier.ward_id == g.ward.id) & (Dossier.state == "requested") & (Request.legs == "return")


def today() -> date:
    return today_in(g.ward.timezone)


def last_job(dossier: Dossier, leg: str) -> Job | None:
    """The dossier's newest visit of one leg."""
    return next((job for job in reversed(dossier.jobs) if job.leg == leg), None)


def planned_duty(dossier: Dossier, duties: dict[int, Duty]) -> Duty | None:
    """Who is planned to bring it home today."""
    job = last_job(dossier, "return")
    return duties.get(job.duty_id or 0) if job is not None and job.state not in JOB.final else None


def duties_today() -> dict[int, Duty]:
    """Today's duties by row number, without who fell out."""
    query = (
        of_ward(Duty)
        .where(Duty.service_date == today(), Duty.off_at.is_(None))
        .options(joinedload(Duty.volunteer))
        .limit(MOST)
    )
    return {duty.id: duty for duty in db.session.scalars(query)}


def by_collector(rows: Sequence[Dossier]) -> list[Bag]:
    """Dossiers grouped by who carried them in."""
    jobs = {row.id: last_job(row, "collect") for row in rows}
    ids = {job.duty_id for job in jobs.values() if job is not None and job.duty_id is not None}
    query = of_ward(Duty).where(Duty.id.in_(ids)).options(joinedload(Duty.volunteer)).limit(MOST)
    duties = {duty.id: duty for duty in db.session.scalars(query)}
    return _bags([(row, duties.get(((job := jobs[row.id]) and job.duty_id) or 0)) for row in rows])


def by_carrier(rows: Sequence[Dossier]) -> list[Bag]:
    """Dossiers grouped by who is planned to bring them home today."""
    duties = duties_today()
    return _bags([(row, planned_duty(row, duties)) for row in rows])


def _bags(pairs: list[tuple[Dossier, Duty | None]]) -> list[Bag]:
    bags: dict[int, Bag] = {}
    for row, duty in pairs:
        bags.setdefault(duty.id if duty else 0, Bag(duty)).rows.append(row)
    return sorted(bags.values(), key=lambda bag: (bag.duty is None, bag.duty.volunteer.folded_name if bag.duty else ""))


def is_with_volunteer(rows: Sequence[Dossier]) -> set[int]:
    """Row numbers of the dossiers that left in a volunteer's bag and were not brought back since."""
    kinds = ("handed_to_volunteer", "brought_back")
    query = (
        select(Event)
        .where(Event.ward_id == g.ward.id, Event.dossier_id.in_([row.id for row in rows]), Event.kind.in_(kinds))
        .order_by(Event.occurred_at, Event.id)
        .limit(MOST * 10)
    )
    last = {event.dossier_id: event.kind for event in db.session.scalars(query)}
    return {id for id, kind in last.items() if id is not None and kind == "handed_to_volunteer"}


def said_at_the_door(dossier: Dossier) -> dict[str, str]:
    """What the volunteer wrote when collecting: who handed over, and the note."""
    job = last_job(dossier, "collect")
    if job is None:
        return {}
    query = (
        select(EventNote.kind, EventNote.text)
        .join(Event, (Event.ward_id == EventNote.ward_id) & (Event.key == EventNote.event_key))
        .where(EventNote.ward_id == g.ward.id, Event.job_id == job.id, Event.kind == "done")
        .order_by(EventNote.id)
        .limit(20)
    )
    return dict(db.session.execute(query).all())
