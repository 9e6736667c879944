"""Rhythms (what recurs), their occurrences (unique on rhythm and local slot), and timers (what is due once).

Rows are the truth; the clock only rings. Looking costs what is due: both tables are read by one indexed column.
"""

import json
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.rhythm import Rule, Slot, next_slot, slots
from storage.db import UnitOfWork, table_of
from storage.people import key_of

BATCH = 100


class RhythmState(StrEnum):
    """Whether a rhythm makes occurrences; a draft waits for its maker to say that it was understood."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class OccurrenceState(StrEnum):
    """How far an occurrence is; `late` is past its kind's grace and still to be said, `missed` was said."""

    OPEN = "open"
    PLANNED = "planned"
    LATE = "late"
    MISSED = "missed"
    SKIPPED = "skipped"


class Rhythm(SQLModel, table=True):
    """When something recurs.

    An RRULE on local wall time in an IANA zone. `subject_id` is a row of the kind's own table.
    """

    __tablename__ = "rhythm"

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    kind: str
    subject_id: int | None = None
    rrule: str
    start_local: str
    until_on: str | None = None
    timezone: str
    grace_seconds: int
    state: str = RhythmState.ACTIVE
    skip_slots: str = "[]"
    next_local: str | None = None
    next_at: datetime | None = Field(default=None, index=True)

    @property
    def rule(self) -> Rule:
        """The rule as the domain knows it."""
        until = date.fromisoformat(self.until_on) if self.until_on else None
        return Rule(self.rrule, datetime.fromisoformat(self.start_local), self.timezone, until)

    def skips(self) -> list[str]:
        """List the local slots that were called off."""
        return list(json.loads(self.skip_slots))


class Occurrence(SQLModel, table=True):
    """One slot of a rhythm. The local wall time is the key, so no change of offset can repeat it."""

    __tablename__ = "occurrence"
    __table_args__ = (sa.UniqueConstraint("rhythm_id", "local_slot"), sa.Index("ix_occurrence_state_id", "state", "id"))

    id: int | None = Field(default=None, primary_key=True)
    rhythm_id: int = Field(foreign_key="rhythm.id")
    local_slot: str
    due_at: datetime
    state: str = OccurrenceState.OPEN


