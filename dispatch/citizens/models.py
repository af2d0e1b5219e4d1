from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.accounts.models import StaffAccount
from dispatch.database import Base, OfWard, PublicId
from dispatch.dossiers.models import Dossier, Job
from dispatch.intake.models import Citizen


class Message(OfWard, Base):
    """The outbox: something to be told, written in the same transaction as what it tells.

    States: `queued` -> `sending` -> `sent`, or `retry` after a clear failure, `unknown` where the provider may or
    may not have it, `to_call` for the hotline's call list, then `called`; `cancelled` where it no longer holds.
    `key` (event or job, and kind) makes writing it twice harmless. `next_try_at` is when something is due: the next
    try, the end of the claim while `sending`, the next look-up while `unknown`, "call again later" on the call list.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        UniqueConstraint("ward_id", "key"),
        Index("ix_message_state", "ward_id", "state", "next_try_at"),
    )

    public_id: Mapped[PublicId]
    key: Mapped[str]
    kind: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    channel: Mapped[str] = mapped_column(default="sms")
    """`sms` (the console where no keys are set), or `messenger`."""
    recipient: Mapped[str]
    """An E.164 number or a Messenger id: personal data, erased with the citizen."""
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizen.id"), index=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    body: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    """When the last try began, by the machine's own clock: the provider's list is compared with it."""
    lookups: Mapped[int] = mapped_column(default=0)
    """How often the provider was asked whether it has the message, and had not."""
    calls_tried: Mapped[int] = mapped_column(default=0)
    not_after: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    error_code: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    called_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    citizen: Mapped[Citizen | None] = relationship()
    dossier: Mapped[Dossier | None] = relationship()
    job: Mapped[Job | None] = relationship()
    caller: Mapped[StaffAccount | None] = relationship()
    """Who told it by telephone, at `sent_at`."""
