"""Who holds which papers: the ledger's lines, and the holder on every dossier (`python app.py rebuild` fills them)"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0002"
down_revision = "0001"

HELD = {"office": ("in_process", "paused", "result_ready", "to_give_back"), "volunteer": ("carried", "returning")}


def upgrade() -> None:
    op.create_table(
        "custody_line",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("event_key", column.NfcText(), nullable=False),
        sa.Column("at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("giver", column.NfcText(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=True),
        sa.Column("taker", column.NfcText(), nullable=False),
        sa.Column("taker_id", sa.Integer(), nullable=True),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("envelope", column.NfcText(), nullable=True),
        sa.Column("originals", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("proof", column.NfcText(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_custody_line_dossier_id")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_custody_line_duty_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_custody_line_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_line")),
        sa.UniqueConstraint("ward_id", "event_key", name=op.f("uq_custody_line_ward_id_event_key")),
    )
    with op.batch_alter_table("custody_line", schema=None) as batch_op:
        batch_op.create_index("ix_custody_line_at", ["ward_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_line_dossier_id"), ["dossier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_line_ward_id"), ["ward_id"], unique=False)
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder", column.NfcText(), nullable=False, server_default="citizen"))
        batch_op.add_column(sa.Column("holder_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("held_since", column.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("envelope", column.NfcText(), nullable=True))
        batch_op.add_column(sa.Column("originals", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("copies", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_dossier_holder", ["ward_id", "holder", "holder_id"], unique=False)
    dossier = sa.table("dossier", sa.column("state", sa.String()), sa.column("holder", sa.String()))
    for holder, states in HELD.items():
        op.execute(dossier.update().where(dossier.c.state.in_(states)).values(holder=holder))
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        for name in ("holder", "originals", "copies"):
            batch_op.alter_column(name, server_default=None)
