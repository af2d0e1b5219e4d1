"""Putting a draft in force: states, promises and messages change in the transaction that publishes. Callers commit."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from dispatch.citizens import outbox
from dispatch.clock import at, local, now
from dispatch.database import db
from dispatch.dossiers.events import Actor, record
from dispatch.dossiers.lifecycle import JOB
from dispatch.dossiers.models import Dossier, Job
from dispatch.dossiers.operations import NotPossible, promise
from dispatch.duty.links import link_for
from dispatch.duty.models import Duty
from dispatch.pages import show_day
from dispatch.planning import assumptions
from dispatch.planning.in_force import plan_in_force
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.planning.stale import why_stale
from dispatch.planning.waiting import MAX_JOBS
from dispatch.wards.models import Ward


def publish(plan: Plan, actor: Actor) -> None:
    """Put the draft in force in place of the version before. Raises NotPossible where it no longer fits the day."""
    lock_plans(plan)
    if plan.state != "draft":
        raise NotPossible(_("This plan is no draft any more; look at the days again."))
    _lock_dossiers(plan)
    before = plan_in_force(plan.ward_id, plan.service_date)
    reason = why_stale(plan, before)
    if reason:
        raise NotPossible(reason)
    if before is not None:
        before.state = "superseded"
        db.session.flush()
    plan.state, plan.published_at = "published", now()
    ward = db.session.get_one(Ward, plan.ward_id)
    kept = set(plan.problem["kept_job_ids"])
    for route in plan.routes:
        if route.duty.off_at is None:
            link_for(route.duty)
        for stop in route.stops:
            if stop.job_id not in kept:
                _put_in_force(ward, plan, route, stop, actor)
    for job in _left_out(plan):
        record("unplanned", job, actor, data={"plan": plan.public_id})
        outbox.cancel_for(job, "planned_window", "on_the_way")
    db.session.flush()


def discard(plan: Plan) -> None:
    """A draft that nobody wants. Raises NotPossible for anything that was in force."""
    lock_plans(plan)
    if plan.state != "draft":
        raise NotPossible(_("Only a draft can be thrown away."))
    plan.state = "discarded"


def lock_plans(plan: Plan) -> None:
    """Two people who publish at the same moment do it one after the other."""
    rows = select(Plan.id).where(Plan.ward_id == plan.ward_id, Plan.service_date == plan.service_date)
    db.session.execute(rows.order_by(Plan.id).with_for_update())
    db.session.refresh(plan, ["state"])


def _lock_dossiers(plan: Plan) -> None:
    """Taps and commands come before or after, never between; in the order in which others lock, so that nobody waits
    in a circle. The jobs are read again: what is known of them may be from before the lock."""
    jobs = select(Job).where(Job.id.in_([stop.job_id for route in plan.routes for stop in route.stops]))
    dossiers = select(Dossier.id).where(Dossier.id.in_(jobs.with_only_columns(Job.dossier_id)))
    db.session.execute(dossiers.order_by(Dossier.id).with_for_update())
    fresh = jobs.options(joinedload(Job.place), joinedload(Job.dossier)).execution_options(populate_existing=True)
    db.session.scalars(fresh).all()


def _put_in_force(ward: Ward, plan: Plan, route: PlanRoute, stop: PlanStop, actor: Actor) -> None:
    job = stop.job
    if job.state not in ("open", "planned"):
        return
    moved = job.state != "planned" or job.duty_id != route.duty_id or job.eta is None
    if moved or abs(stop.arrives_at - (job.eta or stop.arrives_at)) >= assumptions.SAME_TIME:
        data = {"duty_id": route.duty_id, "eta": stop.arrives_at.isoformat(), "plan": plan.public_id}
        record("planned", job, actor, data=data)
    start, end = job.promised_start, job.promised_end
    if start is None or end is None or end < now():
        start, end = promised_window(ward, plan, route, stop)
        promise(job, start, end, actor)
        # Not by the window: a job that was moved away and back again is told again.
        tell_window(ward, job, start, end, key=plan.public_id)


def promised_window(ward: Ward, plan: Plan, route: PlanRoute, stop: PlanStop) -> tuple[datetime, datetime]:
    """What the citizen is told: wide enough to be kept, inside the half-day and the window that was wished for."""
    start = _full(ward, plan, stop.starts_at - assumptions.PROMISE_LEAD, assumptions.PROMISE_STEP)
    end = start + assumptions.PROMISE_WIDTH
    half = route.duty.shifts[route.trips[stop.trip]["span"]]
    # Nobody is told a time that has passed, nor 07:47.
    soonest = _full(ward, plan, min(now(), stop.starts_at), timedelta(minutes=15))
    earliest, latest = max(half.starts_at, soonest), max(half.ends_at, stop.leaves_at)
    if _as_wished(stop.job, stop.starts_at):
        earliest = max(earliest, stop.job.window_start or earliest)
        latest = min(latest, stop.job.window_end or latest)
    return max(start, earliest), min(end, latest)


def _full(ward: Ward, plan: Plan, moment: datetime, step: timedelta) -> datetime:
    """The last full step of the ward's clocks before the moment."""
    midnight = at(plan.service_date, 0, ward.timezone)
    return midnight + ((moment - midnight) // step) * step


def _as_wished(job: Job, starts_at: datetime) -> bool:
    """Whether the time lies in the window that was wished for (a missed one binds nobody any more)."""
    after = job.window_start is None or job.window_start <= starts_at
    return after and (job.window_end is None or starts_at <= job.window_end)


def tell_window(ward: Ward, job: Job, start: datetime, end: datetime, *, key: str) -> None:
    """The message with the planned window, in the transaction that promises it; `key` says what made it true."""
    zone = ward.timezone
    with force_locale("vi"):
        day = show_day(local(start, zone).date())
    values = {
        "ward": ward.name,
        "day": day,
        "start": local(start, zone).strftime("%H:%M"),
        "end": local(end, zone).strftime("%H:%M"),
    }
    outbox.cancel_for(job, "planned_window")
    key = f"planned_window:{job.public_id}:{key}"
    outbox.tell("planned_window", job.dossier, job=job, key=key, values=values, not_after=end)


def _left_out(plan: Plan) -> Iterator[Job]:
    """Jobs that the version before had planned for this day and this one has not."""
    served = [stop.job_id for route in plan.routes for stop in route.stops]
    jobs = (
        select(Job)
        .join(Duty, Duty.id == Job.duty_id)
        .where(
            Job.ward_id == plan.ward_id,
            Duty.service_date == plan.service_date,
            Job.state == "planned",
            Job.id.not_in(served),
        )
        .limit(MAX_JOBS)
    )
    yield from (job for job in db.session.scalars(jobs).all() if JOB.allows(job.state, "unplanned"))
