"""What a community keeps free: chosen, typed, and read from calendars that were confirmed."""

from datetime import date
from typing import Any

import pytest

from bot.domain.free_days import FreeDays, Period, SchoolRegion
from storage import free_days
from storage.db import Store
from storage.free_days import CalendarState
from tests.storage.rows import a_community, look_one, run, some_members

EXAMS = Period("Tentamens", date(2026, 10, 19), date(2026, 10, 23))
AWAY = Period("Heidag", date(2026, 9, 4), date(2026, 9, 4))


async def kept(store: Store, community_id: int) -> FreeDays:
    async with store.begin() as work:
        return await free_days.of(work, community_id)


async def typed(store: Store, community_id: int, *periods: Period) -> list[int]:
    async with store.begin() as work:
        return [await free_days.add_period(work, community_id, period) for period in periods]


async def a_calendar(store: Store, community_id: int, **chosen: Any) -> None:  # noqa: ANN401 - whatever a column is
    values = {
        "id": 1,
        "community_id": community_id,
        "person_id": await look_one(store, "select min(id) from person"),
        "name": "Jaar",
        "host": "example.org",
        "link": b"sealed",
        "state": CalendarState.ACTIVE,
        "failures": 0,
        "left_out": 0,
        "lease_until": 0.0,
        **chosen,
    }
    names = ", ".join(values)
    await run(store, f"insert into free_calendar ({names}) values (:{names.replace(', ', ', :')})", **values)  # noqa: S608
    await run(
        store,
        "insert into free_period (community_id, calendar_id, name, first_on, last_on)"
        " values (:community, 1, 'Tentamens', '2026-10-19', '2026-10-23')",
        community=community_id,
    )


async def test_a_community_that_chose_nothing_keeps_nothing_free(store: Store) -> None:
    community = await a_community(store)

    assert await kept(store, community) == FreeDays(language="nl")


async def test_a_choice_is_kept_and_the_next_one_replaces_it(store: Store) -> None:
    community = await a_community(store)

    for country, region in (("NL", SchoolRegion.NOORD), ("BE", None)):
        async with store.begin() as work:
            await free_days.choose(work, community, country=country, region=region)
        assert await kept(store, community) == FreeDays(country, region)


async def test_names_follow_the_language_of_the_community(store: Store) -> None:
    community = await a_community(store)
    async with store.begin() as work:
        await free_days.choose(work, community, country="NL", region=None)

    await run(store, "update community set language = 'en'")

    assert (await kept(store, community)).name_on(date(2026, 4, 27)) == "King's Day"


async def test_periods_are_those_of_the_community_alone(store: Store) -> None:
    ours, others = await a_community(store), await a_community(store, "elsewhere")

    await typed(store, ours, EXAMS, AWAY)

    assert (await kept(store, ours)).periods == (EXAMS, AWAY)
    assert (await kept(store, others)).periods == ()


async def test_periods_by_hand_are_listed_by_date(store: Store) -> None:
    community = await a_community(store)
    await typed(store, community, EXAMS, AWAY)

    async with store.begin() as work:
        listed = await free_days.by_hand(work, community)

    assert [row.period for row in listed] == [AWAY, EXAMS]


async def test_a_period_is_removed_once_and_only_by_its_own_community(store: Store) -> None:
    ours, others = await a_community(store), await a_community(store, "elsewhere")
    (period_id,) = await typed(store, ours, EXAMS)

    removed = []
    for community in (others, ours, ours):
        async with store.begin() as work:
            removed.append(await free_days.remove_period(work, community, period_id))

    assert removed == [None, EXAMS, None]
    assert (await kept(store, ours)).periods == ()


@pytest.mark.parametrize(
    ("state", "counted"),
    [(CalendarState.WANTED, ()), (CalendarState.SEEN, ()), (CalendarState.ACTIVE, (EXAMS,))],
)
async def test_a_calendar_counts_only_once_it_was_confirmed(
    store: Store, state: CalendarState, counted: tuple[Period, ...]
) -> None:
    await some_members(store, 1)
    community = await look_one(store, "select id from community")

    await a_calendar(store, community, state=state)

    assert (await kept(store, community)).periods == counted


async def test_what_a_calendar_holds_is_not_removed_by_hand(store: Store) -> None:
    await some_members(store, 1)
    community = await look_one(store, "select id from community")
    await a_calendar(store, community)
    period_id = await look_one(store, "select id from free_period")

    async with store.begin() as work:
        assert await free_days.remove_period(work, community, period_id) is None

    assert (await kept(store, community)).periods == (EXAMS,)
