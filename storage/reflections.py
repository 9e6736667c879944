"""Reflection: a cycle that was opened.

The reflections of those who take part, and their answers, private until shared.
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.reflection import State
from storage.db import UnitOfWork
from storage.people import key_of


class Cycle(SQLModel, table=True):
    """One reflection cycle of a community, for one member or for all."""

    __tablename__ = "reflection_cycle"

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    model: str
    opened_by: int = Field(foreign_key="member.id")
    for_all: bool = False
    opened_at: datetime


class Reflection(SQLModel, table=True):
    """One member's way through a cycle. What is in it only they see, unless `shared_at` is set."""

    __tablename__ = "reflection"
    __table_args__ = (sa.UniqueConstraint("cycle_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="reflection_cycle.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    state: str = State.OPEN
    shared_at: datetime | None = None
    look_back_on: date | None = None
    outcome: str | None = None


class ReflectionAnswer(SQLModel, table=True):
    """What a member answered to one step, sealed."""

    __tablename__ = "reflection_answer"
    __table_args__ = (sa.UniqueConstraint("reflection_id", "step"),)

    id: int | None = Field(default=None, primary_key=True)
    reflection_id: int = Field(foreign_key="reflection.id")
    step: int
    words: bytes


async def add(work: UnitOfWork, row: Cycle | Reflection) -> None:
    """Store a row, or what changed in it."""
    work.session.add(row)
    await work.session.flush()


async def get(work: UnitOfWork, reflection_id: int) -> tuple[Reflection, Cycle] | None:
    """Return a reflection with its cycle."""
    query = (
        select(Reflection, Cycle)
        .join(Cycle, col(Cycle.id) == col(Reflection.cycle_id))
        .where(Reflection.id == reflection_id)
    )
    return (await work.session.exec(query)).first()


async def cycle(work: UnitOfWork, cycle_id: int) -> Cycle | None:
    """Return a cycle."""
    return (await work.session.exec(select(Cycle).where(Cycle.id == cycle_id))).first()


async def answer(work: UnitOfWork, reflection_id: int, step: int, words: str) -> None:
    """Store the answer to a step, in place of an earlier one."""
    statement = work.insert(ReflectionAnswer).values(
        reflection_id=reflection_id, step=step, words=work.vault.seal(words)
    )
    await work.run(
        statement.on_conflict_do_update(
            index_elements=["reflection_id", "step"], set_={"words": statement.excluded.words}
        )
    )


async def answers(work: UnitOfWork, reflection_id: int) -> dict[int, str]:
    """Return the answers so far, by step."""
    query = select(ReflectionAnswer).where(ReflectionAnswer.reflection_id == reflection_id)
    rows = (await work.session.exec(query.order_by(col(ReflectionAnswer.step)))).all()
    return {row.step: work.vault.read(row.words) for row in rows}


async def last_begun(work: UnitOfWork, community_id: int) -> datetime | None:
    """Say when everyone of a community was last asked to reflect."""
    query = select(Cycle.opened_at).where(Cycle.community_id == community_id, col(Cycle.for_all).is_(True))
    return (await work.session.exec(query.order_by(col(Cycle.id).desc()).limit(1))).first()


async def progress(work: UnitOfWork, community_id: int) -> dict[str, int]:
    """Count, where everyone was asked, the `invited`, `begun` and `shared`: numbers only, for facilitators."""
    answered = select(ReflectionAnswer.id).where(col(ReflectionAnswer.reflection_id) == col(Reflection.id)).exists()
    query = (
        sa.select(
            sa.func.count().label("invited"),
            sa.func.count(sa.case((answered, 1))).label("begun"),
            sa.func.count(col(Reflection.shared_at)).label("shared"),
        )
        .select_from(Reflection)
        .join(Cycle, col(Cycle.id) == col(Reflection.cycle_id))
        .where(col(Cycle.community_id) == community_id, col(Cycle.for_all).is_(True))
    )
    row = (await work.run(query)).one()
    return {"invited": row.invited, "begun": row.begun, "shared": row.shared}


__all__ = ["Cycle", "Reflection", "key_of"]
