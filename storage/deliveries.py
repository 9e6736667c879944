"""Deliveries: what must reach whom, once per dedupe key; and lanes: when a conversation may hear the next message.

Leases and lanes run on the database's clock (`epoch`), lateness on the schedule's. The content is sealed while it
waits and erased when the delivery is settled. Core, not the ORM: every message passes here.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from storage.db import UnitOfWork, epoch, table_of

LEASE_SECONDS = 30.0


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    EXPIRED = "expired"
    DEAD = "dead"
    UNKNOWN = "unknown"


OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


class Act(StrEnum):
    """What is asked of the platform."""

    POST = "post"
    UPDATE = "update"
    FORM = "form"


class Delivery(SQLModel, table=True):
    """One thing to send."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.Index("ix_delivery_state_not_before", "state", "not_before"),
        sa.Index("ix_delivery_handle", "platform", "workspace", "handle_message"),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str = Field(unique=True)
    community_id: int | None = None
    platform: str
    workspace: str
    lane: str
    act: str
    address: str = ""
    """Where to, as JSON; the trigger, for a form."""
    target_key: str | None = None
    """The post that is the root of the thread, or that is updated."""
    replies: str | None = None
    """The action that takes what is typed under this post."""
    payload: bytes | None = None
    state: str = DeliveryState.PENDING
    reason: str = ""
    attempts: int = 0
    created_at: datetime
    not_before: datetime
    expires_at: datetime
    token: str | None = None
    lease_until: float = 0.0
    handle_conversation: str | None = None
    handle_message: str | None = None


class Lane(SQLModel, table=True):
    """A conversation, and the instant (database clock) from which it may hear the next message."""

    __tablename__ = "lane"

    key: str = Field(primary_key=True)
    free_at: float


_MOMENT = 0.05
Row = sa.Row[Any]
_delivery, _lanes = table_of(Delivery), table_of(Lane)
_d, _lane = _delivery.c, _lanes.c


