"""The ward that is tortured, what its events made of it, and the same taps played one after the other."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from dispatch.clock import local, now
from dispatch.config import load_settings
from dispatch.database import db
from dispatch.dossiers.models import Event, Job
from dispatch.duty.links import link_for
from dispatch.duty.models import Device
from dispatch.field.devices import enrol
from tests.app.field_makers import make_jobs, make_route
from tests.app.makers import make_duty, make_volunteer, make_ward

DOORS_A_ROUTE = 20
PHONES_A_ROUTE = 2
SHOWN = ("state", "originals", "copies", "attempts", "arrived_at", "finished_at", "not_done_reason", "flags", "duty_id")


def application(folder: Path) -> Flask:
    """An application on a database of its own, without the worker."""
    app = create_app(load_settings(data_dir=folder, secret_key="torture", tasks="manual"))
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        upgrade()
    return app


def seed(app: Flask, phones: int) -> tuple[list[str], list[list[str]]]:
    """A published day; the cookies of the phones, and the doors of each one's route. Always the same rows."""
    with app.app_context():
        ward = make_ward()
        tomorrow = local(now(), ward.timezone).date().toordinal() + 1
        cookies, doors = [], []
        for number in range(-(-phones // PHONES_A_ROUTE)):
            day = local(now(), ward.timezone).date().fromordinal(tomorrow)
            duty = make_duty(ward, make_volunteer(ward, f"Nguyễn Văn {number}"), day)
            jobs = make_jobs(ward, DOORS_A_ROUTE)
            make_route(ward, duty, jobs)
            for _ in range(PHONES_A_ROUTE):
                cookies.append(enrol(link_for(duty))[1])
                doors.append([job.public_id for job in jobs])
        db.session.commit()
        return cookies[:phones], doors[:phones]


def stored(app: Flask) -> list[Event]:
    """What came from phones, in replay order."""
    with app.app_context():
        taps = db.session.scalars(select(Event).where(Event.device_id.is_not(None))).all()
        db.session.remove()
    return sorted(taps, key=lambda event: event.replay_order)


def derived(app: Flask) -> list[tuple[Any, ...]]:
    """What stands in the rows that events make, by row; who was told that somebody comes is not part of it."""
    with app.app_context():
        jobs = db.session.scalars(select(Job).order_by(Job.id)).all()
        rows = [
            (*(getattr(job, name) for name in SHOWN), job.dossier.state, job.dossier.flags, job.dossier.holder)
            for job in jobs
        ]
        db.session.remove()
    return rows


def replay(app: Flask, taps: list[Event], cookies: list[str]) -> None:
    """Each tap once, in order of time, by itself, over the product's own interface."""
    with app.app_context():
        rows = {job.id: job.public_id for job in db.session.scalars(select(Job))}
        devices = {device.id: device.public_id for device in db.session.scalars(select(Device))}
        db.session.remove()
    cookie_of = {cookie.partition(".")[0]: cookie for cookie in cookies}
    client = app.test_client()
    for tap in taps:
        client.set_cookie("phone", cookie_of[devices[tap.device_id or 0]])
        body = {
            "key": tap.key,
            "kind": tap.kind,
            "job": rows[tap.job_id or 0],
            "seq": tap.device_seq,
            "occurred_at": tap.occurred_at.isoformat(),
            "corrects": tap.corrects,
            **tap.data,
        }
        answer = client.post("/tuyen/su-kien", json=body)
        assert answer.status_code == 200, answer.text
