"""Incidents on the way: on the board at once with where it was, until somebody has seen them; the place is not kept."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.models import Event, EventNote, Job
from dispatch.duty.models import Duty
from dispatch.live.positions import forget_positions
from dispatch.planning.today import day_now
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import TODAY, login_as, make_duty, make_volunteer, make_ward
from tests.app.planning_days import set_clock

BOARD = f"/dieu-phoi/{TODAY}"


@pytest.fixture
def duty(ward: Ward, client: FlaskClient) -> Duty:
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 2))
    open_phone(client, duty)
    return duty


def report(client: FlaskClient, **more: object) -> str:
    """An incident away from any door; gives its key."""
    sent = {**tap("incident", Job(public_id="")), "what": "accident", **more}
    assert [answer["state"] for answer in send(client, sent)] == ["accepted"]
    return str(sent["key"])


def desk_of(app: Flask, ward: Ward, role: Role = Role.HOTLINE) -> FlaskClient:
    desk = app.test_client()
    login_as(desk, ward, role)
    return desk


def test_the_volunteer_sees_that_it_was_told_and_can_take_it_back(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    key = report(client)
    assert "Đã báo sự cố" in client.get("/tuyen").text
    assert "Sự cố: Tai nạn" in desk_of(app, ward).get(BOARD).text
    back = {**tap("undone", Job(public_id="")), "corrects": key}
    assert [answer["state"] for answer in send(client, back)] == ["accepted"]
    assert "Đã báo sự cố" not in client.get("/tuyen").text
    assert "Sự cố: Tai nạn" not in desk_of(app, ward).get(BOARD).text


def test_it_stands_on_the_board_with_its_place_until_somebody_has_seen_it(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    key = report(client, note="Ngã xe, trầy tay", lat="16.09351", lon="108.24381")
    desk = desk_of(app, ward)
    part = desk.get(f"{BOARD}/moi/can-xu-ly")
    for words in ("Sự cố: Tai nạn", "Ngã xe, trầy tay", "16.0935,108.2438", "Nguyễn Văn An", "xuất phát từ trụ sở"):
        assert words in part.text
    again = desk.get(f"{BOARD}/moi/can-xu-ly", headers={"If-None-Match": part.headers["ETag"]})
    assert again.status_code == 304, "its button must not change with each token"
    assert key in desk.get(BOARD).text
    assert desk.post(f"{BOARD}/da-xem", data={"incident": key}).status_code == 303
    assert "Sự cố: Tai nạn" not in desk.get(f"{BOARD}/moi/can-xu-ly").text
    seen = db.session.scalars(select(Event).where(Event.kind == "incident_seen")).one()
    assert (seen.actor_kind, seen.duty_id, seen.data) == ("staff", duty.id, {"incident": key})
    assert seen.actor_id is not None


def test_without_a_position_the_last_stop_says_where(app: Flask, ward: Ward, duty: Duty, client: FlaskClient) -> None:
    first = db.session.scalars(select(Job).order_by(Job.id)).first()
    assert first is not None
    assert first.place is not None
    first.place.spoken = "88 Lê Đức Thọ"
    send(client, tap("done", first, originals=1))
    report(client, what="rain")
    assert "Điểm dừng gần nhất: 88 Lê Đức Thọ" in desk_of(app, ward).get(f"{BOARD}/moi/can-xu-ly").text


def test_the_map_of_the_board_shows_where(app: Flask, ward: Ward, duty: Duty, client: FlaskClient) -> None:
    report(client, lat="16.09351", lon="108.24381")
    drawn = desk_of(app, ward, Role.DISPATCHER).get(f"{BOARD}/ban-do.json").json
    points = [one for one in drawn["features"] if one["properties"]["kind"] == "incident"]
    assert [one["geometry"]["coordinates"] for one in points] == [[108.2438, 16.0935]]


def test_one_that_was_taken_back_or_is_another_wards_is_not_shown(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    kept, gone = report(client), report(client, what="dog")
    send(client, {**tap("undone", Job(public_id="")), "corrects": gone})
    assert [one.event.key for one in day_now(ward, TODAY, now()).on_the_way] == [kept]
    other = make_ward("Mân Thái")
    db.session.commit()
    assert day_now(other, TODAY, now()).on_the_way == []
    assert desk_of(app, other).post(f"{BOARD}/da-xem", data={"incident": kept}).status_code == 404
    assert desk_of(app, ward).post(f"{BOARD}/da-xem", data={"incident": "nothing"}).status_code == 404
    assert len(day_now(ward, TODAY, now()).on_the_way) == 1


def test_nobody_saw_it_yesterday_so_it_stands_on_todays_board(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    report(client)
    set_clock(app, now() + timedelta(days=1))
    tomorrow = TODAY + timedelta(days=1)
    assert len(day_now(ward, tomorrow, now()).on_the_way) == 1
    assert day_now(ward, tomorrow + timedelta(days=1), now()).on_the_way == []


def test_where_it_was_goes_after_the_shift_and_the_report_stays(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    report(client, note="Mưa lớn", lat="16.09351", lon="108.24381")
    forget_positions(ward.id)
    assert day_now(ward, TODAY, now()).on_the_way[0].point == (16.0935, 108.2438)
    move_clock(app, minutes=24 * 60)
    forget_positions(ward.id)
    assert db.session.scalars(select(EventNote.kind)).all() == ["note"]
    assert day_now(ward, TODAY + timedelta(days=1), now()).on_the_way[0].point is None


def test_an_arrival_teaches_where_the_door_is_and_keeps_no_position(
    ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    job = db.session.scalars(select(Job).order_by(Job.id)).first()
    assert job is not None
    assert job.place is not None
    send(client, tap("arrived", job, lat="16.0936", lon="108.2439"))
    assert [(pin.source, pin.lat, pin.lon) for pin in job.place.pins][-1][1:] == (16.0936, 108.2439)
    assert db.session.scalars(select(EventNote.kind)).all() == []
