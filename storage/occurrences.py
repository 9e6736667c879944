"""Occurrences: each slot of a rhythm once, unique on rhythm and local slot, and the exceptions among them.

An exception is an occurrence that was made early: skipping a time makes it skipped, moving one makes it open with a
due instant of its own. The tick then finds the slot taken and leaves it as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.rhythm import Slot
from storage.db import UnitOfWork, table_of


class OccurrenceState(StrEnum):
    """How far an occurrence is; `late` is past its kind's grace and still to be said, `missed` was said."""

    OPEN = "open"
    PLANNED = "planned"
    LATE = "late"
    MISSED = "missed"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why an occurrence is skipped."""

    CALLED_OFF = "called_off"
    """A facilitator did."""
    FREE = "free"
    """It falls on a free day, whose name is in `free_day`."""
    PAUSED = "paused"
    """It was moved to a moment at which its rhythm is paused; when that ends before, it is open again."""
    STOPPED = "stopped"


class Occurrence(SQLModel, table=True):
    """One slot of a rhythm. The local wall time is the key, so no change of offset can repeat it.

    `moved_to` is the local wall time that it was moved to; `due_at` is always the instant at which it counts.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        sa.UniqueConstraint("rhythm_id", "local_slot"),
        sa.Index("ix_occurrence_state_due_at", "state", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rhythm_id: int = Field(foreign_key="rhythm.id")
    local_slot: str
    due_at: datetime
    state: str = OccurrenceState.OPEN
    reason: str = ""
    free_day: str = ""
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An occurrence to be made of a slot."""

    rhythm_id: int
    slot: Slot
    state: OccurrenceState
    reason: str = ""
    free_day: str = ""
    moved_to: str | None = None
    due_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """The row of it."""
        return {
            "rhythm_id": self.rhythm_id,
            "local_slot": self.slot.local,
            "due_at": self.due_at or self.slot.at,
            "state": self.state.value,
            "reason": self.reason,
            "free_day": self.free_day,
            "moved_to": self.moved_to,
        }


async def make(work: UnitOfWork, made: Sequence[Made]) -> int:
    """Store occurrences, and say how many were new; one whose slot is there already stays the one that was."""
    if not made:
        return 0
    insert = work.insert(Occurrence).values([one.row() for one in made])
    new = insert.on_conflict_do_nothing(index_elements=["rhythm_id", "local_slot"])
    return len((await work.run(new.returning(col(Occurrence.id)))).all())


async def taken(work: UnitOfWork, since: Mapping[int, str]) -> set[tuple[int, str]]:
    """List which slots are there already, by rhythm, from a local slot of each on."""
    if not since:
        return set()
    row = table_of(Occurrence).c
    query = sa.select(row.rhythm_id, row.local_slot).where(
        row.rhythm_id.in_(list(since)), row.local_slot >= min(since.values())
    )
    return {(one.rhythm_id, one.local_slot) for one in await work.run(query)}


async def at(work: UnitOfWork, rhythm_id: int, local: str) -> Occurrence | None:
    """Return the occurrence of a slot."""
    query = select(Occurrence).where(Occurrence.rhythm_id == rhythm_id, Occurrence.local_slot == local)
    return (await work.session.exec(query)).first()


async def before(work: UnitOfWork, rhythm_id: int, local: str) -> Occurrence | None:
    """Return the occurrence that comes before a slot."""
    query = select(Occurrence).where(Occurrence.rhythm_id == rhythm_id, Occurrence.local_slot < local)
    return (await work.session.exec(query.order_by(col(Occurrence.local_slot).desc()).limit(1))).first()


async def ahead(work: UnitOfWork, rhythm_id: int, since: str | None) -> list[Occurrence]:
    """List the exceptions that are still to come: slots from `since` on, and whatever is open."""
    still = col(Occurrence.state) == OccurrenceState.OPEN
    if since is not None:
        still = sa.or_(still, col(Occurrence.local_slot) >= since)
    query = select(Occurrence).where(Occurrence.rhythm_id == rhythm_id, still)
    return list((await work.session.exec(query.order_by(col(Occurrence.local_slot)))).all())


async def call_off(work: UnitOfWork, rhythm_id: int, slot: Slot) -> bool:
    """Skip one slot, also one that was moved; False when it is too late for that, or done already."""
    if await make(work, [Made(rhythm_id, slot, OccurrenceState.SKIPPED, Reason.CALLED_OFF)]):
        return True
    skip = sa.update(Occurrence).values(state=OccurrenceState.SKIPPED.value, reason=Reason.CALLED_OFF.value)
    moved = _of(rhythm_id, [OccurrenceState.OPEN], col(Occurrence.local_slot) == slot.local)
    return bool((await work.run(skip.where(moved))).rowcount)


async def move(work: UnitOfWork, rhythm_id: int, slot: Slot, to: datetime, at: datetime) -> bool:
    """Have one slot come at another wall time (naive) and its instant; False when it is an exception already."""
    local = to.isoformat(timespec="minutes")
    moved = Made(rhythm_id, slot, OccurrenceState.OPEN, moved_to=local, due_at=at)
    return bool(await make(work, [moved]))


async def hold(work: UnitOfWork, rhythm_id: int, reason: Reason, until: datetime | None = None) -> None:
    """Skip what was moved to a moment before `until`, or to any."""
    inside = () if until is None else (col(Occurrence.due_at) < until,)
    put = sa.update(Occurrence).where(_of(rhythm_id, [OccurrenceState.OPEN], *inside))
    await work.run(put.values(state=OccurrenceState.SKIPPED.value, reason=reason.value))


async def let_go(work: UnitOfWork, rhythm_id: int, now: datetime) -> None:
    """Open again what a pause held and is still to come."""
    held = col(Occurrence.reason) == Reason.PAUSED, col(Occurrence.due_at) > now
    put = sa.update(Occurrence).where(_of(rhythm_id, [OccurrenceState.SKIPPED], *held))
    await work.run(put.values(state=OccurrenceState.OPEN.value, reason=""))


@dataclass(frozen=True, slots=True)
class Missed:
    """What of a rhythm was missed and is now said: local slots, in order; `asked` when a later one was still asked."""

    slots: tuple[str, ...] = ()
    asked: bool = False


async def say_missed(work: UnitOfWork, rhythm_id: int) -> Missed:
    """Take everything of a rhythm that was missed and not said yet: said once, all of it together."""
    late = _of(rhythm_id, [OccurrenceState.LATE])
    put = sa.update(Occurrence).where(late).values(state=OccurrenceState.MISSED.value)
    found = sorted((await work.run(put.returning(col(Occurrence.local_slot)))).scalars())
    if not found:
        return Missed()
    going = _of(rhythm_id, [OccurrenceState.OPEN, OccurrenceState.PLANNED], col(Occurrence.local_slot) > found[-1])
    asked = (await work.run(sa.select(sa.exists().where(going, col(Occurrence.moved_to).is_(None))))).scalar()
    return Missed(tuple(found), bool(asked))


def _of(rhythm_id: int, states: Iterable[OccurrenceState], *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(col(Occurrence.rhythm_id) == rhythm_id, col(Occurrence.state).in_(list(states)), *more)
