"""Where phones are on duty, where push messages go, and events by duty"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "phone_position",
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_phone_position_duty_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_phone_position_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_position")),
    )
    with op.batch_alter_table("phone_position", schema=None) as batch_op:
        batch_op.create_index("ix_phone_position_duty", ["ward_id", "duty_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_phone_position_ward_id"), ["ward_id"], unique=False)
    op.create_table(
        "push_subscription",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("endpoint", column.NfcText(), nullable=False),
        sa.Column("p256dh", column.NfcText(), nullable=False),
        sa.Column("auth", column.NfcText(), nullable=False),
        sa.Column("made_at", column.UtcDateTime(timezone=True), nullable=False),
        sa.Column("news_at", column.UtcDateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", column.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_push_subscription_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["link_id"], ["route_link.id"], name=op.f("fk_push_subscription_link_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_push_subscription_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("ward_id", "device_id", name=op.f("uq_push_subscription_ward_id_device_id")),
    )
    with op.batch_alter_table("push_subscription", schema=None) as batch_op:
        batch_op.create_index("ix_push_subscription_news", ["ward_id", "news_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_subscription_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_subscription_link_id"), ["link_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_push_subscription_ward_id"), ["ward_id"], unique=False)
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_duty", ["ward_id", "duty_id"], unique=False)
