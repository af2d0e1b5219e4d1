"""What volunteers say about their time, and a month's roster"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("volunteer") as volunteer:
        volunteer.add_column(sa.Column("busy", sa.JSON(), nullable=False, server_default="[]"))
        volunteer.add_column(sa.Column("most_a_week", sa.Integer(), nullable=True))
    with op.batch_alter_table("volunteer") as volunteer:
        volunteer.alter_column("busy", server_default=None)
    op.create_table(
        "duty_wish",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("half", column.NfcText(), nullable=False),
        sa.Column("says", column.NfcText(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_duty_wish_volunteer_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_duty_wish_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_wish")),
        sa.UniqueConstraint(
            "ward_id",
            "volunteer_id",
            "service_date",
            "half",
            name=op.f("uq_duty_wish_ward_id_volunteer_id_service_date_half"),
        ),
    )
    with op.batch_alter_table("duty_wish") as wish:
        wish.create_index(wish.f("ix_duty_wish_volunteer_id"), ["volunteer_id"], unique=False)
        wish.create_index(wish.f("ix_duty_wish_ward_id"), ["ward_id"], unique=False)
    op.create_table(
        "month_roster",
        sa.Column("public_id", column.NfcText(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("by_hand", sa.JSON(), nullable=False),
        sa.Column("roster", sa.JSON(), nullable=False),
        sa.Column("made_at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", column.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff_account.id"], name=op.f("fk_month_roster_made_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_month_roster_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_roster")),
        sa.UniqueConstraint("ward_id", "public_id", name=op.f("uq_month_roster_ward_id_public_id")),
    )
    with op.batch_alter_table("month_roster") as roster:
        roster.create_index("ix_month_roster_month", ["ward_id", "month"], unique=False)
        roster.create_index(roster.f("ix_month_roster_ward_id"), ["ward_id"], unique=False)
