"""The citizen's page: where a dossier stands, and nothing else."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.events import Actor, record
from dispatch.dossiers.models import Dossier
from dispatch.security import limiter
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_return, make_route, open_phone, send, tap
from tests.app.makers import STAFF, TODAY, make_citizen, make_dossier, make_duty, make_job, make_volunteer, make_ward

RIDER = Actor("volunteer", 1)
SAME_SENTENCE = "không khớp nhau"
NO_CODE = "Mã hồ sơ chưa đúng"


@pytest.fixture
def limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits as in production, which other tests do without."""
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()


def ask(client: FlaskClient, code: str, digits: str = "3456") -> str:
    return client.post("/tra-cuu/", data={"code": code, "digits": digits}).text


def now_step(page: str) -> str:
    """The words of the step where the dossier is now."""
    return page.split('aria-current="step"')[1].split("</li>")[0]


def test_each_step_of_the_way_is_said_plainly(ward: Ward, client: FlaskClient) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    assert "Phường sẽ báo giờ đến sau" in now_step(ask(client, dossier.code))
    operations.promise(job, now() + timedelta(minutes=75), now() + timedelta(minutes=135), STAFF)
    assert "Thứ Hai 23/11/2026, từ 09:00 đến 10:00 có người đến" in now_step(ask(client, dossier.code))
    record("done", job, RIDER)
    assert "đang trên đường về phường" in now_step(ask(client, dossier.code))
    operations.receive(dossier, "H17.61.09-261123-0001", TODAY + timedelta(days=1), STAFF)
    page = now_step(ask(client, dossier.code))
    assert "Hẹn trả kết quả: Thứ Ba 24/11/2026" in page
    operations.pause(dossier, STAFF, "Thiếu tờ khai của Trần Thị Hoa")
    assert "còn thiếu giấy tờ" in now_step(ask(client, dossier.code))
    operations.resume(dossier, TODAY + timedelta(days=2), STAFF)
    back = operations.result_ready(dossier, STAFF)
    assert back is not None
    assert "phường mang đến tận nhà" in now_step(ask(client, dossier.code))
    record("done", back, RIDER)
    page = ask(client, dossier.code)
    assert page.count("(đã xong)") == 6


def test_somebody_on_the_way_is_there_at_about(ward: Ward, client: FlaskClient) -> None:
    duty = make_duty(ward, make_volunteer(ward))
    job, later = make_jobs(ward, 2)
    make_route(ward, duty, [job, later])
    assert "khoảng 08:30 có người đến" in now_step(ask(client, later.dossier.code)), "planned 08:25, to the quarter"
    open_phone(client, duty)
    send(client, tap("done", job))
    assert "đang trên đường, đến khoảng 07:55" in now_step(ask(client, later.dossier.code))
    send(client, tap("arrived", later))
    assert "đang ở trước cửa" in now_step(ask(client, later.dossier.code))
    send(client, tap("not_done", later, reason="nobody_home"))
    assert "chưa gặp được ông/bà" in now_step(ask(client, later.dossier.code))


def test_the_shorter_ways(ward: Ward, client: FlaskClient) -> None:
    only_return = make_return(ward).dossier
    assert "phường mang đến tận nhà" in now_step(ask(client, only_return.code))
    fetched = make_dossier(ward, legs="collect")
    record("done", make_job(fetched), RIDER)
    operations.receive(fetched, "x", TODAY, STAFF)
    operations.result_ready(fetched, STAFF)
    assert "đến bộ phận Một cửa" in now_step(ask(client, fetched.code))
    given_back = make_dossier(ward)
    record("done", make_job(given_back), RIDER)
    operations.cancel(given_back, STAFF)
    assert "mang trả lại" in now_step(ask(client, given_back.code))
    cancelled = make_dossier(ward)
    operations.cancel(cancelled, STAFF)
    assert "đã được hủy" in now_step(ask(client, cancelled.code))


