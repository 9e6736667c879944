"""Keeping calendars: fetched and read outside of the store, kept in one go, and a timer for what must be told."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from bot.calendars.fetcher import WebFetcher
from bot.calendars.keeper import TOLD, Keeper
from bot.calendars.reader import read
from bot.domain.free_calendar import Trouble, Understood
from bot.errors import StoreError
from storage import free_calendars
from storage.db import Store
from storage.free_days import CalendarState
from tests.calendars.conftest import Site
from tests.calendars.files import EXAMS, calendar, days
from tests.fakes.clock import StandingClock
from tests.fakes.fetcher import ShelfFetcher
from tests.storage.rows import NOW, look, look_one, run
from tests.storage.test_free_calendars import LINK, given


@pytest.fixture
def shelf() -> ShelfFetcher:
    return ShelfFetcher({LINK: calendar(EXAMS, days("Kerst", "20261221", "20270104"))})


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def keeper(store: Store, shelf: ShelfFetcher, clock: StandingClock) -> Keeper:
    return Keeper(store, clock, shelf)


async def state(store: Store) -> tuple[str, str]:
    found: tuple[str, str] = await look_one(store, "select state, outcome from free_calendar")
    return found


async def test_a_link_is_read_and_what_was_understood_is_told(store: Store, keeper: Keeper) -> None:
    calendar_id = await given(store)

    await keeper.drain()

    assert await state(store) == (CalendarState.SEEN, "read")
    assert await look(store, "select name from free_period order by first_on") == [("Kerst",)]  # the exams are over
    assert await look(store, "select kind, subject_id from timer") == [(TOLD, calendar_id)]


async def test_a_link_that_cannot_be_read_is_told(store: Store, keeper: Keeper, shelf: ShelfFetcher) -> None:
    await given(store)
    shelf.pages[LINK] = b"<!doctype html>"

    await keeper.drain()

    assert await state(store) == (CalendarState.WANTED, Trouble.NO_CALENDAR)
    assert await look(store, "select kind from timer") == [(TOLD,)]


async def test_a_calendar_is_fetched_once_a_week(
    store: Store, keeper: Keeper, shelf: ShelfFetcher, clock: StandingClock
) -> None:
    calendar_id = await given(store)
    await keeper.drain()
    async with store.begin() as work:
        row = await free_calendars.get(work, calendar_id)
        assert row
        await free_calendars.confirm(work, row, now=NOW)

    for wait in (timedelta(days=6), timedelta(days=1), timedelta(0)):
        clock.wait(wait)
        await keeper.drain()

    assert shelf.fetched == [LINK, LINK]


@pytest.fixture
def chatty() -> Iterator[None]:
    """Log as an installation does, and not warnings only."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    yield
    structlog.configure(wrapper_class=before)


async def test_neither_the_link_nor_what_was_read_is_logged(store: Store, keeper: Keeper, chatty: None) -> None:
    calendar_id = await given(store)

    with capture_logs() as logged:
        await keeper.drain()

    assert logged == [{"event": "calendar.read", "calendar": calendar_id, "outcome": "read", "log_level": "info",
                       "module": "bot.calendars.keeper"}]  # fmt: skip


async def test_from_a_server_to_what_is_shown_nothing_is_pretended(
    store: Store, clock: StandingClock, site: Site
) -> None:
    await given(store)
    link = site.serve("/kerst.ics", calendar(days("Kerst", "20261221", "20270104")))
    async with store.begin() as work:
        row = await free_calendars.get(work, 1)
        assert row
        row.link = work.vault.seal(link)

    await Keeper(store, clock, WebFetcher(trusted=[site.origin])).drain()

    found = await look(store, "select name, first_on, last_on from free_period")
    assert [(name, str(first), str(last)) for name, first, last in found] == [("Kerst", "2026-12-21", "2027-01-03")]


async def test_the_store_is_free_while_a_calendar_is_fetched(store: Store, clock: StandingClock) -> None:
    under_way, go_on = asyncio.Event(), asyncio.Event()

    class Slow(ShelfFetcher):
        async def fetch(self, link: str) -> bytes:
            under_way.set()
            await go_on.wait()
            return await super().fetch(link)

    await given(store)
    keeping = asyncio.create_task(Keeper(store, clock, Slow({LINK: calendar(EXAMS)}), read).drain())
    async with asyncio.timeout(5):
        await under_way.wait()
        meanwhile = await look_one(store, "select count(*) from free_calendar")
        go_on.set()
        await keeping

    assert meanwhile == 1


async def test_a_calendar_that_is_removed_while_it_is_read_stays_away(store: Store, clock: StandingClock) -> None:
    class Removing(ShelfFetcher):
        async def fetch(self, link: str) -> bytes:
            await run(store, "delete from free_calendar")
            return await super().fetch(link)

    await given(store)

    await Keeper(store, clock, Removing({LINK: calendar(EXAMS)})).drain()

    for table in ("free_calendar", "free_period", "timer"):
        assert await look_one(store, f"select count(*) from {table}") == 0  # noqa: S608 - our own names


async def test_the_window_begins_today_where_the_community_is(store: Store, clock: StandingClock) -> None:
    asked: list[tuple[date, date, str]] = []

    def note(_data: bytes, start_on: date, until_on: date, zone: str) -> Understood | Trouble:
        asked.append((start_on, until_on, zone))
        return Trouble.EMPTY

    await given(store)
    await run(store, "update community set timezone = 'Pacific/Kiritimati'")
    clock.wait(timedelta(hours=3))

    await Keeper(store, clock, ShelfFetcher({LINK: b""}), note).drain()

    assert asked == [(date(2026, 11, 3), date(2028, 11, 2), "Pacific/Kiritimati")]


async def test_a_store_that_is_gone_is_left_for_the_next_look(
    store: Store, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    async def gone(_keeper: Keeper) -> None:
        looked.set()
        raise StoreError

    monkeypatch.setattr(Keeper, "drain", gone)
    running = asyncio.create_task(keeper.run())
    async with asyncio.timeout(5):
        await looked.wait()
    await asyncio.sleep(0)

    assert not running.done()
    running.cancel()
