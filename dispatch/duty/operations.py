"""What is done to volunteers and their duties. Callers commit."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import delete, exists, select

from dispatch.clock import at, now
from dispatch.database import db
from dispatch.dossiers.models import Event
from dispatch.duty.links import AFTER_SHIFT
from dispatch.duty.models import Duty, DutyShift, RouteLink, Shift, Volunteer
from dispatch.planning.models import Plan, PlanRoute
from dispatch.wards.models import Ward
from dispatch.words import fold, nfc


def skill_name(text: str) -> str:
    """A skill in the one spelling by which procedures and volunteers meet."""
    return " ".join(nfc(text).lower().split())[:60]


def skill_names(text: str) -> list[str]:
    """Skills typed with commas between, each once."""
    return list(dict.fromkeys(name for part in text.replace(";", ",").split(",") if (name := skill_name(part))))


def add_volunteer(ward: Ward, name: str, phone: str, **columns: object) -> Volunteer:
    """A volunteer of the ward; `phone` is E.164."""
    volunteer = Volunteer(ward_id=ward.id, name=name, folded_name=fold(name), phone=phone, **columns)
    db.session.add(volunteer)
    db.session.flush()
    return volunteer


def shift_of(ward: Ward, day: date, half: str) -> Shift:
    """The half-day of this date, made from the ward's hours when it is first asked for. KeyError: no such half-day."""
    rows = select(Shift).where(Shift.ward_id == ward.id, Shift.service_date == day, Shift.half == half)
    found = db.session.scalars(rows.limit(1)).first()
    if found is None:
        times = {known.key: known for known in ward.halves}[half]
        starts_at, ends_at = (at(day, seconds, ward.timezone) for seconds in (times.start_s, times.end_s))
        found = Shift(ward_id=ward.id, service_date=day, half=half, starts_at=starts_at, ends_at=ends_at)
        db.session.add(found)
        db.session.flush()
    return found


def move_shifts(ward: Ward, first: date) -> None:
    """Bring the shifts from this day on, and the links that end with them, to the ward's half-days.

    Days with a published plan keep their times: people have been told.
    """
    times = {half.key: half for half in ward.halves}
    told = select(Plan.service_date).where(Plan.ward_id == ward.id, Plan.state == "published")
    coming = select(Shift).where(Shift.ward_id == ward.id, Shift.service_date >= first)
    for shift in db.session.scalars(coming.where(Shift.service_date.not_in(told)).limit(1000)):
        if half := times.get(shift.half):
            shift.starts_at = at(shift.service_date, half.start_s, ward.timezone)
            shift.ends_at = at(shift.service_date, half.end_s, ward.timezone)
    db.session.flush()
    duties = select(Duty).where(Duty.ward_id == ward.id, Duty.service_date >= first, Duty.off_at.is_(None))
    for duty in db.session.scalars(duties.limit(5000)).unique():
        _move_links(duty, max(shift.ends_at for shift in duty.shifts))


def set_duty(ward: Ward, volunteer: Volunteer, day: date, halves: Collection[str]) -> Duty | None:
    """The volunteer serves exactly these half-days of the day; none of them: not at all (then None)."""
    rows = select(Duty).where(Duty.ward_id == ward.id, Duty.service_date == day, Duty.volunteer_id == volunteer.id)
    duty = db.session.scalars(rows.limit(1)).first()
    if not halves:
        if duty is not None:
            _end(duty)
        return None
    if duty is None:
        duty = Duty(ward_id=ward.id, service_date=day, volunteer_id=volunteer.id, volunteer=volunteer)
        db.session.add(duty)
        db.session.flush()
    duty.off_at = None
    kept = {row.shift.half: row for row in duty.shift_rows}
    duty.shift_rows = [
        kept.get(half) or DutyShift(ward_id=ward.id, shift=shift_of(ward, day, half)) for half in sorted(set(halves))
    ]
    db.session.flush()
    _move_links(duty, max(shift.ends_at for shift in duty.shifts))
    return duty


def take_off(duty: Duty) -> None:
    """The volunteer falls out: what was done stays, the link ends, and no plan counts on this duty any more."""
    duty.off_at = duty.off_at or now()


def _end(duty: Duty) -> None:
    """Forget a duty that left no trace; one that did is taken off instead."""
    traces = (
        select(PlanRoute.id).where(PlanRoute.duty_id == duty.id),
        select(RouteLink.id).where(RouteLink.duty_id == duty.id),
        select(Event.id).where(Event.duty_id == duty.id),
    )
    if any(db.session.scalar(select(exists(trace))) for trace in traces):
        take_off(duty)
        return
    db.session.execute(delete(DutyShift).where(DutyShift.ward_id == duty.ward_id, DutyShift.duty_id == duty.id))
    db.session.expire(duty, ["shift_rows"])
    db.session.delete(duty)
    db.session.flush()


def _move_links(duty: Duty, ends_at: datetime) -> None:
    links = select(RouteLink).where(RouteLink.ward_id == duty.ward_id, RouteLink.duty_id == duty.id)
    for link in db.session.scalars(links.where(RouteLink.revoked_at.is_(None)).limit(20)):
        link.expires_at = ends_at + AFTER_SHIFT


def duties_of(ward_id: int, first: date, last: date) -> list[Duty]:
    """Duties of these days that stand, by day and name."""
    rows = (
        select(Duty)
        .join(Volunteer, Duty.volunteer_id == Volunteer.id)
        .where(Duty.ward_id == ward_id, Duty.service_date.between(first, last), Duty.off_at.is_(None))
        .order_by(Duty.service_date, Volunteer.folded_name)
    )
    return list(db.session.scalars(rows.limit(5000)).unique())


def routed_duties(ward_id: int, duties: Iterable[Duty]) -> set[int]:
    """Ids of those duties that have a route in a published plan: they change on the planning page only."""
    ids = [duty.id for duty in duties]
    routes = select(PlanRoute.duty_id).join(Plan, PlanRoute.plan_id == Plan.id)
    published = routes.where(Plan.ward_id == ward_id, Plan.state == "published", PlanRoute.duty_id.in_(ids))
    return set(db.session.scalars(published).all())
