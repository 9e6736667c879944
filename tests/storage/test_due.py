"""What is due: a slot becomes one occurrence, however often and by however many it is ticked."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.rhythm import CatchUp, Slot
from storage import due, rhythms
from storage.db import Store
from storage.occurrences import Missed, OccurrenceState, call_off, move, say_missed
from storage.rhythms import Rhythm, RhythmState
from tests.fakes.clock import moment
from tests.storage.rows import WEEK, a_community, a_rhythm, look, look_one, run

TUESDAY = moment("2026-11-03 09:00 Europe/Amsterdam")
LATER = TUESDAY + 5 * WEEK
FIRST, SECOND, THIRD = "2026-11-03T09:00", "2026-11-10T09:00", "2026-11-17T09:00"


async def tick(store: Store, now: datetime) -> int:
    async with store.begin() as work:
        return await due.tick(work, now)


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
        rhythm.next_at, rhythm.next_local = TUESDAY, FIRST

    await tick(store, TUESDAY)

    assert await occurrences(store) == [(FIRST, OccurrenceState.OPEN)]


async def test_an_occurrence_within_its_grace_is_open_and_beyond_it_late(store: Store) -> None:
    community = await a_community(store)
    await a_rhythm(store, community, grace_seconds=3600)
    await a_rhythm(store, community, grace_seconds=3599)

    await tick(store, TUESDAY + timedelta(hours=1))

    assert await look(store, "select state from occurrence order by rhythm_id") == [("open",), ("late",)]


async def test_the_next_slot_follows_the_clock_on_the_wall(store: Store) -> None:
    rhythm_id = await begun(store, start_local="2027-03-23T09:00")

    await tick(store, moment("2027-03-23 09:00 Europe/Amsterdam"))

    rhythm = await got(store, rhythm_id)
    assert (rhythm.next_local, rhythm.next_at) == ("2027-03-30T09:00", moment("2027-03-30 09:00 Europe/Amsterdam"))


async def test_a_rhythm_has_ended_when_its_rule_is_over(store: Store) -> None:
    rhythm_id = await begun(store, until_on="2026-11-10")

    for at in (TUESDAY, TUESDAY + WEEK, TUESDAY + 2 * WEEK):
        await tick(store, at)

    rhythm = await got(store, rhythm_id)
    assert (rhythm.state, rhythm.next_local, rhythm.next_at) == (RhythmState.ENDED, None, None)
    assert [slot for slot, _ in await occurrences(store)] == [FIRST, SECOND]


async def test_an_occurrence_is_planned_in_the_order_in_which_it_came(store: Store) -> None:
    await begun(store)
    for at in (TUESDAY, TUESDAY + WEEK):
        await tick(store, at)

    async with store.begin() as work:
        first = await due.to_plan(work, LATER)
        assert first
        first[0].state = OccurrenceState.PLANNED
        second = await due.to_plan(work, LATER)

    assert second
    assert [first[0].local_slot, second[0].local_slot] == [FIRST, SECOND]


async def test_something_is_due_while_an_occurrence_waits_to_be_planned(store: Store) -> None:
    await begun(store)
    await tick(store, TUESDAY)

    async with store.begin() as work:
        before = await due.anything(work, TUESDAY)
    await run(store, "update occurrence set state = 'planned'")

    assert before
    async with store.begin() as work:
        assert not await due.anything(work, TUESDAY)
        assert await due.next_at(work) == TUESDAY + WEEK


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
            found = await due.to_plan(work, LATER)
            await all_there.wait()
            return found[0].local_slot if found else None

    planned = await asyncio.gather(plan(), plan(), plan())

    assert {*planned} == {FIRST, SECOND, None}


async def late_notes(store: Store) -> list[tuple[Any, ...]]:
    return await look(store, "select kind, subject_id from timer order by subject_id")


async def test_a_tick_looks_at_one_column_and_at_nothing_else(store: Store) -> None:
    await begun(store, state=RhythmState.PAUSED, next_local=FIRST, next_at=TUESDAY)

    ticked = await tick(store, TUESDAY)

    assert ticked == 1
    assert await occurrences(store) == [(FIRST, OccurrenceState.OPEN)]
    assert await look_one(store, "select state from rhythm") == RhythmState.ACTIVE


@pytest.mark.parametrize(
    ("catch_up", "states"),
    [
        (CatchUp.LATEST, ["late", "late", "open"]),
        (CatchUp.ALL, ["open", "open", "open"]),
        (CatchUp.NONE, ["late", "late", "late"]),
    ],
)
async def test_after_a_sleep_each_kind_catches_up_with_what_it_says(
    store: Store, catch_up: CatchUp, states: list[str]
) -> None:
    rhythm_id = await begun(store, catch_up=catch_up, grace_seconds=int(10 * WEEK.total_seconds()))

    await tick(store, TUESDAY + 2 * WEEK + timedelta(hours=1))

    assert await occurrences(store) == list(zip((FIRST, SECOND, THIRD), states, strict=True))
    assert await late_notes(store) == ([("tea.due.late", rhythm_id)] if "late" in states else [])


async def test_a_kind_that_catches_up_with_nothing_is_asked_when_it_is_punctual(store: Store) -> None:
    await begun(store, catch_up=CatchUp.NONE)

    await tick(store, TUESDAY + timedelta(seconds=59))

    assert await occurrences(store) == [(FIRST, OccurrenceState.OPEN)]


async def test_of_all_only_what_is_within_the_grace_is_asked(store: Store) -> None:
    await begun(store, catch_up=CatchUp.ALL, grace_seconds=int(WEEK.total_seconds()))

    await tick(store, TUESDAY + 2 * WEEK)

    assert [state for _, state in await occurrences(store)] == ["late", "open", "open"]


async def test_the_latest_is_the_latest_that_no_facilitator_made_an_exception_of(store: Store) -> None:
    rhythm_id = await begun(store, grace_seconds=int(10 * WEEK.total_seconds()))
    async with store.begin() as work:
        await call_off(work, rhythm_id, Slot(THIRD, TUESDAY + 2 * WEEK))

    await tick(store, TUESDAY + 2 * WEEK)

    expected = [(FIRST, OccurrenceState.LATE), (SECOND, OccurrenceState.OPEN), (THIRD, OccurrenceState.SKIPPED)]
    assert await occurrences(store) == expected


@pytest.mark.parametrize("years", [2, 20])
async def test_years_of_sleep_are_caught_up_with_in_one_tick_and_few_rows(store: Store, years: int) -> None:
    rhythm_id = await begun(store, rrule="FREQ=DAILY")
    woken = TUESDAY.replace(year=TUESDAY.year + years) + timedelta(hours=1)

    ticked = [await tick(store, woken) for _ in range(2)]

    assert ticked == [1, 0]
    assert await look_one(store, "select count(*) from occurrence") <= 2 * due.WALKED + 1
    assert await look_one(store, "select max(local_slot) from occurrence where state = 'open'") == (
        f"{2026 + years}-11-03T09:00"
    )
    assert await late_notes(store) == [("tea.due.late", rhythm_id)]
    assert (await got(store, rhythm_id)).next_local == f"{2026 + years}-11-04T09:00"


async def test_a_rhythm_whose_time_became_later_is_aimed_anew_and_not_early(store: Store) -> None:
    rhythm_id = await begun(store, next_local=FIRST, next_at=TUESDAY - timedelta(hours=1), state="active")

    ticked = await tick(store, TUESDAY - timedelta(minutes=30))

    assert (ticked, await occurrences(store)) == (1, [])
    assert (await got(store, rhythm_id)).next_at == TUESDAY


async def test_a_rhythm_whose_time_became_earlier_loses_nothing(store: Store) -> None:
    await begun(store, next_local=FIRST, next_at=TUESDAY + timedelta(hours=1), state="active")

    await tick(store, TUESDAY + timedelta(hours=1))

    assert await occurrences(store) == [(FIRST, OccurrenceState.OPEN)]


async def test_a_clock_that_is_set_back_repeats_nothing(store: Store) -> None:
    await begun(store)

    for at in (TUESDAY, TUESDAY - timedelta(days=1), TUESDAY, TUESDAY + WEEK):
        await tick(store, at)

    assert [slot for slot, _ in await occurrences(store)] == [FIRST, SECOND]


async def test_a_moved_time_is_planned_when_it_is_due_and_its_own_slot_passes_by(store: Store) -> None:
    rhythm_id = await begun(store)
    thursday = datetime.fromisoformat("2026-11-05T14:00")
    at = moment("2026-11-05 14:00 Europe/Amsterdam")
    async with store.begin() as work:
        assert await move(work, rhythm_id, Slot(FIRST, TUESDAY), thursday, at)

    await tick(store, TUESDAY)

    async with store.begin() as work:
        assert await due.next_at(work) == at
        assert await due.to_plan(work, at - timedelta(seconds=1)) is None
        found = await due.to_plan(work, at)
    assert found
    assert (found[0].local_slot, found[0].due_at) == (FIRST, at)
    assert len(await occurrences(store)) == 1


async def test_everything_that_was_missed_is_said_once(store: Store) -> None:
    rhythm_id = await begun(store)
    await tick(store, TUESDAY + WEEK + timedelta(days=1))

    async with store.begin() as work:
        said = [await say_missed(work, rhythm_id) for _ in range(2)]

    assert said == [Missed((FIRST, SECOND)), Missed()]
    assert {state for _, state in await occurrences(store)} == {OccurrenceState.MISSED}


async def test_what_was_missed_is_said_with_whether_a_later_one_was_asked(store: Store) -> None:
    rhythm_id = await begun(store)
    await tick(store, TUESDAY + WEEK)

    async with store.begin() as work:
        assert await say_missed(work, rhythm_id) == Missed((FIRST,), asked=True)
