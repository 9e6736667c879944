"""Timers: what is due once, such as a closing, by kind and subject; never by the name of a function."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from storage.db import UnitOfWork


class Timer(SQLModel, table=True):
    """Something that is due once. `arg` is for its kind: how far a fan-out has come, for instance."""

    __tablename__ = "timer"
    __table_args__ = (sa.UniqueConstraint("kind", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id")
    kind: str
    subject_id: int
    arg: str = ""
    due_at: datetime = Field(index=True)


async def set_timer(
    work: UnitOfWork, kind: str, subject_id: int, *, community_id: int, due_at: datetime, arg: str = ""
) -> None:
    """Ask to be rung once for this subject; setting it again moves it."""
    values = {"community_id": community_id, "kind": kind, "subject_id": subject_id, "arg": arg, "due_at": due_at}
    statement = work.insert(Timer).values(values)
    moved = {"due_at": statement.excluded.due_at, "arg": statement.excluded.arg}
    await work.run(statement.on_conflict_do_update(index_elements=["kind", "subject_id"], set_=moved))


async def ring_now(
    work: UnitOfWork, kind: str, subject_id: int, *, community_id: int, now: datetime, arg: str = ""
) -> None:
    """Ask to be rung as soon as this is committed: for what is done in slices, each in a transaction of its own.

    The handler of a slice calls this again, with in `arg` where the next one begins.
    """
    await set_timer(work, kind, subject_id, community_id=community_id, due_at=now, arg=arg)
    work.ring()


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
