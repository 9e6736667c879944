"""Claiming deliveries: what may be sent now, in which order, and whose it is for one try.

Leases run on the database's clock (`epoch`), lateness on the schedule's. Core, not the ORM: every message passes here.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from storage import lanes
from storage.db import UnitOfWork, epoch, table_of
from storage.deliveries import OPEN, Act, Delivery, DeliveryState, Place, Row
from storage.lanes import Lane

LEASE_SECONDS = 30.0
MOMENT = 0.05  # seconds until what stands before it has probably gone
_SOON = 0.25  # seconds: a slot in the cap that is this near is as good as now
_delivery = table_of(Delivery)
_d, _lane = _delivery.c, table_of(Lane).c


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
    await lanes.keep_quiet(work, "next_at", {lane: gap for lane, gap in gaps.items() if gap})
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
        first = await lanes.reserve(work, f"{platform}:{workspace}", len(ids) * step) - len(ids) * step
        waits = {number: first + place * step for place, number in enumerate(ids)}
        # Those whose slots are near each other go together: they share their transactions.
        found |= {number: Wait(seconds - seconds % _SOON) for number, seconds in waits.items() if seconds > _SOON}
    late = [{"slot_of": number, "slot": wait.seconds} for number, wait in found.items() if isinstance(wait, Wait)]
    if late:
        await work.run(_slot_query(), late)
    return found


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
