"""The outbox: what is to be told is written in the transaction that makes it true; a task sends it later."""

from datetime import datetime
from typing import Any

import phonenumbers
from flask_babel import force_locale
from sqlalchemy import select

from dispatch.citizens.models import Message
from dispatch.citizens.texts import wording
from dispatch.clock import now
from dispatch.database import db
from dispatch.dossiers.models import Dossier, Job
from dispatch.intake.models import Citizen
from dispatch.tasks.queue import wake

PENDING = ("queued", "retry")


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

    `not_after` is when the news is stale (an "on the way" an hour later helps nobody). A number that cannot receive
    messages, or none, goes on the hotline's call list at once.
    """
    known = select(Message).where(Message.ward_id == dossier.ward_id, Message.key == key).limit(1)
    if db.session.scalars(known).first() is not None:
        return None
    caller = dossier.request.caller
    with force_locale("vi"):
        body = wording(kind, dossier, values or {})
    message = Message(
        ward_id=dossier.ward_id,
        key=key,
        kind=kind,
        values=dict(values or {}),
        recipient=caller.phone or "",
        citizen_id=caller.id,
        dossier_id=dossier.id,
        job_id=job.id if job else None,
        body=body,
        state="queued" if takes_messages(caller) else "to_call",
        created_at=now(),
        not_after=not_after,
    )
    db.session.add(message)
    db.session.flush()
    wake("send_messages", dossier.ward_id)
    return message


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
    waiting = select(Message).where(
        Message.ward_id == job.ward_id,
        Message.job_id == job.id,
        Message.kind.in_(kinds),
        Message.state.in_((*PENDING, "to_call")),
    )
    for message in db.session.scalars(waiting):
        message.state = "cancelled"
