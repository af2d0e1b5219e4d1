"""Days for the tests of planning: doors on the starter map, volunteers on duty, and one call from jobs to a plan."""

from datetime import date, datetime
from itertools import count

from flask import Flask, current_app
from sqlalchemy import select

from dispatch.clock import at
from dispatch.database import db
from dispatch.dossiers.events import Actor, Origin, record
from dispatch.dossiers.models import Job
from dispatch.dossiers.operations import Window
from dispatch.duty.models import Duty
from dispatch.planning.models import Plan, PlanRoute
from dispatch.planning.publish import publish
from dispatch.planning.solving import start_planning
from dispatch.tasks.models import Task
from dispatch.tasks.runner import run_kind
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, TODAY, make_citizen, make_dossier, make_duty, make_job, make_place, make_volunteer
from tests.checker import check

_number = count(1)

# Doors along Ngô Quyền, Khúc Hạo and around the office of `makers.OFFICE`.
DOORS = (
    (16.0935, 108.2438),
    (16.0968, 108.2455),
    (16.1002, 108.2447),
    (16.1031, 108.2479),
    (16.0987, 108.2512),
    (16.0951, 108.2496),
    (16.1019, 108.2533),
    (16.0912, 108.2467),
)


def a_job(
    ward: Ward,
    door: int = 0,
    leg: str = "collect",
    hours: tuple[float, float] | None = None,
    day: date | None = TODAY,
    procedure: str = "tinh-trang-hon-nhan",
) -> Job:
    """A job at one of the doors, wished for between two hours of the day (at any time unless named)."""
    lat, lon = DOORS[door % len(DOORS)]
    number = next(_number)
    citizen = make_citizen(ward, phone=f"+8490512{number:04d}")
    place = make_place(ward, f"{number} Ngô Quyền", lat, lon)
    dossier = make_dossier(ward, procedure=procedure, citizen=citizen, place=place)
    if leg == "return":
        record("received", dossier, STAFF, data={"official_code": "H17", "promised_on": TODAY.isoformat()})
        record("result_ready", dossier, STAFF)
    window = Window(day)
    if hours is not None:
        assert day is not None
        window = Window(day, hour(ward, hours[0], day), hour(ward, hours[1], day))
    return make_job(dossier, leg, window)


def hour(ward: Ward, clock: float, day: date = TODAY) -> datetime:
    """`9.5` is half past nine on the ward's clocks."""
    return at(day, int(clock * 3600), ward.timezone)


def on_duty(ward: Ward, *names: str, day: date = TODAY, halves: tuple[str, ...] = (), **columns: object) -> list[Duty]:
    return [make_duty(ward, make_volunteer(ward, name, **columns), day, halves) for name in names]


def a_draft(ward: Ward, day: date = TODAY, seconds: float = 0.3) -> Plan:
    """The day planned by the real task, and every way there is of checking what it stored."""
    task = run_planning(ward, day, seconds)
    assert task.state == "done", task.error
    plan = db.session.scalars(select(Plan).where(Plan.public_id == task.result["plan"])).one()
    assert_checked(plan)
    return plan


def run_planning(ward: Ward, day: date = TODAY, seconds: float = 0.3) -> Task:
    """The planning task (the one under way, if any), run to its end as a worker would: with a session of its own."""
    task = start_planning(ward.id, day, None, seconds)
    db.session.commit()
    with current_app.app_context():
        run_kind("plan_day", ward.id)
    db.session.expire_all()
    return task


def a_published_plan(ward: Ward, day: date = TODAY, seconds: float = 0.3) -> Plan:
    plan = a_draft(ward, day, seconds)
    publish(plan, STAFF)
    db.session.commit()
    return plan


def assert_checked(plan: Plan) -> None:
    """The checker that knows nothing of `routing` finds nothing wrong with a stored plan."""
    assert check(plan.problem, plan.problem["plan"]) == []


def route_of(plan: Plan, duty: Duty) -> PlanRoute | None:
    return next((route for route in plan.routes if route.duty_id == duty.id), None)


def stops_of(plan: Plan, duty: Duty) -> list[str]:
    """Public ids of the jobs of a duty's route, in order."""
    route = route_of(plan, duty)
    return [stop.job.public_id for stop in route.stops] if route else []


def tap(kind: str, job: Job, moment: datetime, **data: object) -> None:
    """What a volunteer's phone records at a door."""
    duty_id = job.duty_id
    origin = Origin(f"{kind}-{job.public_id}-{moment.isoformat()}", moment)
    record(kind, job, Actor("volunteer", None), data=data, origin=origin, duty_id=duty_id)


def set_clock(app: Flask, moment: datetime) -> None:
    """Let business time be exactly this moment, as near as the machine's clock runs."""
    from dispatch.clock import Clock, real_now

    clock: Clock = app.extensions["clock"]
    clock.offset = moment - real_now()
