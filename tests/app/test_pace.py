"""The volunteers' own times: which taps count as a ride, the page, and planning with the measured pace."""

import math
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.accounts.models import Role
from dispatch.clock import now, real_now
from dispatch.database import db
from dispatch.demo.build import build_demo
from dispatch.dossiers.events import Actor, Origin, record
from dispatch.dossiers.models import Job
from dispatch.duty.models import Duty
from dispatch.planning.bridge import build_problem
from dispatch.reports import pace
from dispatch.reports.rides import rides_of
from dispatch.wards.map_store import current_map
from dispatch.wards.models import RoadPace, Ward
from dispatch.wards.road_changes import map_of_day
from routing.geo import Point
from tests.app.makers import OFFICE, TODAY, login_as
from tests.app.planning_days import DOORS, a_job, hour, on_duty, set_clock

PAGE = "/bao-cao/duong-di/"


@pytest.fixture
def duty(app: Flask, ward: Ward) -> Duty:
    set_clock(app, hour(ward, 17))
    return on_duty(ward, "An")[0]


def tap(duty: Duty, kind: str, job: Job, at: datetime) -> None:
    actor = Actor("volunteer", duty.volunteer_id)
    record(
        kind,
        job,
        actor,
        duty_id=duty.id,
        origin=Origin(key=str(uuid4()), occurred_at=at),
        data={"originals": 1, "copies": 0},
    )


def expected_s(ward: Ward, a: tuple[float, float], b: tuple[float, float]) -> int:
    return current_map(ward).network.leg(Point(*a), Point(*b)).duration_s


def ride(duty: Duty, job: Job, begin: datetime, seconds: float) -> datetime:
    """From setting out to the end of the visit, five minutes after arriving."""
    tap(duty, "set_out", job, begin)
    tap(duty, "arrived", job, begin + timedelta(seconds=seconds))
    tap(duty, "done", job, begin + timedelta(seconds=seconds + 300))
    return begin + timedelta(seconds=seconds + 300)


def test_rides_begin_at_the_office_and_then_at_the_last_door(ward: Ward, duty: Duty) -> None:
    first, second, third = a_job(ward, 2), a_job(ward, 3), a_job(ward, 5)
    end = ride(duty, first, hour(ward, 8), 400)
    end = ride(duty, second, end + timedelta(minutes=1), 300)
    ride(duty, third, end + timedelta(minutes=40), 300)  # nobody knows where from
    db.session.commit()
    found = sorted(rides_of(ward), key=lambda one: -one.took_s)
    assert [(one.hour, one.took_s) for one in found] == [(8, 400), (8, 300)]
    assert [one.estimate_s for one in found] == [
        expected_s(ward, OFFICE, DOORS[2]),
        expected_s(ward, DOORS[2], DOORS[3]),
    ]


def test_a_break_and_what_the_desk_recorded_do_not_count(ward: Ward, duty: Duty) -> None:
    one, other = a_job(ward, 2), a_job(ward, 4)
    ride(duty, one, hour(ward, 8), 9000)
    record("set_out", other, Actor("staff", None), duty_id=duty.id)
    record("arrived", other, Actor("staff", None), duty_id=duty.id)
    db.session.commit()
    assert rides_of(ward) == []


def test_the_measured_pace_is_used_when_there_is_enough_and_somebody_says_so(
    ward: Ward, duty: Duty, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_as(client, ward, Role.DISPATCHER)
    moment = hour(ward, 8)
    for number in range(6):
        door = 2 + number % 2
        start = OFFICE if number == 0 else DOORS[2 + (number - 1) % 2]
        usual_s = expected_s(ward, start, DOORS[door])
        moment = ride(duty, a_job(ward, door), moment + timedelta(minutes=1), 2 * usual_s)
    db.session.commit()
    plain = current_map(ward).network.matrix([Point(*DOORS[2]), Point(*DOORS[3])]).duration_s[0, 1]
    shown = client.get(PAGE).text
    assert "hiện có 6 lượt" in shown
    assert "Chưa đủ lượt đi" in client.post(PAGE, data={"speeds": "measured"}, follow_redirects=True).text
    monkeypatch.setattr(pace, "ENOUGH", 6)
    assert "đo lúc" in client.post(PAGE, data={"speeds": "measured"}, follow_redirects=True).text
    doors = [Point(*DOORS[2]), Point(*DOORS[3])]
    assert map_of_day(ward, TODAY).network.matrix(doors).duration_s[0, 1] > plain
    assert map_of_day(ward, TODAY).hours == {}, "six rides say nothing of an hour"
    client.post(PAGE, data={"speeds": "table"})
    assert map_of_day(ward, TODAY).network.matrix(doors).duration_s[0, 1] == plain


def test_the_hours_to_be_ridden_slow_the_whole_table(app: Flask, ward: Ward, client: FlaskClient) -> None:
    """Half of the day is left at noon: the morning's pace counts no more. Offers and plans take the same table."""
    set_clock(app, hour(ward, 6))
    on_duty(ward, "An")
    a_job(ward, 2)
    staff = login_as(client, ward, Role.DISPATCHER)
    usual, _facts = build_problem(ward, TODAY, now())
    morning = {str(one): 1.5 for one in range(12)}
    db.session.add(RoadPace(ward_id=ward.id, rides=300, factors={}, hours=morning, made_at=now(), made_by=staff.id))
    db.session.commit()
    shifts = [span for shift in usual.shifts for span in shift.spans]
    share = sum(span.end_s - span.start_s for span in shifts if span.end_s <= 12 * 3600)
    share /= sum(span.end_s - span.start_s for span in shifts)
    slow, _facts = build_problem(ward, TODAY, now())
    assert 0.2 < share < 0.8
    assert slow.duration_s[0, 1] == math.ceil(usual.duration_s[0, 1] * (1 + 0.5 * share))
    assert (slow.distance_m == usual.distance_m).all()
    set_clock(app, hour(ward, 13))
    later, _facts = build_problem(ward, TODAY, now())
    assert later.duration_s[0, 1] == usual.duration_s[0, 1]


def test_the_page_says_whether_the_measured_pace_would_have_been_right(
    ward: Ward, duty: Duty, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_as(client, ward, Role.CHAIRMAN)
    moment = hour(ward, 8)
    for number in range(4):
        moment = ride(duty, a_job(ward, 2 + number % 2), moment + timedelta(minutes=1), 400)
    db.session.commit()
    assert "nửa sau" not in client.get(PAGE).text
    monkeypatch.setattr(pace, "ENOUGH", 4)
    assert "nửa sau" in client.get(PAGE).text


def test_the_chairman_looks_and_does_not_choose(ward: Ward, client: FlaskClient) -> None:
    login_as(client, ward, Role.CHAIRMAN)
    assert "Lập kế hoạch theo" not in client.get(PAGE).text
    assert client.post(PAGE, data={"speeds": "table"}).status_code == 403


def test_the_demo_has_rides_to_look_at(app: Flask) -> None:
    demo = build_demo(real_now(), "not a real password")
    app.extensions["clock"].offset = timedelta(seconds=demo.demo_offset_s)
    rides = rides_of(demo)
    assert len(rides) >= pace.ENOUGH
    ratio = sum(ride.took_s for ride in rides) / sum(ride.estimate_s for ride in rides)
    assert 1.0 < ratio < 1.4  # the invented pace, 0.8 to 1.7, around 1.2
