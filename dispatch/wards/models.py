from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId, Row


class Ward(Base):
    """One ward and all that it can set about itself. Nothing here is a constant in code."""

    __tablename__ = "ward"

    id: Mapped[Row]
    public_id: Mapped[PublicId] = mapped_column(unique=True)
    name: Mapped[str]
    city: Mapped[str] = mapped_column(default="Đà Nẵng")
    old_names: Mapped[list[str]] = mapped_column(default=list)
    boundary: Mapped[dict[str, Any] | None]
    timezone: Mapped[str] = mapped_column(default="Asia/Ho_Chi_Minh")
    office_name: Mapped[str] = mapped_column(default="")
    office_address: Mapped[str] = mapped_column(default="")
    office_lat: Mapped[float | None]
    office_lon: Mapped[float | None]
    office_hours: Mapped[str] = mapped_column(default="07:30-11:30, 13:00-17:00")
    half_days: Mapped[list[Any]] = mapped_column(default=list)
    labels_printed: Mapped[int] = mapped_column(default=0)
    """Envelope labels so far; the next sheet begins after them."""
    people_wanted: Mapped[int] = mapped_column(default=10)
    bag_capacity: Mapped[int] = mapped_column(default=20)
    tell_by: Mapped[str] = mapped_column(default="17:00")
    cutoff: Mapped[str] = mapped_column(default="15:00")
    no_cash: Mapped[bool] = mapped_column(default=False)
    """Nobody takes money at a door; `pay_how` says to citizens how they pay instead."""
    pay_how: Mapped[str] = mapped_column(default="")
    fanpage: Mapped[str] = mapped_column(default="")
    service_on: Mapped[date | None]
    service_off: Mapped[date | None]
    extra_holidays: Mapped[list[str]] = mapped_column(default=list)
    extra_workdays: Mapped[list[str]] = mapped_column(default=list)
    is_demo: Mapped[bool] = mapped_column(default=False)
    demo_offset_s: Mapped[int] = mapped_column(default=0)
    set_up_at: Mapped[datetime | None]
    hotlines: Mapped[list["Hotline"]] = relationship(
        order_by="Hotline.position", cascade="all, delete-orphan", back_populates="ward"
    )

    @property
    def office(self) -> tuple[float, float] | None:
        """(latitude, longitude) of the one-stop office, or None until somebody has set its pin."""
        if self.office_lat is None or self.office_lon is None:
            return None
        return self.office_lat, self.office_lon

    @property
    def halves(self) -> list["HalfDay"]:
        """The half-days of a working day, in order."""
        return [HalfDay(**half) for half in self.half_days]

    def serves_on(self, day: date) -> bool:
        """Whether the service is switched on that day (it runs by decision, with dates)."""
        after_start = self.service_on is None or day >= self.service_on
        return after_start and not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        """Whether the service was switched off before that day."""
        return self.service_off is not None and day > self.service_off


class HalfDay(dict[str, str]):
    """A half-day shift of every working day: key, start and end as `HH:MM` local time."""

    @property
    def key(self) -> str:
        return self["key"]

    @property
    def start_s(self) -> int:
        return clock_seconds(self["start"])

    @property
    def end_s(self) -> int:
        return clock_seconds(self["end"])


def clock_seconds(text: str) -> int:
    """`HH:MM` as seconds after midnight."""
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def clock_text(seconds: int) -> str:
    """Seconds after midnight as `HH:MM`."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


class Hotline(OfWard, Base):
    """A published telephone number of the ward; `landline` or `mobile`."""

    __tablename__ = "hotline"
    __table_args__ = (UniqueConstraint("ward_id", "number"),)

    number: Mapped[str]
    kind: Mapped[str] = mapped_column(default="landline")
    position: Mapped[int] = mapped_column(default=0)
    ward: Mapped[Ward] = relationship(back_populates="hotlines")


class WardMap(OfWard, Base):
    """The ward's road graph, gazetteer and base map as imported; the newest row is in force."""

    __tablename__ = "ward_map"

    source: Mapped[str]
    attribution: Mapped[str] = mapped_column(default="")
    imported_at: Mapped[datetime]
    network: Mapped[bytes]
    gazetteer: Mapped[bytes]
    basemap: Mapped[bytes]
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))


class RoadChange(OfWard, Base):
    """A stretch of road on which nobody passes (0), or one rides at `speed_percent` of the usual speed, for a while.

    Immutable but for its end. It is anchored by its `lines` ([[[lat, lon], ...], ...]), so that it holds on the next
    map as well.
    """

    __tablename__ = "road_change"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"),)

    public_id: Mapped[PublicId]
    street: Mapped[str] = mapped_column(default="")
    length_m: Mapped[int]
    lines: Mapped[list[Any]]
    speed_percent: Mapped[int]
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))


class RoadPace(OfWard, Base):
    """How much slower (above 1) or faster than the table our volunteers ride, by class of road; the newest row holds.

    `factors` is {class: factor}, empty where the table's speeds hold again; `hours` is {hour: factor} on top of them,
    for hours of the day (their keys are text, as JSON has them) in which enough was ridden.
    """

    __tablename__ = "road_pace"

    rides: Mapped[int]
    factors: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
