"""How to find a door, with who said so and when"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "place_note",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("words", column.NfcText(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=op.f("fk_place_note_account_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_note_place_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_place_note_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_note")),
    )
    with op.batch_alter_table("place_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_note_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_place_note_ward_id"), ["ward_id"], unique=False)
