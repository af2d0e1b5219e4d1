"""The coming days at a glance: what waits for each, who is on duty, how far its plan is."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, func, select

from dispatch.database import db
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.working_days import is_working_day
from dispatch.duty.models import Duty, DutyShift, Shift
from dispatch.planning.models import Plan
from dispatch.planning.waiting import RETURNABLE
from dispatch.wards.models import Ward

DAYS_AHEAD = 14
WORKING_DAYS = 6


@dataclass(frozen=True)
class ComingDay:
    """`open` jobs are dated for the day and on no plan, `planned` ones are; `plan` is the one in force or the draft."""

    day: date
    open: int
    planned: int
    people: dict[str, int]
    plan: Plan | None


def coming_days(ward: Ward, today: date) -> list[ComingDay]:
    """Today and the working days to come, and every other day for which somebody is on duty."""
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    people = people_on(ward, *days)
    working = [day for day in days if is_working_day(ward, day) and ward.serves_on(day)][:WORKING_DAYS]
    dated, planned = _dated(ward.id, days), _planned(ward.id, days)
    plans = _plans(ward.id, days)
    return [
        ComingDay(day, dated.get(day, 0), planned.get(day, 0), people[day], plans.get(day))
        for day in days
        if day in working or any(people[day].values()) or dated.get(day)
    ]


def undated(ward: Ward, today: date) -> int:
    """Open jobs that can come on any day, or whose day has passed."""
    free = (Job.service_date.is_(None)) | (Job.service_date < today)
    return db.session.scalar(_open_jobs(ward.id).where(free)) or 0


def people_on(ward: Ward, *days: date) -> dict[date, dict[str, int]]:
    """How many are on duty on each day in each of the ward's half-days."""
    counts = db.session.execute(
        select(Duty.service_date, Shift.half, func.count())
        .join(DutyShift, DutyShift.duty_id == Duty.id)
        .join(Shift, Shift.id == DutyShift.shift_id)
        .where(Duty.ward_id == ward.id, Duty.service_date.in_(days), Duty.off_at.is_(None))
        .group_by(Duty.service_date, Shift.half)
    )
    found = {(row.service_date, row.half): row[2] for row in counts}
    return {day: {half.key: found.get((day, half.key), 0) for half in ward.halves} for day in days}


def _open_jobs(ward_id: int) -> Select[int]:
    ready = (Job.leg == "collect") | Dossier.state.in_(RETURNABLE)
    return select(func.count()).join(Job.dossier).where(Job.ward_id == ward_id, Job.state == "open", ready)


def _dated(ward_id: int, days: list[date]) -> dict[date, int]:
    rows = _open_jobs(ward_id).add_columns(Job.service_date).where(Job.service_date.in_(days))
    counts = db.session.execute(rows.group_by(Job.service_date))
    return {row.service_date: row[0] for row in counts}


def _planned(ward_id: int, days: list[date]) -> dict[date, int]:
    rows = (
        select(Duty.service_date, func.count())
        .join(Job, Job.duty_id == Duty.id)
        .where(Duty.ward_id == ward_id, Duty.service_date.in_(days), Job.state != "open")
        .group_by(Duty.service_date)
    )
    return {row.service_date: row[1] for row in db.session.execute(rows)}


def _plans(ward_id: int, days: list[date]) -> dict[date, Plan]:
    """The plan in force of each day, else its newest draft."""
    rows = (
        select(Plan)
        .where(Plan.ward_id == ward_id, Plan.service_date.in_(days), Plan.state.in_(("draft", "published")))
        .order_by(Plan.version)
        .limit(500)
    )
    plans: dict[date, Plan] = {}
    for plan in db.session.scalars(rows):
        known = plans.get(plan.service_date)
        if known is None or known.state == "draft" or plan.state == "published":
            plans[plan.service_date] = plan
    return plans
