from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId
from dispatch.dossiers.catalogue import Procedure
from dispatch.places.models import Place


class Citizen(OfWard, Base):
    """A person or an organisation. Personal data lives here and in places, nowhere in events or logs."""

    __tablename__ = "citizen"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        Index("ix_citizen_phone", "ward_id", "phone"),
        Index("ix_citizen_folded_name", "ward_id", "folded_name"),
    )

    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(default="person")
    name: Mapped[str]
    folded_name: Mapped[str]
    phone: Mapped[str | None]
    created_at: Mapped[datetime]


class Request(OfWard, Base):
    """What was asked for, by whom, through which channel, and the consent as it was spoken."""

    __tablename__ = "request"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"), UniqueConstraint("ward_id", "form_key"))

    public_id: Mapped[PublicId]
    channel: Mapped[str]
    caller_id: Mapped[int] = mapped_column(ForeignKey("citizen.id"), index=True)
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("citizen.id"), index=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    legs: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    consent_at: Mapped[datetime | None]
    consent_account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_at: Mapped[datetime] = mapped_column(index=True)
    form_key: Mapped[str | None]
    caller: Mapped[Citizen] = relationship(foreign_keys=[caller_id])
    beneficiary: Mapped[Citizen] = relationship(foreign_keys=[beneficiary_id])
    procedure: Mapped[Procedure] = relationship()
    place: Mapped[Place] = relationship()


class InboxMessage(OfWard, Base):
    """A message from or to a citizen on the fanpage. The provider's id makes a resend harmless."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        UniqueConstraint("ward_id", "provider_id"),
        Index("ix_inbox_message_thread", "ward_id", "sender", "received_at"),
    )

    public_id: Mapped[PublicId]
    channel: Mapped[str] = mapped_column(default="messenger")
    direction: Mapped[str] = mapped_column(default="in")
    sender: Mapped[str]
    sender_name: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    provider_id: Mapped[str | None]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="new")
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
