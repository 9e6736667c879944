"""Deliveries: what must reach whom, once per dedupe key; and lanes: when a conversation may hear the next message.

Leases and lanes run on the database's clock (`epoch`), lateness on the schedule's. The content is sealed while it
waits and erased when the delivery is settled. Core, not the ORM: every message passes here.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate
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


class Lane(SQLModel, table=True):
    """A conversation, and the instant (database clock) from which it may hear the next message."""

    __tablename__ = "lane"

    key: str = Field(primary_key=True)
    free_at: float
    """Until then it is silent: the platform asked for that, or something went wrong."""
    next_at: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    """Until then it keeps its pace; an answer in somebody's direct messages need not wait for that."""


MOMENT = 0.05  # seconds until what stands before it has probably gone
_SOON = 0.25  # seconds: a slot in the cap that is this near is as good as now
Row = sa.Row[Any]
_delivery, _lanes = table_of(Delivery), table_of(Lane)
_d, _lane = _delivery.c, _lanes.c


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


def _open(row: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - the columns of the table, or of an alias of it
    """Whether a row is open; written out, because only so do databases see that a partial index holds it."""
    states: sa.BindParameter[list[str]] = sa.bindparam(
        "open", [str(state) for state in OPEN], expanding=True, literal_execute=True, unique=True
    )
    found: sa.ColumnElement[bool] = row.state.in_(states)
    return found


def _rootless(row: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - idem
    """Whether it need not wait for the post that it belongs to."""
    root = sa.alias(_delivery).c
    return sa.or_(row.target_key.is_(None), ~sa.exists().where(root.dedupe_key == row.target_key, _open(root)))


def _first(now: sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Whether nothing that is due stands before it in its lane, so that a conversation hears its messages in order.

    Only what someone waits for goes before a post that nobody waits for and that is not being sent: that one may stand
    in a queue of thousands.
    """
    earlier = sa.alias(_delivery).c
    sending = earlier.state == DeliveryState.SENDING
    kept = sa.or_(~_d.urgent, earlier.urgent, sending, earlier.act != Act.POST)
    before = (earlier.lane == _d.lane, earlier.id < _d.id, earlier.not_before <= now, _rootless(earlier), kept)
    return ~sa.exists().where(_open(earlier), *before)


def _is_free() -> sa.ColumnElement[bool]:
    """Whether it goes without any pace: an answer in somebody's direct messages."""
    return sa.and_(_d.urgent, _d.paced)


@cache
def _due_query() -> sa.Select[Any]:
    """Build the query once: it is asked more than any other, and building it costs more than running it."""
    now = sa.bindparam("now", type_=_d.not_before.type)
    in_time = sa.or_(_lane.next_at <= epoch(), _is_free())
    free = sa.or_(_lane.key.is_(None), sa.and_(_lane.free_at <= epoch(), in_time))
    return (
        sa.select(_d.id)
        .outerjoin(Lane, _lane.key == _d.lane)
        .where(_open(_d), _d.urgent == sa.bindparam("urgent", type_=sa.Boolean), _d.not_before <= now)
        .where(_d.lease_until <= epoch(), free, _rootless(_d), _first(now))
        .order_by(_d.not_before, _d.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


async def due(work: UnitOfWork, now: datetime, limit: int, *, urgent: bool) -> list[int]:
    """List what may be sent now, of what someone waits for or of what nobody does: the first of each lane."""
    values = {"now": now, "limit": limit, "urgent": urgent}
    return list((await work.run(_due_query(), values)).scalars())


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform may be spoken to.

    `gap`: seconds between two messages to one conversation. `cap`: messages a second to one workspace, which what
    nobody waits for keeps to; 0 for none.
    """

    gap: float = 0.0
    cap: float = 0.0


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


async def claim(work: UnitOfWork, ids: Sequence[int], *, now: datetime, paces: Mapping[str, Pace]) -> Sequence[Claimed]:
    """Take deliveries for one try each, under a lease and a fresh token; None for one that is settled.

    A lane that is not free, something before it in its lane, an hour that has not come, a slot in the workspace's cap
    and a lease that someone else holds are a `Wait`. `paces` are by platform.
    """
    seen: dict[int, Row] = {row.id: row for row in await _peek(work, ids, now)}
    found: dict[int, Claimed] = {number: _judge(seen.get(number), now) for number in ids}
    ready = [number for number in sorted(seen) if found[number] == Wait(0.0)]
    found |= await _slots(work, [seen[number] for number in ready], paces)
    taken = {row.id: row for row in await _take(work, [number for number in ready if found[number] == Wait(0.0)])}
    roots = await _places(work, [row.target_key for row in taken.values() if row.target_key])
    for number, row in taken.items():
        found[number] = Claim(row, seen[number].state != DeliveryState.PENDING, roots.get(row.target_key or ""))
    gaps = {row.lane: paces[row.platform].gap for row in taken.values() if row.platform in paces}
    await _keep_quiet(work, "next_at", {lane: gap for lane, gap in gaps.items() if gap})
    return [found[number] for number in ids]


@cache
def _peek_query() -> sa.Select[Any]:
    now = sa.bindparam("now", type_=_d.not_before.type)
    until = sa.case((sa.or_(_lane.free_at >= _lane.next_at, _is_free()), _lane.free_at), else_=_lane.next_at)
    lane = sa.func.coalesce(until - epoch(), 0.0)
    next_ = sa.and_(_rootless(_d), _first(now)).label("next")
    waits = (_d.not_before, (_d.lease_until - epoch()).label("lease"), lane.label("quiet"), next_)
    query = sa.select(_d.id, _d.platform, _d.workspace, _d.state, _d.urgent, _d.paced, *waits)
    query = query.outerjoin(Lane, _lane.key == _d.lane).order_by(_d.id)
    return query.where(_d.id.in_(sa.bindparam("ids", expanding=True))).with_for_update(of=Delivery)


async def _peek(work: UnitOfWork, ids: Sequence[int], now: datetime) -> Sequence[Row]:
    return (await work.run(_peek_query(), {"ids": ids, "now": now})).all()


def _judge(row: Row | None, now: datetime) -> Wait | None:
    if row is None or row.state not in OPEN:
        return None
    seconds = max((row.not_before - now).total_seconds(), row.lease, row.quiet, 0.0)
    return Wait(seconds if row.next else max(seconds, MOMENT))


async def _slots(work: UnitOfWork, rows: Sequence[Row], paces: Mapping[str, Pace]) -> dict[int, Claimed]:
    """Give what nobody waits for its slot in the cap of its workspace; whose slot is not yet there waits for it.

    A slot is given once: who was given one goes when it is there, however late.
    """
    found: dict[int, Claimed] = {}
    asking: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row.platform in paces and paces[row.platform].cap and not row.urgent and not row.paced:
            asking.setdefault((row.platform, row.workspace), []).append(row.id)
    for (platform, workspace), ids in asking.items():
        step = 1 / paces[platform].cap
        first = await _reserve(work, f"{platform}:{workspace}", len(ids) * step) - len(ids) * step
        waits = {number: first + place * step for place, number in enumerate(ids)}
        # Those whose slots are near each other go together: they share their transactions.
        found |= {number: Wait(seconds - seconds % _SOON) for number, seconds in waits.items() if seconds > _SOON}
    late = [{"slot_of": number, "slot": wait.seconds} for number, wait in found.items() if isinstance(wait, Wait)]
    if late:
        await work.run(_slot_query(), late)
    return found


async def _reserve(work: UnitOfWork, lane: str, seconds: float) -> float:
    """Keep a lane for so many seconds more, and say in how many seconds from now it is free again."""
    statement = work.insert(Lane).values(key=lane, free_at=epoch() + seconds)
    begin = sa.case((_lane.free_at > epoch(), _lane.free_at), else_=epoch())
    kept = statement.on_conflict_do_update(index_elements=["key"], set_={"free_at": begin + seconds})
    return float((await work.run(kept.returning(_lane.free_at - epoch()))).scalar_one())


@cache
def _slot_query() -> sa.Update:
    slot = epoch() + sa.bindparam("slot", type_=sa.Float)
    return sa.update(_delivery).where(_d.id == sa.bindparam("slot_of")).values(lease_until=slot, paced=True)


@cache
def _take_query() -> ReturningUpdate[Any]:
    values = {
        "state": DeliveryState.SENDING.value,
        "token": sa.bindparam("fresh"),
        "lease_until": epoch() + LEASE_SECONDS,
        "attempts": _d.attempts + 1,
        "paced": True,
    }
    return sa.update(_delivery).where(_d.id.in_(sa.bindparam("ids", expanding=True))).values(values).returning(*_d)


async def _take(work: UnitOfWork, ids: Sequence[int]) -> Sequence[Row]:
    return (await work.run(_take_query(), {"ids": ids, "fresh": uuid.uuid4().hex})).all() if ids else []


@cache
def _places_query() -> sa.Select[Any]:
    query = sa.select(_d.dedupe_key, _d.handle_conversation, _d.handle_message)
    return query.where(_d.dedupe_key.in_(sa.bindparam("keys", expanding=True)))


async def _places(work: UnitOfWork, keys: Sequence[str]) -> dict[str, Place]:
    rows = await work.run(_places_query(), {"keys": keys}) if keys else ()
    return {row.dedupe_key: Place(row.handle_conversation, row.handle_message) for row in rows}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a try.

    The new state, why, where it ended up, for how long its lane keeps quiet (seconds), and whether it counts as a try.
    """

    row: Row
    state: DeliveryState
    reason: str = ""
    place: Place = Place(None, None)
    quiet: float = 0.0
    counts: bool = True


@cache
def _finish_query() -> sa.Update:
    conversation, message = sa.bindparam("conversation", type_=sa.String), sa.bindparam("message", type_=sa.String)
    values = {
        "state": sa.bindparam("became"),
        "reason": sa.bindparam("why"),
        "payload": sa.case((sa.bindparam("settled", type_=sa.Boolean), None), else_=_d.payload),
        "attempts": _d.attempts - sa.bindparam("uncounted", type_=sa.Integer),
        "lease_until": 0.0,
        "handle_conversation": sa.func.coalesce(conversation, _d.handle_conversation),
        "handle_message": sa.func.coalesce(message, _d.handle_message),
    }
    ours = (_d.id == sa.bindparam("number"), _d.token == sa.bindparam("held"))
    return sa.update(_delivery).where(*ours).values(values)


async def finish(work: UnitOfWork, results: Sequence[Result]) -> None:
    """Record what became of tries, where the token is still ours. Settled content is erased."""
    if not results:
        return
    rows = [
        {
            "number": result.row.id,
            "held": result.row.token,
            "became": result.state.value,
            "why": result.reason,
            "settled": result.state not in OPEN,
            "uncounted": int(not result.counts),
            "conversation": result.place.conversation,
            "message": result.place.message,
        }
        for result in results
    ]
    await work.run(_finish_query(), rows)
    await block(work, {result.row.lane: result.quiet for result in results if result.quiet})


async def block(work: UnitOfWork, lanes: Mapping[str, float]) -> None:
    """Keep each lane silent for so many seconds from now, or for as long as it already was."""
    await _keep_quiet(work, "free_at", lanes)


async def _keep_quiet(work: UnitOfWork, until: str, lanes: Mapping[str, float]) -> None:
    """Put the later of what it is and so many seconds from now in a column of each lane."""
    if not lanes:
        return
    later = epoch() + sa.bindparam("seconds", type_=sa.Float)
    statement = work.insert(Lane).values({"free_at": 0.0, "key": sa.bindparam("lane"), until: later})
    new, old = statement.excluded[until], _lane[until]
    latest = sa.case((old > new, old), else_=new)
    statement = statement.on_conflict_do_update(index_elements=["key"], set_={until: latest})
    await work.run(statement, [{"lane": lane, "seconds": lanes[lane]} for lane in sorted(lanes)])


@dataclass(frozen=True, slots=True)
class Lost:
    """A post that did not arrive: its row, where it was to go (an address as JSON), and why not."""

    id: int
    address: str
    reason: str


async def lost(work: UnitOfWork, community_id: int) -> list[Lost]:
    """Take what did not arrive and was not told yet; it counts as told with this transaction."""
    untold = (_d.community_id == community_id, sa.text(_LOST_ROWS.text))
    told = sa.update(_delivery).where(*untold).values(loss=Loss.TOLD.value)
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
