"""The call list: who is to be called, in which order, with which sentence; and what becomes of a call."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Look, Role
from dispatch.citizens.call_list import call_list, reason, sentence
from dispatch.citizens.models import Message
from dispatch.citizens.outbox import reply, tell
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.operations import cancel
from dispatch.wards.models import Hotline, Ward
from tests.app.conftest import move_clock
from tests.app.field_makers import make_jobs, make_route, open_phone, send, tap
from tests.app.makers import STAFF, login_as, make_citizen, make_dossier, make_duty, make_job, make_volunteer, make_ward

LANDLINE = "+842363831234"


def to_call(ward: Ward, name: str = "Trần Thị Hoa", minutes: int | None = None) -> Message:
    """News for somebody with a landline; stale after so many minutes."""
    dossier = make_dossier(ward, citizen=make_citizen(ward, name=name, phone=LANDLINE))
    message = tell(
        "planned_window",
        dossier,
        job=make_job(dossier),
        key=f"call-{dossier.code}",
        values={"day": "Thứ Hai 23/11/2026", "start": "09:00", "end": "10:00"},
        not_after=now() + timedelta(minutes=minutes) if minutes is not None else None,
    )
    db.session.commit()
    assert message is not None
    return message


def test_the_page_says_whom_to_call_and_what_to_say(client: FlaskClient, ward: Ward) -> None:
    db.session.add(Hotline(ward_id=ward.id, number="+842363831111"))
    db.session.flush()
    db.session.expire(ward)
    message = to_call(ward)
    login_as(client, ward, Role.HOTLINE)
    page = client.get("/can-goi/").text
    assert "Trần Thị Hoa" in page
    assert f'href="tel:{LANDLINE}"' in page
    assert message.dossier is not None
    code = f"{message.dossier.code[:3]} {message.dossier.code[3:]}"
    assert sentence(message) == (
        "Dạ, xin hỏi có phải máy của Trần Thị Hoa không ạ? Tôi gọi từ phường Thọ Quang. Tình nguyện viên sẽ đến nhận "
        f"hồ sơ {code} vào Thứ Hai 23/11/2026, từ 09:00 đến 10:00. Cần đổi giờ xin gọi 0236 3831 111."
    )
    assert sentence(message) in page
    assert "Điện thoại bàn không nhận tin nhắn." in page
    assert f"/ho-so/{message.dossier.code}" in page
    assert "Cần gọi ngay (1)" in page


def test_the_most_urgent_come_first(client: FlaskClient, ward: Ward) -> None:
    waits, soon, later = to_call(ward, "Chờ lâu"), to_call(ward, "Gấp", 20), to_call(ward, "Còn lâu", 300)
    assert [m.id for m in call_list(ward.id).due] == [soon.id, later.id, waits.id]


def test_what_is_stale_is_not_shown(app: Flask, ward: Ward) -> None:
    to_call(ward, minutes=20)
    move_clock(app, minutes=21)
    assert call_list(ward.id).due == []


def test_a_call_made_leaves_the_list(client: FlaskClient, ward: Ward) -> None:
    message = to_call(ward)
    account = login_as(client, ward, Role.DISPATCHER)
    page = client.post(f"/can-goi/{message.public_id}/da-goi", follow_redirects=True).text
    assert "Đã ghi: đã gọi." in page
    assert "Hiện không có ai cần gọi" in page
    assert (message.state, message.called_by) == ("called", account.id)
    again = client.post(f"/can-goi/{message.public_id}/da-goi", follow_redirects=True).text
    assert "không còn trong danh sách" in again


def test_who_did_not_answer_comes_back_in_half_an_hour(app: Flask, client: FlaskClient, ward: Ward) -> None:
    message = to_call(ward)
    login_as(client, ward, Role.HOTLINE)
    page = client.post(f"/can-goi/{message.public_id}/goi-lai", follow_redirects=True).text
    assert "Gọi lại sau (1)" in page
    assert "Đã gọi 1 lần, chưa ai nghe máy." in page
    assert "Gọi lại từ 08:15." in page
    assert [m.id for m in call_list(ward.id).later] == [message.id]
    move_clock(app, minutes=31)
    assert [m.id for m in call_list(ward.id).due] == [message.id]


def test_the_fragment_changes_when_the_list_does(client: FlaskClient, ward: Ward) -> None:
    message = to_call(ward)
    login_as(client, ward, Role.HOTLINE)
    first = client.get("/can-goi/moi")
    assert "<html" not in first.text
    etag = {"If-None-Match": first.headers["ETag"]}
    looks = len(db.session.scalars(select(Look)).all())
    assert client.get("/can-goi/moi", headers=etag).status_code == 304
    assert len(db.session.scalars(select(Look)).all()) == looks
    client.post(f"/can-goi/{message.public_id}/goi-lai")
    assert client.get("/can-goi/moi", headers=etag).status_code == 200


def test_the_look_is_written_down(client: FlaskClient, ward: Ward) -> None:
    message = to_call(ward)
    account = login_as(client, ward, Role.HOTLINE)
    client.get("/can-goi/")
    look = db.session.scalars(select(Look)).one()
    assert (look.actor_id, look.subject_id, look.page) == (account.id, message.citizen_id, "calls.waiting")


def test_an_answer_that_the_fanpage_refused_is_listed_without_a_dossier(client: FlaskClient, ward: Ward) -> None:
    message = reply(ward.id, "7788", "Dạ, phường nhận hồ sơ <b>đến</b> 16 giờ.", key="answer")
    assert message is not None
    message.state, message.attempts, message.error_code = "to_call", 1, "63016"
    login_as(client, ward, Role.HOTLINE)
    page = client.get("/can-goi/").text
    assert "Dạ, phường nhận hồ sơ &lt;b&gt;đến&lt;/b&gt; 16 giờ." in page
    assert "Fanpage không còn trả lời được người này." in page


@pytest.mark.parametrize("code", ["21610", "21614", "63016", "20429", "old-news", "ReadTimeout", None])
def test_every_reason_is_a_sentence(ward: Ward, code: str | None) -> None:
    message = to_call(ward)
    message.error_code, message.attempts = code, 1
    assert reason(message).endswith(".")


def test_without_a_service_the_page_says_that_nothing_goes_out(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.HOTLINE)
    assert "TWILIO_ACCOUNT_SID" in client.get("/can-goi/").text
    ward.is_demo = True
    assert "TWILIO_ACCOUNT_SID" not in client.get("/can-goi/").text


def test_another_wards_calls_are_not_there(client: FlaskClient, ward: Ward) -> None:
    message = to_call(ward)
    login_as(client, make_ward("Mân Thái"), Role.HOTLINE)
    assert "Trần Thị Hoa" not in client.get("/can-goi/").text
    for action in ("da-goi", "goi-lai"):
        assert client.post(f"/can-goi/{message.public_id}/{action}").status_code == 404
    assert message.state == "to_call"


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CHAIRMAN, Role.ADMIN])
def test_who_may_not(client: FlaskClient, ward: Ward, role: Role) -> None:
    message = to_call(ward)
    login_as(client, ward, role)
    assert client.get("/can-goi/").status_code == 403
    assert client.post(f"/can-goi/{message.public_id}/da-goi").status_code == 403


def test_a_call_promised_after_a_failed_visit_stands_on_the_list_until_it_was_made(
    client: FlaskClient, ward: Ward
) -> None:
    jobs = make_jobs(ward, 2)
    make_route(ward, duty := make_duty(ward, make_volunteer(ward)), jobs)
    open_phone(phone := client.application.test_client(), duty)
    send(phone, tap("not_done", jobs[0], reason="nobody_home", proposal="call_first"))
    send(phone, tap("not_done", jobs[1], reason="nobody_home", proposal="another_day"))
    (promised,) = call_list(ward.id).due
    assert (promised.kind, promised.job_id) == ("call_first", jobs[0].id), "though the number takes messages"
    assert "muốn chúng tôi đến lại lúc nào" in sentence(promised)
    login_as(client, ward, Role.HOTLINE)
    assert "đã hẹn phường sẽ gọi lại" in client.get("/can-goi/").text
    assert client.post(f"/can-goi/{promised.public_id}/da-goi").status_code == 303
    assert call_list(ward.id).due == []
    assert promised.caller is not None
    assert f"{promised.caller.name} đã gọi" in client.get(f"/ho-so/{jobs[0].dossier.code}").text


@pytest.mark.parametrize("then", ["undone", "done", "cancelled"])
def test_a_promised_call_leaves_the_list_where_it_no_longer_holds(client: FlaskClient, ward: Ward, then: str) -> None:
    (job,) = make_jobs(ward, 1)
    make_route(ward, duty := make_duty(ward, make_volunteer(ward)), [job])
    open_phone(client, duty)
    failed = tap("not_done", job, reason="nobody_home", proposal="call_first")
    send(client, failed)
    assert len(call_list(ward.id).due) == 1
    if then == "cancelled":
        cancel(job.dossier, STAFF)
        db.session.commit()
    else:
        send(client, tap(then, job, **({"corrects": failed["key"]} if then == "undone" else {})))
    assert call_list(ward.id).due == []
