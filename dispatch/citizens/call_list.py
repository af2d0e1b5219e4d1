"""The hotline's call list: what could not be told by message, with the sentence to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from dispatch.citizens.models import Message
from dispatch.citizens.texts import KINDS, spoken
from dispatch.clock import now
from dispatch.database import db

CALL_AGAIN_AFTER = timedelta(minutes=30)
LIMIT = 200


@dataclass(frozen=True)
class CallList:
    """What is to be called now, the most urgent first, and what was put off because nobody answered."""

    due: Sequence[Message]
    later: Sequence[Message]

    @property
    def fingerprint(self) -> str:
        """Changes whenever the page would."""
        return "-".join((str(len(self.due)), *(f"{m.public_id}{m.calls_tried}" for m in (*self.due, *self.later))))


def call_list(ward_id: int) -> CallList:
    """News that ends soonest first, then what waits longest. What is stale by now is left out."""
    moment = now()
    waiting = (
        select(Message)
        .where(Message.ward_id == ward_id, Message.state == "to_call")
        .where(or_(Message.not_after.is_(None), Message.not_after >= moment))
        .order_by(Message.not_after.is_(None), Message.not_after, Message.created_at, Message.id)
        .limit(LIMIT)
    )
    messages = db.session.scalars(waiting).all()
    put_off = [m for m in messages if m.next_try_at is not None and m.next_try_at > moment]
    return CallList(due=[m for m in messages if m not in put_off], later=put_off)


def was_called(message: Message, account_id: int) -> bool:
    """The news was told by voice. False where somebody else had done it, or it no longer holds. The caller commits."""
    return _move(message, state="called", called_by=account_id, sent_at=now(), next_try_at=None)


def not_reached(message: Message) -> bool:
    """Nobody answered: it comes back in half an hour. The caller commits."""
    tried = Message.calls_tried + 1
    return _move(message, next_try_at=now() + CALL_AGAIN_AFTER, calls_tried=tried)


def sentence(message: Message) -> str:
    """What the hotline says, in Vietnamese whatever the page's language."""
    if message.kind not in KINDS or message.dossier is None:
        return message.body
    name = message.citizen.name if message.citizen else ""
    with force_locale("vi"):
        return spoken(message.kind, message.dossier, {**message.values, "name": name})


def reason(message: Message) -> str:
    """Why no message could tell it."""
    if message.kind == "call_first":
        return _("The volunteer could not do it and promised at the door that the desk calls.")
    if not message.recipient:
        return _("No telephone number is known.")
    if message.error_code is None and message.attempts == 0:
        return _("A landline receives no messages.")
    if message.error_code in ("21610",):
        return _("This number has asked for no more messages.")
    if message.error_code in ("21211", "21214", "21217", "21612", "21614", "21408", "30003", "30005", "30006"):
        return _("This number cannot receive messages.")
    if message.error_code in ("63003", "63016", "63024"):
        return _("The fanpage can no longer answer this person.")
    if message.lookups:
        return _("It is not certain that the message arrived.")
    if message.error_code == "old-news":
        return _("The message is more than a day old and was not sent.")
    return _("The message could not be sent.")


def _move(message: Message, **values: object) -> bool:
    waits = (Message.id == message.id) & (Message.state == "to_call")
    moved = db.session.execute(update(Message).where(waits).values(**values))
    return bool(moved.rowcount)  # type: ignore[attr-defined]
