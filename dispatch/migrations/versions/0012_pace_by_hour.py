"""The measured pace by the hour of the day, beside the one by class of road"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("road_pace", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("road_pace", schema=None) as batch_op:
        batch_op.alter_column("hours", server_default=None)
