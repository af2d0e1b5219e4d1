"""Messages out: the real Twilio client against a server that answers as Twilio does."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dispatch.citizens import outbox, twilio_sender
from dispatch.citizens.models import Message
from dispatch.citizens.outbox import cancel_for, messages_of, reply, tell
from dispatch.citizens.senders import ConsoleSender, sender_for
from dispatch.citizens.texts import KINDS
from dispatch.clock import now
from dispatch.custody.door import shortened
from dispatch.database import db
from dispatch.intake.models import InboxMessage
from dispatch.tasks.runner import run_all_due, run_kind
from dispatch.wards.models import Hotline, Ward
from tests.app.conftest import move_clock
from tests.app.fake_twilio import SID, TOKEN, FakeTwilio, Meets, fake_twilio
from tests.app.makers import make_citizen, make_dossier, make_job

TIMES = {"day": "Thứ Hai 23/11/2026", "start": "09:00", "end": "10:00"}


@pytest.fixture
def twilio(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """The application's keys are set, and lead to the server on loopback."""
    with fake_twilio() as server:
        keys = {
            "twilio_account_sid": SID,
            "twilio_auth_token": TOKEN,
            "twilio_from": "PHUONG",
            "twilio_messenger_from": "1061",
            "twilio_api_url": server.url,
        }
        monkeypatch.setitem(app.config, "SETTINGS", app.config["SETTINGS"].model_copy(update=keys))
        yield server


def write(ward: Ward, key: str = "k1", **options: object) -> Message:
    dossier = make_dossier(ward)
    message = tell("planned_window", dossier, job=make_job(dossier), key=key, values=TIMES, **options)  # type: ignore[arg-type]
    assert message is not None
    db.session.commit()
    return message


def send(message: Message) -> Message:
    run_kind(outbox.TASK, message.ward_id)
    return look(message)


def look(message: Message) -> Message:
    db.session.expire_all()
    return db.session.get_one(Message, sa.inspect(message).identity)


def test_a_message_goes_out_once(ward: Ward, twilio: FakeTwilio) -> None:
    message = send(write(ward))
    assert (message.state, message.attempts, message.error_code) == ("sent", 1, None)
    assert message.provider_id == twilio.messages[0]["sid"]
    assert twilio.messages[0]["to"] == "+84905123456"
    assert twilio.messages[0]["from"] == "PHUONG"
    assert twilio.bodies == [message.body]
    send(message)
    assert twilio.posts == 1


LONG = {
    "request_received": {"when": "Phường sẽ báo giờ đến trước 17:00 Thứ Hai 23/11/2026."},
    "planned_window": {"day": "Thứ Hai 23/11/2026", "start": "09:00", "end": "10:00"},
    "on_the_way": {"volunteer": "Nguyễn Hoàng Phương Thảo", "eta": "09:40"},
    "returned": {"time": "10:05 23/11/2026"},
    "call_first": {"time": "10:05 23/11/2026"},
    "collected": {"originals": 12, "copies": 10, "link": "https://hoso.phuong-hoa-hiep-nam.vn/tra-cuu/"},
    "papers_missing": {"papers": shortened(("Giấy chứng sinh bản chính", "Tờ khai đăng ký khai sinh", "Căn cước") * 3)},
}


