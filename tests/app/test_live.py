"""Where phones are: only on duty, only with consent, coarse, gone with the shift; and who is told what of it."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from dispatch.accounts.models import Role
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.models import Event, Job
from dispatch.duty.models import Duty
from dispatch.live.models import PhonePosition
from dispatch.live.positions import KEPT, forget_positions
from dispatch.planning.today import day_now
from dispatch.tasks.forgetting import forget_all
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import STAFF, TODAY, login_as, make_duty, make_volunteer
from tests.app.test_tracking import ask, now_step

HERE = (16.09412, 108.24467)  # some 130 m from the doors
DOOR = (16.0935, 108.2438)


def of_shift(kind: str, **more: object) -> dict[str, object]:
    return {**tap(kind, Job(public_id="")), **more}


def tell(client: FlaskClient, lat: float = HERE[0], lon: float = HERE[1]) -> object:
    answer = client.post("/tuyen/vi-tri", json={"lat": lat, "lon": lon})
    assert answer.status_code == 200, answer.text
    return answer.get_json()["kept"]


def kept() -> list[tuple[float, float]]:
    rows = db.session.scalars(select(PhonePosition).order_by(PhonePosition.id)).all()
    return [(row.lat, row.lon) for row in rows]


@pytest.fixture
def duty(app: Flask, ward: Ward, client: FlaskClient) -> Duty:
    """On the road at 08:12 to the first of three doors."""
    duty = make_duty(ward, make_volunteer(ward))
    make_route(ward, duty, make_jobs(ward, 3))
    move_clock(app, minutes=27)
    open_phone(client, duty)
    return duty


def jobs_of(duty: Duty) -> list[Job]:
    return list(db.session.scalars(select(Job).where(Job.duty_id == duty.id).order_by(Job.id)))


def test_nothing_is_kept_before_somebody_agreed(duty: Duty, client: FlaskClient) -> None:
    assert "Bạn có đồng ý cho phường thấy vị trí gần đúng của bạn" in client.get("/tuyen").text
    assert tell(client) is False
    assert kept() == []


def test_with_consent_the_latest_few_are_kept_to_a_hundred_metres(duty: Duty, client: FlaskClient) -> None:
    send(client, of_shift("position_on"))
    page = client.get("/tuyen").text
    assert 'data-shared="yes"' in page
    assert "Ngừng chia sẻ vị trí" in page
    for number in range(KEPT + 2):
        assert tell(client, HERE[0] + number / 1000) is True
    assert kept() == [(round(HERE[0] + n / 1000, 3), 108.245) for n in range(2, KEPT + 2)]
    consent = db.session.scalars(select(Event).where(Event.kind == "position_on")).one()
    assert (consent.duty_id, consent.actor_id, consent.data) == (duty.id, duty.volunteer_id, {})
    assert abs(consent.occurred_at - now()) < timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["position_off", "shift_ended"])
def test_taking_it_back_deletes_at_once(duty: Duty, client: FlaskClient, kind: str) -> None:
    send(client, of_shift("position_on"))
    tell(client)
    send(client, of_shift(kind))
    assert kept() == []
    assert tell(client) is False
    assert 'data-shared=""' in client.get("/tuyen").text
    send(client, of_shift("position_on"))
    assert tell(client) is True, "asked again, agreed again"


def test_after_the_shift_nothing_is_taken_and_the_task_deletes_what_was(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    other = app.test_client()
    other_duty = make_duty(ward, make_volunteer(ward, "Lê Bình"), halves=("morning",))
    make_route(ward, other_duty, make_jobs(ward, 1))
    open_phone(other, other_duty)
    for phone in (client, other):
        send(phone, of_shift("position_on"))
        assert tell(phone) is True
    forget_positions(ward.id)
    assert len(kept()) == 2, "both are on duty"
    move_clock(app, hours=6)
    assert tell(other) is False, "the morning is over"
    assert tell(client) is True
    forget_positions(ward.id)
    assert set(db.session.scalars(select(PhonePosition.duty_id))) == {duty.id}
    move_clock(app, hours=6)
    forget_positions(ward.id)
    assert kept() == []


def test_a_command_forgets_too(app: Flask, ward: Ward, duty: Duty, client: FlaskClient) -> None:
    send(client, of_shift("position_on"))
    tell(client)
    move_clock(app, hours=12)
    forget_all()
    assert kept() == []


@pytest.mark.parametrize(
    "body", [None, [], {}, {"lat": "x", "lon": 1}, {"lat": "nan", "lon": "inf"}, {"lat": 91, "lon": 0}]
)
def test_what_is_no_place_is_turned_away(duty: Duty, client: FlaskClient, body: object) -> None:
    send(client, of_shift("position_on"))
    assert client.post("/tuyen/vi-tri", json=body).status_code == 400
    assert kept() == []


def test_another_page_cannot_send_for_a_phone(duty: Duty, client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/tuyen/vi-tri", json={"lat": 1, "lon": 1}, headers=headers).status_code == 403


def test_positions_stand_in_no_event_no_log_and_no_address(duty: Duty, client: FlaskClient) -> None:
    log = StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        send(client, of_shift("position_on"))
        tell(client)
    finally:
        logging.getLogger().removeHandler(handler)
    assert "16.09" not in log.getvalue()
    assert db.session.scalar(select(func.count()).select_from(Event).where(Event.kind == "position")) == 0
    assert all("16.09" not in str(event.data) for event in db.session.scalars(select(Event)))


def test_only_the_dispatcher_sees_it_on_the_board(app: Flask, ward: Ward, duty: Duty, client: FlaskClient) -> None:
    send(client, of_shift("position_on"))
    tell(client)
    move_clock(app, minutes=4)
    dispatcher, hotline = app.test_client(), app.test_client()
    login_as(dispatcher, ward, Role.DISPATCHER)
    login_as(hotline, ward, Role.HOTLINE)
    riders = [
        [
            one
            for one in desk.get(f"/dieu-phoi/{TODAY}/ban-do.json").json["features"]
            if one["properties"]["kind"] == "rider"
        ]  # type: ignore[index]
        for desk in (dispatcher, hotline)
    ]
    assert [one["geometry"]["coordinates"] for one in riders[0]] == [[108.245, 16.094]]
    assert riders[0][0]["properties"]["lines"] == ["Ở quanh đây lúc 08:12 (sai lệch khoảng 100 m)"]
    assert riders[1] == []
    assert "vị trí 4 phút trước" in dispatcher.get("/dieu-phoi/").text
    assert "vị trí 4 phút trước" not in hotline.get("/dieu-phoi/").text
    send(client, of_shift("position_off"))
    assert "phút trước" not in dispatcher.get("/dieu-phoi/").text


def test_the_citizen_reads_how_soon_and_never_where(app: Flask, ward: Ward, duty: Duty, client: FlaskClient) -> None:
    first, second, _third = jobs_of(duty)
    send(client, of_shift("position_on"))
    send(client, tap("set_out", first))
    assert "đang trên đường, đến khoảng 08:22. Khoảng 10 phút nữa." in now_step(ask(client, first.dossier.code))
    move_clock(app, minutes=2)
    tell(client, DOOR[0] + 0.004, DOOR[1])  # 445 m of 1,200 m are left, with the bends of streets: five minutes
    page = ask(client, first.dossier.code)
    assert "đến khoảng 08:19. Khoảng 5 phút nữa." in now_step(page)
    assert "16.09" not in page
    assert "phút nữa" not in now_step(ask(client, second.dossier.code)), "not the next door"
    move_clock(app, minutes=15)
    words = now_step(ask(client, first.dossier.code))
    assert "đang trên đường" in words
    assert "phút nữa" not in words, "overdue, and nobody knows where: nothing is promised"


def test_a_late_volunteer_is_said_before_the_promise_has_passed(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    first, second, _third = jobs_of(duty)
    operations.promise(second, now() + timedelta(minutes=10), now() + timedelta(minutes=40), STAFF)
    send(client, tap("set_out", first))
    assert "từ 08:22 đến 08:52 có người đến" in now_step(ask(client, second.dossier.code))
    send(client, of_shift("running_late", minutes=30))
    assert "đến trễ hơn giờ hẹn, khoảng 09:00" in now_step(ask(client, second.dossier.code))


def test_pause_and_lateness_move_all_later_doors(app: Flask, ward: Ward, duty: Duty, client: FlaskClient) -> None:
    jobs = jobs_of(duty)
    send(client, tap("set_out", jobs[0]))  # 08:12, ten minutes to each door, five at it

    def arrivals() -> list[str]:
        state = day_now(ward, TODAY, now())
        cards = {card.job.id: card.expected_at for card in state.cards}
        page = client.get("/tuyen").text
        times = [f"{(moment + timedelta(hours=7)):%H:%M}" for moment in (cards[job.id] for job in jobs) if moment]
        assert all(f">{time}</span>" in page for time in times), "the phone says what the board says"
        return times

    assert arrivals() == ["08:22", "08:37", "08:52"]
    move_clock(app, minutes=4)
    send(client, of_shift("break_started"))
    move_clock(app, minutes=20)
    assert arrivals() == ["08:42", "08:57", "09:12"], "six minutes are left, whenever the pause ends"
    send(client, of_shift("break_ended"))
    move_clock(app, minutes=2)
    assert arrivals() == ["08:42", "08:57", "09:12"]
    send(client, of_shift("running_late", minutes=30))
    assert arrivals() == ["08:52", "09:07", "09:22"]
    send(client, tap("arrived", jobs[0]))
    assert arrivals()[1:] == ["08:53", "09:08"], "being there is more than being late"


def test_too_early_for_the_promise_asks_to_wait_or_call(
    app: Flask, ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    first = jobs_of(duty)[0]
    operations.promise(first, now() + timedelta(minutes=30), now() + timedelta(minutes=90), STAFF)
    send(client, tap("set_out", first))
    assert "Đến sớm 20 phút: vui lòng chờ đến 08:42, hoặc gọi hỏi" in client.get("/tuyen").text
    send(client, tap("arrived", first))
    assert "Đến sớm 30 phút" in client.get("/tuyen").text
    operations.promise(first, now() + timedelta(minutes=102), now() + timedelta(minutes=162), STAFF)
    assert "Đến sớm 1 giờ 42 phút: vui lòng chờ đến" in client.get("/tuyen").text
    move_clock(app, minutes=103)
    assert "vui lòng chờ đến" not in client.get("/tuyen").text.split('<template id="verdicts"')[0]
