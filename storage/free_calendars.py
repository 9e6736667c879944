"""Calendars on the web that a community keeps free: given, read by one process at a time, seen, confirmed, removed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from bot.domain.free_calendar import REREAD_AFTER, RETRY_AFTER, TELL_AFTER, Trouble, Understood, host_of
from bot.domain.free_days import Period
from storage.communities import Community
from storage.db import UnitOfWork, epoch
from storage.free_days import CalendarState, FreeCalendar, FreePeriod
from storage.people import key_of

LEASE_SECONDS = 120.0  # longer than fetching and reading may take together
READ = "read"


async def add(
    work: UnitOfWork, community_id: int, person_id: int, *, link: str, name: str, now: datetime
) -> FreeCalendar:
    """Keep a link, sealed, to be read as soon as can be; without a name it is called after its host."""
    row = FreeCalendar(
        community_id=community_id,
        person_id=person_id,
        name=name,
        host=host_of(link),
        link=work.vault.seal(link),
        fetch_at=now,
    )
    work.session.add(row)
    await work.session.flush()
    return row


async def get(work: UnitOfWork, calendar_id: int) -> FreeCalendar | None:
    """Return a calendar."""
    return (await work.session.exec(select(FreeCalendar).where(FreeCalendar.id == calendar_id))).first()


async def of_community(work: UnitOfWork, community_id: int) -> list[FreeCalendar]:
    """List the calendars of a community, oldest first, those that wait to be read or confirmed included."""
    query = select(FreeCalendar).where(FreeCalendar.community_id == community_id).order_by(col(FreeCalendar.id))
    return list((await work.session.exec(query)).all())


async def periods(work: UnitOfWork, calendar_id: int) -> list[Period]:
    """List what was read in a calendar, by date."""
    query = select(FreePeriod).where(FreePeriod.calendar_id == calendar_id)
    rows = await work.session.exec(query.order_by(col(FreePeriod.first_on), col(FreePeriod.id)))
    return [row.period for row in rows.all()]


async def confirm(work: UnitOfWork, calendar: FreeCalendar, *, now: datetime) -> None:
    """Let its periods count, and read it again in a week."""
    calendar.state, calendar.fetch_at = CalendarState.ACTIVE, now + REREAD_AFTER
    work.session.add(calendar)
    await work.session.flush()


async def remove(work: UnitOfWork, calendar: FreeCalendar) -> None:
    """Forget a calendar, its link and its periods."""
    await work.run(sa.delete(FreePeriod).where(col(FreePeriod.calendar_id) == calendar.id))
    await work.run(sa.delete(FreeCalendar).where(col(FreeCalendar.id) == calendar.id))


async def claim(work: UnitOfWork, now: datetime) -> tuple[FreeCalendar, str] | None:
    """Take the calendar that waits longest to be read, with the zone of its community, for as long as a lease lasts."""
    query = (
        select(FreeCalendar, Community.timezone)
        .join(Community, col(Community.id) == col(FreeCalendar.community_id))
        .where(
            col(FreeCalendar.fetch_at) <= now,
            col(FreeCalendar.lease_until) < epoch(),
            col(Community.left_at).is_(None),
        )
        .order_by(col(FreeCalendar.fetch_at), col(FreeCalendar.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=FreeCalendar)
    )
    found = (await work.session.exec(query)).first()
    if found:
        until = {"lease_until": epoch() + LEASE_SECONDS}
        await work.run(sa.update(FreeCalendar).where(col(FreeCalendar.id) == found[0].id).values(until))
    return found


async def record(work: UnitOfWork, calendar_id: int, read: Understood | Trouble, *, now: datetime, today: date) -> bool:
    """Keep how a reading went; say whether a facilitator must hear of it now.

    That is: after the first reading, however it went, and when a calendar that counts could not be read for the
    `TELL_AFTER`th time in a row. Such a calendar keeps what was known of it.
    """
    query = select(FreeCalendar).where(FreeCalendar.id == calendar_id).with_for_update()
    calendar = (await work.session.exec(query.execution_options(populate_existing=True))).first()
    if calendar is None:
        return False
    first = calendar.state == CalendarState.WANTED
    calendar.lease_until, calendar.fetched_at, calendar.fetch_at = 0.0, now, None
    if isinstance(read, Understood):
        await _replace(work, calendar, read, today)
        calendar.outcome, calendar.failures = READ, 0
    else:
        calendar.outcome, calendar.failures = read.value, calendar.failures + 1
    if first and isinstance(read, Understood):
        calendar.state = CalendarState.SEEN
    elif not first:
        calendar.fetch_at = now + _pause(calendar.failures)
    work.session.add(calendar)
    return first or calendar.failures == TELL_AFTER


def _pause(failures: int) -> timedelta:
    return RETRY_AFTER if 0 < failures < TELL_AFTER else REREAD_AFTER


async def _replace(work: UnitOfWork, calendar: FreeCalendar, read: Understood, today: date) -> None:
    """Put what is coming in the place of what was known of it; what is over stays, for whoever looks back."""
    calendar.name = calendar.name or read.name or calendar.host
    calendar.left_out = read.left_out
    mine = col(FreePeriod.calendar_id) == calendar.id
    await work.run(sa.delete(FreePeriod).where(mine, col(FreePeriod.last_on) >= today))
    rows = [_row(calendar, period) for period in _ahead(read.periods, today)]
    if rows:
        await work.run(sa.insert(FreePeriod).values(rows))


def _ahead(periods: Sequence[Period], today: date) -> list[Period]:
    return [period for period in periods if period.last_on >= today]


def _row(calendar: FreeCalendar, period: Period) -> dict[str, object]:
    return {
        "community_id": calendar.community_id,
        "calendar_id": key_of(calendar),
        "name": period.name or calendar.name,
        "first_on": period.first_on,
        "last_on": period.last_on,
    }