def test_nothing_personal_is_shown(ward: Ward, client: FlaskClient) -> None:
    dossier = make_dossier(ward)
    make_job(dossier)
    page = ask(client, f"{dossier.code[:3]} {dossier.code[3:]}")
    assert "aria-current" in page
    for secret in ("Hoa", "Ngô Quyền", "905", "3456", "Chứng thực"):
        assert secret not in page


def test_unknown_code_and_wrong_digits_get_the_same_answer(ward: Ward, client: FlaskClient) -> None:
    dossier = make_dossier(ward)
    other = make_ward("Mân Thái")
    foreign = make_dossier(other)
    without_phone = make_dossier(ward, citizen=make_citizen(ward, phone=None))
    answers = set()
    for code, digits in (
        (dossier.code, "0000"),
        (dossier.code, ""),
        (dossier.code, "+84905123456"),
        (unknown_code(), "3456"),
        (foreign.code, "3456"),
        (without_phone.code, ""),
        (without_phone.code, "----"),
    ):
        page = ask(client, code, digits)
        assert SAME_SENTENCE in page
        answers.add(page.replace(f'value="{code}"', ""))
    assert len(answers) == 1


@pytest.mark.parametrize("code", ["", "7", "abc", "482 913"])
def test_what_is_no_code_is_said_to_be_none(ward: Ward, client: FlaskClient, code: str) -> None:
    page = ask(client, code, "3456")
    assert NO_CODE in page
    assert SAME_SENTENCE not in page


def unknown_code() -> str:
    from dispatch.identity import dossier_code

    taken = set(db.session.scalars(db.select(Dossier.code)))
    return next(code for n in range(100_000, 100_100) if (code := dossier_code(n)) not in taken)


def test_the_form_works_without_script_token_or_ward(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = client.get("/tra-cuu/")
        assert page.status_code == 200
        assert "<script" not in page.text
        assert len(page.data) < 4000
        assert NO_CODE in ask(client, "1234567")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize("text", ["", "\x00", "١٢٣٤٥٦٧", "²" * 7, "9" * 100_000, "'; --", "<script>", "Ố" * 40])
def test_hostile_input_is_answered(ward: Ward, client: FlaskClient, text: str) -> None:
    response = client.post("/tra-cuu/", data={"code": text, "digits": text})
    assert response.status_code == 422
    assert NO_CODE in response.text


@pytest.mark.usefixtures("limits")
def test_guessing_is_slowed_down(ward: Ward, client: FlaskClient) -> None:
    dossier = make_dossier(ward)
    for n in range(20):
        assert SAME_SENTENCE in ask(client, dossier.code, f"{n:04d}")
    assert client.post("/tra-cuu/", data={"code": dossier.code, "digits": "3456"}).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.0.0.9"}}
    for n in range(20):
        client.post("/tra-cuu/", data={"code": dossier.code, "digits": f"{n:04d}"}, **elsewhere)
    elsewhere = {"environ_base": {"REMOTE_ADDR": "10.0.0.10"}}
    assert client.post("/tra-cuu/", data={"code": dossier.code, "digits": "3456"}, **elsewhere).status_code == 429
    assert client.get("/tra-cuu/").status_code == 200


def test_an_open_page_asks_again_with_its_ticket_alone(app: Flask, ward: Ward, client: FlaskClient) -> None:
    dossier = make_dossier(ward)
    job = make_job(dossier)
    ticket = ask(client, dossier.code).split('data-ticket="')[1].split('"')[0]
    operations.promise(job, now() + timedelta(minutes=75), now() + timedelta(minutes=135), STAFF)
    again = client.post("/tra-cuu/con-bao-lau", data={"ticket": ticket})
    assert again.status_code == 200
    assert "từ 09:00 đến 10:00" in now_step(again.text)
    assert "<html" not in again.text
    for wrong in ("", "x", ticket.swapcase(), "9" * 1000):
        assert client.post("/tra-cuu/con-bao-lau", data={"ticket": wrong}).status_code == 410
