from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.database import Base, OfWard, PublicId


class Role(StrEnum):
    """What a staff account may do; one person can have several."""

    HOTLINE = "hotline"
    DISPATCHER = "dispatcher"
    OFFICER = "officer"
    CHAIRMAN = "chairman"
    ADMIN = "admin"


class StaffAccount(OfWard, Base):
    """Somebody of the ward who logs in with a password."""

    __tablename__ = "staff_account"
    __table_args__ = (UniqueConstraint("ward_id", "username"), UniqueConstraint("ward_id", "public_id"))

    public_id: Mapped[PublicId]
    username: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    last_login_at: Mapped[datetime | None]
    role_rows: Mapped[list["AccountRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    # What Flask-Login asks of an account.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        """What a session holds: a new password raises the version and ends every open session."""
        return f"{self.public_id}:{self.session_version}"

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(row.role) for row in self.role_rows)

    def set_roles(self, roles: set[Role]) -> None:
        """Give exactly these roles. Rows that stay are kept."""
        self.role_rows = [row for row in self.role_rows if row.role in roles] + [
            AccountRole(ward_id=self.ward_id, role=role) for role in sorted(roles - self.roles)
        ]


class AccountRole(OfWard, Base):
    __tablename__ = "account_role"
    __table_args__ = (UniqueConstraint("ward_id", "account_id", "role"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    role: Mapped[str]


class Look(OfWard, Base):
    """Somebody saw personal data: who, whose, on which page, when. Kept apart from what was seen."""

    __tablename__ = "look"
    __table_args__ = (Index("ix_look_subject", "ward_id", "subject_kind", "subject_id"),)

    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    page: Mapped[str]
    at: Mapped[datetime]
