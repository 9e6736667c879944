"""Free days: the country and school region of a community, its calendars, and periods by name."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Go to this step."""
    op.create_table(
        "free_choice",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("school_region", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_free_choice_community_id_community")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_free_choice")),
    )
    op.create_table(
        "free_calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("host", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fetch_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("fetched_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_free_calendar_community_id_community")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_free_calendar_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_free_calendar")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("free_calendar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_free_calendar_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_free_calendar_fetch_at"), ["fetch_at"], unique=False)

    op.create_table(
        "free_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["free_calendar.id"], name=op.f("fk_free_period_calendar_id_free_calendar")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_free_period_community_id_community")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_free_period")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("free_period", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_free_period_calendar_id"), ["calendar_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_free_period_community_id"), ["community_id"], unique=False)
