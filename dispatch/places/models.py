from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId
from routing.places.certainty import NEAR_M


class Place(OfWard, Base):
    """An address with its position. Four things are kept apart: the words, the parts, the pin, the match."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"),)

    public_id: Mapped[PublicId]
    spoken: Mapped[str]
    folded: Mapped[str] = mapped_column(index=True)
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    street: Mapped[str] = mapped_column(default="")
    neighbourhood: Mapped[str] = mapped_column(default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    match_class: Mapped[str] = mapped_column(default="unknown")
    radius_m: Mapped[int | None]
    match: Mapped[dict[str, Any]] = mapped_column(default=dict)
    access_note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    pins: Mapped[list["PlacePin"]] = relationship(
        order_by="PlacePin.id", cascade="all, delete-orphan", back_populates="place"
    )
    notes: Mapped[list["PlaceNote"]] = relationship(
        order_by="PlaceNote.id", cascade="all, delete-orphan", back_populates="place"
    )

    @property
    def point(self) -> tuple[float, float] | None:
        """(latitude, longitude), or None while nobody has set the pin."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)

    @property
    def guessed(self) -> bool:
        """Whether the pin is the map's guess, likely enough more than 100 m off, and nobody has looked at it yet."""
        return self.point is not None and self.match_class != "confirmed" and (self.radius_m or 0) > NEAR_M


class PlacePin(OfWard, Base):
    """Where the pin was put, by whom and when: the history of a place's position."""

    __tablename__ = "place_pin"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    lat: Mapped[float]
    lon: Mapped[float]
    source: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    at: Mapped[datetime]
    place: Mapped[Place] = relationship(back_populates="pins")


class PlaceNote(OfWard, Base):
    """How to find the door, as somebody wrote it at a time; the newest stands in the place as well."""

    __tablename__ = "place_note"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    words: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    at: Mapped[datetime]
    place: Mapped[Place] = relationship(back_populates="notes")
