"""Timers: what is due once, by kind and subject."""

import asyncio
from datetime import datetime, timedelta

import pytest

from storage import due, timers
from storage.db import Store
from tests.storage.rows import NOW, a_community, failing, look, look_one

HOUR = timedelta(hours=1)


@pytest.fixture
async def community(store: Store) -> int:
    return await a_community(store)


async def set_timer(store: Store, community: int, subject: int, at: datetime, kind: str = "tea.close") -> None:
    async with store.begin() as work:
        await timers.set_timer(work, kind, subject, community_id=community, due_at=at)


async def take(store: Store, now: datetime) -> int | None:
    async with store.begin() as work:
        timer = await timers.due_timer(work, now)
        return timer.subject_id if timer else None


async def test_a_timer_rings_once_and_not_before_its_time(store: Store, community: int) -> None:
    await set_timer(store, community, 7, NOW + HOUR)

    taken = [await take(store, at) for at in (NOW, NOW + HOUR, NOW + HOUR)]

    assert taken == [None, 7, None]


async def test_setting_a_timer_again_moves_it(store: Store, community: int) -> None:
    await set_timer(store, community, 7, NOW + HOUR)
    await set_timer(store, community, 7, NOW + 3 * HOUR)

    early, later = [await take(store, NOW + hours * HOUR) for hours in (2, 3)]

    assert (early, later) == (None, 7)
    assert await look_one(store, "select count(*) from timer") == 0


async def test_another_subject_and_another_kind_have_timers_of_their_own(store: Store, community: int) -> None:
    await set_timer(store, community, 7, NOW)
    await set_timer(store, community, 8, NOW)
    await set_timer(store, community, 7, NOW, kind="tea.remind")

    assert sorted(await look(store, "select kind, subject_id from timer")) == [
        ("tea.close", 7),
        ("tea.close", 8),
        ("tea.remind", 7),
    ]


async def test_the_timer_that_is_due_longest_is_taken_first(store: Store, community: int) -> None:
    for subject, hours in ((1, 2), (2, 1), (3, 1)):
        await set_timer(store, community, subject, NOW + hours * HOUR)

    taken = [await take(store, NOW + 5 * HOUR) for _ in range(4)]

    assert taken == [2, 3, 1, None]


async def test_a_timer_whose_work_failed_is_there_again(store: Store, community: int) -> None:
    await set_timer(store, community, 7, NOW)

    async with failing(store) as work:
        await timers.due_timer(work, NOW)

    assert await take(store, NOW) == 7


async def test_a_timer_can_be_set_again_in_the_transaction_that_took_it(store: Store, community: int) -> None:
    await set_timer(store, community, 7, NOW)

    async with store.begin() as work:
        assert await timers.due_timer(work, NOW)
        await timers.set_timer(work, "tea.close", 7, community_id=community, due_at=NOW + HOUR)

    assert await take(store, NOW) is None
    assert await take(store, NOW + HOUR) == 7


async def test_the_next_timer_tells_when_something_is_due(store: Store, community: int) -> None:
    await set_timer(store, community, 7, NOW + HOUR)

    async with store.begin() as work:
        assert await due.next_at(work) == NOW + HOUR
        assert not await due.anything(work, NOW)
        assert await due.anything(work, NOW + HOUR)


@pytest.mark.xdist_group("postgres")
async def test_of_two_who_take_at_once_one_gets_the_timer(postgres_store: Store) -> None:
    await set_timer(postgres_store, await a_community(postgres_store), 7, NOW)
    both_there = asyncio.Barrier(2)

    async def take_and_linger() -> int | None:
        async with postgres_store.begin() as work:
            timer = await timers.due_timer(work, NOW)
            await both_there.wait()
            return timer.subject_id if timer else None

    taken = await asyncio.gather(take_and_linger(), take_and_linger())

    assert sorted(taken, key=bool) == [None, 7]