@pytest.mark.parametrize("leg", ["collect", "return"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_text_fits_into_three_parts_and_says_the_code(ward: Ward, kind: str, leg: str) -> None:
    db.session.add(Hotline(ward_id=ward.id, number="+842363831111"))
    ward.name = "Phường Hòa Hiệp Nam"
    db.session.flush()
    db.session.expire(ward)
    dossier = make_dossier(ward)
    message = tell(kind, dossier, job=make_job(dossier, leg), key="long", values=LONG[kind])
    assert message is not None
    assert message.body.startswith("Phường Hòa Hiệp Nam: ")
    assert f"{dossier.code[:3]} {dossier.code[3:]}" in message.body
    assert len(message.body) <= 3 * 67
    assert "%(" not in message.body


def test_the_same_key_writes_one_message(ward: Ward) -> None:
    dossier = make_dossier(ward)
    values = {"time": "10:05"}
    assert tell("returned", dossier, key="one", values=values) is not None
    assert tell("returned", dossier, key="one", values=values) is None
    assert len(messages_of(dossier)) == 1


def test_what_was_rolled_back_is_not_told(ward: Ward, twilio: FakeTwilio) -> None:
    dossier = make_dossier(ward)
    db.session.commit()
    tell("returned", dossier, key="gone", values={"time": "10:05"})
    db.session.rollback()
    run_kind(outbox.TASK, ward.id)
    assert twilio.posts == 0


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21614])
def test_a_number_that_will_never_get_it_goes_on_the_call_list_at_once(
    ward: Ward, twilio: FakeTwilio, code: int
) -> None:
    twilio.refused["+84905123456"] = code
    message = send(write(ward))
    assert (message.state, message.error_code, twilio.posts) == ("to_call", str(code), 1)


def test_a_landline_and_no_number_are_not_even_tried(ward: Ward, twilio: FakeTwilio) -> None:
    for key, phone in (("a", "+842363831234"), ("b", None)):
        dossier = make_dossier(ward, citizen=make_citizen(ward, phone=phone))
        message = tell("returned", dossier, key=key, values={"time": "10:05"})
        assert message is not None
        assert message.state == "to_call"
    db.session.commit()
    run_kind(outbox.TASK, ward.id)
    assert twilio.posts == 0


@pytest.mark.parametrize(
    "refusal",
    [
        Meets(status=429, code=20429, accepts=False),
        Meets(status=503, code=20503, accepts=False),
        Meets(status=401, code=20003, accepts=False),
    ],
)
def test_a_clear_failure_is_tried_again_later(app: Flask, ward: Ward, twilio: FakeTwilio, refusal: Meets) -> None:
    twilio.plan.append(refusal)
    message = send(write(ward))
    assert (message.state, message.error_code) == ("retry", str(refusal.code))
    assert send(message).state == "retry"
    assert twilio.posts == 1
    move_clock(app, minutes=1)
    assert send(message).state == "sent"
    assert len(twilio.messages) == 1


def test_tries_end_on_the_call_list(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    twilio.plan.extend(Meets(status=429, code=20429, accepts=False) for _ in range(9))
    message = write(ward)
    while send(message).state == "retry":
        move_clock(app, hours=1)
    assert (look(message).state, twilio.posts) == ("to_call", 5)


def test_a_provider_out_of_reach_has_surely_not_accepted(ward: Ward, twilio: FakeTwilio, app: Flask) -> None:
    keys = {"twilio_api_url": "http://127.0.0.1:9"}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=keys)
    message = send(write(ward))
    assert (message.state, message.error_code) == ("retry", "ConnectionError")


def test_a_provider_that_fails_is_left_alone_for_a_while(ward: Ward, twilio: FakeTwilio) -> None:
    twilio.plan.extend(Meets(status=503, code=20503, accepts=False) for _ in range(9))
    messages = [write(ward, key=f"k{n}") for n in range(6)]
    run_kind(outbox.TASK, ward.id)
    assert twilio.posts == 3
    assert sorted(look(m).state for m in messages) == ["queued"] * 3 + ["retry"] * 3


LOST_ANSWERS = {
    "line cut after accepting": Meets(cuts=True),
    "no answer in time": Meets(delay_s=1.2),
    "internal error after accepting": Meets(status=500),
    "a gateway's page": Meets(status=502, html=True),
}


