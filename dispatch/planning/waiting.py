"""Which jobs belong to a day's plan, and which cannot be planned, with the code of the reason."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, raiseload

from dispatch.clock import local, seconds_into
from dispatch.database import db
from dispatch.dossiers.catalogue import Procedure
from dispatch.dossiers.models import Dossier, Event, Job
from dispatch.duty.models import Duty
from dispatch.planning import assumptions
from dispatch.wards.models import Ward, clock_seconds
from dispatch.wards.road_changes import map_of_day
from routing.geo import Point
from routing.problem import TimeWindow

MAX_JOBS = 1000
DAY_S = 86_400
RETURNABLE = ("result_ready", "to_give_back", "returning")


class Blocked(Exception):
    """The job cannot be planned on this day. `code` is worded in `reasons`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Waiting:
    """Jobs that ask for a place in a day's plan, and those that stay out of it, with the code of why."""

    plannable: list[Job]
    blocked: list[tuple[Job, str]]


def waiting_on(ward: Ward, day: date, moment: datetime) -> Waiting:
    """Jobs that are open or planned for this day, with what they need loaded."""
    plannable, blocked = [], []
    for job in candidates(ward, day, local(moment, ward.timezone).date()):
        try:
            check(job, day, moment, ward.timezone)
        except Blocked as reason:
            blocked.append((job, reason.code))
        else:
            plannable.append(job)
    return Waiting(plannable, blocked)


def off_the_roads(ward: Ward, day: date, jobs: list[Job]) -> list[Job]:
    """Jobs whose door no known road reaches on that day: their travel times are estimates."""
    spots = [(job, Point(*job.place.point)) for job in jobs if job.place is not None and job.place.point is not None]
    if not spots:
        return []
    doors = map_of_day(ward, day).network.snapper.snap([point for _job, point in spots])
    return [job for (job, _point), off in zip(spots, doors.off_the_roads.tolist(), strict=True) if off]


def candidates(ward: Ward, day: date, today: date) -> list[Job]:
    """Open jobs dated for this day, earlier or not at all; planned ones of this day or of one that is over.

    A return waits for the result: before that there is nothing to bring.
    """
    dated = or_(Job.service_date.is_(None), Job.service_date <= day)
    planned = or_(Duty.service_date == day, Duty.service_date < today)
    return list(
        db.session.scalars(
            select(Job)
            .join(Job.dossier)
            .outerjoin(Duty, Duty.id == Job.duty_id)
            .where(
                Job.ward_id == ward.id,
                or_(and_(Job.state == "open", dated), and_(Job.state == "planned", planned)),
                or_(Job.leg == "collect", Dossier.state.in_(RETURNABLE)),
            )
            .options(
                contains_eager(Job.dossier).joinedload(Dossier.procedure).selectinload(Procedure.components),
                contains_eager(Job.dossier).joinedload(Dossier.beneficiary),
                contains_eager(Job.dossier).raiseload(Dossier.jobs),
                joinedload(Job.place),
            )
            .order_by(Job.id)
            .limit(MAX_JOBS)
        )
    )


def check(job: Job, day: date, moment: datetime, zone: str) -> None:
    """Raises Blocked with the first reason why the job cannot be planned on this day."""
    point_of(job)
    window_on(job, day, moment, zone)


def point_of(job: Job) -> tuple[float, float]:
    """Where the door is. Raises Blocked while nobody has set the pin."""
    if job.place is None or job.place.point is None:
        raise Blocked("no_pin")
    return job.place.point


def window_on(job: Job, day: date, moment: datetime, zone: str) -> TimeWindow | None:
    """When the service has to start, in seconds since local midnight: what was promised, else what was wished.

    A promise that has passed unkept is due as soon as possible: no window. A mere wish that has passed asks for a
    call first. Raises Blocked.
    """
    promised = job.promised_start is not None
    start = job.promised_start if promised else job.window_start
    end = job.promised_end if promised else job.window_end
    if start is None and end is None:
        return None
    start_s = 0 if start is None else max(0, seconds_into(day, start, zone))
    end_s = DAY_S if end is None else seconds_into(day, end, zone)
    if start_s >= DAY_S:
        raise Blocked("other_day")
    if end_s <= max(0, seconds_into(day, moment, zone)):
        if promised or job.state == "planned":
            return None
        raise Blocked("window_passed")
    return TimeWindow(start_s, end_s)


def cutoff_of(job: Job, ward: Ward, now_s: int) -> tuple[int | None, bool]:
    """By when a same-day dossier has to be at the office, and whether that was promised; None once it has passed."""
    procedure = job.dossier.procedure
    if job.leg != "collect" or not procedure.same_day:
        return None, False
    cutoff_s = clock_seconds(procedure.cutoff or ward.cutoff)
    return (cutoff_s, job.same_day_promised) if cutoff_s > now_s else (None, False)


def priority_of(job: Job, day: date) -> int:
    """The weight of leaving the job out of this day's plan."""
    if job.promised_start is not None:
        return assumptions.PRIORITY_PROMISED
    if job.service_date is not None and job.service_date <= day:
        return assumptions.PRIORITY_DATED
    return assumptions.PRIORITY_OPEN


def service_s(leg: str, components: int) -> int:
    """Seconds that the work at a door takes."""
    if leg == "return":
        return assumptions.RETURN_S
    return assumptions.COLLECT_S + components * assumptions.COLLECT_COMPONENT_S


def papers_with(ward_id: int, jobs: list[Job]) -> dict[int, int]:
    """Dossier id -> duty to which its papers were handed, for dossiers that are out with a volunteer."""
    out = [job.dossier_id for job in jobs if job.leg == "return" and job.dossier.holder == "volunteer"]
    if not out:
        return {}
    handed = db.session.scalars(
        select(Event)
        .where(
            Event.ward_id == ward_id, Event.kind.in_(("handed_to_volunteer", "passed_on")), Event.dossier_id.in_(out)
        )
        .order_by(Event.occurred_at, Event.id)
        .options(raiseload("*"))
        .limit(4 * MAX_JOBS)
    )
    return {event.dossier_id: event.data["duty_id"] for event in handed if event.dossier_id and "duty_id" in event.data}
