"""The fanpage: signed messages in, what can be read from them, a request with one click, answers the same way."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from dispatch.accounts.models import Look, Role
from dispatch.citizens.models import Message
from dispatch.config import Settings
from dispatch.database import db
from dispatch.dossiers.models import Dossier
from dispatch.intake.fanpage import address_in, arrived, phones_in
from dispatch.intake.models import InboxMessage
from dispatch.wards.models import Ward
from tests.app.conftest import move_clock
from tests.app.makers import login_as, make_ward, procedure_of

TOKEN = "a secret of Twilio's"
URL = "http://ward.test/webhook/twilio/messenger"
WORDS = "Chào phường, em ở 120 Ngô Quyền muốn chứng thực, sđt 0905.123.456"


@pytest.fixture
def provider(app: Flask, ward: Ward) -> Any:
    """Sends messages as Twilio would, with the real signature."""
    settings: Settings = app.config["SETTINGS"]
    settings.twilio_auth_token = TOKEN

    def send(signature: str | None = None, **changes: str) -> TestResponse:
        form = {
            "From": "messenger:5512340987",
            "To": "messenger:1",
            "Body": WORDS,
            "MessageSid": "SM1",
            "NumMedia": "0",
        }
        form |= changes
        signed = RequestValidator(TOKEN).compute_signature(URL, form)
        headers = {"X-Twilio-Signature": signed if signature is None else signature}
        return app.test_client().post("/webhook/twilio/messenger", data=form, headers=headers)

    yield send
    settings.twilio_auth_token = ""
    settings.public_url = ""
    settings.demo = False


def received() -> list[InboxMessage]:
    return list(db.session.scalars(select(InboxMessage).order_by(InboxMessage.id)))


@pytest.fixture
def clerk(client: FlaskClient, ward: Ward) -> FlaskClient:
    login_as(client, ward, Role.HOTLINE)
    return client


def test_a_signed_message_is_kept_and_a_resend_makes_one_entry(provider: Any, ward: Ward) -> None:
    first, again = provider(), provider()
    assert (first.status_code, again.status_code, first.text) == (200, 200, "<Response/>")
    assert [(m.ward_id, m.body, m.state) for m in received()] == [(ward.id, WORDS, "new")]


def test_the_public_address_is_what_was_signed(app: Flask, provider: Any, ward: Ward) -> None:
    app.config["SETTINGS"].public_url = "https://ship.example.vn"
    assert provider().status_code == 403
    form = {"From": "messenger:1", "Body": "x", "MessageSid": "SM9"}
    signed = RequestValidator(TOKEN).compute_signature("https://ship.example.vn/webhook/twilio/messenger", form)
    answer = app.test_client().post("/webhook/twilio/messenger", data=form, headers={"X-Twilio-Signature": signed})
    assert answer.status_code == 200


def test_without_the_right_signature_nothing_is_kept(app: Flask, provider: Any, ward: Ward) -> None:
    assert provider(signature="").status_code == 403
    assert provider(signature="xyz").status_code == 403
    app.config["SETTINGS"].demo = True
    assert provider().status_code == 403
    app.config["SETTINGS"].demo = False
    app.config["SETTINGS"].twilio_auth_token = ""
    assert provider().status_code == 403
    assert received() == []


def test_hostile_text_is_text(provider: Any, clerk: FlaskClient) -> None:
    for number, body in enumerate(("<script>alert(1)</script>\x00", "", "x" * 30_000, "🙏" * 500, "0905 " * 2000)):
        assert provider(Body=body, MessageSid=f"SM{number}").status_code == 200
    assert provider(From="sms:1", MessageSid="SM77").status_code == 400
    assert provider(MessageSid="").status_code == 400
    assert provider(Body="y" * 100_000, MessageSid="SM78").status_code == 413
    message = received()[0]
    for address in ("/hop-thu/", f"/hop-thu/{message.public_id}", f"/tiep-nhan/?inbox={message.public_id}"):
        page = clerk.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_phone_and_address_are_read(ward: Ward) -> None:
    assert phones_in(WORDS) == ["+84905123456"]
    assert phones_in("số 120, ngày 23/11/2026") == []
    assert address_in(ward, WORDS) == "120 Ngô Quyền"
    assert address_in(ward, "cho hỏi giờ làm việc") == ""


def test_threads_show_the_newest_first_and_what_waits(provider: Any, clerk: FlaskClient) -> None:
    provider()
    provider(MessageSid="SM2", From="messenger:777", Body="Alo")
    page = clerk.get("/hop-thu/").text
    assert page.index("Alo") < page.index("Chào phường")
    assert page.count("1 tin mới") == 2
    assert db.session.scalars(select(Look).where(Look.subject_kind == "inbox_message")).first() is not None


def test_a_message_becomes_a_request_and_is_answered_the_same_way(
    provider: Any, clerk: FlaskClient, ward: Ward
) -> None:
    provider(ProfileName="Lan Phạm")
    message = received()[0]
    page = clerk.get(f"/tiep-nhan/?inbox={message.public_id}").text
    assert 'value="0905123456"' in page
    assert 'value="120 Ngô Quyền"' in page
    assert 'value="Lan Phạm"' in page
    form = {
        "form_key": "11111111-2222-4333-8444-555555555555",
        "inbox": message.public_id,
        "phone": "0905123456",
        "caller_name": "Lan Phạm",
        "for_whom": "self",
        "procedure": procedure_of(ward).public_id,
        "legs": "both",
        "address": "120 Ngô Quyền",
        "window": "any",
        "consent": "y",
    }
    assert clerk.post("/tiep-nhan/", data=form).status_code == 303
    dossier = db.session.scalars(select(Dossier)).one()
    assert dossier.request.channel == "fanpage"
    incoming, outgoing = received()
    assert (incoming.state, incoming.request_id) == ("request", dossier.request_id)
    told = db.session.scalars(select(Message)).one()
    assert (told.channel, told.recipient, told.kind) == ("messenger", "5512340987", "request_received")
    assert (outgoing.direction, outgoing.body) == ("out", told.body)
    assert dossier.code in clerk.get(f"/hop-thu/{message.public_id}").text.replace(" ", "")


def test_a_clerks_answer_goes_back_within_a_day_only(app: Flask, provider: Any, clerk: FlaskClient) -> None:
    provider()
    message = received()[0]
    address = f"/hop-thu/{message.public_id}/tra-loi"
    assert clerk.post(address, data={"text": ""}).status_code == 422
    assert clerk.post(address, data={"text": "Dạ phường làm từ 7 giờ 30 ạ"}).status_code == 303
    told = db.session.scalars(select(Message)).one()
    assert (told.channel, told.recipient, told.body) == ("messenger", "5512340987", "Dạ phường làm từ 7 giờ 30 ạ")
    assert told.not_after == message.received_at + timedelta(hours=24)
    assert received()[0].state == "answered"
    move_clock(app, hours=25)
    late = clerk.post(address, data={"text": "Câu trả lời muộn"})
    assert late.status_code == 409
    assert "Câu trả lời muộn" in late.text
    assert "tel:0905123456" in late.text
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_what_needs_nothing_is_put_aside(provider: Any, clerk: FlaskClient) -> None:
    provider()
    message = received()[0]
    assert clerk.post(f"/hop-thu/{message.public_id}/xong").status_code == 303
    assert received()[0].state == "done"


def test_another_wards_messages_are_not_there(clerk: FlaskClient, ward: Ward) -> None:
    message = arrived(make_ward("Mân Thái"), "messenger:1", "x", "SM1")
    assert message is not None
    for address in (f"/hop-thu/{message.public_id}", f"/tiep-nhan/?inbox={message.public_id}"):
        assert clerk.get(address).status_code == 404
    for action in ("tra-loi", "xong"):
        assert clerk.post(f"/hop-thu/{message.public_id}/{action}", data={"text": "x"}).status_code == 404


def test_only_the_hotline_reads_them(client: FlaskClient, ward: Ward) -> None:
    login_as(client, ward, Role.DISPATCHER)
    assert client.get("/hop-thu/").status_code == 403
