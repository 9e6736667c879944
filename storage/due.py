"""What is due: rhythms, occurrences and timers, each found by one indexed column, so that what sleeps costs nothing."""

from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from bot.domain.rhythm import Slot, walk
from storage import occurrences, timers
from storage.db import UnitOfWork, table_of
from storage.occurrences import Made, Occurrence, OccurrenceState
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState
from storage.timers import Timer

BATCH = 100  # rhythms in one transaction
ROWS = 1000  # occurrences in one transaction; what is left is for the next
WALKED = 100  # chosen: of more times than this that went by, the oldest are counted no more
_MINUTE = timedelta(minutes=1)


async def tick(work: UnitOfWork, now: datetime) -> int:
    """Turn due rhythms into occurrences, and say how many rhythms that were; at most a batch at a time.

    Each goes on from its wall time. One whose time has become later since (another zone, other rules) is aimed anew.
    """
    query = select(Rhythm).where(col(Rhythm.next_at) <= now).order_by(col(Rhythm.next_at)).limit(BATCH)
    found = (await work.session.exec(query.with_for_update(skip_locked=True))).all()
    there = await occurrences.taken(work, {key_of(one): one.next_local or "" for one in found})
    made: list[Made] = []
    ticked = 0
    for rhythm in found:
        if len(made) >= ROWS:
            break
        made += await _occur(work, rhythm, now, there)
        ticked += 1
    await occurrences.make(work, made)
    return ticked


async def _occur(work: UnitOfWork, rhythm: Rhythm, now: datetime, there: set[tuple[int, str]]) -> list[Made]:
    """Make the occurrences up to now, except where a facilitator made one already, and aim at the slot after them."""
    key, lateness = key_of(rhythm), rhythm.lateness
    past, following = _passed(rhythm, now)
    fresh = [slot for slot in past if (key, slot.local) not in there]
    made = [
        Made(key, slot, OccurrenceState.OPEN if asked else OccurrenceState.LATE)
        for slot in fresh
        for asked in [lateness.asks(slot.at, now, newest=slot is fresh[-1])]
    ]
    if any(one.state is OccurrenceState.LATE for one in made):
        await say_late(work, rhythm, now)
    if past:
        rhythm.state, rhythm.paused_until_on = RhythmState.ACTIVE, None
    if following is None:
        rhythm.state = RhythmState.ENDED
    rhythm.aim(following)
    work.session.add(rhythm)
    return made


def _passed(rhythm: Rhythm, now: datetime) -> tuple[list[Slot], Slot | None]:
    """List the slots that have come, and the one that comes next.

    After years of sleep only the first and the newest are listed: enough of them to ask whatever is within its grace.
    """
    past: list[Slot] = []
    since = datetime.fromisoformat(rhythm.next_local or rhythm.start_local)
    span = max(timedelta(days=WALKED), rhythm.lateness.grace)
    for since_then, most in ((since, WALKED), (datetime.combine((now - span).date(), time()), None)):
        begin = max(since_then, past[-1].wall + _MINUTE) if past else since_then
        for slot in walk(rhythm.rule, begin):
            if slot.at > now:
                return past, slot
            past.append(slot)
            if len(past) == most:
                break
        else:
            break
    return past, None


async def say_late(work: UnitOfWork, rhythm: Rhythm, now: datetime) -> None:
    """Have it said, once for everything that was missed, that something of this rhythm came too late."""
    kind = f"{rhythm.kind}.late"
    await timers.set_timer(work, kind, key_of(rhythm), community_id=rhythm.community_id, due_at=now)


async def to_plan(work: UnitOfWork, now: datetime) -> tuple[Occurrence, Rhythm] | None:
    """Take the occurrence that is due longest and not planned."""
    query = (
        select(Occurrence, Rhythm)
        .join(Rhythm, col(Rhythm.id) == col(Occurrence.rhythm_id))
        .where(col(Occurrence.state) == OccurrenceState.OPEN, col(Occurrence.due_at) <= now)
        .order_by(col(Occurrence.due_at), col(Occurrence.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=Occurrence)
    )
    return (await work.session.exec(query)).first()


@cache
def _anything_query() -> sa.Select[Any]:
    now = sa.bindparam("now", type_=table_of(Timer).c.due_at.type)
    waits = sa.or_(
        sa.exists().where(col(Rhythm.next_at) <= now),
        sa.exists().where(col(Occurrence.state) == OccurrenceState.OPEN, col(Occurrence.due_at) <= now),
        sa.exists().where(col(Timer.due_at) <= now),
    )
    return sa.select(waits)


async def anything(work: UnitOfWork, now: datetime) -> bool:
    """Say in one query whether anything is due, so that a quiet beat costs next to nothing."""
    return bool((await work.run(_anything_query(), {"now": now})).scalar())


async def next_at(work: UnitOfWork) -> datetime | None:
    """Say when the next rhythm, occurrence or timer is due."""
    queries = (
        select(sa.func.min(Rhythm.next_at)),
        select(sa.func.min(Occurrence.due_at)).where(Occurrence.state == OccurrenceState.OPEN),
        select(sa.func.min(Timer.due_at)),
    )
    found = [(await work.session.exec(query)).one() for query in queries]
    return min((at for at in found if at is not None), default=None)
