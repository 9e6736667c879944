"""Unasked messages to persons (nudges): what each had lately, and what is held back until there is room.

One row a message, over all communities of a person (R58). What a held message says is in its delivery, sealed. Nothing
of this is asked for anyone but the person. Core, not the ORM, where a whole community is nudged at once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.message_budget import REMEMBERED, Importance, Standing
from bot.domain.quiet_hours import NIGHT, WORKING_DAYS, Quiet, Window
from storage.communities import Community
from storage.db import UnitOfWork, table_of
from storage.people import Member, Person, key_of
from storage.timers import Timer

RELEASE = "me.release"
"""The timer's kind: look at what is held back in a community."""
KEPT = 2 * REMEMBERED
"""For how long a settled row is kept: twice as long as anything looks back, for a delivery that is planned again."""


class NudgeState(StrEnum):
    """What became of an unasked message."""

    HELD = "held"
    LISTED = "listed"  # named in a message about several; shown when they ask for it
    SENT = "sent"  # counts in the budget
    SHOWN = "shown"  # they asked for it, so it does not count
    DROPPED = "dropped"  # too late, or not for them any more


class Nudge(SQLModel, table=True):
    """One unasked message, by the dedupe key of its delivery."""

    __tablename__ = "nudge"
    __table_args__ = (
        sa.Index("ix_nudge_community_id_look_at", "community_id", "look_at"),
        sa.Index("ix_nudge_person_id_at", "person_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    dedupe_key: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id")
    community_id: int = Field(foreign_key="community.id")
    importance: int
    state: str
    at: datetime
    """When it was sent; until then, when it was wanted."""
    look_at: datetime | None = None
    """When what waits is looked at again; empty for what does not wait any more."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits. `alive` is False when it is of no use any more: too late, or they left the community."""

    nudge: Nudge
    alive: bool


_nudge, _person, _timer = table_of(Nudge), table_of(Person), table_of(Timer)
_n, _p, _t = _nudge.c, _person.c, _timer.c


async def addressed(
    work: UnitOfWork, platform: str, workspace: str, user_ids: Collection[str], zone: str, now: datetime
) -> dict[str, tuple[int, Standing]]:
    """Return whom Kring knows of these users: their row's id and where they stand, by user id.

    Their rows are locked, so that two who write to one person at once do not both take the last room.
    """
    query = sa.select(_person).where(_p.platform == platform, _p.workspace == workspace, _p.user_id.in_(user_ids))
    rows = (await work.run(query.order_by(_p.id).with_for_update(key_share=True))).all()
    standings = await standing(work, rows, zone, now)
    return {row.user_id: (row.id, standings[row.id]) for row in rows}


async def standing(work: UnitOfWork, persons: Iterable[Any], zone: str, now: datetime) -> dict[int, Standing]:
    """Say where persons stand (rows or `Person`s), by id; `zone` is for who did not set one of their own."""
    known = {person.id: person for person in persons}
    sent: dict[int, list[datetime]] = {number: [] for number in known}
    lately = sa.select(_n.person_id, _n.at).where(
        _n.person_id.in_(known), _n.at > now - REMEMBERED, _n.state == NudgeState.SENT
    )
    for row in await work.run(lately):
        sent[row.person_id].append(row.at)
    return {number: _standing(person, zone, sent[number]) for number, person in known.items()}


def _standing(person: Any, zone: str, sent: Sequence[datetime]) -> Standing:  # noqa: ANN401 - a row or a `Person`, with the same columns
    return Standing(
        ZoneInfo(person.chosen_timezone or zone),
        Window(quiet_of(person.quiet_hours), days_of(person.working_days), person.paused_until_on),
        person.message_budget,
        person.unanswered,
        person.peace_asked,
        tuple(sent),
    )


def quiet_of(kept: str | None) -> Quiet:
    """Read quiet hours as they are kept."""
    return Quiet(*(time.fromisoformat(part) for part in kept.split("-"))) if kept else NIGHT


def days_of(kept: str | None) -> frozenset[int]:
    """Read working days as they are kept."""
    return frozenset(int(day) for day in kept) if kept else WORKING_DAYS


async def add(work: UnitOfWork, rows: Sequence[Mapping[str, object]]) -> set[str]:
    """Store unasked messages, and return the keys that are new; the others were there already."""
    if not rows:
        return set()
    await work.flush()
    # The rows beside the statement, not in it: it is then built once, however many they are.
    statement = work.insert(Nudge).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(_n.dedupe_key)
    return set((await work.connection.execute(statement, [dict(row) for row in rows])).scalars())


async def count_unanswered(work: UnitOfWork, asked: Mapping[int, int]) -> None:
    """Count so many more messages in a row that a person did nothing with, by id, until they do."""
    for times in set(asked.values()):
        mine = [person_id for person_id, count in asked.items() if count == times]
        more = sa.update(Person).where(_p.id.in_(mine)).values(unanswered=_p.unanswered + times)
        await work.run(more.execution_options(synchronize_session=False))


async def ring(work: UnitOfWork, community_id: int) -> None:
    """Have the clock ring when the first message that waits in a community must be looked at; sooner stays sooner."""
    first = sa.select(sa.func.min(_n.look_at)).where(_n.community_id == community_id, _n.look_at.is_not(None))
    at: datetime | None = (await work.run(first)).scalar()
    if at is None:
        return
    statement = work.insert(Timer).values(community_id=community_id, kind=RELEASE, subject_id=community_id, due_at=at)
    new = statement.excluded.due_at
    sooner = sa.case((_t.due_at < new, _t.due_at), else_=new)
    await work.run(statement.on_conflict_do_update(index_elements=["kind", "subject_id"], set_={"due_at": sooner}))


async def due(work: UnitOfWork, community_id: int, now: datetime, limit: int) -> list[Person]:
    """List persons for whom something waits here that must be looked at, locked, at most `limit`."""
    here = sa.select(_n.person_id).where(_n.community_id == community_id, _n.look_at <= now)
    query = select(Person).where(col(Person.id).in_(here)).order_by(col(Person.id)).limit(limit)
    return list((await work.session.exec(query.with_for_update(key_share=True))).all())


async def waiting(work: UnitOfWork, person_ids: Collection[int], now: datetime) -> list[Waiting]:
    """List what waits for these persons, in every community, the most important first."""
    still = sa.and_(
        col(Member.person_id) == _n.person_id,
        col(Member.community_id) == _n.community_id,
        col(Member.left_at).is_(None),
        col(Community.left_at).is_(None),
    )
    member = sa.exists().where(still, col(Community.id) == col(Member.community_id))
    query = (
        select(Nudge, sa.and_(member, _n.expires_at > now))
        .where(_n.person_id.in_(person_ids), _n.look_at.is_not(None))
        .order_by(_n.importance, _n.id)
    )
    return [Waiting(nudge, bool(alive)) for nudge, alive in (await work.session.exec(query)).all()]


async def get(work: UnitOfWork, nudge_id: int) -> Nudge | None:
    """Return an unasked message."""
    return (await work.session.exec(select(Nudge).where(Nudge.id == nudge_id))).first()


async def overtaken(work: UnitOfWork, keys: Collection[str]) -> None:
    """Drop messages that wait: what they were about was settled meanwhile."""
    if keys:
        mine = sa.update(Nudge).where(_n.dedupe_key.in_(keys), _n.look_at.is_not(None))
        settled = mine.values(state=NudgeState.DROPPED.value, look_at=None)
        await work.run(settled.execution_options(synchronize_session=False))


async def stir(work: UnitOfWork, person_id: int, now: datetime) -> None:
    """Look again at everything that is held back for a person: something changed for them."""
    mine = sa.update(Nudge).where(_n.person_id == person_id, _n.state == NudgeState.HELD)
    stirred = mine.values(look_at=now).returning(_n.community_id)
    for community_id in set((await work.run(stirred.execution_options(synchronize_session=False))).scalars()):
        await ring(work, community_id)


async def answered(work: UnitOfWork, person: Person, now: datetime) -> None:
    """Begin counting anew: this person did something, so Kring is not talking to a wall."""
    person.unanswered, person.peace_asked = 0, False
    work.session.add(person)
    await stir(work, key_of(person), now)


async def forget(work: UnitOfWork, person_ids: Collection[int], now: datetime) -> None:
    """Erase what these persons had long ago: nothing looks back that far."""
    old = sa.and_(_n.person_id.in_(person_ids), _n.at < now - KEPT, _n.look_at.is_(None))
    await work.run(sa.delete(Nudge).where(old).execution_options(synchronize_session=False))


def a_row(
    key: str, person_id: int, community_id: int, importance: Importance, now: datetime, expires_at: datetime
) -> dict[str, Any]:
    """Make the row of a message that is sent now."""
    return {
        "dedupe_key": key,
        "person_id": person_id,
        "community_id": community_id,
        "importance": int(importance),
        "state": NudgeState.SENT.value,
        "at": now,
        "look_at": None,
        "expires_at": expires_at,
    }
