from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.database import Base, OfWard, PublicId


class Task(OfWard, Base):
    """Long work as a row: progress, request to stop and lease stand here, whichever queue runs it."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"), Index("ix_task_state", "ward_id", "state"))

    public_id: Mapped[PublicId]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="queued")
    """`queued`, `running`, `done`, `failed` or `stopped`."""
    fraction: Mapped[float] = mapped_column(default=0.0)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")
    stop_requested: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    lease_key: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed", "stopped")
