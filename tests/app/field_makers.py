"""Makers for the phone's tests: a published route, a phone that opened its link, and taps as the phone sends them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from dispatch.citizens.models import Message
from dispatch.clock import at, now
from dispatch.database import db
from dispatch.dossiers.events import record
from dispatch.dossiers.models import Event, Job
from dispatch.duty.links import link_for, token_of
from dispatch.duty.models import Duty
from dispatch.planning.models import Plan, PlanRoute, PlanStop
from dispatch.wards.models import Ward
from tests.app.makers import OFFICE, STAFF, TODAY, make_dossier, make_job

RIDE = timedelta(minutes=10)
SERVICE = timedelta(minutes=5)


def make_route(ward: Ward, duty: Duty, jobs: list[Job], *, trips: tuple[int, ...] = ()) -> Plan:
    """Publish a plan with one route: ten minutes to each door, five at it, from 08:00. `trips`: doors a trip."""
    last = select(func.max(Plan.version)).where(Plan.ward_id == ward.id, Plan.service_date == duty.service_date)
    version = (db.session.scalar(last) or 0) + 1
    for old in db.session.scalars(select(Plan).where(Plan.ward_id == ward.id, Plan.state == "published")):
        old.state = "superseded"
    plan = Plan(ward_id=ward.id, service_date=duty.service_date, version=version, state="published", made_at=now())
    route = PlanRoute(ward_id=ward.id, duty_id=duty.id, position=0, distance_m=4200)
    plan.routes = [route]
    clock = at(duty.service_date, 8 * 3600, ward.timezone)
    doors_a_trip = trips or (len(jobs),)
    starts = [sum(doors_a_trip[:n]) for n in range(len(doors_a_trip))]
    for position, job in enumerate(jobs):
        trip = max(n for n, start in enumerate(starts) if start <= position)
        if position in starts:
            route.trips = [
                *(route.trips or []),
                {
                    "span": trip,
                    "leave_at": clock.isoformat(),
                    "back_at": (clock + timedelta(hours=2)).isoformat(),
                    "line": [list(OFFICE), [16.0935, 108.2438]],
                },
            ]
        route.stops.append(_stop(ward, job, position, trip, clock))
        clock += RIDE + SERVICE
    db.session.add(plan)
    db.session.flush()
    for stop in route.stops:
        planned = {"duty_id": duty.id, "eta": stop.arrives_at.isoformat()}
        record("planned", stop.job, STAFF, data=planned)
    db.session.commit()
    return plan


def _stop(ward: Ward, job: Job, position: int, trip: int, leave: datetime) -> PlanStop:
    arrives = leave + RIDE
    return PlanStop(
        ward_id=ward.id,
        job=job,
        position=position,
        trip=trip,
        arrives_at=arrives,
        starts_at=arrives,
        leaves_at=arrives + SERVICE,
        travel_s=600,
        distance_m=1200,
    )


def make_jobs(ward: Ward, count: int, leg: str = "collect") -> list[Job]:
    return [make_job(make_dossier(ward), leg) for _ in range(count)]


def make_return(ward: Ward, **dossier: Any) -> Job:
    """A job to bring a result that is ready."""
    papers = make_dossier(ward, legs="return", **dossier)
    record("result_ready", papers, STAFF)
    return make_job(papers, "return")


def open_phone(client: FlaskClient, duty: Duty) -> TestResponse:
    """Follow the duty's link, as the QR code on the duty sheet would."""
    link = link_for(duty)
    db.session.commit()
    return client.get(f"/r/{token_of(link)}")


def tap(kind: str, job: Job, **more: Any) -> dict[str, Any]:
    """One event as the phone writes it."""
    return {"key": str(uuid4()), "kind": kind, "job": job.public_id, "occurred_at": now().isoformat(), **more}


def send(client: FlaskClient, *taps: Any, phone_now: datetime | None = None) -> list[dict[str, str]]:
    """Send taps as the script does; gives the answers' states."""
    body = {"now": (phone_now or now()).isoformat(), "events": list(taps)}
    response = client.post("/tuyen/su-kien", json=body)
    assert response.status_code == 200, response.text
    return response.get_json()["answers"]


def states(answers: list[dict[str, str]]) -> list[str]:
    return [answer["state"] for answer in answers]


def events_of(job: Job, *kinds: str) -> list[Event]:
    found = select(Event).where(Event.job_id == job.id).order_by(Event.occurred_at, Event.id)
    return [event for event in db.session.scalars(found) if not kinds or event.kind in kinds]


__all__ = ["TODAY", "events_of", "make_jobs", "make_return", "make_route", "open_phone", "send", "states", "tap"]


def messages(kind: str) -> int:
    """How many messages of a kind are on their way."""
    query = select(func.count()).select_from(Message).where(Message.kind == kind, Message.state != "cancelled")
    return db.session.scalar(query) or 0
