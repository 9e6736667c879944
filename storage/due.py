"""What is due: rhythms, occurrences and timers, each found by one indexed column, so that what sleeps costs nothing."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from bot.domain.free_days import FreeDays
from bot.domain.rhythm import Slot, walk
from storage import free_days, occurrences, timers
from storage.db import UnitOfWork, table_of
from storage.occurrences import Made, Occurrence, OccurrenceState, Reason
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState
from storage.timers import Timer

BATCH = 100  # rhythms in one transaction
ROWS = 1000  # occurrences in one transaction; what is left is for the next
WALKED = 100  # chosen: of more times than this that went by, the oldest are counted no more
_MINUTE = timedelta(minutes=1)
_LATE = OccurrenceState.LATE


async def tick(work: UnitOfWork, now: datetime) -> int:
    """Turn due rhythms into occurrences, and say how many rhythms that were; at most a batch at a time.

    Each goes on from its wall time. One whose time has become later since (another zone, other rules) is aimed anew.
    """
    query = select(Rhythm).where(col(Rhythm.next_at) <= now).order_by(col(Rhythm.next_at)).limit(BATCH)
    found = (await work.session.exec(query.with_for_update(skip_locked=True))).all()
    free = FreeByCommunity(work)
    there = await occurrences.taken(work, {key_of(one): one.next_local or "" for one in found})
    made: list[Made] = []
    ticked = 0
    for rhythm in found:
        if len(made) >= ROWS:
            break
        made += await _occur(work, rhythm, now, there, await free.days(rhythm.community_id))
        ticked += 1
    await occurrences.make(work, made)
    return ticked


class FreeByCommunity:
    """The free days of communities, each looked up once in a tick."""

    def __init__(self, work: UnitOfWork) -> None:
        """Look up in this transaction."""
        self._work = work
        self._known: dict[int, FreeDays] = {}

    async def days(self, community_id: int) -> FreeDays:
        """Return what a community keeps free."""
        if community_id not in self._known:
            self._known[community_id] = await free_days.of(self._work, community_id)
        return self._known[community_id]


async def _occur(
    work: UnitOfWork, rhythm: Rhythm, now: datetime, there: set[tuple[int, str]], free: FreeDays
) -> list[Made]:
    """Make the occurrences up to now, except where a facilitator made one already, and aim at the slot after them."""
    key, lateness = key_of(rhythm), rhythm.lateness
    past, following = _passed(rhythm, now)
    fresh = [(slot, free.name_on(slot.wall.date())) for slot in past if (key, slot.local) not in there]
    newest = next((slot for slot, name in reversed(fresh) if name is None), None)
    made = [
        Made(key, slot, OccurrenceState.SKIPPED, Reason.FREE, name)
        if name
        else Made(key, slot, OccurrenceState.OPEN if lateness.asks(slot.at, now, newest=slot is newest) else _LATE)
        for slot, name in fresh
    ]
    await _say_free(work, rhythm, now, made)
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


async def _say_free(work: UnitOfWork, rhythm: Rhythm, now: datetime, made: Sequence[Made]) -> None:
    """Have it said that a free day is skipped, once for several in a row, unless that is long ago."""
    for number, one in enumerate(made):
        if one.reason != Reason.FREE or rhythm.lateness.is_late(one.slot.at, now):
            continue
        last = made[number - 1].reason if number else await _reason_before(work, one)
        if last != Reason.FREE:
            kind, here = f"{rhythm.kind}.free", rhythm.community_id
            await timers.set_timer(work, kind, one.rhythm_id, community_id=here, due_at=now, arg=one.slot.local)


async def _reason_before(work: UnitOfWork, made: Made) -> str:
    found = await occurrences.before(work, made.rhythm_id, made.slot.local)
    return found.reason if found else ""


async def say_late(work: UnitOfWork, rhythm: Rhythm, now: datetime) -> None:
    """Have it said, once for everything that was missed, that something of this rhythm came too late."""
    kind = f"{rhythm.kind}.late"
    await timers.set_timer(work, kind, key_of(rhythm), community_id=rhythm.community_id, due_at=now)


async def give_up(work: UnitOfWork, occurrence_id: int) -> Rhythm | None:
    """Count an occurrence that cannot be planned as late, and return its rhythm; None where someone else planned it."""
    query = select(Occurrence, Rhythm).join(Rhythm, col(Rhythm.id) == col(Occurrence.rhythm_id))
    waits = col(Occurrence.id) == occurrence_id, col(Occurrence.state) == OccurrenceState.OPEN
    found = (await work.session.exec(query.where(*waits).with_for_update(of=Occurrence))).first()
    if found is None:
        return None
    occurrence, rhythm = found
    occurrence.state = OccurrenceState.LATE
    work.session.add(occurrence)
    return rhythm


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
