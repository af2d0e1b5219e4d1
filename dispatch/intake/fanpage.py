"""Messages on the fanpage: what comes in, what can be read from it, and the answers that go back the same way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from sqlalchemy import select

from dispatch.citizens.models import Message
from dispatch.citizens.outbox import PENDING, TASK, reply
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.models import Dossier
from dispatch.identity import public_id
from dispatch.intake.models import InboxMessage
from dispatch.intake.operations import received_key
from dispatch.places.anchors import learned_gazetteer
from dispatch.tasks.queue import wake
from dispatch.wards.models import Ward

ANSWER_WITHIN = timedelta(hours=24)
"""Messenger carries an answer only within 24 hours of the citizen's last message."""
PREFIX = "messenger:"
NEW, DONE, ANSWERED, REQUESTED = "new", "done", "answered", "request"


def arrived(ward: Ward, sender: str, body: str, provider_id: str, sender_name: str = "") -> InboxMessage | None:
    """Keep a message that came in; None where the provider sent it before. The caller commits."""
    known = select(InboxMessage.id).where(InboxMessage.ward_id == ward.id, InboxMessage.provider_id == provider_id)
    if db.session.scalar(known.limit(1)) is not None:
        return None
    message = InboxMessage(
        ward_id=ward.id,
        sender=sender,
        sender_name=sender_name,
        body=body,
        provider_id=provider_id,
        received_at=now(),
        state=NEW,
    )
    db.session.add(message)
    db.session.flush()
    return message


def phones_in(text: str) -> list[str]:
    """Telephone numbers in a text, as E.164."""
    found = [match.number for match in _phone_matches(text)]
    return list(dict.fromkeys(phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164) for n in found))


def _phone_matches(text: str) -> Iterator[Any]:
    return iter(phonenumbers.PhoneNumberMatcher(text[:4000], "VN"))


def address_in(ward: Ward, text: str) -> str:
    """The address that a text seems to name: door and street as the map knows them; empty where none is found."""
    for match in reversed(list(_phone_matches(text))):
        text = text[: match.start] + "," + text[match.end :]
    gazetteer = learned_gazetteer(ward)
    best = ""
    for line in [text, *text.splitlines(), *text.split(",")][:40]:
        for candidate in gazetteer.locate(line)[:1]:
            if candidate.parts.door and candidate.street:
                return candidate.label
            best = best or (candidate.label if candidate.street else "")
    return best


def read(ward: Ward, message: InboxMessage) -> dict[str, Any]:
    """What the hotline form can start with."""
    texts = thread_texts(message)
    phone = next((phone for text in texts for phone in phones_in(text)), None)
    address = next((found for text in texts if (found := address_in(ward, text))), "")
    national = "0" + phone.removeprefix("+84") if phone else ""
    return {
        "inbox": message.public_id,
        "phone": national,
        "caller_name": message.sender_name,
        "address": address,
        "note": message.body[:1000],
    }


def thread_texts(message: InboxMessage, limit: int = 5) -> list[str]:
    """This message's words, then those of the sender's last messages: a number often comes in the next line."""
    others = [m.body for m in thread(message, limit) if m.direction == "in" and m.id != message.id]
    return [message.body, *others]


def thread(message: InboxMessage, limit: int = 100) -> list[InboxMessage]:
    """The conversation that a message belongs to, newest first."""
    query = select(InboxMessage).where(InboxMessage.ward_id == message.ward_id, InboxMessage.sender == message.sender)
    newest_first = query.order_by(InboxMessage.received_at.desc(), InboxMessage.id.desc())
    return list(db.session.scalars(newest_first.limit(limit)))


def answer_until(message: InboxMessage) -> datetime | None:
    """Until when the fanpage still carries an answer; None when that is over."""
    last = next((m for m in thread(message) if m.direction == "in"), None)
    until = last.received_at + ANSWER_WITHIN if last else None
    return until if until is not None and until > now() else None


def answer(message: InboxMessage, text: str, account_id: int) -> InboxMessage:
    """Send words back the way the message came. Ask `answer_until` first; the caller commits."""
    sent = _outgoing(message, text, account_id)
    reply(message.ward_id, message.sender, text, answer_key(sent), not_after=answer_until(message))
    settle(message, ANSWERED)
    db.session.flush()
    return sent


def answer_key(sent: InboxMessage) -> str:
    """Key in the outbox of an answer."""
    return f"inbox:{sent.public_id}"


def _outgoing(message: InboxMessage, text: str, account_id: int | None) -> InboxMessage:
    sent = InboxMessage(
        ward_id=message.ward_id,
        public_id=public_id(),
        direction="out",
        sender=message.sender,
        sender_name=message.sender_name,
        body=text,
        received_at=now(),
        state=DONE,
        request_id=message.request_id,
        answered_by=account_id,
    )
    db.session.add(sent)
    db.session.flush()
    return sent


def settle(message: InboxMessage, state: str, request_id: int | None = None) -> None:
    """The new messages of this sender have been dealt with."""
    for one in thread(message):
        if one.direction == "in" and one.state == NEW:
            one.state = state
            one.request_id = request_id or one.request_id


def link(message: InboxMessage, dossier: Dossier) -> None:
    """A request was made of this message; while the fanpage can carry it, the confirmation goes back that way."""
    message.state = NEW
    settle(message, REQUESTED, dossier.request_id)
    query = select(Message).where(Message.ward_id == message.ward_id, Message.key == received_key(dossier))
    told = db.session.scalars(query.limit(1)).first()
    if told is None or answer_until(message) is None:
        return
    message.request_id = dossier.request_id
    told.channel, told.recipient, told.state = "messenger", message.sender.removeprefix(PREFIX), PENDING[0]
    told.not_after = answer_until(message)
    _outgoing(message, told.body, dossier.request.created_by)
    wake(TASK, message.ward_id)
