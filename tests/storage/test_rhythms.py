"""Rhythms: a slot becomes one occurrence, however often and by however many it is ticked."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import rhythms
from storage.db import Store
from storage.rhythms import OccurrenceState, Rhythm, RhythmState
from tests.fakes.clock import moment
from tests.storage.rows import NOW, WEEK, a_community, a_rhythm, look, look_one, run

TUESDAY = moment("2026-11-03 09:00 Europe/Amsterdam")
FIRST, SECOND, THIRD = "2026-11-03T09:00", "2026-11-10T09:00", "2026-11-17T09:00"


async def tick(store: Store, now: datetime) -> int:
    async with store.begin() as work:
        return await rhythms.tick(work, now)


async def occurrences(store: Store) -> list[tuple[Any, ...]]:
    return await look(store, "select local_slot, state from occurrence order by local_slot")


async def begun(store: Store, **chosen: Any) -> int:  # noqa: ANN401 - whatever a column is
    return await a_rhythm(store, await a_community(store), **chosen)


async def got(store: Store, rhythm_id: int) -> Rhythm:
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
    assert rhythm
    return rhythm


async def test_nothing_occurs_before_its_time(store: Store) -> None:
    await begun(store)

    ticked = await tick(store, TUESDAY - timedelta(seconds=1))

    assert ticked == 0
    assert await occurrences(store) == []


async def test_a_slot_becomes_one_occurrence_however_often_it_is_ticked(store: Store) -> None:
    await begun(store)

    ticked = [await tick(store, TUESDAY) for _ in range(3)]

    assert ticked == [1, 0, 0]
    assert await occurrences(store) == [(FIRST, OccurrenceState.OPEN)]


async def test_a_rhythm_whose_slot_was_made_already_makes_no_second_one(store: Store) -> None:
    rhythm_id = await begun(store)
    await tick(store, TUESDAY)
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
        assert rhythm
        rhythm.next_at = TUESDAY

    await tick(store, TUESDAY)

    assert await occurrences(store) == [(FIRST, OccurrenceState.OPEN)]


async def test_an_occurrence_within_its_grace_is_open_and_beyond_it_late(store: Store) -> None:
    community = await a_community(store)
    await a_rhythm(store, community, grace_seconds=3600)
    await a_rhythm(store, community, grace_seconds=3599)

    await tick(store, TUESDAY + timedelta(hours=1))

    assert await look(store, "select state from occurrence order by rhythm_id") == [("open",), ("late",)]


async def test_after_a_long_sleep_only_the_latest_slot_is_still_asked(store: Store) -> None:
    await begun(store, grace_seconds=int(10 * WEEK.total_seconds()))

    await tick(store, TUESDAY + 2 * WEEK)

    expected = [(FIRST, OccurrenceState.LATE), (SECOND, OccurrenceState.LATE), (THIRD, OccurrenceState.OPEN)]
    assert await occurrences(store) == expected


async def test_years_of_sleep_are_caught_up_with_in_a_few_ticks(store: Store) -> None:
    await begun(store, rrule="FREQ=DAILY")
    woken = TUESDAY + timedelta(days=500)

    while await tick(store, woken):
        pass

    assert await look_one(store, "select count(*) from occurrence") == 501
    assert await look(store, "select local_slot from occurrence where state = 'open'") == [("2028-03-17T09:00",)]


async def test_the_next_slot_follows_the_clock_on_the_wall(store: Store) -> None:
    rhythm_id = await begun(store, start_local="2027-03-23T09:00")

    await tick(store, moment("2027-03-23 09:00 Europe/Amsterdam"))

    rhythm = await got(store, rhythm_id)
    assert (rhythm.next_local, rhythm.next_at) == ("2027-03-30T09:00", moment("2027-03-30 09:00 Europe/Amsterdam"))


async def test_a_slot_that_was_called_off_is_skipped_and_the_one_after_it_is_not(store: Store) -> None:
    rhythm_id = await begun(store)
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
        assert rhythm
        called_off = await rhythms.skip_next(work, rhythm)

    for at in (TUESDAY, TUESDAY + WEEK):
        await tick(store, at)

    assert called_off == FIRST
    assert await occurrences(store) == [(FIRST, OccurrenceState.SKIPPED), (SECOND, OccurrenceState.OPEN)]


async def test_calling_off_twice_calls_off_two_slots(store: Store) -> None:
    rhythm_id = await begun(store)

    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
        assert rhythm
        called_off = [await rhythms.skip_next(work, rhythm) for _ in range(2)]

    assert called_off == [FIRST, SECOND]
    assert [slot.local for slot in rhythms.upcoming(await got(store, rhythm_id), 1)] == [THIRD]


async def test_what_falls_in_a_pause_stays_out(store: Store) -> None:
    rhythm_id = await begun(store)
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
        assert rhythm
        await rhythms.pause(work, rhythm)
    await tick(store, TUESDAY + WEEK)
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id)
        assert rhythm
        await rhythms.resume(work, rhythm, now=TUESDAY + WEEK)

    await tick(store, TUESDAY + 2 * WEEK)

    assert await occurrences(store) == [(THIRD, OccurrenceState.OPEN)]


@pytest.mark.parametrize("state", [RhythmState.DRAFT, RhythmState.PAUSED, RhythmState.ENDED])
async def test_only_an_active_rhythm_makes_occurrences(store: Store, state: RhythmState) -> None:
    await begun(store, state=state, next_at=TUESDAY, next_local=FIRST)

    await tick(store, TUESDAY)

    assert await occurrences(store) == []
    async with store.begin() as work:
        assert not await rhythms.anything_due(work, TUESDAY)
        assert await rhythms.next_due(work) is None


async def test_a_rhythm_has_ended_when_its_rule_is_over(store: Store) -> None:
    rhythm_id = await begun(store, until_on="2026-11-10")

    for at in (TUESDAY, TUESDAY + WEEK, TUESDAY + 2 * WEEK):
        await tick(store, at)

    rhythm = await got(store, rhythm_id)
    assert (rhythm.state, rhythm.next_at, rhythms.upcoming(rhythm, 5)) == (RhythmState.ENDED, None, [])
    assert [slot for slot, _ in await occurrences(store)] == [FIRST, SECOND]


async def test_a_rhythm_that_was_ended_by_hand_is_listed_no_more(store: Store) -> None:
    community = await a_community(store)
    ended, going = [await a_rhythm(store, community) for _ in range(2)]

    async with store.begin() as work:
        rhythm = await rhythms.get(work, ended)
        assert rhythm
        await rhythms.end(work, rhythm)

    async with store.begin() as work:
        assert [row.id for row in await rhythms.of_community(work, community)] == [going]


async def test_an_occurrence_is_planned_in_the_order_in_which_it_came(store: Store) -> None:
    await begun(store)
    for at in (TUESDAY, TUESDAY + WEEK):
        await tick(store, at)

    async with store.begin() as work:
        first = await rhythms.to_plan(work)
        assert first
        first[0].state = OccurrenceState.PLANNED
        second = await rhythms.to_plan(work)

    assert second
    assert [first[0].local_slot, second[0].local_slot] == [FIRST, SECOND]


async def test_something_is_due_while_an_occurrence_waits_to_be_planned(store: Store) -> None:
    await begun(store)
    await tick(store, TUESDAY)

    async with store.begin() as work:
        before = await rhythms.anything_due(work, NOW)
    await run(store, "update occurrence set state = 'planned'")

    assert before
    async with store.begin() as work:
        assert not await rhythms.anything_due(work, NOW)
        assert await rhythms.next_due(work) == TUESDAY + WEEK


@pytest.mark.xdist_group("postgres")
async def test_clocks_that_tick_at_once_make_each_slot_once(postgres_store: Store) -> None:
    community = await a_community(postgres_store)
    for _ in range(20):
        await a_rhythm(postgres_store, community, rrule="FREQ=DAILY", grace_seconds=0)

    async def clock() -> None:
        for day in range(5):
            await tick(postgres_store, TUESDAY + timedelta(days=day))

    await asyncio.gather(*(clock() for _ in range(4)))
    await tick(postgres_store, TUESDAY + timedelta(days=4))

    assert await look_one(postgres_store, "select count(*) from occurrence") == 100


@pytest.mark.xdist_group("postgres")
async def test_of_two_who_plan_at_once_each_gets_another_occurrence(postgres_store: Store) -> None:
    await begun(postgres_store)
    for at in (TUESDAY, TUESDAY + WEEK):
        await tick(postgres_store, at)
    all_there = asyncio.Barrier(3)

    async def plan() -> str | None:
        async with postgres_store.begin() as work:
            found = await rhythms.to_plan(work)
            await all_there.wait()
            return found[0].local_slot if found else None

    planned = await asyncio.gather(plan(), plan(), plan())

    assert {*planned} == {FIRST, SECOND, None}