@pytest.mark.parametrize("meets", LOST_ANSWERS.values(), ids=LOST_ANSWERS)
def test_a_lost_answer_is_looked_up_and_never_sent_twice(
    app: Flask, ward: Ward, twilio: FakeTwilio, meets: Meets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_sender, "TIMEOUT_S", 0.4)
    twilio.plan.append(meets)
    message = send(write(ward))
    assert message.state == "unknown"
    assert send(message).state == "unknown"
    assert twilio.lists == 0
    move_clock(app, minutes=1)
    message = send(message)
    assert (message.state, message.provider_id) == ("sent", twilio.messages[0]["sid"])
    assert twilio.posts == 1


def test_what_is_surely_missing_is_sent_once_more_then_called(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    twilio.plan.extend([Meets(cuts=True, accepts=False), Meets(cuts=True, accepts=False)])
    message = send(write(ward))
    assert message.state == "unknown"
    move_clock(app, minutes=1)
    assert send(message).state == "unknown"
    assert (twilio.posts, twilio.lists) == (1, 1)
    move_clock(app, minutes=5)
    assert send(message).state == "unknown"
    assert (twilio.posts, twilio.lists) == (2, 2)
    move_clock(app, minutes=1)
    assert send(message).state == "to_call"
    assert twilio.posts == 2


def test_a_message_that_failed_on_its_way_is_called(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    twilio.plan.append(Meets(cuts=True))
    message = send(write(ward))
    twilio.messages[0].update(status="undelivered", error_code=30006)
    move_clock(app, minutes=1)
    message = send(message)
    assert (message.state, message.error_code) == ("to_call", "30006")


def test_the_same_words_sent_before_are_no_proof(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    """Two messages with equal words to one number: the first one's copy does not count for the second."""
    dossier = make_dossier(ward)
    first = tell("returned", dossier, key="first", values={"time": "10:05"})
    db.session.commit()
    assert first is not None
    assert send(first).state == "sent"
    second = tell("returned", dossier, key="second", values={"time": "10:05"})
    db.session.commit()
    assert second is not None
    twilio.plan.append(Meets(cuts=True, accepts=False))
    assert send(second).state == "unknown"
    move_clock(app, minutes=1)
    assert send(second).state == "unknown"


def test_a_provider_that_cannot_be_asked_for_hours_leaves_it_to_the_hotline(
    app: Flask, ward: Ward, twilio: FakeTwilio
) -> None:
    twilio.plan.append(Meets(cuts=True))
    twilio.listing_works = False
    message = send(write(ward))
    move_clock(app, minutes=1)
    message = send(message)
    assert message.state == "unknown"
    assert message.tried_at is not None
    message.tried_at -= timedelta(hours=3)
    db.session.commit()
    move_clock(app, minutes=5)
    assert send(message).state == "to_call"
    assert twilio.posts == 1


def test_a_worker_that_died_while_sending_leaves_an_unknown_outcome(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    message = write(ward)
    twilio.accept("+84905123456", message.body)
    message.state, message.attempts, message.tried_at = "sending", 1, now()
    message.next_try_at = now() + timedelta(minutes=5)
    db.session.commit()
    assert send(message).state == "sending"
    move_clock(app, minutes=6)
    assert send(message).state == "sent"
    assert twilio.posts == 0


def test_stale_news_is_not_told(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    waiting = write(ward, not_after=now() + timedelta(minutes=30))
    listed = write(ward, key="k2", not_after=now() + timedelta(minutes=30))
    listed.state = "to_call"
    db.session.commit()
    move_clock(app, minutes=31)
    assert (send(waiting).state, look(listed).state) == ("cancelled", "cancelled")
    assert twilio.posts == 0


def test_news_of_yesterday_is_for_the_hotline_to_judge(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    message = write(ward)
    move_clock(app, hours=25)
    assert (send(message).state, twilio.posts) == ("to_call", 0)


def test_what_no_longer_holds_is_taken_back(ward: Ward, twilio: FakeTwilio) -> None:
    message = write(ward)
    assert message.job is not None
    cancel_for(message.job, "planned_window")
    db.session.commit()
    assert (send(message).state, twilio.posts) == ("cancelled", 0)


def test_the_news_that_ends_first_goes_out_first(ward: Ward, twilio: FakeTwilio) -> None:
    write(ward, key="later", not_after=now() + timedelta(hours=5))
    urgent = write(ward, key="urgent", not_after=now() + timedelta(minutes=20))
    send(urgent)
    assert twilio.bodies[0] == urgent.body


def test_an_answer_goes_back_to_the_fanpage(ward: Ward, twilio: FakeTwilio) -> None:
    message = reply(ward.id, "messenger:7788", "Dạ, phường đã nhận ạ.", key="answer-1")
    assert message is not None
    db.session.commit()
    assert send(message).state == "sent"
    assert (twilio.messages[0]["to"], twilio.messages[0]["from"]) == ("messenger:7788", "messenger:1061")


def test_outside_messengers_window_the_hotline_calls(ward: Ward, twilio: FakeTwilio) -> None:
    twilio.refused["messenger:7788"] = 63016
    message = reply(ward.id, "7788", "Dạ, phường đã nhận ạ.", key="answer-2")
    assert message is not None
    db.session.commit()
    assert send(message).state == "to_call"


def test_who_wrote_on_the_fanpage_and_left_no_number_is_told_there(ward: Ward, twilio: FakeTwilio) -> None:
    dossier = make_dossier(ward, citizen=make_citizen(ward, phone=None))
    came = InboxMessage(ward_id=ward.id, sender="messenger:7788", body="x", received_at=now())
    came.request_id = dossier.request_id
    db.session.add(came)
    message = tell("returned", dossier, key="told", values={"time": "10:05"})
    db.session.commit()
    assert message is not None
    assert (send(message).state, twilio.messages[0]["to"]) == ("sent", "messenger:7788")


def test_without_keys_the_console_shows_it_with_the_number_masked(
    ward: Ward, capsys: pytest.CaptureFixture[str]
) -> None:
    message = send(write(ward))
    shown = capsys.readouterr().out
    assert (message.state, message.body in shown, "905123456" in shown) == ("sent", True, False)


def test_a_demo_ward_never_sends(ward: Ward, twilio: FakeTwilio, capsys: pytest.CaptureFixture[str]) -> None:
    ward.is_demo = True
    message = send(write(ward))
    assert (message.state, twilio.posts) == ("sent", 0)
    assert message.body in capsys.readouterr().out


def test_the_demo_never_sends_whatever_keys_are_set(app: Flask, twilio: FakeTwilio) -> None:
    settings = app.config["SETTINGS"]
    assert not isinstance(sender_for(settings, is_demo=False), ConsoleSender)
    assert isinstance(sender_for(settings.model_copy(update={"demo": True}), is_demo=False), ConsoleSender)


def test_workers_side_by_side_send_each_message_once(app: Flask, ward: Ward, twilio: FakeTwilio) -> None:
    messages = [write(ward, key=f"k{n}") for n in range(8)]
    start, ward_id = threading.Barrier(3), ward.id

    def worker() -> None:
        with app.app_context():
            start.wait()
            run_kind(outbox.TASK, ward_id)

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {look(message).state for message in messages} == {"sent"}
    assert sorted(twilio.bodies) == sorted(look(message).body for message in messages)


def test_no_log_holds_a_number(ward: Ward, twilio: FakeTwilio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    twilio.plan.append(Meets(cuts=True))
    send(write(ward))
    assert "unknown" in caplog.text
    assert "905123456" not in caplog.text


def test_the_sweep_of_every_minute_sends_what_is_left(ward: Ward, twilio: FakeTwilio) -> None:
    message = write(ward)
    run_all_due()
    assert look(message).state == "sent"


def test_another_wards_messages_stay(ward: Ward, twilio: FakeTwilio) -> None:
    message = write(ward)
    run_kind(outbox.TASK, ward.id + 1)
    assert look(message).state == "queued"
    assert db.session.scalar(sa.select(Message.id).where(Message.ward_id == ward.id + 1)) is None
