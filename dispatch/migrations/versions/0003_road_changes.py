"""Streets that are closed or slow for a while"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "road_change",
        sa.Column("public_id", column.NfcText(length=16), nullable=False),
        sa.Column("street", column.NfcText(), nullable=False),
        sa.Column("length_m", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("speed_percent", sa.Integer(), nullable=False),
        sa.Column("reason", column.NfcText(), nullable=False),
        sa.Column("starts_at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", column.UtcDateTime(timezone=True), nullable=True),
        sa.Column("made_at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("lifted_at", column.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff_account.id"], name=op.f("fk_road_change_lifted_by")),
        sa.ForeignKeyConstraint(["made_by"], ["staff_account.id"], name=op.f("fk_road_change_made_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_road_change_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_change")),
        sa.UniqueConstraint("ward_id", "public_id", name=op.f("uq_road_change_ward_id_public_id")),
    )
    with op.batch_alter_table("road_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_road_change_ward_id"), ["ward_id"], unique=False)
