from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId
from dispatch.dossiers.models import Job
from dispatch.duty.models import Duty


class Plan(OfWard, Base):
    """One version of one service date's plan. Immutable but for its state: draft, published, superseded, discarded."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("ward_id", "public_id"),
        UniqueConstraint("ward_id", "service_date", "version"),
    )

    public_id: Mapped[PublicId]
    service_date: Mapped[date]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(default="draft")
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    published_at: Mapped[datetime | None]
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    map_id: Mapped[int | None] = mapped_column(ForeignKey("ward_map.id", ondelete="SET NULL"))
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """cost, travel_s, distance_m, served, unserved, solver seconds: as `evaluate` gave them; the gap, where known."""
    problem: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was planned, as `routing` saw it, so that a plan can be checked and explained later."""
    routes: Mapped[list["PlanRoute"]] = relationship(order_by="PlanRoute.position", cascade="all, delete-orphan")
    unserved: Mapped[list["PlanUnserved"]] = relationship(cascade="all, delete-orphan")


class PlanRoute(OfWard, Base):
    """One duty's part of a plan: its trips as [{span, leave_at, back_at, line: [[lat, lon], ...]}]."""

    __tablename__ = "plan_route"
    __table_args__ = (UniqueConstraint("ward_id", "plan_id", "duty_id"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id"), index=True)
    position: Mapped[int]
    travel_s: Mapped[int] = mapped_column(default=0)
    distance_m: Mapped[int] = mapped_column(default=0)
    peak_load: Mapped[int] = mapped_column(default=0)
    trips: Mapped[list[Any]] = mapped_column(default=list)
    duty: Mapped[Duty] = relationship()
    stops: Mapped[list["PlanStop"]] = relationship(order_by="PlanStop.position", cascade="all, delete-orphan")


class PlanStop(OfWard, Base):
    """One door of a route, with the times the plan gives it."""

    __tablename__ = "plan_stop"
    __table_args__ = (
        UniqueConstraint("ward_id", "route_id", "position"),
        Index("ix_plan_stop_job", "ward_id", "job_id"),
    )

    route_id: Mapped[int] = mapped_column(ForeignKey("plan_route.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"))
    position: Mapped[int]
    trip: Mapped[int]
    arrives_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    leaves_at: Mapped[datetime]
    travel_s: Mapped[int] = mapped_column(default=0)
    distance_m: Mapped[int] = mapped_column(default=0)
    load_after: Mapped[int] = mapped_column(default=0)
    job: Mapped[Job] = relationship()


class PlanUnserved(OfWard, Base):
    """A job that this plan could not serve, and why: [{code, values}], worded when shown."""

    __tablename__ = "plan_unserved"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), index=True)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    job: Mapped[Job] = relationship()
