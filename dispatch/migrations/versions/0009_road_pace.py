"""The measured pace of the ward's roads"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "road_pace",
        sa.Column("rides", sa.Integer(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("made_at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff_account.id"], name=op.f("fk_road_pace_made_by")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_road_pace_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_pace")),
    )
    with op.batch_alter_table("road_pace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_road_pace_ward_id"), ["ward_id"], unique=False)
