"""Calendars in the store: read by one at a time, counted once confirmed, kept when they cannot be read any more."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from bot.domain.free_calendar import REREAD_AFTER, RETRY_AFTER, TELL_AFTER, Trouble, Understood
from bot.domain.free_days import Period
from storage import free_calendars, free_days
from storage.db import Store
from storage.free_days import CalendarState, FreeCalendar
from storage.people import key_of
from tests.storage.rows import NOW, look, look_one, run, some_members

LINK = "https://rooster.example.org/jaar.ics?token=sesame"
TODAY = NOW.date()
EXAMS = Period("Tentamens", date(2026, 11, 9), date(2026, 11, 13))
CHRISTMAS = Period("Kerst", date(2026, 12, 21), date(2027, 1, 3))
RUNNING = Period("Loopt al", date(2026, 10, 30), date(2026, 11, 3))
OVER = Period("Herfst", date(2026, 10, 19), date(2026, 10, 23))


async def given(store: Store, *, name: str = "") -> int:
    """A facilitator has just given the link of a calendar."""
    if not await look_one(store, "select count(*) from community"):
        await some_members(store, 1)
    community = await look_one(store, "select id from community")
    person = await look_one(store, "select id from person")
    async with store.begin() as work:
        row = await free_calendars.add(work, community, person, link=LINK, name=name, now=NOW)
        return key_of(row)


async def claim(store: Store, now: datetime = NOW) -> int | None:
    async with store.begin() as work:
        found = await free_calendars.claim(work, now)
        return found[0].id if found else None


async def record(
    store: Store, calendar: int, read: Sequence[Period] | Trouble, now: datetime = NOW, *, left_out: int = 0
) -> bool:
    outcome = read if isinstance(read, Trouble) else Understood("Rooster", tuple(read), left_out)
    async with store.begin() as work:
        return await free_calendars.record(work, calendar, outcome, now=now, today=now.date())


async def confirmed(store: Store, *periods: Period) -> int:
    calendar = await given(store)
    await record(store, calendar, periods)
    async with store.begin() as work:
        row = await free_calendars.get(work, calendar)
        assert row
        await free_calendars.confirm(work, row, now=NOW)
    return calendar


async def got(store: Store, calendar: int) -> FreeCalendar:
    async with store.begin() as work:
        row = await free_calendars.get(work, calendar)
    assert row
    return row


async def counted(store: Store) -> tuple[Period, ...]:
    community = await look_one(store, "select id from community")
    async with store.begin() as work:
        return (await free_days.of(work, community)).periods


async def test_a_link_is_kept_sealed_and_its_host_readable(store: Store) -> None:
    calendar = await given(store)

    row = await got(store, calendar)

    assert b"sesame" not in row.link
    assert store.vault.read(row.link) == LINK
    assert (row.host, row.state, row.outcome) == ("rooster.example.org", CalendarState.WANTED, None)


async def test_a_calendar_that_waits_is_claimed_by_one_until_the_lease_ends(store: Store) -> None:
    calendar = await given(store)

    claimed = [await claim(store) for _ in range(2)]
    await run(store, "update free_calendar set lease_until = 1")
    claimed.append(await claim(store))

    assert claimed == [calendar, None, calendar]


async def test_the_one_that_waits_longest_is_claimed_first(store: Store) -> None:
    one, other = await given(store), await given(store)
    async with store.begin() as work:
        row = await free_calendars.get(work, other)
        assert row
        row.fetch_at = NOW - timedelta(days=1)

    assert [await claim(store) for _ in range(3)] == [other, one, None]


async def test_nothing_is_claimed_before_its_time_or_for_a_channel_that_kring_was_taken_out_of(store: Store) -> None:
    await given(store)
    early = await claim(store, NOW - timedelta(seconds=1))
    await run(store, "update community set left_at = created_at")

    assert [early, await claim(store)] == [None, None]


@pytest.mark.xdist_group("postgres")
async def test_processes_that_look_at_once_claim_each_calendar_once(postgres_store: Store) -> None:
    calendars = [await given(postgres_store) for _ in range(3)]

    claimed = await asyncio.gather(*(claim(postgres_store) for _ in range(6)))
    claimed += [await claim(postgres_store) for _ in range(3)]

    assert sorted(found for found in claimed if found) == calendars


async def test_the_first_reading_is_told_and_waits_to_be_confirmed(store: Store) -> None:
    calendar = await given(store)

    tell = await record(store, calendar, [CHRISTMAS, EXAMS], left_out=7)

    row = await got(store, calendar)
    assert tell
    assert (row.state, row.name, row.left_out, row.fetch_at) == (CalendarState.SEEN, "Rooster", 7, None)
    assert row.outcome == free_calendars.READ
    assert await counted(store) == ()
    async with store.begin() as work:
        assert await free_calendars.periods(work, calendar) == [EXAMS, CHRISTMAS]


async def test_the_name_that_was_typed_wins(store: Store) -> None:
    calendar = await given(store, name="Ons jaar")

    await record(store, calendar, [Period("", EXAMS.first_on, EXAMS.last_on)])

    assert (await got(store, calendar)).name == "Ons jaar"
    async with store.begin() as work:
        assert [period.name for period in await free_calendars.periods(work, calendar)] == ["Ons jaar"]


async def test_what_was_confirmed_counts_and_is_read_again_in_a_week(store: Store) -> None:
    calendar = await confirmed(store, EXAMS)

    assert await counted(store) == (EXAMS,)
    assert (await got(store, calendar)).fetch_at == NOW + REREAD_AFTER
    assert [await claim(store), await claim(store, NOW + REREAD_AFTER)] == [None, calendar]


async def test_reading_again_replaces_what_is_coming_keeps_what_is_over_and_says_nothing(store: Store) -> None:
    calendar = await confirmed(store, EXAMS)
    later = NOW + timedelta(days=14)

    told = await record(store, calendar, [CHRISTMAS], later)

    assert not told
    assert await counted(store) == (EXAMS, CHRISTMAS)
    assert (await got(store, calendar)).fetch_at == later + REREAD_AFTER


async def test_what_runs_today_is_replaced_and_not_doubled(store: Store) -> None:
    calendar = await confirmed(store, OVER, RUNNING, EXAMS)

    await record(store, calendar, [RUNNING, CHRISTMAS])

    assert await counted(store) == (RUNNING, CHRISTMAS)


async def test_a_calendar_that_cannot_be_read_any_more_keeps_what_was_known_and_is_told_once(store: Store) -> None:
    calendar = await confirmed(store, EXAMS)

    told, pauses = [], []
    for _ in range(TELL_AFTER + 2):
        told.append(await record(store, calendar, Trouble.GONE))
        pauses.append(((await got(store, calendar)).fetch_at or NOW) - NOW)

    assert told == [False, False, True, False, False]
    assert pauses == [RETRY_AFTER, RETRY_AFTER, REREAD_AFTER, REREAD_AFTER, REREAD_AFTER]
    assert await counted(store) == (EXAMS,)
    assert (await got(store, calendar)).outcome == Trouble.GONE


async def test_a_calendar_that_can_be_read_again_begins_to_count_anew(store: Store) -> None:
    calendar = await confirmed(store, EXAMS)
    outcomes: list[Sequence[Period] | Trouble] = [Trouble.GONE, Trouble.GONE, [EXAMS], Trouble.GONE, Trouble.GONE]

    told = [await record(store, calendar, outcome) for outcome in outcomes]

    assert told == [False] * 5
    assert (await got(store, calendar)).failures == 2


async def test_a_link_that_never_worked_is_told_and_not_tried_again(store: Store) -> None:
    calendar = await given(store)

    told = await record(store, calendar, Trouble.NO_CALENDAR)

    row = await got(store, calendar)
    assert told
    assert (row.state, row.outcome, row.fetch_at) == (CalendarState.WANTED, Trouble.NO_CALENDAR, None)


async def test_a_calendar_that_was_removed_leaves_nothing_behind(store: Store) -> None:
    calendar = await confirmed(store, EXAMS)
    row = await got(store, calendar)

    async with store.begin() as work:
        await free_calendars.remove(work, row)

    assert not await record(store, calendar, [EXAMS])
    assert await look(store, "select * from free_calendar") == await look(store, "select * from free_period") == []


async def test_a_number_on_an_old_button_never_comes_to_mean_another_calendar(store: Store) -> None:
    removed = await confirmed(store, EXAMS)
    row = await got(store, removed)
    async with store.begin() as work:
        await free_calendars.remove(work, row)

    again = await given(store)

    assert again > removed
