"""Quick fills of the duty list: as last week, or those first who served least."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import func, select

from dispatch.database import db
from dispatch.dossiers.working_days import is_working_day
from dispatch.duty.models import Duty, Volunteer
from dispatch.duty.operations import duties_of, set_duty
from dispatch.duty.times import is_busy, said_by, slot_id
from dispatch.wards.models import Ward

FAIR_OVER = timedelta(weeks=8)


def week_of(day: date) -> list[date]:
    """Monday to Sunday of the week that holds this day."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def is_served(ward: Ward, day: date) -> bool:
    """Whether people can be on duty that day at all."""
    return ward.serves_on(day) and is_working_day(ward, day)


def duties_so_far(ward: Ward, day: date) -> Counter[int]:
    """Half-days served by each volunteer (by id) in the eight weeks around a day, those planned included."""
    duties = duties_of(ward.id, day - FAIR_OVER, day + timedelta(weeks=2))
    return Counter(duty.volunteer_id for duty in duties for _ in duty.shift_rows)


def active_volunteers(ward: Ward) -> list[Volunteer]:
    rows = select(Volunteer).where(Volunteer.ward_id == ward.id, Volunteer.active).order_by(Volunteer.folded_name)
    return list(db.session.scalars(rows.limit(1000)))


def fill_fairly(ward: Ward, day: date) -> int:
    """Put those with time on duty who served least, until every half-day has the people wanted; how many were added."""
    if not is_served(ward, day):
        return 0
    today = duties_of(ward.id, day, day)
    people = Counter(shift.half for duty in today for shift in duty.shifts)
    served, last = duties_so_far(ward, day), _last_duty(ward, day)
    busy = {duty.volunteer_id for duty in today}
    free = [volunteer for volunteer in active_volunteers(ward) if volunteer.id not in busy]
    free.sort(key=lambda v: (served[v.id], last.get(v.id, date.min), v.folded_name))
    added, said = 0, said_by(ward.id, day, day)
    for volunteer in free:
        short = [half.key for half in ward.halves if people[half.key] < ward.people_wanted]
        short = [half for half in short if not is_busy(volunteer, slot_id(day, half), said[volunteer.id], set())]
        if not short:
            continue
        set_duty(ward, volunteer, day, short)
        people.update(short)
        added += 1
    return added


def copy_last_week(ward: Ward, day: date) -> int:
    """The duties of the same weekday a week before, for volunteers who are not on duty yet; how many were added."""
    if not is_served(ward, day):
        return 0
    known = {half.key for half in ward.halves}
    busy = {duty.volunteer_id for duty in duties_of(ward.id, day, day)}
    before = day - timedelta(weeks=1)
    copied = 0
    for duty in duties_of(ward.id, before, before):
        halves = {shift.half for shift in duty.shifts} & known
        if halves and duty.volunteer.active and duty.volunteer_id not in busy:
            set_duty(ward, duty.volunteer, day, halves)
            copied += 1
    return copied


def _last_duty(ward: Ward, before: date) -> dict[int, date]:
    rows = select(Duty.volunteer_id, func.max(Duty.service_date)).where(
        Duty.ward_id == ward.id, Duty.service_date < before, Duty.off_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(rows.group_by(Duty.volunteer_id))}
