"""Rhythms: what recurs is paused, resumed, ended, and keeps to the wall when a zone or its rules change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import pytest

from bot.domain.rhythm import CatchUp, Rule, Slot
from storage import due, occurrences, rhythms
from storage.db import Store, UnitOfWork
from storage.rhythms import Rhythm, RhythmState
from tests.fakes.clock import moment
from tests.storage.rows import NOW, WEEK, a_community, a_rhythm, look, look_one

TUESDAY = moment("2026-11-03 09:00 Europe/Amsterdam")
FIRST, SECOND, THIRD = "2026-11-03T09:00", "2026-11-10T09:00", "2026-11-17T09:00"
AMSTERDAM, TOKYO, NEW_YORK = "Europe/Amsterdam", "Asia/Tokyo", "America/New_York"


@asynccontextmanager
async def changing(store: Store, rhythm_id: int) -> AsyncIterator[tuple[UnitOfWork, Rhythm]]:
    async with store.begin() as work:
        rhythm = await rhythms.get(work, rhythm_id, lock=True)
        assert rhythm
        yield work, rhythm


async def tick(store: Store, now: datetime) -> int:
    async with store.begin() as work:
        return await due.tick(work, now)


async def slots(store: Store) -> list[str]:
    return [row[0] for row in await look(store, "select local_slot from occurrence order by local_slot")]


async def aims(store: Store, rhythm_id: int) -> tuple[str, str | None, datetime | None]:
    async with changing(store, rhythm_id) as (_, rhythm):
        return rhythm.state, rhythm.next_local, rhythm.next_at


@pytest.fixture
async def rhythm(store: Store) -> int:
    return await a_rhythm(store, await a_community(store))


def test_a_draft_is_as_late_as_its_kind_may_be() -> None:
    rule = Rule("FREQ=DAILY", datetime.fromisoformat(FIRST), AMSTERDAM, date(2027, 1, 1))

    made = rhythms.draft(1, "checkin", rule)

    assert (made.state, made.rule, made.next_at) == (RhythmState.DRAFT, rule, None)
    assert (made.lateness.catch_up, made.lateness.grace) == (CatchUp.LATEST, timedelta(hours=24))


async def test_what_is_paused_aims_at_nothing_and_what_fell_in_the_pause_stays_out(store: Store, rhythm: int) -> None:
    async with changing(store, rhythm) as (work, found):
        await rhythms.pause(work, found)
    paused = await aims(store, rhythm)
    await tick(store, TUESDAY + WEEK)
    async with changing(store, rhythm) as (work, found):
        await rhythms.resume(work, found, now=TUESDAY + WEEK)

    await tick(store, TUESDAY + 2 * WEEK)

    assert paused == (RhythmState.PAUSED, None, None)
    assert await slots(store) == [THIRD]


async def test_a_pause_until_a_date_ends_by_itself_with_the_first_time_on_it_or_after_it(
    store: Store, rhythm: int
) -> None:
    async with changing(store, rhythm) as (work, found):
        first = await rhythms.pause_until(work, found, date(2026, 11, 10))
    paused = await aims(store, rhythm)

    ticked = [await tick(store, TUESDAY), await tick(store, TUESDAY + WEEK)]

    assert first == Slot(SECOND, TUESDAY + WEEK)
    assert paused == (RhythmState.PAUSED, SECOND, TUESDAY + WEEK)
    assert ticked == [0, 1]
    assert await slots(store) == [SECOND]
    assert await look(store, "select state, paused_until_on from rhythm") == [(RhythmState.ACTIVE, None)]


async def test_a_pause_that_would_outlast_the_rhythm_is_not_begun(store: Store) -> None:
    rhythm = await a_rhythm(store, await a_community(store), until_on="2026-11-30")

    async with changing(store, rhythm) as (work, found):
        first = await rhythms.pause_until(work, found, date(2026, 12, 1))

    assert first is None
    assert await aims(store, rhythm) == (RhythmState.ACTIVE, FIRST, TUESDAY)


async def test_a_pause_until_a_date_can_end_early(store: Store, rhythm: int) -> None:
    async with changing(store, rhythm) as (work, found):
        await rhythms.pause_until(work, found, date(2027, 1, 1))

    async with changing(store, rhythm) as (work, found):
        await rhythms.resume(work, found, now=NOW)

    assert await aims(store, rhythm) == (RhythmState.ACTIVE, FIRST, TUESDAY)
    assert await look_one(store, "select paused_until_on from rhythm") is None


@pytest.mark.parametrize(("resumed", "state"), [(NOW, "open"), (TUESDAY + timedelta(days=3), "skipped")])
async def test_what_was_moved_waits_in_a_pause_and_goes_on_when_it_is_still_to_come(
    store: Store, rhythm: int, resumed: datetime, state: str
) -> None:
    to, at = datetime.fromisoformat("2026-11-05T14:00"), moment("2026-11-05 14:00 Europe/Amsterdam")
    async with changing(store, rhythm) as (work, found):
        await occurrences.move(work, rhythm, Slot(FIRST, TUESDAY), to, at)
        await rhythms.pause(work, found)
        assert await due.next_at(work) is None

    async with changing(store, rhythm) as (work, found):
        await rhythms.resume(work, found, now=resumed)

    assert await look_one(store, "select state from occurrence") == state


async def test_what_was_moved_behind_the_end_of_a_pause_is_not_held(store: Store, rhythm: int) -> None:
    late = "2026-11-06T14:00"
    async with changing(store, rhythm) as (work, found):
        at = moment("2026-11-06 14:00 Europe/Amsterdam")
        await occurrences.move(work, rhythm, Slot(FIRST, TUESDAY), datetime.fromisoformat(late), at)
        await rhythms.pause_until(work, found, date(2026, 11, 6))

    assert await look_one(store, "select state from occurrence") == "open"


async def test_a_rhythm_that_was_ended_by_hand_is_listed_no_more_and_what_was_moved_does_not_come(
    store: Store, rhythm: int
) -> None:
    async with changing(store, rhythm) as (work, found):
        to, at = datetime.fromisoformat("2026-11-05T14:00"), TUESDAY + timedelta(days=2)
        await occurrences.move(work, rhythm, Slot(FIRST, TUESDAY), to, at)
        await rhythms.end(work, found)

    async with changing(store, rhythm) as (work, found):
        assert await rhythms.of_community(work, found.community_id) == []
        assert await due.next_at(work) is None


@pytest.mark.parametrize("zone", [TOKYO, NEW_YORK])
async def test_a_rhythm_goes_along_to_another_zone_at_the_same_time_on_the_wall(
    store: Store, rhythm: int, zone: str
) -> None:
    async with changing(store, rhythm) as (work, found):
        moved = await rhythms.move_zone(work, found.community_id, AMSTERDAM, zone)

    assert moved == 1
    assert await aims(store, rhythm) == (RhythmState.ACTIVE, FIRST, moment(f"2026-11-03 09:00 {zone}"))


@pytest.mark.parametrize("zone", [TOKYO, NEW_YORK])
@pytest.mark.parametrize("minutes", [-60, -1, 0, 1, 60])
async def test_a_change_of_zone_around_a_time_neither_repeats_nor_loses_it(
    store: Store, rhythm: int, zone: str, minutes: int
) -> None:
    at = TUESDAY + timedelta(minutes=minutes)
    await tick(store, at)
    async with changing(store, rhythm) as (work, found):
        await rhythms.move_zone(work, found.community_id, AMSTERDAM, zone)

    for hours in range(30):
        await tick(store, at + timedelta(hours=hours))

    assert await slots(store) == [FIRST]
    assert (await aims(store, rhythm))[1] == SECOND


async def test_what_was_set_in_a_zone_of_its_own_stays_there(store: Store) -> None:
    rhythm = await a_rhythm(store, await a_community(store), timezone=NEW_YORK)

    async with changing(store, rhythm) as (work, found):
        moved = await rhythms.move_zone(work, found.community_id, AMSTERDAM, TOKYO)

    assert moved == 0
    assert (await aims(store, rhythm))[2] == moment(f"2026-11-03 09:00 {NEW_YORK}")


async def test_what_was_moved_goes_along_to_another_zone_too(store: Store, rhythm: int) -> None:
    async with changing(store, rhythm) as (work, found):
        to, at = datetime.fromisoformat("2026-11-05T14:00"), moment("2026-11-05 14:00 Europe/Amsterdam")
        await occurrences.move(work, rhythm, Slot(FIRST, TUESDAY), to, at)
        await rhythms.move_zone(work, found.community_id, AMSTERDAM, TOKYO)

    async with store.begin() as work:
        found_one = await due.to_plan(work, moment(f"2026-11-05 14:00 {TOKYO}"))
    assert found_one


async def test_aiming_anew_goes_through_all_rhythms_in_slices(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rhythms, "SLICE", 2)
    community = await a_community(store)
    wrong = [await a_rhythm(store, community, state="active", next_local=FIRST, next_at=NOW) for _ in range(5)]

    after: int | None = 0
    slices = 0
    while after is not None:
        async with store.begin() as work:
            after = await rhythms.reaim(work, after)
        slices += 1

    assert slices == 3
    assert [await aims(store, one) for one in wrong] == [(RhythmState.ACTIVE, FIRST, TUESDAY)] * 5


async def test_aiming_anew_moves_what_was_moved_and_leaves_what_is_paused(store: Store, rhythm: int) -> None:
    paused = await a_rhythm(store, 1)
    async with changing(store, rhythm) as (work, _):
        to = datetime.fromisoformat("2026-11-05T14:00")
        await occurrences.move(work, rhythm, Slot(FIRST, TUESDAY), to, NOW)
    async with changing(store, paused) as (work, found):
        await rhythms.pause(work, found)

    async with store.begin() as work:
        await rhythms.reaim(work)

    async with store.begin() as work:
        assert await due.to_plan(work, NOW) is None
        assert await due.to_plan(work, moment("2026-11-05 14:00 Europe/Amsterdam"))
    assert await aims(store, paused) == (RhythmState.PAUSED, None, None)
