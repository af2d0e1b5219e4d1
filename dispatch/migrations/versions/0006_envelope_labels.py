"""How many envelope labels a ward has printed"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.add_column(sa.Column("labels_printed", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("ward", schema=None) as batch_op:
        batch_op.alter_column("labels_printed", server_default=None)
