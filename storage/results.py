"""Recording what became of a try to send a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from storage import lanes
from storage.db import UnitOfWork, table_of
from storage.deliveries import NOWHERE, OPEN, Act, Delivery, DeliveryState, Place, Row

_delivery = table_of(Delivery)
_d = _delivery.c


@dataclass(frozen=True, slots=True)
class Turned:
    """What a delivery becomes when it could not be done: a post of something else, at the latest at `until`."""

    address: str
    lane: str
    payload: bytes
    until: datetime
    paced: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a try.

    The new state, why, where it ended up, for how long its lane keeps quiet (seconds), and whether it counts as a try;
    and what it was turned into.
    """

    row: Row
    state: DeliveryState
    reason: str = ""
    place: Place = NOWHERE
    quiet: float = 0.0
    counts: bool = True
    turned: Turned | None = None


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
    await _turn(work, results)
    await lanes.block(work, {result.row.lane: result.quiet for result in results if result.quiet})


async def _turn(work: UnitOfWork, results: Sequence[Result]) -> None:
    """Make posts of what was turned into one."""
    for result in results:
        if result.turned is None:
            continue
        became = {
            "act": Act.POST.value,
            "address": result.turned.address,
            "lane": result.turned.lane,
            "payload": result.turned.payload,
            "expires_at": result.turned.until,
            "paced": result.turned.paced,
        }
        mine = (_d.id == result.row.id, _d.token == result.row.token)
        await work.run(sa.update(_delivery).where(*mine).values(became))
