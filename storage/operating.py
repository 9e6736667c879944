"""What an operator wants to know: how long the queues are, how old what stands in them is, and what is stuck."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from storage import deliveries, queue
from storage.db import UnitOfWork, epoch, table_of
from storage.deliveries import OPEN, Delivery, DeliveryState
from storage.inbox import InboxRow, InboxState
from storage.lanes import Lane
from storage.rhythms import Rhythm, RhythmState
from storage.timers import Timer

SLOW = timedelta(minutes=5)
"""How long nothing should wait that is due, when all is well: a few rounds of every retry and sweep. Chosen."""
PATIENT = timedelta(minutes=15)
"""How long a conversation may be kept quiet before somebody should know: three times the longest back-off. Chosen."""
_d, _i, _l, _r, _t = (table_of(table).c for table in (Delivery, InboxRow, Lane, Rhythm, Timer))
_open = _d.state.in_(OPEN)
_sending = _d.state == DeliveryState.SENDING
_waiting = _i.state == InboxState.RECEIVED


async def measure(work: UnitOfWork, now: datetime) -> dict[str, float]:
    """Measure queues and ages (seconds), by name."""
    found = dict.fromkeys((f"deliveries_{state}" for state in DeliveryState), 0.0)
    found |= {f"deliveries_{state}": float(rows) for state, rows in (await deliveries.count_by_state(work)).items()}
    found["deliveries_tried_again"] = await _count(work, Delivery, _open, _d.attempts > 1)
    found["lanes_blocked"] = await _count(work, Lane, _l.free_at > epoch())
    found["inbox_waiting"] = await _count(work, InboxRow, _waiting)
    oldest = {
        "replies": sa.select(sa.func.min(_d.not_before)).where(_open, _d.urgent),
        "prompts": sa.select(sa.func.min(_d.not_before)).where(_open, ~_d.urgent),
        "events": sa.select(sa.func.min(_i.received_at)).where(_waiting),
        "rhythms": sa.select(sa.func.min(_r.next_at)).where(_r.state == RhythmState.ACTIVE),
        "timers": sa.select(sa.func.min(_t.due_at)),
    }
    for name, query in oldest.items():
        at: datetime | None = (await work.run(query)).scalar()
        found[f"age_{name}_seconds"] = max(0.0, (now - at).total_seconds()) if at else 0.0
    if work.connection.dialect.name == "postgresql":
        for (line, state), jobs in (await queue.count_jobs(work)).items():
            found[f"jobs_{line}_{state}"] = float(jobs)
    return found


async def _count(
    work: UnitOfWork, table: type[Delivery | Lane | InboxRow | Rhythm | Timer], *which: sa.ColumnElement[bool]
) -> int:
    return int((await work.run(sa.select(sa.func.count()).select_from(table).where(*which))).scalar_one())


@dataclass(frozen=True, slots=True)
class Stuck:
    """How much of what has waited for longer than it ever should."""

    overdue: int
    """Deliveries that could have been tried and were not."""
    abandoned: int
    """Deliveries that were being sent, by a process that is no more."""
    blocked: int
    """Conversations that the platform wants kept quiet."""
    events: int
    """Events that were taken in and not worked."""
    unrung: int
    """Rhythms and timers whose hour has gone by."""
    jobs: int
    """Jobs that nobody began, or whose process is no more."""
    dead: int
    """Deliveries that were given up."""


async def stuck(work: UnitOfWork) -> Stuck:
    """Count what is stuck, by the database's clock: who asks may have no other."""
    seconds = await queue.clock(work)
    late = datetime.fromtimestamp(seconds, UTC) - SLOW
    gone = seconds - SLOW.total_seconds()
    free = ~sa.exists().where(_l.key == _d.lane, _l.free_at > epoch())
    jobs = await queue.stuck(work, SLOW.total_seconds()) if work.connection.dialect.name == "postgresql" else None
    return Stuck(
        overdue=await _count(work, Delivery, _open, ~_sending, _d.not_before < late, _d.lease_until < gone, free),
        abandoned=await _count(work, Delivery, _sending, _d.lease_until < gone),
        blocked=await _count(work, Lane, _l.free_at > seconds + PATIENT.total_seconds()),
        events=await _count(work, InboxRow, _waiting, _i.received_at < late),
        unrung=await _count(work, Rhythm, _r.state == RhythmState.ACTIVE, _r.next_at < late)
        + await _count(work, Timer, _t.due_at < late),
        jobs=jobs.overdue + jobs.stalled if jobs else 0,
        dead=await _count(work, Delivery, _d.state == DeliveryState.DEAD),
    )
