"""Wards that take no cash at the door"""

import sqlalchemy as sa
from alembic import op

from dispatch import database as column

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.add_column(sa.Column("no_cash", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("pay_how", column.NfcText(), nullable=False, server_default=""))
    with op.batch_alter_table("ward", schema=None) as batch_op:
        for name in ("no_cash", "pay_how"):
            batch_op.alter_column(name, server_default=None)