async def add(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Store deliveries whose key is new, and return their ids; the others are there already."""
    if not rows:
        return []
    statement = work.insert(Delivery).values(list(rows)).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return list((await work.run(statement.returning(_d.id))).scalars())


def _ready() -> sa.ColumnElement[bool]:
    idle = _d.state.in_([DeliveryState.PENDING, DeliveryState.UNKNOWN])
    return sa.or_(idle, sa.and_(_d.state == DeliveryState.SENDING, _d.lease_until < epoch()))


@cache
def _due_query() -> sa.Select[Any]:
    """Build the query once: it is asked more than any other, and building it costs more than running it."""
    root, now = sa.alias(_delivery), sa.bindparam("now", type_=_d.not_before.type)
    rootless = ~sa.exists().where(root.c.dedupe_key == _d.target_key, root.c.state.in_(OPEN))
    open_now = sa.and_(_d.state.in_(OPEN), _d.not_before <= now, rootless)
    heads = sa.select(sa.func.min(_d.id)).where(open_now).group_by(_d.lane)
    return (
        sa.select(_d.id)
        .outerjoin(Lane, _lane.key == _d.lane)
        .where(_d.id.in_(heads), _ready(), sa.or_(_lane.free_at.is_(None), _lane.free_at <= epoch()))
        .order_by(_d.not_before, _d.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


async def due(work: UnitOfWork, now: datetime, limit: int) -> list[int]:
    """List what may be sent: the first of each lane, so that one conversation hears its messages in order."""
    return list((await work.run(_due_query(), {"now": now, "limit": limit})).scalars())


async def count_due(work: UnitOfWork, now: datetime) -> int:
    """Count everything that is due, also what waits behind the first of its lane or for the post it belongs to."""
    query = sa.select(sa.func.count()).select_from(Delivery).where(_d.state.in_(OPEN), _d.not_before <= now)
    return int((await work.run(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: ask again in this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post ended up, in the platform's ids; empty while it has not been posted."""

    conversation: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours for one try.

    `look` when an earlier try may have posted it already; `root` is where the post that it belongs to ended up.
    """

    row: Row
    look: bool
    root: Place | None


Claimed = Claim | Wait | None


async def claim(work: UnitOfWork, ids: Sequence[int], *, now: datetime, paces: Mapping[str, float]) -> list[Claimed]:
    """Take deliveries for one try each, under a lease and a fresh token; None for one that is settled.

    A lane that is not free, an hour that has not come, and a lease that someone else holds are a `Wait`. `paces` are
    the seconds between two messages to one conversation, by platform.
    """
    seen = {row.id: row for row in await _peek(work, ids)}
    found: dict[int, Claimed] = {number: _judge(seen.get(number), now) for number in ids}
    ready = _first_of_lanes(found, seen)
    taken = {row.id: row for row in await _take(work, ready)}
    roots = await _places(work, [row.target_key for row in taken.values() if row.target_key])
    for number, row in taken.items():
        found[number] = Claim(row, seen[number].state != DeliveryState.PENDING, roots.get(row.target_key or ""))
        if paces.get(row.platform):
            await block(work, row.lane, paces[row.platform])
    return [found[number] for number in ids]


async def _peek(work: UnitOfWork, ids: Sequence[int]) -> Sequence[Row]:
    lease = sa.case((_d.state == DeliveryState.SENDING, _d.lease_until - epoch()), else_=0.0)
    lane = sa.func.coalesce(_lane.free_at - epoch(), 0.0)
    query = sa.select(_d.id, _d.lane, _d.state, _d.not_before, lease.label("lease"), lane.label("quiet"))
    query = query.outerjoin(Lane, _lane.key == _d.lane).where(_d.id.in_(ids)).order_by(_d.id)
    return (await work.run(query.with_for_update(of=Delivery))).all()


def _judge(row: Row | None, now: datetime) -> Wait | None:
    if row is None or row.state not in OPEN:
        return None
    return Wait(max((row.not_before - now).total_seconds(), row.lease, row.quiet, 0.0))


def _first_of_lanes(found: dict[int, Claimed], seen: Mapping[int, Row]) -> list[int]:
    """Keep the first of each lane that need not wait; the others of that lane wait a moment."""
    ready: dict[str, int] = {}
    for number in sorted(seen):
        if found[number] == Wait(0.0) and ready.setdefault(seen[number].lane, number) != number:
            found[number] = Wait(_MOMENT)
    return list(ready.values())


async def _take(work: UnitOfWork, ids: Sequence[int]) -> Sequence[Row]:
    if not ids:
        return []
    values = {"token": uuid.uuid4().hex, "lease_until": epoch() + LEASE_SECONDS, "attempts": _d.attempts + 1}
    statement = sa.update(Delivery).where(_d.id.in_(ids)).values(state=DeliveryState.SENDING.value, **values)
    return (await work.run(statement.returning(*_d))).all()


async def _places(work: UnitOfWork, keys: Sequence[str]) -> dict[str, Place]:
    if not keys:
        return {}
    query = sa.select(_d.dedupe_key, _d.handle_conversation, _d.handle_message).where(_d.dedupe_key.in_(keys))
    return {row.dedupe_key: Place(row.handle_conversation, row.handle_message) for row in await work.run(query)}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a try: the new state, why, where it ended up, and for how long its lane keeps quiet (seconds)."""

    row: Row
    state: DeliveryState
    reason: str = ""
    place: Place | None = None
    quiet: float = 0.0


async def finish(work: UnitOfWork, results: Sequence[Result]) -> list[bool]:
    """Record what became of tries; False where the token is no longer ours. Settled content is erased."""
    return [await _finish(work, result) for result in results]


async def _finish(work: UnitOfWork, result: Result) -> bool:
    values: dict[str, object] = {"state": result.state.value, "reason": result.reason}
    if result.state not in OPEN:
        values["payload"] = None
    if result.place:
        values |= {"handle_conversation": result.place.conversation, "handle_message": result.place.message}
    statement = sa.update(Delivery).where(_d.id == result.row.id, _d.token == result.row.token)
    ours = bool((await work.run(statement.values(**values))).rowcount)
    if result.quiet:
        await block(work, result.row.lane, result.quiet)
    return ours


async def block(work: UnitOfWork, lane: str, seconds: float) -> None:
    """Keep a lane quiet for so many seconds from now, or as long as it already was."""
    until = epoch() + seconds
    statement = work.insert(Lane).values(key=lane, free_at=until)
    later = sa.case((_lane.free_at > until, _lane.free_at), else_=until)
    await work.run(statement.on_conflict_do_update(index_elements=["key"], set_={"free_at": later}))


async def posted_as(work: UnitOfWork, platform: str, workspace: str, message: str) -> Row | None:
    """Find our own post by the platform's id of it: its `dedupe_key` and `replies`."""
    query = sa.select(_d.dedupe_key, _d.replies, _d.community_id).where(
        _d.platform == platform, _d.workspace == workspace, _d.handle_message == message, _d.act == Act.POST
    )
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
