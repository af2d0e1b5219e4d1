"""Procedures as a ward offers them."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId


class Procedure(OfWard, Base):
    """An administrative procedure: whether it can be shipped, what it needs, how long it takes."""

    __tablename__ = "procedure"
    __table_args__ = (UniqueConstraint("ward_id", "public_id"), UniqueConstraint("ward_id", "code"))

    public_id: Mapped[PublicId]
    code: Mapped[str]
    name: Mapped[str]
    ship_policy: Mapped[str] = mapped_column(default="both")
    """`both`, `return_only`, `ask` (the officer decides) or `never`; the reason stands beside it."""
    ship_reason: Mapped[str] = mapped_column(default="")
    processing: Mapped[str] = mapped_column(default="working_days")
    """`same_day`, `at_once` or `working_days`."""
    working_days: Mapped[int] = mapped_column(default=0)
    working_days_verified: Mapped[int | None]
    cutoff: Mapped[str | None]
    fee_note: Mapped[str] = mapped_column(default="")
    receiver_note: Mapped[str] = mapped_column(default="")
    online: Mapped[str] = mapped_column(default="none")
    """`none`, `partial` (một phần) or `full` (toàn trình)."""
    skill: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    components: Mapped[list["ProcedureComponent"]] = relationship(
        order_by="ProcedureComponent.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def same_day(self) -> bool:
        """Whether a dossier received before the cut-off is answered the same day."""
        return self.processing in ("same_day", "at_once")

    def ships(self, leg: str) -> bool:
        """Whether a volunteer may do this leg (`collect` or `return`) at all."""
        return {"both": True, "ask": True, "return_only": leg == "return", "never": False}[self.ship_policy]


class ProcedureComponent(OfWard, Base):
    """One paper of a procedure's checklist, with how many originals and copies of it."""

    __tablename__ = "procedure_component"

    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    originals: Mapped[int] = mapped_column(default=0)
    copies: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
