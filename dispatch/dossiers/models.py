from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId
from dispatch.dossiers.catalogue import Procedure
from dispatch.intake.models import Citizen, Request
from dispatch.places.models import Place


class Dossier(OfWard, Base):
    """The papers of one request and their way through the ward.

    Identity columns are written once. Everything from `state` down is a projection of the dossier's events.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("ward_id", "code"),
        Index("ix_dossier_state", "ward_id", "state"),
        Index("ix_dossier_official_code", "ward_id", "official_code"),
        Index("ix_dossier_holder", "ward_id", "holder", "holder_id"),
    )

    code: Mapped[str]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("citizen.id"), index=True)
    created_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(default="requested")
    flags: Mapped[list[str]] = mapped_column(default=list)
    official_code: Mapped[str | None]
    received_at: Mapped[datetime | None]
    promised_on: Mapped[date | None]
    ready_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    holder: Mapped[str] = mapped_column(default="citizen")
    """Who has the papers: `citizen`, `volunteer` (with `holder_id`), `office` or `post`."""
    holder_id: Mapped[int | None]
    held_since: Mapped[datetime | None]
    envelope: Mapped[str | None]
    originals: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    """As counted at the last hand-over."""

    request: Mapped[Request] = relationship()
    procedure: Mapped[Procedure] = relationship()
    beneficiary: Mapped[Citizen] = relationship()
    jobs: Mapped[list["Job"]] = relationship(order_by="Job.id", back_populates="dossier")


class Job(OfWard, Base):
    """One visit to one door: collect a dossier or return a result. From `place_id` down a projection of events."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        Index("ix_job_day", "ward_id", "service_date", "state"),
        Index("ix_job_state", "ward_id", "state"),
    )

    public_id: Mapped[PublicId]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    leg: Mapped[str]
    created_at: Mapped[datetime]

    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    state: Mapped[str] = mapped_column(default="open")
    flags: Mapped[list[str]] = mapped_column(default=list)
    service_date: Mapped[date | None]
    window_start: Mapped[datetime | None]
    window_end: Mapped[datetime | None]
    promised_start: Mapped[datetime | None]
    promised_end: Mapped[datetime | None]
    first_promised_start: Mapped[datetime | None]
    first_promised_end: Mapped[datetime | None]
    """What was said first since the visit was agreed on: a promise moved because it cannot be kept is broken."""
    same_day_promised: Mapped[bool] = mapped_column(default=False)
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"), index=True)
    eta: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    not_done_reason: Mapped[str | None]
    set_out_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    originals: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)

    dossier: Mapped[Dossier] = relationship(back_populates="jobs")
    place: Mapped[Place | None] = relationship()


class Event(OfWard, Base):
    """A fact with its own time. Written once, never edited; ids, codes, counts and times only, no personal data.

    `key` is a UUID from where the event was born: a resend carries the same key and changes nothing.
    Replay order: own time corrected by the clock offset, then device sequence, then key.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("ward_id", "key"),
        Index("ix_event_dossier", "ward_id", "dossier_id"),
        Index("ix_event_job", "ward_id", "job_id"),
        Index("ix_event_duty", "ward_id", "duty_id"),
        Index("ix_event_time", "ward_id", "occurred_at"),
    )

    key: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"))
    actor_kind: Mapped[str]
    """`staff`, `volunteer`, `citizen` or `system`."""
    actor_id: Mapped[int | None]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    device_seq: Mapped[int | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_offset_s: Mapped[int] = mapped_column(default=0)
    corrects: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def replay_order(self) -> tuple[datetime, int, str]:
        """`occurred_at` is stored already corrected by the offset; ties go by device sequence, then key."""
        return self.occurred_at, self.device_seq or 0, self.key


class EventNote(OfWard, Base):
    """Words that belong to an event (a note, a name at the door). Erasable without touching history."""

    __tablename__ = "event_note"
    __table_args__ = (Index("ix_event_note_event", "ward_id", "event_key"),)

    event_key: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
