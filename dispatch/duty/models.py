from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId


class Volunteer(OfWard, Base):
    """A youth-union member who rides. `skills` are short codes that procedures may ask for.

    `busy` are half-days of every week without time, as `0:morning` (Monday 0); `most_a_week`: half-days, where not as
    everybody.
    """

    __tablename__ = "volunteer"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"),)

    public_id: Mapped[PublicId]
    name: Mapped[str]
    folded_name: Mapped[str]
    phone: Mapped[str]
    skills: Mapped[list[str]] = mapped_column(default=list)
    vehicle: Mapped[str] = mapped_column(default="motorbike")
    bag_capacity: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(default="")
    busy: Mapped[list[str]] = mapped_column(default=list)
    most_a_week: Mapped[int | None]


class DutyWish(OfWard, Base):
    """What a volunteer said about one half-day: `cannot`, `wants` or `rather_not`."""

    __tablename__ = "duty_wish"
    __table_args__ = (UniqueConstraint("ward_id", "volunteer_id", "service_date", "half"),)

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    service_date: Mapped[date]
    half: Mapped[str]
    says: Mapped[str]


class MonthRoster(OfWard, Base):
    """A month's duties as worked out, before and after they are taken over. It holds public ids, never names.

    `asked` is what was wanted, `by_hand` the swaps that a new run keeps as [volunteer, slot, on], `roster` the answer
    of `routing.roster`; `applied_at` says when it became the duties.
    """

    __tablename__ = "month_roster"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"), Index("ix_month_roster_month", "ward_id", "month"))

    public_id: Mapped[PublicId]
    month: Mapped[date]
    asked: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_hand: Mapped[list[Any]] = mapped_column(default=list)
    roster: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    applied_at: Mapped[datetime | None]


class Shift(OfWard, Base):
    """A half-day of one service date in which the service runs."""

    __tablename__ = "shift"
    __table_args__ = (UniqueConstraint("ward_id", "service_date", "half"),)

    service_date: Mapped[date]
    half: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Duty(OfWard, Base):
    """A volunteer's day: one or two shifts. `off_at` is set when the volunteer falls out."""

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        UniqueConstraint("ward_id", "service_date", "volunteer_id"),
    )

    public_id: Mapped[PublicId]
    service_date: Mapped[date]
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    off_at: Mapped[datetime | None]
    volunteer: Mapped[Volunteer] = relationship()
    shift_rows: Mapped[list["DutyShift"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def shifts(self) -> list[Shift]:
        """The half-days of this duty in order of time."""
        return sorted((row.shift for row in self.shift_rows), key=lambda shift: shift.starts_at)


class DutyShift(OfWard, Base):
    __tablename__ = "duty_shift"
    __table_args__ = (UniqueConstraint("ward_id", "duty_id", "shift_id"),)

    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    shift: Mapped[Shift] = relationship(lazy="joined")


class RouteLink(OfWard, Base):
    """The unguessable address of one duty's route. Its token is computed from the secret key, never stored."""

    __tablename__ = "route_link"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        Index("ix_route_link_duty", "ward_id", "duty_id"),
    )

    public_id: Mapped[PublicId]
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    duty: Mapped[Duty] = relationship()


class Device(OfWard, Base):
    """A phone that opened a link. Its key (stored hashed) uploads even after the link has ended.

    `clock_offset_s` is how far its clock is behind the server's, as measured when it first sent; `shown` is what the
    volunteer has seen of the route on it (ids and times, no words).
    """

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"), UniqueConstraint("ward_id", "key_hash"))

    public_id: Mapped[PublicId]
    link_id: Mapped[int] = mapped_column(ForeignKey("route_link.id"), index=True)
    key_hash: Mapped[str]
    enrolled_at: Mapped[datetime]
    clock_offset_s: Mapped[int | None]
    shown: Mapped[list[Any] | None]
    link: Mapped[RouteLink] = relationship()
