"""The plan in force of a service date, and the drafts beside it."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, selectinload

from dispatch.database import db
from dispatch.dossiers.models import Dossier, Job
from dispatch.duty.models import Duty
from dispatch.intake.models import Request
from dispatch.planning.models import Plan, PlanRoute, PlanStop

# What pages and checks need of a plan, in a handful of queries; its travel tables only where somebody asks for them.
WHOLE = (
    defer(Plan.problem),
    selectinload(Plan.routes).joinedload(PlanRoute.duty).joinedload(Duty.volunteer),
    selectinload(Plan.routes).selectinload(PlanRoute.stops).joinedload(PlanStop.job).joinedload(Job.place),
    selectinload(Plan.routes)
    .selectinload(PlanRoute.stops)
    .joinedload(PlanStop.job)
    .joinedload(Job.dossier)
    .options(
        joinedload(Dossier.procedure),
        joinedload(Dossier.beneficiary),
        joinedload(Dossier.request).joinedload(Request.caller),
    ),
)


def plan_in_force(ward_id: int, day: date) -> Plan | None:
    """The published plan of the day with its routes and stops."""
    return db.session.scalars(
        select(Plan)
        .where(Plan.ward_id == ward_id, Plan.service_date == day, Plan.state == "published")
        .order_by(Plan.version.desc())
        .limit(1)
        .options(*WHOLE)
    ).first()


def next_version(ward_id: int, day: date) -> int:
    """The number of the day's next version."""
    newest = select(func.max(Plan.version)).where(Plan.ward_id == ward_id, Plan.service_date == day)
    return (db.session.scalar(newest) or 0) + 1
