"""Deliveries: what must reach whom, once per dedupe key.

The content is sealed while it waits and erased when the delivery is settled. Core, not the ORM: every message passes
here. What may be sent and who sends it: `claims`; what became of it: `results`; the pace of conversations: `lanes`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from storage.db import UnitOfWork, table_of


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    EXPIRED = "expired"
    DEAD = "dead"
    UNKNOWN = "unknown"
    HELD = "held"
    """Waits for room in the person's message budget: neither due nor open, until it is let go."""


OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Loss(StrEnum):
    """What the facilitators hear of a delivery that does not arrive: nothing, or that it was lost, once."""

    PRIVATE = "private"
    UNTOLD = "untold"
    TOLD = "told"


class Act(StrEnum):
    """What is asked of the platform."""

    POST = "post"
    UPDATE = "update"
    FORM = "form"


_OPEN_ROWS = sa.text("state in ('pending', 'sending', 'unknown')")
_WHILE_OPEN: dict[str, Any] = {"sqlite_where": _OPEN_ROWS, "postgresql_where": _OPEN_ROWS}
_LOST_ROWS = sa.text("state in ('expired', 'dead') and loss = 'untold'")
_WHILE_UNTOLD: dict[str, Any] = {"sqlite_where": _LOST_ROWS, "postgresql_where": _LOST_ROWS}


class Delivery(SQLModel, table=True):
    """One thing to send."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.Index("ix_delivery_due", "urgent", "not_before", "id", **_WHILE_OPEN),
        sa.Index("ix_delivery_lane", "lane", "id", **_WHILE_OPEN),
        sa.Index("ix_delivery_handle", "platform", "workspace", "handle_message"),
        sa.Index("ix_delivery_lost", "community_id", **_WHILE_UNTOLD),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str = Field(unique=True)
    community_id: int | None = None
    platform: str
    workspace: str
    lane: str
    urgent: bool = False
    """Whether someone waits for it: it goes before what the clock asks, and is not held back by the workspace's cap."""
    act: str
    address: str = ""
    """Where to, as JSON; the trigger, for a form."""
    target_key: str | None = None
    """The post that is the root of the thread, or that is updated."""
    replies: str | None = None
    """The action that takes what is typed under this post, or next, in a direct message."""
    repeat: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    """Whether it is sent again when its outcome is unknown and the platform can't be asked."""
    payload: bytes | None = None
    state: str = DeliveryState.PENDING
    reason: str = ""
    attempts: int = 0
    created_at: datetime
    not_before: datetime
    expires_at: datetime
    token: str | None = None
    lease_until: float = 0.0
    """By the database's clock: until then it is somebody's, or waits for its slot."""
    paced: bool = False
    """Whether it has its slot in the workspace's cap; of what someone waits for, whether it goes without any pace."""
    handle_conversation: str | None = None
    handle_message: str | None = None
    loss: str = Loss.PRIVATE
    """What is said, and was said, when it does not arrive."""


Row = sa.Row[Any]
_d = table_of(Delivery).c


async def add(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Store deliveries whose key is new, and return the ids of those that are to be sent; the others are there already.

    What is held back is stored too, and is not to be sent.
    """
    if not rows:
        return []
    statement = work.insert(Delivery).on_conflict_do_nothing(index_elements=["dedupe_key"])
    added = await work.run(statement.returning(_d.id, _d.state), list(rows))
    return sorted(row.id for row in added if row.state != DeliveryState.HELD)


async def held(work: UnitOfWork, keys: Collection[str]) -> dict[str, bytes]:
    """Return which of these posts are held back, with their sealed content."""
    if not keys:
        return {}
    query = sa.select(_d.dedupe_key, _d.payload).where(_d.dedupe_key.in_(keys), _d.state == DeliveryState.HELD)
    return {row.dedupe_key: row.payload for row in await work.run(query)}


async def let_go(work: UnitOfWork, keys: Collection[str], *, at: datetime, urgent: bool) -> Sequence[Row]:
    """Have posts that were held back sent from now on, and return their `id`, `address` and `replies`."""
    if not keys:
        return []
    mine = sa.update(Delivery).where(_d.dedupe_key.in_(keys), _d.state == DeliveryState.HELD)
    freed = mine.values(state=DeliveryState.PENDING.value, not_before=at, urgent=urgent)
    return (await work.run(freed.returning(_d.id, _d.address, _d.replies))).all()


async def withdraw(work: UnitOfWork, keys: Collection[str], reason: str) -> None:
    """Give up posts that are held back, erase what they say, and tell nobody: it is between Kring and one person."""
    if keys:
        mine = sa.update(Delivery).where(_d.dedupe_key.in_(keys), _d.state == DeliveryState.HELD)
        given_up = {"state": DeliveryState.EXPIRED.value, "reason": reason, "payload": None, "loss": Loss.PRIVATE.value}
        await work.run(mine.values(**given_up))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post ended up, in the platform's ids; empty while it has not been posted."""

    conversation: str | None
    message: str | None


NOWHERE = Place(None, None)


@dataclass(frozen=True, slots=True)
class Lost:
    """A post that did not arrive: its row, where it was to go (an address as JSON), and why not."""

    id: int
    address: str
    reason: str


async def lost(work: UnitOfWork, community_id: int) -> list[Lost]:
    """Take what did not arrive and was not told yet; it counts as told with this transaction."""
    untold = (_d.community_id == community_id, sa.text(_LOST_ROWS.text))
    told = sa.update(Delivery).where(*untold).values(loss=Loss.TOLD.value)
    rows = (await work.run(told.returning(_d.id, _d.address, _d.reason))).all()
    return sorted((Lost(row.id, row.address, row.reason) for row in rows), key=lambda one: one.id)


async def posted_as(work: UnitOfWork, platform: str, workspace: str, conversation: str, message: str) -> Row | None:
    """Find our own post by the platform's id of it, which may be unique in its conversation only."""
    query = sa.select(_d.dedupe_key, _d.replies, _d.community_id).where(
        _d.platform == platform, _d.workspace == workspace, _d.handle_message == message, _d.act == Act.POST,
        _d.handle_conversation == conversation,
    )  # fmt: skip
    return (await work.run(query)).first()


async def release(work: UnitOfWork) -> int:
    """Give back every lease, for a process that knows it is the only one: what was being sent when it died."""
    query = sa.update(Delivery).where(_d.state == DeliveryState.SENDING).values(lease_until=0.0)
    return (await work.run(query)).rowcount


async def count_by_state(work: UnitOfWork) -> dict[str, int]:
    """Count deliveries by state."""
    rows = await work.run(sa.select(_d.state, sa.func.count().label("rows")).group_by(_d.state))
    return {row.state: int(row.rows) for row in rows.all()}


async def next_due(work: UnitOfWork) -> datetime | None:
    """Say when the next delivery may be sent."""
    query = sa.select(sa.func.min(col(Delivery.not_before))).where(_d.state.in_(OPEN))
    found: datetime | None = (await work.run(query)).scalar()
    return found
