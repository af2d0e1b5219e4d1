"""What taps at a door mean for the papers."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from dispatch.accounts.models import Role
from dispatch.citizens.models import Message
from dispatch.clock import now
from dispatch.custody.codes import check_of, envelope_label, handover_code
from dispatch.database import db
from dispatch.dossiers import operations
from dispatch.dossiers.models import Event, EventNote, Job
from dispatch.duty.models import Duty
from dispatch.wards.models import Ward
from tests.app.field_makers import make_jobs, make_return, make_route, open_phone, send, states, tap
from tests.app.makers import STAFF, login_as, make_citizen, make_duty, make_volunteer


@pytest.fixture
def duty(ward: Ward) -> Duty:
    return make_duty(ward, make_volunteer(ward, "Lê Nhật Anh"))


def at_the_door(client: FlaskClient, ward: Ward, duty: Duty, job: Job, kind: str, **fields: Any) -> Event:
    """The volunteer's tap on a job of the published route, with what the door's form holds."""
    make_route(ward, duty, [job])
    open_phone(client, duty)
    sent = tap(kind, job, **fields)
    assert states(send(client, sent)) == ["accepted"]
    return db.session.scalars(select(Event).where(Event.key == sent["key"])).one()


def test_a_missing_paper_is_told_in_words_and_kept_with_the_dossier(
    ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    job = make_jobs(ward, 1)[0]
    missing = job.dossier.procedure.components[0]
    fields = {"originals": "0", f"lack_{missing.id}": "1", "lack_999999": "1", "envelope": "b0000426", "signed": "1"}
    event = at_the_door(client, ward, duty, job, "done", **fields)
    assert event.data["lacks"] == [missing.id, 999999]
    assert (event.data["envelope"], event.data["proof"]) == ("B0000426", "signature")
    assert job.dossier.envelope == "B0000426"
    told = db.session.scalars(select(Message).where(Message.kind == "papers_missing")).one()
    assert missing.name in told.body
    assert db.session.scalars(select(EventNote.text).where(EventNote.kind == "lacks")).all() == [missing.name]
    send(client, tap("undone", job, corrects=event.key))
    db.session.refresh(told)
    assert told.state == "cancelled"


def test_a_ward_that_takes_no_cash_says_how_to_pay(ward: Ward, duty: Duty, client: FlaskClient, app: Flask) -> None:
    [job] = make_jobs(ward, 1)
    job.dossier.procedure.fee_note = "2.000 đ mỗi trang"
    make_route(ward, duty, [job])
    open_phone(client, duty)
    page = client.get("/tuyen").text
    assert 'name="fee_dong"' in page
    assert 'name="receipt"' in page
    admin = app.test_client()
    login_as(admin, ward, Role.ADMIN)
    dates = {"service_on": "", "service_off": "", "extra_holidays": "", "extra_workdays": ""}
    assert admin.post("/cai-dat/thoi-gian", data={**dates, "no_cash": "y", "pay_how": ""}).status_code == 422
    assert not ward.no_cash
    told = {"no_cash": "y", "pay_how": "Cô chuyển khoản khi có kết quả."}
    assert admin.post("/cai-dat/thoi-gian", data={**dates, **told}).status_code == 302
    page = client.get("/tuyen").text
    assert "fee_dong" not in page
    assert "Cô chuyển khoản khi có kết quả." in page
    assert "2.000 đ mỗi trang" in page
    assert "Không thu tiền mặt." in page


def test_the_code_proves_the_hand_over_and_is_not_kept(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    job = make_return(ward)
    code = handover_code(job.dossier)
    event = at_the_door(client, ward, duty, job, "done", originals=1, code=f"{code[:3]} {code[3:]}")
    assert (event.data["code"], event.data["proof"]) == ("right", "code")
    assert code not in str(event.data)
    assert job.dossier.flags == []


def test_a_wrong_code_is_a_fact_and_flagged(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    job = make_return(ward)
    wrong = f"{(int(handover_code(job.dossier)) + 1) % 1_000_000:06d}"
    event = at_the_door(client, ward, duty, job, "done", originals=1, code=wrong, person="Trần Thị Hoa")
    assert (event.data["proof"], job.state) == ("name", "done")
    assert job.dossier.flags == ["custody:code"]


def test_the_phone_can_check_the_code_but_not_read_it(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    job = make_return(ward)
    make_route(ward, duty, [job])
    page = open_phone(client, duty).text or client.get("/tuyen").text
    page = client.get("/tuyen").text
    check, code = check_of(job.dossier), handover_code(job.dossier)
    assert hashlib.pbkdf2_hmac("sha256", code.encode(), check.salt.encode(), check.rounds).hex() == check.digest
    assert check.digest in page
    assert code not in page


def test_the_citizen_has_the_code_by_message_and_the_hotline_can_say_it(
    ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    job = make_return(ward)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    send(client, tap("set_out", job))
    code = handover_code(job.dossier)
    assert code in db.session.scalars(select(Message.body).where(Message.kind == "on_the_way")).one()
    login_as(client, ward, Role.HOTLINE)
    assert f"{code[:3]} {code[3:]}" in client.get(f"/ho-so/{job.dossier.code}").text


def test_papers_pass_to_another_volunteer_who_may_give_them_back(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    other = make_duty(ward, make_volunteer(ward, "Phan Minh Triết"))
    job = make_jobs(ward, 1)[0]
    at_the_door(client, ward, duty, job, "done", originals=2)
    assert states(send(client, tap("passed_on", job, to=other.public_id))) == ["accepted"]
    assert job.dossier.holder_id == other.volunteer_id
    open_phone(client, other)
    assert job.dossier.code[:3] in client.get("/tuyen/giay-to").text
    assert states(send(client, tap("gave_back", job))) == ["accepted"], "whoever has them may say where they go"
    assert (job.dossier.state, job.dossier.holder) == ("given_back", "citizen")


def test_a_result_passes_to_another_volunteer_and_back(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    other = make_duty(ward, make_volunteer(ward, "Phan Minh Triết"))
    job = make_return(ward)
    operations.hand_to_volunteer(job.dossier, STAFF, duty.id)
    make_route(ward, duty, [job])
    open_phone(client, duty)
    bag = client.get("/tuyen/giay-to").text
    assert "Đã đưa" in bag
    assert "Đã trả lại cho người dân" not in bag, "a result goes to the citizen at its door only"
    passed = tap("passed_on", job, to=other.public_id)
    assert states(send(client, passed)) == ["accepted"]
    assert (job.dossier.holder_id, job.flags, job.dossier.flags) == (other.volunteer_id, [], [])
    assert f'name="corrects" value="{passed["key"]}"' in client.get("/tuyen").text
    assert states(send(client, tap("undone", job, corrects=passed["key"]))) == ["accepted"]
    assert job.dossier.holder_id == duty.volunteer_id


def test_collecting_what_was_cancelled_meanwhile_opens_its_return(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    job = make_jobs(ward, 1)[0]
    make_route(ward, duty, [job])
    operations.cancel(job.dossier, STAFF)
    db.session.commit()
    open_phone(client, duty)
    send(client, tap("done", job, originals=2, envelope=envelope_label(7)))
    db.session.refresh(job.dossier, ["jobs"])
    assert job.dossier.state == "to_bring_in"
    assert [(one.leg, one.state) for one in job.dossier.jobs] == [("collect", "done"), ("return", "open")]


def test_the_desk_reads_what_was_said_about_a_hand_over(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    [taken] = make_jobs(ward, 1)
    fee = {"fee_dong": "20000", "receipt": "BL 0012", "distance": "1"}
    at_the_door(client, ward, duty, taken, "done", originals=1, copies=0, signed="1", **fee)
    back = make_return(ward)
    code = {"code": handover_code(back.dossier), "distance": "1", "authorised": "1", "no_code": "forgotten"}
    event = at_the_door(client, ward, duty, back, "done", originals=1, copies=0, **code)
    assert (event.data["proof"], event.data["distance"]) == ("code", True), "a code proves it, and nobody came near"
    login_as(client, ward, Role.OFFICER)
    page = client.get(f"/ho-so/{taken.dossier.code}").text
    assert "1 bản chính và 0 bản sao · thu 20.000 đ, biên lai BL 0012 · không tiếp xúc" in page
    page = client.get(f"/ho-so/{back.dossier.code}").text
    assert "không tiếp xúc · người được ủy quyền nhận · không có mã (Người dân không tìm thấy mã)" in page


def test_an_incident_reaches_the_desk_with_its_place(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    job = make_jobs(ward, 1)[0]
    event = at_the_door(client, ward, duty, job, "incident", what="dog", note="Chó cắn", lat="16.09351", lon="108.2438")
    assert event.data == {"what": "dog"}, "the place stands among the words that can be erased"
    assert job.flags == ["incident:dog"]
    login_as(client, ward, Role.DISPATCHER)
    board = client.get("/dieu-phoi/2026-11-23").text
    assert "Sự cố: Chó dữ" in board
    page = client.get(f"/ho-so/{job.dossier.code}").text
    assert "16.0935,108.2438" in page
    client.post(f"/ho-so/{job.dossier.code}/da-xem")
    assert "Sự cố: Chó dữ" not in client.get("/dieu-phoi/2026-11-23").text


def test_what_the_volunteer_proposes_is_seen_where_the_desk_decides(
    ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    job = make_jobs(ward, 1)[0]
    event = at_the_door(client, ward, duty, job, "not_done", reason="nobody_home", proposal="call_first")
    assert event.data == {"reason": "nobody_home", "proposal": "call_first"}
    login_as(client, ward, Role.DISPATCHER)
    assert "Nhờ phường gọi trước" in client.get(f"/ho-so/{job.dossier.code}").text


def test_pauses_delays_and_the_end_of_a_shift_are_on_the_board(ward: Ward, duty: Duty, client: FlaskClient) -> None:
    make_route(ward, duty, make_jobs(ward, 1))
    open_phone(client, duty)
    report = {"key": str(uuid4()), "job": "", "occurred_at": now().isoformat()}
    late = {**report, "kind": "running_late", "minutes": "20"}
    assert states(send(client, late, late)) == ["accepted", "known"]
    assert states(send(client, {**report, "key": str(uuid4()), "kind": "dancing"})) == ["refused"]
    desk = client.application.test_client()
    login_as(desk, ward, Role.DISPATCHER)
    assert "báo trễ khoảng 20 phút" in desk.get("/dieu-phoi/2026-11-23").text
    back = {**report, "key": str(uuid4()), "kind": "undone", "corrects": late["key"]}
    assert states(send(client, back)) == ["accepted"]
    assert "báo trễ" not in desk.get("/dieu-phoi/2026-11-23").text
    send(client, {**report, "key": str(uuid4()), "kind": "shift_ended"})
    assert "báo hết ca lúc" in desk.get("/dieu-phoi/2026-11-23").text
    ended = db.session.scalars(select(Event).where(Event.kind == "shift_ended")).one()
    assert (ended.duty_id, ended.dossier_id, ended.data) == (duty.id, None, {"held": 0})


def test_the_citizen_gets_the_slip_by_message_unless_no_message_can_come(
    ward: Ward, duty: Duty, client: FlaskClient
) -> None:
    mobile, landline = make_jobs(ward, 2)
    landline.dossier.request.caller = make_citizen(ward, "Lê Bàn", "+842363821234")
    make_route(ward, duty, [mobile, landline])
    open_phone(client, duty)
    send(client, *(tap("done", job, originals=2, copies=1) for job in (mobile, landline)))
    slips = db.session.scalars(select(Message).where(Message.kind == "collected")).all()
    assert [slip.dossier_id for slip in slips] == [mobile.dossier_id]
    assert "2 bản chính, 1 bản sao" in slips[0].body
