"""Photos and signatures: the rows; the pictures stand outside the database"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "proof_file",
        sa.Column("public_id", column.NfcText(length=16), nullable=False),
        sa.Column("event_key", column.NfcText(), nullable=False),
        sa.Column("kind", column.NfcText(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("received_at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", column.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_proof_file_device_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_proof_file_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_file")),
        sa.UniqueConstraint("ward_id", "event_key", "kind", name=op.f("uq_proof_file_ward_id_event_key_kind")),
        sa.UniqueConstraint("ward_id", "public_id", name=op.f("uq_proof_file_ward_id_public_id")),
    )
    with op.batch_alter_table("proof_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proof_file_received_at"), ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_proof_file_ward_id"), ["ward_id"], unique=False)
