"""Exceptions of a rhythm are occurrences, a pause can end by itself, and a timer knows how far it is."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"

Text = sqlmodel.sql.sqltypes.AutoString
Instant = sqlmodel.sql.sqltypes.UTCDateTime
RHYTHM = sa.table(
    "rhythm",
    *(sa.column(name, sa.Integer()) for name in ("id", "community_id")),
    *(sa.column(name, Text()) for name in ("kind", "timezone", "state", "skip_slots", "next_local")),
    sa.column("next_at", Instant()),
)
OCCURRENCE = sa.table(
    "occurrence",
    sa.column("rhythm_id", sa.Integer()),
    *(sa.column(name, Text()) for name in ("local_slot", "state", "reason", "free_day")),
    sa.column("due_at", Instant()),
)
TIMER = sa.table(
    "timer",
    *(sa.column(name, sa.Integer()) for name in ("community_id", "subject_id")),
    *(sa.column(name, Text()) for name in ("kind", "arg")),
    sa.column("due_at", Instant()),
)


def upgrade() -> None:
    """Go to this step."""
    with op.batch_alter_table("occurrence") as table:
        table.add_column(sa.Column("reason", Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("free_day", Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("moved_to", Text(), nullable=True))
        table.drop_index("ix_occurrence_state_id")
        table.create_index("ix_occurrence_state_due_at", ["state", "due_at"])
    with op.batch_alter_table("timer") as table:
        table.add_column(sa.Column("arg", Text(), nullable=False, server_default=""))
    with op.batch_alter_table("rhythm") as table:
        table.add_column(sa.Column("catch_up", Text(), nullable=False, server_default="latest"))
        table.add_column(sa.Column("paused_until_on", Text(), nullable=True))
    _carry_over()
    # Not in batch mode: on SQLite that makes the table anew, and drops one that others refer to.
    op.execute("alter table rhythm drop column skip_slots")


def _carry_over() -> None:
    """What was called off becomes an occurrence that is skipped, and what makes none has no next time."""
    connection = op.get_bind()
    skipped = sa.update(OCCURRENCE).where(OCCURRENCE.c.state == "skipped")
    connection.execute(skipped.values(reason="called_off"))
    for rhythm in connection.execute(sa.select(RHYTHM)).all():
        there = sa.select(OCCURRENCE.c.local_slot).where(OCCURRENCE.c.rhythm_id == rhythm.id)
        known = set(connection.execute(there).scalars())
        rows = [_skipped(rhythm, slot) for slot in dict.fromkeys(json.loads(rhythm.skip_slots)) if slot not in known]
        if rows:
            connection.execute(sa.insert(OCCURRENCE), rows)
    asleep = sa.update(RHYTHM).where(RHYTHM.c.state != "active")
    connection.execute(asleep.values(next_local=None, next_at=None))
    _say_what_is_late(connection)


def _skipped(rhythm: Any, slot: str) -> dict[str, object]:  # noqa: ANN401 - a row of no model
    at = datetime.fromisoformat(slot).replace(tzinfo=ZoneInfo(rhythm.timezone)).astimezone(UTC)
    return {"rhythm_id": rhythm.id, "local_slot": slot, "state": "skipped", "reason": "called_off", "free_day": "",
            "due_at": at}  # fmt: skip


def _say_what_is_late(connection: sa.Connection) -> None:
    """Set the timers that say what was found to be late and is not said yet."""
    whose = RHYTHM.c.community_id, RHYTHM.c.id
    late = (
        sa.select(*whose, RHYTHM.c.kind + ".late", sa.func.max(OCCURRENCE.c.due_at), sa.literal(""))
        .join_from(RHYTHM, OCCURRENCE, RHYTHM.c.id == OCCURRENCE.c.rhythm_id)
        .where(OCCURRENCE.c.state == "late")
        .group_by(*whose, RHYTHM.c.kind)
    )
    connection.execute(sa.insert(TIMER).from_select(["community_id", "subject_id", "kind", "due_at", "arg"], late))
