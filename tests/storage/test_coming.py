"""The next times of a rhythm: what is skipped and why, and what was moved."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.domain.rhythm import Slot
from storage import coming, due, occurrences, rhythms
from storage.coming import Coming
from storage.db import Store
from storage.occurrences import Reason
from tests.fakes.clock import moment
from tests.storage.rows import NOW, WEEK, a_community, a_rhythm, run

TUESDAY = moment("2026-11-03 09:00 Europe/Amsterdam")
SLOTS = [Slot(f"2026-11-{day:02}T09:00", TUESDAY + week * WEEK) for week, day in enumerate((3, 10, 17, 24))]
THURSDAY = datetime.fromisoformat("2026-11-05T14:00")
ON_THURSDAY = moment("2026-11-05 14:00 Europe/Amsterdam")
MONDAY, ON_MONDAY = datetime.fromisoformat("2026-11-02T17:00"), moment("2026-11-02 17:00 Europe/Amsterdam")


@pytest.fixture
async def rhythm(store: Store) -> int:
    return await a_rhythm(store, await a_community(store))


async def listed(store: Store, rhythm_id: int, count: int = 3) -> tuple[Sequence[Coming], Coming | None]:
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
        assert rhythm
        return await coming.of(work, rhythm, count), await coming.following(work, rhythm)


def plain(slot: Slot) -> Coming:
    return Coming(slot, slot.at, slot.local)


async def test_the_next_times_are_listed_in_order(store: Store, rhythm: int) -> None:
    times, following = await listed(store, rhythm)

    assert times == [plain(slot) for slot in SLOTS[:3]]
    assert following == times[0]


async def test_what_is_called_off_is_listed_as_such_and_the_next_is_the_one_after_it(store: Store, rhythm: int) -> None:
    async with store.begin() as work:
        called_off = [await occurrences.call_off(work, rhythm, SLOTS[0]) for _ in range(2)]

    times, following = await listed(store, rhythm)

    assert called_off == [True, False]
    assert times[0] == Coming(SLOTS[0], TUESDAY, SLOTS[0].local, Reason.CALLED_OFF)
    assert following == plain(SLOTS[1])


async def test_what_is_moved_stands_where_it_comes(store: Store, rhythm: int) -> None:
    async with store.begin() as work:
        moved = [await occurrences.move(work, rhythm, SLOTS[1], THURSDAY, ON_THURSDAY) for _ in range(2)]

    times, _ = await listed(store, rhythm)

    assert moved == [True, False]
    assert times == [plain(SLOTS[0]), Coming(SLOTS[1], ON_THURSDAY, "2026-11-05T14:00"), plain(SLOTS[2])]
    assert [one.moved for one in times] == [False, True, False]


async def test_what_is_moved_is_still_listed_when_its_own_time_has_passed(store: Store, rhythm: int) -> None:
    async with store.begin() as work:
        await occurrences.move(work, rhythm, SLOTS[0], THURSDAY, ON_THURSDAY)
    async with store.begin() as work:
        await due.tick(work, TUESDAY)

    times, following = await listed(store, rhythm, 2)

    assert times == [Coming(SLOTS[0], ON_THURSDAY, "2026-11-05T14:00"), plain(SLOTS[1])]
    assert following == times[0]


async def test_what_was_moved_forward_and_has_been_asked_is_not_listed_again(store: Store, rhythm: int) -> None:
    async with store.begin() as work:
        await occurrences.move(work, rhythm, SLOTS[0], MONDAY, ON_MONDAY)
    await run(store, "update occurrence set state = 'planned'")

    times, following = await listed(store, rhythm, 1)

    assert times == [following] == [plain(SLOTS[1])]


async def test_what_was_moved_can_still_be_called_off(store: Store, rhythm: int) -> None:
    async with store.begin() as work:
        await occurrences.move(work, rhythm, SLOTS[0], THURSDAY, ON_THURSDAY)
        assert await occurrences.call_off(work, rhythm, SLOTS[0])

    async with store.begin() as work:
        assert await due.to_plan(work, ON_THURSDAY) is None


async def test_a_pause_until_a_date_shows_what_comes_after_it_and_one_without_end_nothing(
    store: Store, rhythm: int
) -> None:
    async with store.begin() as work:
        found = await rhythms.get(work, rhythm)
        assert found
        await rhythms.pause_until(work, found, (TUESDAY + timedelta(days=1)).date())
    until, _ = await listed(store, rhythm, 1)
    async with store.begin() as work:
        found = await rhythms.get(work, rhythm)
        assert found
        await rhythms.pause(work, found)

    assert list(until) == [plain(SLOTS[1])]
    assert await listed(store, rhythm) == ([], None)


async def test_a_rhythm_of_which_everything_is_called_off_has_no_next_time(store: Store) -> None:
    rhythm = await a_rhythm(store, await a_community(store), until_on="2026-11-10")
    async with store.begin() as work:
        for slot in SLOTS[:2]:
            await occurrences.call_off(work, rhythm, slot)

    times, following = await listed(store, rhythm)

    assert [one.skipped for one in times] == [Reason.CALLED_OFF] * 2
    assert following is None
    assert times[0].at > NOW
