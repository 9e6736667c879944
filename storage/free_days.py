"""What a community keeps free: the country and school region it chose, its calendars, and periods by name.

A calendar's periods count only once a facilitator has seen what was understood and said yes. Names of periods are
readable, because they are told to the whole channel; the link of a calendar may hold a token, so it is sealed.
"""

from datetime import date, datetime
from enum import StrEnum
from functools import cache

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.free_days import FreeDays, Period, SchoolRegion
from storage.communities import Community
from storage.db import UnitOfWork
from storage.people import key_of

# A row that was removed leaves its number on old buttons, which must not come to mean another row.
_NEVER_AGAIN = {"sqlite_autoincrement": True}


class CalendarState(StrEnum):
    """How far a calendar is; only the periods of an active one count."""

    WANTED = "wanted"
    """Given by a facilitator, still to be read for the first time."""
    SEEN = "seen"
    """Read, and waiting for a facilitator to say that it was understood."""
    ACTIVE = "active"


class FreeChoice(SQLModel, table=True):
    """Whose public holidays and which school holidays a community keeps."""

    __tablename__ = "free_choice"

    community_id: int = Field(primary_key=True, foreign_key="community.id")
    country: str | None = None
    school_region: str | None = None


class FreeCalendar(SQLModel, table=True):
    """A calendar on the web whose days are free. `fetch_at` says when it is read next, `outcome` how that last went."""

    __tablename__ = "free_calendar"
    __table_args__ = _NEVER_AGAIN

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    """The facilitator who gave the link, and who is shown what was understood."""
    name: str
    host: str
    link: bytes
    state: str = CalendarState.WANTED
    fetch_at: datetime | None = Field(default=None, index=True)
    fetched_at: datetime | None = None
    outcome: str | None = None
    """"read", or why it could not be; empty until the first try."""
    failures: int = 0
    """How often in a row it could not be read."""
    left_out: int = 0
    """How many of its events make no day free."""
    lease_until: float = 0.0
    """Until when one process reads it, on the database's clock."""


class FreePeriod(SQLModel, table=True):
    """A period with a name; `calendar_id` is empty for one that was typed by hand."""

    __tablename__ = "free_period"
    __table_args__ = _NEVER_AGAIN

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    calendar_id: int | None = Field(default=None, foreign_key="free_calendar.id", index=True)
    name: str
    first_on: date
    last_on: date

    @property
    def period(self) -> Period:
        """The period as the domain knows it."""
        return Period(self.name, self.first_on, self.last_on)


async def of(work: UnitOfWork, community_id: int) -> FreeDays:
    """Return what a community keeps free, in its language; two statements."""
    here = {"community": community_id}
    chosen = (await work.run(_choice_query(), here)).mappings().one()
    periods = tuple(Period(**row) for row in (await work.run(_counting_query(), here)).mappings())
    region = chosen["school_region"]
    return FreeDays(chosen["country"], SchoolRegion(region) if region else None, periods, chosen["language"])


@cache
def _choice_query() -> sa.Select[str, str | None, str | None]:
    """Ask for the choice; built once, since every tick may ask."""
    return (
        sa.select(col(Community.language), col(FreeChoice.country), col(FreeChoice.school_region))
        .outerjoin(FreeChoice, col(FreeChoice.community_id) == col(Community.id))
        .where(col(Community.id) == sa.bindparam("community"))
    )


@cache
def _counting_query() -> sa.Select[str, date, date]:
    """Ask for the periods that count."""
    return (
        sa.select(col(FreePeriod.name), col(FreePeriod.first_on), col(FreePeriod.last_on))
        .outerjoin(FreeCalendar, col(FreeCalendar.id) == col(FreePeriod.calendar_id))
        .where(
            col(FreePeriod.community_id) == sa.bindparam("community"),
            sa.or_(col(FreePeriod.calendar_id).is_(None), col(FreeCalendar.state) == CalendarState.ACTIVE),
        )
        .order_by(col(FreePeriod.id))
    )


async def choose(work: UnitOfWork, community_id: int, *, country: str | None, region: SchoolRegion | None) -> None:
    """Keep these public and school holidays from now on, instead of those before."""
    values = {"country": country, "school_region": region.value if region else None}
    statement = work.insert(FreeChoice).values(community_id=community_id, **values)
    await work.run(statement.on_conflict_do_update(index_elements=["community_id"], set_=values))


async def by_hand(work: UnitOfWork, community_id: int) -> list[FreePeriod]:
    """List the periods that were typed, by date."""
    query = select(FreePeriod).where(FreePeriod.community_id == community_id, col(FreePeriod.calendar_id).is_(None))
    return list((await work.session.exec(query.order_by(col(FreePeriod.first_on), col(FreePeriod.id)))).all())


async def add_period(work: UnitOfWork, community_id: int, period: Period) -> int:
    """Keep a period free that was typed by hand, and return its id."""
    row = FreePeriod(community_id=community_id, name=period.name, first_on=period.first_on, last_on=period.last_on)
    work.session.add(row)
    await work.session.flush()
    return key_of(row)


async def remove_period(work: UnitOfWork, community_id: int, period_id: int) -> Period | None:
    """Take out a period that was typed by hand, and return it; None when it is gone, or another community's."""
    query = select(FreePeriod).where(
        FreePeriod.id == period_id,
        FreePeriod.community_id == community_id,
        col(FreePeriod.calendar_id).is_(None),
    )
    row = (await work.session.exec(query)).first()
    if row is None:
        return None
    await work.session.delete(row)
    return row.period
