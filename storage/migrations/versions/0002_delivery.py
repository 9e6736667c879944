"""Deliveries in bulk: what is urgent, slots in the cap of a workspace, indexes on what is open, and what was lost."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
_OPEN = sa.text("state in ('pending', 'sending', 'unknown')")
_UNTOLD = sa.text("state in ('expired', 'dead') and loss = 'untold'")
_TEXT = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    """Go to this step: what waits counts as urgent, and what was lost before stays untold.

    The defaults stay, so that a Kring of before can go on beside this one while replicas are renewed one by one.
    """
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("paced", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("loss", _TEXT, nullable=False, server_default="private"))
        batch_op.drop_index("ix_delivery_state_not_before")
        for name, columns, where in (
            ("ix_delivery_due", ["urgent", "not_before", "id"], _OPEN),
            ("ix_delivery_lane", ["lane", "id"], _OPEN),
            ("ix_delivery_lost", ["community_id"], _UNTOLD),
        ):
            batch_op.create_index(name, columns, unique=False, sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.add_column(sa.Column("next_at", sa.Float(), nullable=False, server_default="0"))
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sequence", _TEXT, nullable=False, server_default=""))
