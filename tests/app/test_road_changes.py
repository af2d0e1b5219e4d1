"""Streets closed or slow for a while: entered on the map, heeded by plans and offers, found again on the next map."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.operations import NotPossible
from dispatch.planning.bridge import build_problem
from dispatch.planning.publish import publish
from dispatch.wards.map_store import current_map, store_map
from dispatch.wards.models import RoadChange, Ward
from dispatch.wards.road_changes import map_of_day
from routing.geo import Point
from routing.roads.starter import starter_map
from tests.app.makers import OFFICE, STAFF, TODAY, login_as
from tests.app.planning_days import DOORS, a_draft, a_job, hour, on_duty, set_clock

FORM = {
    "lat": "16.0935",
    "lon": "108.2438",
    "reach": "20000",
    "effect": "0",
    "reason": "Ngập nước",
    "start_day": "23/11/2026",
    "start_time": "7h",
    "end_day": "23/11/2026",
    "end_time": "11:30",
}
PAGE = "/ban-do/duong/"


@pytest.fixture
def dispatcher(app: Flask, client: FlaskClient, ward: Ward) -> FlaskClient:
    set_clock(app, hour(ward, 6))
    login_as(client, ward, Role.DISPATCHER)
    return client


def the_change() -> RoadChange:
    return db.session.scalars(select(RoadChange).order_by(RoadChange.id.desc()).limit(1)).one()


def travel_s(ward: Ward, day: date = TODAY) -> int:
    matrix = map_of_day(ward, day).network.matrix([Point(*DOORS[0]), Point(*DOORS[2])])
    return int(matrix.duration_s[0, 1])


def test_a_closed_street_is_gone_round_that_day_and_until_its_end(
    app: Flask, dispatcher: FlaskClient, ward: Ward
) -> None:
    usual_s = travel_s(ward)
    answer = dispatcher.post(PAGE, data=FORM, follow_redirects=True)
    assert "các kế hoạch lập từ bây giờ sẽ tính theo" in answer.text
    assert "Ngập nước" in answer.text
    change = the_change()
    assert (change.starts_at, change.ends_at) == (hour(ward, 7), hour(ward, 11.5))
    assert change.street
    assert travel_s(ward) >= usual_s  # on the starter map nothing goes round: no less than usual, and an estimate
    assert map_of_day(ward, TODAY).network.matrix([Point(*DOORS[0]), Point(*DOORS[2])]).estimated.any()
    assert travel_s(ward, TODAY + timedelta(days=1)) == usual_s
    set_clock(app, hour(ward, 12))
    assert travel_s(ward) == usual_s


def test_the_problem_of_the_day_follows_and_opening_takes_it_back(dispatcher: FlaskClient, ward: Ward) -> None:
    on_duty(ward, "An")
    a_job(ward, 0)
    a_job(ward, 2)
    db.session.commit()
    before, _facts = build_problem(ward, TODAY, now())
    dispatcher.post(PAGE, data={**FORM, "effect": "25"})
    slow, _facts = build_problem(ward, TODAY, now())
    assert slow.duration_s.sum() > before.duration_s.sum()
    dispatcher.post(f"{PAGE}{the_change().public_id}/mo")
    again, _facts = build_problem(ward, TODAY, now())
    assert (again.duration_s == before.duration_s).all()
    assert the_change().lifted_at is not None
    assert the_change().lifted_by == the_change().made_by


def test_another_import_keeps_the_closed_street(dispatcher: FlaskClient, ward: Ward) -> None:
    dispatcher.post(PAGE, data=FORM)
    closed_s = travel_s(ward)
    store_map(ward, starter_map(), "again")
    db.session.commit()
    assert current_map(ward).id is not None
    assert travel_s(ward) == closed_s


def test_a_draft_made_before_is_not_published(dispatcher: FlaskClient, ward: Ward) -> None:
    on_duty(ward, "An")
    a_job(ward, 2)
    db.session.commit()
    draft = a_draft(ward)
    dispatcher.post(PAGE, data={**FORM, "lat": str(OFFICE[0]), "lon": str(OFFICE[1])})
    with pytest.raises(NotPossible, match="đoạn đường vừa cấm"):
        publish(draft, STAFF)


def test_the_map_shows_what_holds(dispatcher: FlaskClient, ward: Ward) -> None:
    dispatcher.post(PAGE, data=FORM)
    features = dispatcher.get(f"{PAGE}hien-tai.json").get_json()["features"]
    assert {one["properties"]["kind"] for one in features} == {"route", "stop"}
    assert "Ngập nước" in features[-1]["properties"]["lines"]
    dispatcher.post(f"{PAGE}{the_change().public_id}/mo")
    assert dispatcher.get(f"{PAGE}hien-tai.json").get_json()["features"] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"end_time": "06:59"}, "kết thúc phải sau lúc bắt đầu"),
        ({"lat": "12.0"}, "Không có đường nào gần ghim này"),
        ({"reason": " "}, "Vui lòng"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    dispatcher: FlaskClient, ward: Ward, wrong: dict[str, str], said: str
) -> None:
    answer = dispatcher.post(PAGE, data=FORM | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(select(RoadChange).limit(1)) is None
