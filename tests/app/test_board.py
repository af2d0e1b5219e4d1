"""The board: what it shows as the day goes on, what is late, and that it keeps itself fresh cheaply."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dispatch.accounts.models import Look, Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.planning.today import day_now
from dispatch.wards.models import Ward
from tests.app.makers import STAFF, TODAY, login_as, make_dossier
from tests.app.planning_days import a_job, a_published_plan, hour, on_duty, route_of, set_clock, tap


@pytest.fixture
def desk(app: Flask, ward: Ward, client: FlaskClient) -> FlaskClient:
    set_clock(app, hour(ward, 6.5))
    login_as(client, ward, Role.HOTLINE)
    return client


def test_an_empty_board_says_so(desk: FlaskClient) -> None:
    page = desk.get("/dieu-phoi/")
    assert page.status_code == 200
    assert "chưa có kế hoạch nào" in page.text


def test_jobs_stand_under_their_state(app: Flask, ward: Ward, desk: FlaskClient) -> None:
    an = on_duty(ward, "An")[0]
    for door in range(5):
        a_job(ward, door)
    route = route_of(a_published_plan(ward), an)
    assert route is not None
    waiting, later = a_job(ward, 6), a_job(ward, 7, day=TODAY + timedelta(days=1))
    stops = route.stops
    set_clock(app, stops[1].leaves_at)
    tap("done", stops[0].job, stops[0].leaves_at)
    tap("not_done", stops[1].job, now(), reason="nobody_home")
    tap("set_out", stops[2].job, now())
    db.session.commit()
    state = day_now(ward, TODAY, now())
    assert [card.job for card in state.undecided] == [stops[1].job]
    assert {name: [card.job.id for card in cards] for name, cards in state.columns.items()} == {
        "open": [waiting.id],
        "planned": [stops[3].job_id, stops[4].job_id],
        "under_way": [stops[2].job_id],
        "done": [stops[0].job_id],
    }
    lane = state.lanes[0]
    assert (lane.done, lane.total, lane.next.job.id, lane.late_min) == (2, 5, stops[2].job_id, 0)  # type: ignore[union-attr]
    assert lane.seen_at is not None
    page = desk.get("/dieu-phoi/").text
    assert f"/ho-so/{stops[1].job.dossier.code}" in page
    assert "/quyet-dinh" in page
    assert later.place.spoken not in page  # type: ignore[union-attr]
    drawn = desk.get(f"/dieu-phoi/{TODAY}/ban-do.json").json
    assert drawn is not None
    points = [feature["properties"] for feature in drawn["features"]]
    assert [p["number"] for p in points if p.get("state") == "done"] == ["1"]
    assert [p["title"] for p in points if p["kind"] == "job"] == [waiting.place.spoken]  # type: ignore[union-attr]


def test_what_runs_late_shifts_the_rest_and_comes_first(app: Flask, ward: Ward, desk: FlaskClient) -> None:
    an = on_duty(ward, "An", halves=("morning",))[0]
    for door in range(4):
        a_job(ward, door, hours=(7.5, 9))
    route = route_of(a_published_plan(ward), an)
    assert route is not None
    last = route.stops[-1].job
    assert day_now(ward, TODAY, now()).late == []
    assert last.promised_end is not None
    set_clock(app, last.promised_end - timedelta(minutes=5))
    state = day_now(ward, TODAY, now())
    assert last.id in {card.job.id for card in state.late}
    assert state.lanes[0].late_min > 0
    expected = [card.expected_at for card in state.columns["planned"] if card.expected_at]
    assert len(expected) == 4
    assert min(expected) > now()
    set_clock(app, last.promised_end + timedelta(minutes=10))
    assert {card.job.id for card in day_now(ward, TODAY, now()).late} >= {stop.job_id for stop in route.stops}
    assert "trễ" in desk.get("/dieu-phoi/").text


def test_somebody_who_has_not_set_out_is_not_called_in_time(app: Flask, ward: Ward, desk: FlaskClient) -> None:
    an = on_duty(ward, "An")[0]
    a_job(ward)
    route = route_of(a_published_plan(ward), an)
    assert route is not None
    stop = route.stops[0]
    set_clock(app, stop.arrives_at + timedelta(minutes=9))
    assert day_now(ward, TODAY, now()).lanes[0].behind_min == 0
    set_clock(app, stop.arrives_at + timedelta(minutes=12, seconds=5))
    assert day_now(ward, TODAY, now()).lanes[0].behind_min == 12
    assert "chưa xuất phát, chậm 12 phút" in desk.get("/dieu-phoi/").text
    tap("set_out", stop.job, now())
    assert day_now(ward, TODAY, now()).lanes[0].behind_min == 0


@pytest.mark.parametrize("part", ["can-xu-ly", "nguoi", "viec"])
def test_a_part_that_has_not_changed_is_not_sent_again(app: Flask, ward: Ward, desk: FlaskClient, part: str) -> None:
    an = on_duty(ward, "An")[0]
    a_job(ward)
    route = route_of(a_published_plan(ward), an)
    assert route is not None
    address = f"/dieu-phoi/{TODAY}/moi/{part}"
    first = desk.get(address)
    assert first.status_code == 200
    assert "<html" not in first.text
    again = desk.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    set_clock(app, route.stops[0].arrives_at)
    tap("not_done", route.stops[0].job, now(), reason="nobody_home")
    assert desk.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_board_that_stays_open_is_one_look(ward: Ward, desk: FlaskClient) -> None:
    job = a_job(ward)
    looks = select(func.count()).select_from(Look).where(Look.subject_id == job.dossier.beneficiary_id)
    desk.get("/dieu-phoi/")
    assert db.session.scalar(looks) == 1
    for _time in range(3):
        desk.get(f"/dieu-phoi/{TODAY}/moi/viec")
    assert db.session.scalar(looks) == 1


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CHAIRMAN, Role.ADMIN])
def test_only_the_desk_sees_the_board(ward: Ward, client: FlaskClient, role: Role) -> None:
    login_as(client, ward, role)
    assert client.get("/dieu-phoi/").status_code == 403
    assert client.get(f"/dieu-phoi/{TODAY}/ban-do.json").status_code == 403


def test_results_that_never_came_by_the_promised_day_are_flagged_the_longest_late_first(
    app: Flask, ward: Ward, desk: FlaskClient
) -> None:
    late, later, in_time, paused = (make_dossier(ward) for _ in range(4))
    days = (TODAY - timedelta(days=1), TODAY - timedelta(days=3), TODAY, TODAY - timedelta(days=2))
    for number, (dossier, day) in enumerate(zip((late, later, in_time, paused), days, strict=True)):
        operations.receive(dossier, f"H17.61.09-261120-{number}", day, STAFF)
    operations.pause(paused, STAFF, "Thiếu tờ khai")
    db.session.commit()
    assert list(day_now(ward, TODAY, now()).overdue) == [later, late]
    assert list(day_now(ward, TODAY + timedelta(days=1), now()).overdue) == []
    page = desk.get(f"/dieu-phoi/{TODAY}/moi/can-xu-ly").text
    assert "Quá ngày hẹn mà chưa có kết quả (2)" in " ".join(page.split())
    assert page.index(f"/ho-so/{later.code}") < page.index(f"/ho-so/{late.code}")
    assert in_time.code not in page
    operations.result_ready(later, STAFF)
    db.session.commit()
    assert list(day_now(ward, TODAY, now()).overdue) == [late]
