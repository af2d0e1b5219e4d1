"""A service date as plain facts: read in one short transaction, so that nothing is held open while planning."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from dispatch.clock import local, seconds_into
from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.duty.models import Duty
from dispatch.duty.operations import skill_name
from dispatch.planning.in_force import plan_in_force
from dispatch.planning.models import Plan
from dispatch.planning.standing import Standing, standings
from dispatch.planning.waiting import cutoff_of, papers_with, point_of, priority_of, service_s, waiting_on, window_on
from dispatch.wards.models import Ward, clock_seconds
from routing.problem import TimeWindow

MAX_DUTIES = 200
MAX_SPANS = 2


class CannotPlan(Exception):
    """There is nothing to plan with; the text is a sentence for the dispatcher."""


@dataclass(frozen=True)
class JobFacts:
    """One job as planning sees it.

    `holder` is the duty to which the papers were handed, `aboard` says that they are out with it on its trip;
    `assigned` is the duty in force.
    """

    id: int
    key: str
    leg: str
    point: tuple[float, float]
    service_s: int
    window: TimeWindow | None
    skill: str
    priority: int
    cutoff_s: int | None
    cutoff_hard: bool
    holder: str | None
    aboard: bool
    assigned: str | None


@dataclass(frozen=True)
class DutyFacts:
    """One volunteer's day: the half-days that are not over (`spans`), counted from half-day `first_span` on."""

    id: int
    key: str
    spans: tuple[TimeWindow, ...]
    first_span: int
    capacity: int
    skills: frozenset[str]
    standing: Standing
    free_s: int | None
    carried_cutoff_s: int | None
    """By when something in the bag of a trip under way is wanted at the office."""

    @property
    def away(self) -> bool:
        return self.standing.away and self.free_s is not None


@dataclass(frozen=True)
class DayFacts:
    """All that a plan is made of, but for travel times. `blocked` holds (job row, code of the reason)."""

    ward_id: int
    zone: str
    day: date
    now_s: int
    office: tuple[float, float]
    jobs: tuple[JobFacts, ...]
    duties: tuple[DutyFacts, ...]
    blocked: tuple[tuple[int, str], ...]
    based_on_id: int | None
    seen_event_id: int

    @property
    def on_duty(self) -> tuple[DutyFacts, ...]:
        """Duties with at least one half-day left."""
        return tuple(duty for duty in self.duties if duty.spans)


def read_day(ward: Ward, day: date, moment: datetime) -> DayFacts:
    """The facts of the day as they stand at this moment. Raises CannotPlan where the ward has no office pin."""
    if ward.office is None:
        raise CannotPlan(_("Nobody has set the office's pin on the map yet: every trip starts and ends there."))
    plan = plan_in_force(ward.id, day)
    # Before the day begins nothing of it can have happened; `now_s` is then before every half-day.
    now_s = max(0, seconds_into(day, moment, ward.timezone))
    duties = _duties(ward, day, plan, moment, now_s)
    jobs, blocked = _jobs(ward, day, moment, now_s, duties)
    return DayFacts(
        ward_id=ward.id,
        zone=ward.timezone,
        day=day,
        now_s=now_s,
        office=ward.office,
        jobs=tuple(jobs),
        duties=tuple(duties),
        blocked=tuple(blocked),
        based_on_id=plan.id if plan else None,
        seen_event_id=db.session.scalar(select(func.max(Event.id)).where(Event.ward_id == ward.id)) or 0,
    )


def duties_on(ward_id: int, day: date) -> list[Duty]:
    """Duties of the day, those of volunteers who fell out included."""
    return list(
        db.session.scalars(
            select(Duty)
            .where(Duty.ward_id == ward_id, Duty.service_date == day)
            .options(joinedload(Duty.volunteer))
            .order_by(Duty.id)
            .limit(MAX_DUTIES)
        )
    )


def _duties(ward: Ward, day: date, plan: Plan | None, moment: datetime, now_s: int) -> list[DutyFacts]:
    everybody = duties_on(ward.id, day)
    standing_of = standings(ward.id, plan, [duty.id for duty in everybody], moment)
    return [_duty(ward, duty, standing_of.get(duty.id, Standing()), now_s) for duty in everybody]


