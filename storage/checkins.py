"""Check-ins: the question that a rhythm asks, its runs, and what members answered."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.checkin import RunState
from storage.db import UnitOfWork
from storage.people import Member, Person, key_of


class CheckIn(SQLModel, table=True):
    """A question for a community, with its rhythm. `options` is a JSON list; empty means an answer in words."""

    __tablename__ = "check_in"

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    rhythm_id: int | None = Field(default=None, foreign_key="rhythm.id")
    question: str
    options: str = "[]"
    created_at: datetime

    def choices(self) -> list[str]:
        """List the answers one can tap; none for an answer in words."""
        return list(json.loads(self.options))


class Run(SQLModel, table=True):
    """One time that a check-in is asked: from its root post until it closes."""

    __tablename__ = "check_in_run"
    __table_args__ = (sa.UniqueConstraint("check_in_id", "local_slot"),)

    id: int | None = Field(default=None, primary_key=True)
    check_in_id: int = Field(foreign_key="check_in.id", index=True)
    local_slot: str
    opened_at: datetime
    closes_at: datetime
    state: str = RunState.OPEN
    summed: bool = False
    """Whether the summary has been posted; from then on it is updated."""


class Answer(SQLModel, table=True):
    """One member's answer in one run.

    Words (sealed), or an option, or skipped. `typed` was written in the thread itself.
    """

    __tablename__ = "check_in_answer"
    __table_args__ = (sa.UniqueConstraint("run_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="check_in_run.id")
    member_id: int = Field(foreign_key="member.id")
    words: bytes | None = None
    option: int | None = None
    skipped: bool = False
    typed: bool = False
    at: datetime


async def add(work: UnitOfWork, row: CheckIn | Run | Answer) -> None:
    """Store a row, or what changed in it."""
    work.session.add(row)
    await work.session.flush()


async def get(work: UnitOfWork, check_in_id: int) -> CheckIn | None:
    """Return a check-in."""
    return (await work.session.exec(select(CheckIn).where(CheckIn.id == check_in_id))).first()


async def of_community(work: UnitOfWork, community_id: int) -> list[CheckIn]:
    """List the check-ins of a community, oldest first."""
    query = select(CheckIn).where(CheckIn.community_id == community_id).order_by(col(CheckIn.id))
    return list((await work.session.exec(query)).all())


async def run_of(work: UnitOfWork, run_id: int) -> tuple[Run, CheckIn] | None:
    """Return a run with its check-in."""
    query = select(Run, CheckIn).join(CheckIn, col(CheckIn.id) == col(Run.check_in_id)).where(Run.id == run_id)
    return (await work.session.exec(query)).first()


async def answer_of(work: UnitOfWork, run_id: int, member_id: int) -> Answer | None:
    """Return a member's answer in a run."""
    query = select(Answer).where(Answer.run_id == run_id, Answer.member_id == member_id)
    return (await work.session.exec(query)).first()


async def answers_of(work: UnitOfWork, run_id: int) -> list[tuple[Answer, Person]]:
    """List the answers of a run that are to be shown, with who gave them, in the order they came."""
    query = (
        select(Answer, Person)
        .join(Member, col(Member.id) == col(Answer.member_id))
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(Answer.run_id == run_id, col(Answer.skipped).is_(False))
        .order_by(col(Answer.at), col(Answer.id))
    )
    return list((await work.session.exec(query)).all())


__all__ = ["Answer", "CheckIn", "Run", "key_of"]
