from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.database import Base, OfWard, PublicId


class CustodyLine(OfWard, Base):
    """One hand-over of a dossier's papers, derived from the event with this key. What was taken back at the door stays
    and says so. `giver` and `taker` are `citizen`, `volunteer`, `office` or `post`,
    with the volunteer's row number where it is one."""

    __tablename__ = "custody_line"
    __table_args__ = (UniqueConstraint("ward_id", "event_key"), Index("ix_custody_line_at", "ward_id", "at"))

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), index=True)
    event_key: Mapped[str]
    """Also the name under which a signature or a photo of this hand-over is kept."""
    at: Mapped[datetime]
    giver: Mapped[str]
    giver_id: Mapped[int | None]
    taker: Mapped[str]
    taker_id: Mapped[int | None]
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duty.id"))
    envelope: Mapped[str | None]
    originals: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    proof: Mapped[str] = mapped_column(default="")
    """What proves it: `code`, `signature`, `name`, `distance`, or empty."""
    taken_back: Mapped[bool] = mapped_column(default=False)
    flags: Mapped[list[str]] = mapped_column(default=list)


class ProofFile(OfWard, Base):
    """A photo or signature that belongs to the event with this key, which may come later than the file. The picture
    stands outside the database (`store.py`) and is deleted with time; the row stays, so that a resend changes nothing.
    """

    __tablename__ = "proof_file"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"), UniqueConstraint("ward_id", "event_key", "kind"))

    public_id: Mapped[PublicId]
    event_key: Mapped[str]
    kind: Mapped[str]
    """`photo` (JPEG) or `signature` (PNG)."""
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    size_bytes: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None]
