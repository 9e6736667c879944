"""The inbox: every event is one row before it is acknowledged.

So a crash loses nothing and a redelivery does nothing twice. Events are kept in groups (`Batch`), so that an ack waits
for the disk once. The payload is sealed, and erased in the transaction that works it: no tap, no words stay behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Field, SQLModel, col

from bot.errors import KringError
from storage.db import UnitOfWork, insert_into, table_of


class InboxState(StrEnum):
    """How far an event is."""

    RECEIVED = "received"
    DONE = "done"
    FAILED = "failed"


class InboxRow(SQLModel, table=True):
    """One event of a platform."""

    __tablename__ = "inbox"
    __table_args__ = (
        sa.UniqueConstraint("platform", "workspace", "event_id"),
        sa.Index("ix_inbox_state_id", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    workspace: str
    event_id: str
    state: str = InboxState.RECEIVED
    sequence: str = ""
    """Whose events keep their order, as a digest; empty once it was worked."""
    payload: bytes | None = None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on its way into the inbox."""

    platform: str
    workspace: str
    event_id: str
    payload: bytes
    at: datetime
    sequence: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes a redelivery the same event."""
        return (self.platform, self.workspace, self.event_id)


async def keep(work: UnitOfWork, batch: Sequence[Arrival]) -> list[int | None]:
    """Store events and return their row ids, in order; None for what is there already."""
    rows = {
        arrival.identity: {
            "platform": arrival.platform,
            "workspace": arrival.workspace,
            "event_id": arrival.event_id,
            "state": InboxState.RECEIVED.value,
            "sequence": arrival.sequence,
            "payload": work.vault.seal(arrival.payload),
            "received_at": arrival.at,
        }
        for arrival in batch
    }
    stored = await work.run(_keep_query(work.dialect), list(rows.values()))
    kept = {(row.platform, row.workspace, row.event_id): int(row.id) for row in stored}
    # Twice in one batch: the first has the row, the second is a redelivery.
    return [kept.pop(arrival.identity, None) for arrival in batch]


@cache
def _keep_query(dialect: str) -> ReturningInsert[Any]:
    mine = table_of(InboxRow).c
    identity = ("platform", "workspace", "event_id")
    statement = insert_into(dialect, InboxRow).on_conflict_do_nothing(index_elements=identity)
    kept: ReturningInsert[Any] = statement.returning(mine.id, *(mine[name] for name in identity))
    return kept


async def waiting(work: UnitOfWork, limit: int = 50) -> list[int]:
    """List events that were received and not yet worked, in the order they came."""
    query = sa.select(col(InboxRow.id)).where(col(InboxRow.state) == InboxState.RECEIVED)
    return list((await work.run(query.order_by(col(InboxRow.id)).limit(limit))).scalars())


class Behind(KringError):
    """An earlier event of the same person has not been worked yet, by another process."""


async def take(work: UnitOfWork, row_id: int) -> bytes | None:
    """Mark an event done and return its payload; None when someone else has it or it is done.

    The payload is gone with this transaction's commit, and back with its rollback.

    Raises:
        Behind: it is not its turn.

    """
    row = (await work.run(_take_query(), {"number": row_id})).first()
    if row is None:
        return None
    if row.behind:
        raise Behind
    await settle(work, row_id, InboxState.DONE)
    return work.vault.open(row.payload)


@cache
def _take_query() -> sa.Select[Any]:
    mine, before = table_of(InboxRow).c, sa.alias(table_of(InboxRow)).c
    unworked = (before.state == InboxState.RECEIVED, before.id < mine.id, before.sequence == mine.sequence)
    behind = sa.and_(mine.sequence != "", sa.exists().where(*unworked)).label("behind")
    query = sa.select(mine.payload, behind).where(mine.id == sa.bindparam("number"), mine.payload.is_not(None))
    return query.where(mine.state == InboxState.RECEIVED).with_for_update(skip_locked=True, of=InboxRow)


@cache
def _settle_query() -> sa.Update:
    mine = table_of(InboxRow)
    became: dict[str, object] = {"state": sa.bindparam("became"), "payload": None, "sequence": ""}
    return sa.update(mine).where(mine.c.id == sa.bindparam("number")).values(became)


async def settle(work: UnitOfWork, row_id: int, state: InboxState) -> None:
    """Close an event and erase what it carried."""
    await work.run(_settle_query(), {"number": row_id, "became": state.value})
