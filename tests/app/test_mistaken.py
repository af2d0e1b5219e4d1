"""The desk takes back what a volunteer reported by mistake, once the five minutes at the door are over."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.citizens.models import Message
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.models import Event, Job
from dispatch.dossiers.operations import hand_to_volunteer
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_return, make_route, open_phone, send, states, tap
from tests.app.makers import STAFF, TODAY, login_as, make_duty, make_volunteer

BUTTON = "Rút lại báo cáo này"


@pytest.fixture
def duty(ward: Ward, client: FlaskClient) -> Duty:
    duty = make_duty(ward, make_volunteer(ward, "Nguyễn Văn An"))
    back = make_return(ward)
    hand_to_volunteer(back.dossier, STAFF, duty.id)
    make_route(ward, duty, [*make_jobs(ward, 1), back])
    open_phone(client, duty)
    return duty


@pytest.fixture
def jobs(duty: Duty) -> tuple[Job, Job]:
    collect, back = db.session.scalars(select(Job).where(Job.duty_id == duty.id).order_by(Job.leg)).all()
    return collect, back


@pytest.fixture
def desk(app: Flask, ward: Ward) -> FlaskClient:
    desk = app.test_client()
    login_as(desk, ward, Role.HOTLINE)
    return desk


def report(app: Flask, client: FlaskClient, job: Job, kind: str, **fields: object) -> None:
    """The door as the volunteer reported it; ten minutes later the phone takes nothing back any more."""
    told = tap(kind, job, **fields)
    assert states(send(client, tap("arrived", job), told)) == ["accepted", "accepted"]
    move_clock(app, minutes=10)
    assert states(send(client, tap("undone", job, corrects=told["key"]))) == ["refused"]


def take_back(desk: FlaskClient, job: Job) -> str:
    """Press the button on the dossier's page; gives the key that it named."""
    page = desk.get(f"/ho-so/{job.dossier.code}").text
    assert BUTTON in page
    key = re.findall(r'name="event" value="([^"]+)"', page)[0]
    said = desk.post(f"/ho-so/{job.dossier.code}/viec/{job.public_id}/rut-lai", data={"event": key})
    assert said.status_code == 303
    return str(key)


def test_a_door_that_was_not_done_after_all_is_on_the_route_again(
    app: Flask, client: FlaskClient, desk: FlaskClient, jobs: tuple[Job, Job]
) -> None:
    collect = jobs[0]
    report(app, client, collect, "done", originals=2, copies=1)
    assert (collect.state, collect.dossier.state, collect.dossier.holder) == ("done", "carried", "volunteer")
    take_back(desk, collect)
    assert (collect.state, collect.dossier.state, collect.dossier.holder) == ("at_door", "requested", "citizen")
    assert (collect.flags, collect.dossier.flags) == ([], [])
    assert "Bạn đến đây lúc" in client.get("/tuyen").text
    slip = db.session.scalars(select(Message).where(Message.kind == "collected")).one()
    assert slip.state == "cancelled"
    undone = db.session.scalars(select(Event).where(Event.kind == "undone", Event.actor_kind == "staff")).one()
    assert undone.duty_id == collect.duty_id
    assert BUTTON not in desk.get(f"/ho-so/{collect.dossier.code}").text
    assert states(send(client, tap("done", collect, originals=1, copies=1))) == ["accepted"]
    assert (collect.state, collect.originals) == ("done", 1)


def test_a_result_that_was_not_handed_over_is_still_with_the_volunteer(
    app: Flask, client: FlaskClient, desk: FlaskClient, jobs: tuple[Job, Job]
) -> None:
    back = jobs[1]
    report(app, client, back, "done", originals=1, copies=0)
    assert back.dossier.state == "closed"
    take_back(desk, back)
    assert (back.state, back.dossier.state, back.dossier.holder) == ("at_door", "returning", "volunteer")


def test_what_could_not_be_done_is_tried_again(
    app: Flask, client: FlaskClient, desk: FlaskClient, jobs: tuple[Job, Job]
) -> None:
    collect = jobs[0]
    report(app, client, collect, "not_done", reason="nobody_home")
    take_back(desk, collect)
    assert (collect.state, collect.not_done_reason) == ("at_door", None)


def test_what_others_have_worked_with_stays(
    app: Flask, client: FlaskClient, desk: FlaskClient, jobs: tuple[Job, Job]
) -> None:
    collect, back = jobs
    report(app, client, collect, "done", originals=2, copies=1)
    page = desk.get(f"/ho-so/{collect.dossier.code}").text
    key = re.findall(r'name="event" value="([^"]+)"', page)[0]
    operations.receive(collect.dossier, "H17.61.09-261123-0001", TODAY, STAFF)
    db.session.commit()
    assert BUTTON not in desk.get(f"/ho-so/{collect.dossier.code}").text
    for job, named in ((collect, key), (back, key), (back, "")):
        address = f"/ho-so/{job.dossier.code}/viec/{job.public_id}/rut-lai"
        assert "notice--error" in desk.post(address, data={"event": named}, follow_redirects=True).text
    assert (collect.state, collect.dossier.state) == ("done", "in_process")