class Timer(SQLModel, table=True):
    """Something that is due once, such as a closing: by kind and subject, never by the name of a function."""

    __tablename__ = "timer"
    __table_args__ = (sa.UniqueConstraint("kind", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id")
    kind: str
    subject_id: int
    due_at: datetime = Field(index=True)


async def add(work: UnitOfWork, rhythm: Rhythm) -> Rhythm:
    """Store a rhythm, or what changed in it."""
    work.session.add(rhythm)
    await work.session.flush()
    return rhythm


async def get(work: UnitOfWork, rhythm_id: int) -> Rhythm | None:
    """Return a rhythm."""
    return (await work.session.exec(select(Rhythm).where(Rhythm.id == rhythm_id))).first()


async def of_community(work: UnitOfWork, community_id: int) -> list[Rhythm]:
    """List what recurs in a community: active or paused."""
    going = col(Rhythm.state).in_([RhythmState.ACTIVE, RhythmState.PAUSED])
    query = select(Rhythm).where(Rhythm.community_id == community_id, going)
    return list((await work.session.exec(query.order_by(col(Rhythm.id)))).all())


async def pause(work: UnitOfWork, rhythm: Rhythm) -> None:
    """Stop making occurrences until it is resumed."""
    rhythm.state = RhythmState.PAUSED
    work.session.add(rhythm)


async def end(work: UnitOfWork, rhythm: Rhythm) -> None:
    """Stop for good."""
    rhythm.state, rhythm.next_local, rhythm.next_at = RhythmState.ENDED, None, None
    work.session.add(rhythm)


async def resume(work: UnitOfWork, rhythm: Rhythm, *, now: datetime) -> None:
    """Begin, or go on, with the first slot after `now`; what fell in a pause stays out."""
    rhythm.state = RhythmState.ACTIVE
    _aim(rhythm, next_slot(rhythm.rule, now))
    work.session.add(rhythm)


async def skip_next(work: UnitOfWork, rhythm: Rhythm) -> str | None:
    """Call off the next slot that is not called off yet, and return it."""
    ahead = upcoming(rhythm, 1)
    if not ahead:
        return None
    rhythm.skip_slots = json.dumps([*rhythm.skips(), ahead[0].local])
    work.session.add(rhythm)
    return ahead[0].local


def upcoming(rhythm: Rhythm, count: int) -> list[Slot]:
    """List the next slots that will happen, at most `count`; none while it is paused."""
    if rhythm.next_at is None or rhythm.state != RhythmState.ACTIVE:
        return []
    called_off = set(rhythm.skips())
    ahead = slots(rhythm.rule, rhythm.next_at - timedelta(seconds=1), count + len(called_off))
    return [slot for slot in ahead if slot.local not in called_off][:count]


async def tick(work: UnitOfWork, now: datetime) -> int:
    """Turn due rhythms into occurrences, and say how many rhythms that were; at most a batch at a time."""
    query = (
        select(Rhythm)
        .where(Rhythm.state == RhythmState.ACTIVE, col(Rhythm.next_at) <= now)
        .order_by(col(Rhythm.next_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    due = (await work.session.exec(query)).all()
    for rhythm in due:
        await _occur(work, rhythm, now)
    return len(due)


async def _occur(work: UnitOfWork, rhythm: Rhythm, now: datetime) -> None:
    """Make the occurrences up to now. After a long sleep only the latest is still asked; the others are late."""
    assert rhythm.next_at is not None  # noqa: S101 - the query above asked for it
    ahead = slots(rhythm.rule, rhythm.next_at - timedelta(seconds=1), 2 * BATCH)
    past = [slot for slot in ahead if slot.at <= now]
    rows = [
        {
            "rhythm_id": rhythm.id,
            "local_slot": slot.local,
            "due_at": slot.at,
            "state": _state(rhythm, slot, now, latest=slot is past[-1]).value,
        }
        for slot in past
    ]
    if rows:
        unique = ["rhythm_id", "local_slot"]
        await work.run(work.insert(Occurrence).values(rows).on_conflict_do_nothing(index_elements=unique))
    _aim(rhythm, next_slot(rhythm.rule, past[-1].at) if past else next_slot(rhythm.rule, now))
    work.session.add(rhythm)


def _state(rhythm: Rhythm, slot: Slot, now: datetime, *, latest: bool) -> OccurrenceState:
    if slot.local in rhythm.skips():
        return OccurrenceState.SKIPPED
    on_time = now - slot.at <= timedelta(seconds=rhythm.grace_seconds)
    return OccurrenceState.OPEN if on_time and latest else OccurrenceState.LATE


def _aim(rhythm: Rhythm, slot: Slot | None) -> None:
    rhythm.next_local = slot.local if slot else None
    rhythm.next_at = slot.at.astimezone(UTC) if slot else None
    if slot is None:
        rhythm.state = RhythmState.ENDED


@cache
def _anything_query() -> sa.Select[Any]:
    now = sa.bindparam("now", type_=table_of(Timer).c.due_at.type)
    waits = sa.or_(
        sa.exists().where(col(Rhythm.state) == RhythmState.ACTIVE, col(Rhythm.next_at) <= now),
        sa.exists().where(col(Occurrence.state).in_([OccurrenceState.OPEN, OccurrenceState.LATE])),
        sa.exists().where(col(Timer.due_at) <= now),
    )
    return sa.select(waits)


async def anything_due(work: UnitOfWork, now: datetime) -> bool:
    """Say in one query whether a rhythm, an occurrence or a timer waits, so that a quiet beat costs next to nothing."""
    return bool((await work.run(_anything_query(), {"now": now})).scalar())


async def to_plan(work: UnitOfWork) -> tuple[Occurrence, Rhythm] | None:
    """Take the oldest occurrence that has not been planned or said to be missed."""
    query = (
        select(Occurrence, Rhythm)
        .join(Rhythm, col(Rhythm.id) == col(Occurrence.rhythm_id))
        .where(col(Occurrence.state).in_([OccurrenceState.OPEN, OccurrenceState.LATE]))
        .order_by(col(Occurrence.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=Occurrence)
    )
    return (await work.session.exec(query)).first()


async def put_aside(work: UnitOfWork, occurrence_id: int) -> None:
    """Give up an occurrence that cannot be planned; what someone else made of it meanwhile stays."""
    waits = col(Occurrence.state).in_([OccurrenceState.OPEN, OccurrenceState.LATE])
    put = sa.update(Occurrence).where(col(Occurrence.id) == occurrence_id, waits)
    await work.run(put.values(state=OccurrenceState.MISSED.value))


async def set_timer(work: UnitOfWork, kind: str, subject_id: int, *, community_id: int, due_at: datetime) -> None:
    """Ask to be rung once for this subject; setting it again moves it."""
    values = {"community_id": community_id, "kind": kind, "subject_id": subject_id, "due_at": due_at}
    statement = work.insert(Timer).values(values)
    await work.run(
        statement.on_conflict_do_update(
            index_elements=["kind", "subject_id"], set_={"due_at": statement.excluded.due_at}
        )
    )


async def due_timer(work: UnitOfWork, now: datetime) -> Timer | None:
    """Take the timer that is due longest; it is gone with this transaction."""
    query = select(Timer).where(Timer.due_at <= now).order_by(col(Timer.due_at), col(Timer.id)).limit(1)
    timer = (await work.session.exec(query.with_for_update(skip_locked=True))).first()
    if timer:
        await work.session.delete(timer)
    return timer


async def postpone(work: UnitOfWork, timer_id: int, until: datetime) -> None:
    """Let a timer ring later; one that is gone meanwhile stays gone."""
    await work.run(sa.update(Timer).where(col(Timer.id) == timer_id).values(due_at=until))


async def next_due(work: UnitOfWork) -> datetime | None:
    """Say when the next rhythm or timer is due."""
    rhythm = (
        await work.session.exec(select(sa.func.min(Rhythm.next_at)).where(Rhythm.state == RhythmState.ACTIVE))
    ).one()
    timer = (await work.session.exec(select(sa.func.min(Timer.due_at)))).one()
    return min((at for at in (rhythm, timer) if at is not None), default=None)


__all__ = ["Occurrence", "Rhythm", "Timer", "key_of"]