def _duty(ward: Ward, duty: Duty, standing: Standing, now_s: int) -> DutyFacts:
    zone, day = ward.timezone, duty.service_date
    whole = [
        TimeWindow(seconds_into(day, shift.starts_at, zone), seconds_into(day, shift.ends_at, zone))
        for shift in duty.shifts
    ]
    left = [span for span in whole if span.end_s > now_s]
    first_span = len(whole) - len(left)
    # Whoever fell out rides no more; what was done stays in the plan.
    left = [] if duty.off_at else left[:MAX_SPANS]
    free_s = None
    if left and standing.free_at is not None:
        free_s = max(now_s, seconds_into(day, standing.free_at, zone))
    elif left and now_s > left[0].start_s:
        free_s = now_s
    if left and free_s is not None and free_s < left[0].start_s:
        free_s = None  # between two half-days everybody is back at the office
    return DutyFacts(
        id=duty.id,
        key=duty.public_id,
        spans=tuple(left),
        first_span=first_span,
        capacity=duty.volunteer.bag_capacity or ward.bag_capacity,
        skills=frozenset(map(skill_name, duty.volunteer.skills)),
        standing=standing,
        free_s=free_s,
        carried_cutoff_s=_carried_cutoff_s(ward, standing, now_s) if left and free_s is not None else None,
    )


def _carried_cutoff_s(ward: Ward, standing: Standing, now_s: int) -> int | None:
    cutoffs = (clock_seconds(stop.cutoff or ward.cutoff) for stop in standing.on_trip if stop.cutoff is not None)
    return min((cutoff_s for cutoff_s in cutoffs if cutoff_s > now_s), default=None)


def _jobs(
    ward: Ward, day: date, moment: datetime, now_s: int, duties: list[DutyFacts]
) -> tuple[list[JobFacts], list[tuple[int, str]]]:
    waiting = waiting_on(ward, day, moment)
    blocked = [(job.id, code) for job, code in waiting.blocked]
    holders, out = _holders(ward, day, moment, duties, waiting.plannable)
    on_duty = {duty.id: duty.key for duty in duties}
    trip_ends = {duty.key: duty.spans[0].end_s for duty in duties if duty.away}
    jobs = []
    for job in waiting.plannable:
        if job.id in out:
            blocked.append((job.id, "papers_out"))
            continue
        cutoff_s, cutoff_hard = cutoff_of(job, ward, now_s)
        window, holder = window_on(job, day, moment, ward.timezone), holders.get(job.id)
        jobs.append(
            JobFacts(
                id=job.id,
                key=job.public_id,
                leg=job.leg,
                point=point_of(job),
                service_s=service_s(job.leg, len(job.dossier.procedure.components)),
                window=window,
                skill=skill_name(job.dossier.procedure.skill),
                priority=priority_of(job, day),
                cutoff_s=cutoff_s,
                cutoff_hard=cutoff_hard,
                holder=holder,
                # What is wanted after this trip only comes back to the office first.
                aboard=holder in trip_ends and (window is None or window.start_s < trip_ends[holder]),
                assigned=on_duty.get(job.duty_id or 0),
            )
        )
    return jobs, blocked


def _holders(
    ward: Ward, day: date, moment: datetime, duties: list[DutyFacts], jobs: list[Job]
) -> tuple[dict[int, str], set[int]]:
    """Job -> key of the duty that has its papers in the bag; and jobs whose papers are out of everybody's reach.

    Papers that went out on an earlier day have come back to the office, and by a later day they will have.
    """
    holders = {id: duty.key for duty in duties if duty.away for id in duty.standing.loaded_job_ids}
    if day != local(moment, ward.timezone).date():
        return holders, set()
    handed, out = papers_with(ward.id, jobs), set[int]()
    todays = {duty.id for duty in duties_on(ward.id, day)}
    active = {duty.id: duty.key for duty in duties if duty.spans}
    for job in jobs:
        duty_id = handed.get(job.dossier_id)
        if duty_id in active:
            holders[job.id] = active[duty_id]
        elif duty_id in todays:
            out.add(job.id)
    return holders, out
