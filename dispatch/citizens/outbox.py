"""The outbox: what is to be told is written in the transaction that makes it true; a task sends it later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import phonenumbers
from flask_babel import force_locale
from sqlalchemy import select, update

from dispatch.citizens.models import Message
from dispatch.citizens.texts import BY_VOICE, ward_title, wording
from dispatch.clock import now
from dispatch.custody.codes import handover_code
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Job
from dispatch.intake.models import Citizen, InboxMessage, Request
from dispatch.phones import show_phone
from dispatch.tasks.queue import wake
from dispatch.wards.models import Ward

PENDING = ("queued", "retry")
NOT_TOLD_YET = (*PENDING, "unknown", "to_call")
TASK = "send_messages"


def tell(
    kind: str,
    dossier: Dossier,
    *,
    job: Job | None = None,
    key: str,
    values: dict[str, Any] | None = None,
    not_after: datetime | None = None,
) -> Message | None:
    """Queue one message to the caller of a dossier's request; the same key a second time changes nothing.

    `texts.news` says which `values` a kind needs; ward, hotline and leg are filled in here. `not_after` is when the
    news is stale (an "on the way" an hour later helps nobody). Whoever cannot be reached by message goes on the
    hotline's call list at once, and so does what is told by voice.
    """
    if _is_known(dossier.ward_id, key):
        return None
    known = {**(values or {}), **_of_ward(dossier.ward_id)}
    if job is not None:
        known["leg"] = job.leg
        if job.leg == "return":
            known["handover"] = handover_code(dossier)
    with force_locale("vi"):
        body = wording(kind, dossier, known)
    channel, recipient = _address(dossier.request)
    return _write(
        ward_id=dossier.ward_id,
        key=key,
        kind=kind,
        values=known,
        channel=channel,
        recipient=recipient or dossier.request.caller.phone or "",
        citizen_id=dossier.request.caller.id,
        dossier_id=dossier.id,
        job_id=job.id if job else None,
        body=body,
        state="queued" if recipient and kind not in BY_VOICE else "to_call",
        not_after=not_after,
    )


def reply(ward_id: int, recipient: str, body: str, key: str, not_after: datetime | None = None) -> Message | None:
    """Queue a clerk's own words to somebody on the fanpage; `recipient` is the Messenger id as the webhook gave it."""
    if _is_known(ward_id, key):
        return None
    return _write(
        ward_id=ward_id,
        key=key,
        kind="reply",
        channel="messenger",
        recipient=recipient.removeprefix("messenger:"),
        body=body,
        not_after=not_after,
    )


def takes_messages(citizen: Citizen) -> bool:
    """Whether the number can receive a message: a landline never does (Twilio error 21614)."""
    if not citizen.phone:
        return False
    try:
        number = phonenumbers.parse(citizen.phone, "VN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )


def cancel_for(job: Job, *kinds: str) -> None:
    """What has not gone out yet about this job no longer holds. What was on the call list leaves it too."""
    db.session.execute(
        update(Message)
        .where(
            Message.ward_id == job.ward_id,
            Message.job_id == job.id,
            Message.kind.in_(kinds),
            Message.state.in_(NOT_TOLD_YET),
        )
        .values(state="cancelled")
    )


def cancel_news_of(dossier: Dossier) -> None:
    """A cancelled dossier: nobody is told any more that its request was received, nor asked when to come again."""
    db.session.execute(
        update(Message)
        .where(
            Message.ward_id == dossier.ward_id,
            Message.dossier_id == dossier.id,
            Message.kind.in_(("request_received", "call_first")),
            Message.state.in_(NOT_TOLD_YET),
        )
        .values(state="cancelled")
    )


def messages_of(dossier: Dossier, limit: int = 100) -> Sequence[Message]:
    """What was told, or is to be told, about a dossier; the newest first."""
    about = select(Message).where(Message.ward_id == dossier.ward_id, Message.dossier_id == dossier.id)
    return db.session.scalars(about.order_by(Message.id.desc()).limit(limit)).all()


def _is_known(ward_id: int, key: str) -> bool:
    return db.session.scalar(select(Message.id).where(Message.ward_id == ward_id, Message.key == key)) is not None


def _write(**columns: Any) -> Message:
    message = Message(created_at=now(), **columns)
    db.session.add(message)
    db.session.flush()
    wake(TASK, message.ward_id)
    return message


def _of_ward(ward_id: int) -> dict[str, str]:
    ward = db.session.get_one(Ward, ward_id)
    with force_locale("vi"):
        title = ward_title(ward.name)
    return {"ward": title, "hotline": show_phone(ward.hotlines[0].number) if ward.hotlines else ""}


def _address(request: Request) -> tuple[str, str]:
    """Channel and recipient; the recipient is empty where no message can reach the caller."""
    if takes_messages(request.caller):
        return "sms", request.caller.phone or ""
    thread = select(InboxMessage.sender).where(
        InboxMessage.ward_id == request.ward_id,
        InboxMessage.request_id == request.id,
        InboxMessage.direction == "in",
        InboxMessage.channel == "messenger",
    )
    sender = db.session.scalar(thread.limit(1))
    return ("messenger", sender.removeprefix("messenger:")) if sender else ("sms", "")
