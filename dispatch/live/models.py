from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard
from dispatch.duty.models import RouteLink


class PhonePosition(OfWard, Base):
    """About where a volunteer's phone was: degrees of three decimals, a square of about 110 m. Gone with the shift."""

    __tablename__ = "phone_position"
    __table_args__ = (Index("ix_phone_position_duty", "ward_id", "duty_id"),)

    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    lat: Mapped[float]
    lon: Mapped[float]


class PushSubscription(OfWard, Base):
    """Where the push service of a phone's browser takes messages for it. Gone with the phone's link.

    `news_at`: when the desk last changed something that this phone has not been told of; a task tells it.
    """

    __tablename__ = "push_subscription"
    __table_args__ = (
        UniqueConstraint("ward_id", "device_id"),
        Index("ix_push_subscription_news", "ward_id", "news_at"),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("route_link.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str]
    p256dh: Mapped[str]
    auth: Mapped[str]
    made_at: Mapped[datetime]
    news_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    link: Mapped[RouteLink] = relationship()
