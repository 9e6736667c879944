"""People of a platform, and their membership of communities.

A person is one user of one workspace; a member is that person in one community. Preferences that go with the person
(language, zone) hold in every community (R58).
"""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from storage.db import UnitOfWork, table_of

SLICE = 25  # chosen: whom one transaction asks something; some 25 ms, so that others are not kept waiting


class Person(SQLModel, table=True):
    """A user of a platform. `chosen_*` is what they told Kring; the other is what the platform says."""

    __tablename__ = "person"
    __table_args__ = (sa.UniqueConstraint("platform", "workspace", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    workspace: str
    user_id: str
    name: str
    language: str | None = None
    timezone: str | None = None
    chosen_language: str | None = None
    chosen_timezone: str | None = None
    expects: str | None = None
    """The action that takes the next words they type in a direct message, if Kring asked something."""
    message_budget: int | None = None
    """How many unasked messages a week they chose; None is the usual."""
    quiet_hours: str | None = None
    """As in 18:00-08:00; None is the usual."""
    working_days: str | None = None
    """ISO weekdays, as in 1245; None is the usual."""
    paused_until_on: date | None = None
    unanswered: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Unasked messages in a row that they did nothing with. Never shown to anyone else, nor counted for anyone."""
    peace_asked: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether Kring asked, after four of those, if it should leave them in peace."""
    inactive_since: datetime | None = None
    """When their account was switched off; the memberships that ended at that moment come back with it."""


class Member(SQLModel, table=True):
    """A person in a community; `left_at` is set while they are not in it."""

    __tablename__ = "member"
    __table_args__ = (sa.UniqueConstraint("community_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    facilitator: bool = False
    joined_at: datetime
    left_at: datetime | None = None
    welcomed_at: datetime | None = None
    greeted_by: int | None = Field(default=None, foreign_key="member.id")
    """The facilitator who said they would say hello."""


_p = table_of(Person).c


def key_of(row: SQLModel) -> int:
    """Return the id of a row that is in the store."""
    found: int | None = getattr(row, "id", None)
    if found is None:
        message = f"{type(row).__name__} has not been stored yet"
        raise ValueError(message)
    return found


async def find(work: UnitOfWork, *, platform: str, workspace: str, user_id: str) -> Person | None:
    """Return the person, if Kring knows them."""
    found = await work.session.exec(
        select(Person).where(Person.platform == platform, Person.workspace == workspace, Person.user_id == user_id)
    )
    return found.first()


async def known(work: UnitOfWork, *, platform: str, workspace: str, user_id: str, **seen: str | None) -> Person:
    """Return the person, making or refreshing the row with what the platform says now (`name`.

    `language`, `timezone`).
    """
    found = await find(work, platform=platform, workspace=workspace, user_id=user_id)
    person = found or Person(platform=platform, workspace=workspace, user_id=user_id, name=user_id)
    for field, value in seen.items():
        if value:
            setattr(person, field, value)
    work.session.add(person)
    await work.session.flush()
    return person


async def member_of(work: UnitOfWork, community_id: int, person_id: int) -> Member | None:
    """Return the membership, also one that has ended."""
    found = await work.session.exec(
        select(Member).where(Member.community_id == community_id, Member.person_id == person_id)
    )
    return found.first()


async def join(work: UnitOfWork, community_id: int, person_id: int, *, at: datetime) -> Member:
    """Make the person a member from `at` on; a membership that had ended goes on."""
    member = await member_of(work, community_id, person_id)
    if member is None:
        member = Member(community_id=community_id, person_id=person_id, joined_at=at)
    elif member.left_at is not None:
        member.joined_at, member.left_at = at, None
    work.session.add(member)
    await work.session.flush()
    return member


async def switch_off(work: UnitOfWork, person: Person, *, at: datetime) -> None:
    """End every membership of someone whose account was switched off."""
    person.inactive_since = at
    work.session.add(person)
    going = (col(Member.person_id) == person.id, col(Member.left_at).is_(None))
    await work.run(sa.update(Member).where(*going).values(left_at=at))


async def switch_on(work: UnitOfWork, person: Person) -> None:
    """Let the memberships go on that ended when the account was switched off."""
    ended = (col(Member.person_id) == person.id, col(Member.left_at) == person.inactive_since)
    await work.run(sa.update(Member).where(*ended).values(left_at=None))
    person.inactive_since = None
    work.session.add(person)


async def present(work: UnitOfWork, community_id: int, *, facilitators: bool = False) -> list[tuple[Member, Person]]:
    """List who is in a community now, with their person, in order of joining; or only its facilitators."""
    query = (
        select(Member, Person)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(Member.community_id == community_id, col(Member.left_at).is_(None))
        .order_by(col(Member.joined_at), col(Member.id))
    )
    if facilitators:
        query = query.where(col(Member.facilitator).is_(True))
    return list((await work.session.exec(query)).all())


async def some_present(work: UnitOfWork, community_id: int, *, after: int, by: datetime) -> list[tuple[Member, Person]]:
    """List the next `SLICE` members by id of who came at `by` or before and is there now, with their person."""
    query = (
        select(Member, Person)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(
            Member.community_id == community_id, col(Member.left_at).is_(None), Member.joined_at <= by,
            col(Member.id) > after,
        )
        .order_by(col(Member.id))
        .limit(SLICE)
    )  # fmt: skip
    return list((await work.session.exec(query)).all())


async def count_present(work: UnitOfWork, community_id: int) -> int:
    """Count who is in a community now."""
    query = select(sa.func.count()).where(Member.community_id == community_id, col(Member.left_at).is_(None))
    return int((await work.session.exec(query)).one())


async def expect(work: UnitOfWork, platform: str, workspace: str, words: Mapping[str, str]) -> None:
    """Have what these users type next in a direct message taken by an action, by user id."""
    if not words:
        return
    await work.flush()
    mine = sa.and_(_p.platform == platform, _p.workspace == workspace, _p.user_id == sa.bindparam("who"))
    one = sa.update(table_of(Person)).where(mine).values(expects=sa.bindparam("action"))
    await work.connection.execute(one, [{"who": who, "action": action} for who, action in words.items()])


async def person_of(work: UnitOfWork, member_id: int) -> Person:
    """Return the person behind a member."""
    query = select(Person).join(Member, col(Member.person_id) == col(Person.id)).where(Member.id == member_id)
    return (await work.session.exec(query)).one()


async def get_member(work: UnitOfWork, member_id: int) -> Member | None:
    """Return a member."""
    return (await work.session.exec(select(Member).where(Member.id == member_id))).first()
