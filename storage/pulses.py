"""Energy: the pulses of a community, and the journal of one person.

The answer to a pulse is a row with a random token and a day, without its author; who answered is another table, that is
emptied when the pulse closes (handbook, Energy 5.2.6). Neither table keeps the order in which rows came: both are
stored by their random or member key on SQLite, and rewritten in random order on PostgreSQL, where a row's place and
transaction would otherwise tie the two together.
"""

import random
import secrets
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from storage.db import UnitOfWork, table_of
from storage.people import key_of

_shuffle = random.SystemRandom().shuffle


class Pulse(SQLModel, table=True):
    """One time the community is asked for its energy; `closed_at` is set when nothing more is taken."""

    __tablename__ = "energy_pulse"

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    invited: int = 0
    min_n: int = 5


class PulseScore(SQLModel, table=True):
    """An answer without an author."""

    __tablename__ = "energy_pulse_score"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: str = Field(primary_key=True)
    pulse_id: int = Field(foreign_key="energy_pulse.id", index=True)
    score: int
    on: date


class PulseVoter(SQLModel, table=True):
    """Who has answered, so that nobody answers twice; emptied at the closing."""

    __tablename__ = "energy_pulse_voter"
    __table_args__ = ({"sqlite_with_rowid": False},)

    pulse_id: int = Field(foreign_key="energy_pulse.id", primary_key=True)
    member_id: int = Field(foreign_key="member.id", primary_key=True)


class EnergyNote(SQLModel, table=True):
    """One's own energy, logged for oneself alone: score and note are sealed together."""

    __tablename__ = "energy_note"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    at: datetime
    sealed: bytes


async def add(work: UnitOfWork, pulse: Pulse) -> None:
    """Store a pulse, or what changed in it."""
    work.session.add(pulse)
    await work.session.flush()


async def get(work: UnitOfWork, pulse_id: int) -> Pulse | None:
    """Return a pulse."""
    return (await work.session.exec(select(Pulse).where(Pulse.id == pulse_id))).first()


async def latest(work: UnitOfWork, community_id: int, limit: int = 8) -> list[Pulse]:
    """List the last pulses of a community, newest first."""
    query = select(Pulse).where(Pulse.community_id == community_id).order_by(col(Pulse.id).desc()).limit(limit)
    return list((await work.session.exec(query)).all())


async def voted(work: UnitOfWork, pulse_id: int, member_id: int) -> bool:
    """Mark a member as having had their turn; False when they had it already, or when the pulse has closed.

    The pulse is locked, so that its votes and its closing wait for each other; on SQLite all transactions do.
    """
    taking = sa.select(col(Pulse.id)).where(col(Pulse.id) == pulse_id, col(Pulse.closed_at).is_(None))
    if (await work.run(taking.with_for_update(key_share=True))).first() is None:
        return False
    statement = work.insert(PulseVoter).values(pulse_id=pulse_id, member_id=member_id).on_conflict_do_nothing()
    return (await work.run(statement.returning(PulseVoter.member_id))).first() is not None


async def has_voted(work: UnitOfWork, pulse_id: int, member_id: int) -> bool:
    """Say whether a member has had their turn."""
    query = select(PulseVoter).where(PulseVoter.pulse_id == pulse_id, PulseVoter.member_id == member_id)
    return (await work.session.exec(query)).first() is not None


async def score(work: UnitOfWork, pulse_id: int, value: int, *, on: date) -> None:
    """Store an answer that leads to nobody."""
    work.session.add(PulseScore(token=secrets.token_hex(16), pulse_id=pulse_id, score=value, on=on))
    await work.session.flush()
    await _shuffled(work, pulse_id)


async def _shuffled(work: UnitOfWork, pulse_id: int) -> None:
    """Write both tables anew in random order: on PostgreSQL the place of a row tells when it came."""
    for table in (PulseScore, PulseVoter):
        columns = table_of(table)
        rows = [dict(row._mapping) for row in await work.run(sa.select(columns).where(columns.c.pulse_id == pulse_id))]  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        _shuffle(rows)
        await work.run(sa.delete(table).where(columns.c.pulse_id == pulse_id))
        if rows:
            await work.run(sa.insert(table).values(rows))


async def scores(work: UnitOfWork, pulse_id: int) -> list[int]:
    """Return the answers, lowest first, so that their order says nothing."""
    query = select(PulseScore.score).where(PulseScore.pulse_id == pulse_id).order_by(col(PulseScore.score))
    return list((await work.session.exec(query)).all())


async def close(work: UnitOfWork, pulse: Pulse, *, at: datetime) -> None:
    """Take nothing more, and forget who answered."""
    pulse.closed_at = at
    work.session.add(pulse)
    await work.run(sa.delete(PulseVoter).where(col(PulseVoter.pulse_id) == pulse.id))


async def log(work: UnitOfWork, person_id: int, value: int, note: str, *, at: datetime) -> None:
    """Write in a person's own journal."""
    work.session.add(EnergyNote(person_id=person_id, at=at, sealed=work.vault.seal(f"{value} {note}".strip())))
    await work.session.flush()


async def journal(work: UnitOfWork, person_id: int, limit: int = 8) -> list[tuple[datetime, int]]:
    """Return the last scores of a person's own journal, newest first."""
    query = select(EnergyNote).where(EnergyNote.person_id == person_id).order_by(col(EnergyNote.id).desc())
    rows = (await work.session.exec(query.limit(limit))).all()
    return [(row.at, int(work.vault.read(row.sealed).split(" ", 1)[0])) for row in rows]


__all__ = ["Pulse", "key_of"]
