"""The outbox goes out: claim, send outside of any transaction, write down what became of it.

A clear failure is tried again, later and later. An unknown outcome is never sent again blindly: the provider is asked
twice whether it has the message; only then is it sent once more; after that the hotline calls.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, or_, select, update

from dispatch.citizens.models import Message
from dispatch.citizens.outbox import PENDING, TASK
from dispatch.citizens.senders import Letter, Outcome, Sender, sender_for
from dispatch.clock import now, real_now
from dispatch.database import db
from dispatch.tasks.runner import sweep
from dispatch.wards.models import Ward

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
CLAIM = timedelta(minutes=5)
FIRST_LOOK_UP = timedelta(minutes=1)
NEXT_LOOK_UP = timedelta(minutes=5)
LOOK_UPS = 2
ASK_AT_MOST = timedelta(hours=2)
OLD_NEWS = timedelta(hours=24)
FAILURES_IN_A_ROW = 3


@sweep(TASK)
def send_messages(ward_id: int) -> None:
    """Do what is due of one ward. Any number of workers may do this at once."""
    ward = db.session.get(Ward, ward_id)
    is_demo = ward is None or ward.is_demo
    _tidy(ward_id)
    with closing(sender_for(current_app.config["SETTINGS"], is_demo=is_demo)) as sender:
        for letter in _of_unknown_outcome(ward_id):
            _note_look_up(letter, sender.look_up(letter, _known_ids(ward_id, letter)))
        _send_all(ward_id, sender)


def _send_all(ward_id: int, sender: Sender) -> None:
    failures = 0
    # A provider that does not answer is left alone until the next sweep.
    while failures < FAILURES_IN_A_ROW and (letter := _claim(ward_id)) is not None:
        outcome = sender.send(letter)
        failures = failures + 1 if outcome.kind in ("retry", "unknown") else 0
        _note(letter, outcome)


def _tidy(ward_id: int) -> None:
    """What is stale is not told; what a dead worker held is of unknown outcome; old news goes to the hotline first."""
    moment = now()

    def move(where: ColumnElement[bool], **values: Any) -> None:
        of_ward = update(Message).where(Message.ward_id == ward_id, where).values(**values)
        db.session.execute(of_ward, execution_options={"synchronize_session": False})

    move(Message.state.in_((*PENDING, "to_call")) & (Message.not_after < moment), state="cancelled")
    move((Message.state == "sending") & (Message.next_try_at < moment), state="unknown", next_try_at=moment)
    # A server that was off, or a backup put back, must not tell yesterday's news as if it were today's.
    old = (Message.state == "queued") & (Message.created_at < moment - OLD_NEWS)
    move(old, state="to_call", error_code="old-news")
    db.session.commit()


def _claim(ward_id: int) -> Letter | None:
    """Take one message that is due; the one whose news ends first comes first. No two workers get the same."""
    due = (
        select(Message)
        .where(Message.ward_id == ward_id, Message.state.in_(PENDING), _is_due())
        .order_by(Message.not_after.is_(None), Message.not_after, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message = next(_fresh(due), None)
    if message is None:
        db.session.rollback()
        return None
    message.state = "sending"
    message.attempts += 1
    message.tried_at = real_now()
    message.next_try_at = now() + CLAIM
    letter = _letter(message)
    db.session.commit()
    return letter


def _of_unknown_outcome(ward_id: int) -> list[Letter]:
    asked = select(Message).where(Message.ward_id == ward_id, Message.state == "unknown", _is_due())
    letters = [_letter(message) for message in _fresh(asked.order_by(Message.id).limit(50))]
    db.session.rollback()
    return letters


def _is_due() -> ColumnElement[bool]:
    return or_(Message.next_try_at.is_(None), Message.next_try_at <= now())


def _fresh(messages: Select[Message]) -> Iterator[Message]:
    return iter(db.session.scalars(messages.execution_options(populate_existing=True)))


def _letter(message: Message) -> Letter:
    return Letter(
        id=message.id,
        attempts=message.attempts,
        kind=message.kind,
        channel=message.channel,
        recipient=message.recipient,
        body=message.body,
        tried_at=message.tried_at or real_now(),
    )


def _known_ids(ward_id: int, letter: Letter) -> frozenset[str]:
    ids = select(Message.provider_id).where(
        Message.ward_id == ward_id, Message.recipient == letter.recipient, Message.provider_id.is_not(None)
    )
    known = frozenset(id for id in db.session.scalars(ids) if id)
    db.session.rollback()
    return known


def _note(letter: Letter, outcome: Outcome) -> None:
    values: dict[str, Any] = {"provider_id": outcome.provider_id, "error_code": outcome.error_code}
    if outcome.kind == "sent":
        values.update(state="sent", sent_at=now(), next_try_at=None)
    elif outcome.kind == "unknown":
        values.update(state="unknown", next_try_at=now() + FIRST_LOOK_UP)
    elif outcome.kind == "retry" and letter.attempts <= len(RETRY_AFTER):
        values.update(state="retry", next_try_at=now() + RETRY_AFTER[letter.attempts - 1])
    else:
        values.update(state="to_call", next_try_at=None)
    _settle(letter, "sending", values)


def _note_look_up(letter: Letter, outcome: Outcome) -> None:
    if outcome.kind in ("sent", "to_call"):
        sent_at = now() if outcome.kind == "sent" else None
        values = {"provider_id": outcome.provider_id, "error_code": outcome.error_code, "sent_at": sent_at}
        _settle(letter, "unknown", {**values, "state": outcome.kind, "next_try_at": None})
    elif outcome.kind == "missing":
        _note_missing(letter)
    elif real_now() - letter.tried_at > ASK_AT_MOST:
        _settle(letter, "unknown", {"state": "to_call", "next_try_at": None, "error_code": outcome.error_code})
    else:
        _settle(letter, "unknown", {"next_try_at": now() + NEXT_LOOK_UP})


def _note_missing(letter: Letter) -> None:
    """The provider has it not: ask again, then send it once more; after that it is for the hotline."""
    lookups = (db.session.scalar(select(Message.lookups).where(Message.id == letter.id)) or 0) + 1
    values: dict[str, Any]
    if lookups < LOOK_UPS:
        values = {"next_try_at": now() + NEXT_LOOK_UP}
    elif lookups == LOOK_UPS:
        values = {"state": "retry", "next_try_at": None}
    else:
        values = {"state": "to_call", "next_try_at": None}
    _settle(letter, "unknown", {**values, "lookups": lookups})


def _settle(letter: Letter, expected: str, values: dict[str, Any]) -> None:
    """Write the outcome, if the message still stands where this try left it (another may have moved it on)."""
    ours = (Message.id == letter.id) & (Message.state == expected) & (Message.attempts == letter.attempts)
    db.session.execute(update(Message).where(ours).values(**values), execution_options={"synchronize_session": False})
    db.session.commit()
