"""The inbox: an event is one row, worked once, and leaves nothing of what was said."""

import asyncio

import pytest

from storage import inbox, operating
from storage.db import Store
from storage.inbox import Arrival, InboxState
from tests.storage.rows import NOW, failing, look, look_one


def arrival(event_id: str, payload: bytes = b"words", sequence: str = "") -> Arrival:
    return Arrival("fake", "w", event_id, payload, NOW, sequence)


async def keep(store: Store, *arrivals: Arrival) -> list[int | None]:
    async with store.begin() as work:
        return await inbox.keep(work, arrivals)


async def take(store: Store, row_id: int) -> bytes | None:
    async with store.begin() as work:
        return await inbox.take(work, row_id)


async def waiting(store: Store) -> list[int]:
    async with store.begin() as work:
        return await inbox.waiting(work)


async def test_an_event_that_comes_again_is_one_row(store: Store) -> None:
    first = await keep(store, arrival("e1"))

    again = await keep(store, arrival("e1", b"other words"))

    assert again == [None]
    assert await waiting(store) == first
    assert await take(store, 1) == b"words"


async def test_an_event_that_comes_twice_at_once_is_one_row(store: Store) -> None:
    kept = await keep(store, arrival("e1"), arrival("e1"))

    assert [row is None for row in kept] == [False, True]
    assert await waiting(store) == kept[:1]


async def test_new_events_among_known_ones_get_their_own_rows_in_order(store: Store) -> None:
    (known,) = await keep(store, arrival("e2"))

    kept = await keep(store, arrival("e1"), arrival("e2"), arrival("e3"))

    named = dict(await look(store, "select event_id, id from inbox"))
    assert kept == [named["e1"], None, named["e3"]]
    assert named["e2"] == known


async def test_the_same_id_on_another_platform_or_workspace_is_another_event(store: Store) -> None:
    others = [Arrival("slack", "w", "e1", b"", NOW), Arrival("fake", "x", "e1", b"", NOW)]

    kept = await keep(store, arrival("e1"), *others)

    assert len({row for row in kept if row}) == 3


async def test_an_event_that_was_worked_and_comes_again_is_not_worked_again(store: Store) -> None:
    await keep(store, arrival("e1"))
    await take(store, 1)

    again = await keep(store, arrival("e1"))

    assert again == [None]
    assert await waiting(store) == []


async def test_an_event_is_taken_once_and_its_payload_is_erased(store: Store) -> None:
    await keep(store, arrival("e1"))

    taken = [await take(store, 1), await take(store, 1)]

    assert taken == [b"words", None]
    assert await look_one(store, "select state, payload from inbox") == (InboxState.DONE, None)


async def test_an_event_whose_work_failed_is_there_again_with_its_payload(store: Store) -> None:
    await keep(store, arrival("e1"))

    async with failing(store) as work:
        await inbox.take(work, 1)

    assert await waiting(store) == [1]
    assert await take(store, 1) == b"words"


async def test_what_somebody_did_later_is_not_worked_before_what_they_did_first(store: Store) -> None:
    await keep(store, arrival("e1", sequence="noor"), arrival("e2", sequence="noor"), arrival("e3", sequence="karim"))

    with pytest.raises(inbox.Behind):
        await take(store, 2)
    another = await take(store, 3)
    in_order = [await take(store, 1), await take(store, 2)]

    assert another == b"words"
    assert in_order == [b"words", b"words"]


async def test_whose_event_it_was_is_forgotten_when_it_is_worked(store: Store) -> None:
    await keep(store, arrival("e1", sequence="noor"), arrival("e2", sequence="karim"))

    await take(store, 1)
    async with store.begin() as work:
        await inbox.settle(work, 2, InboxState.FAILED)

    assert await look(store, "select distinct sequence from inbox") == [("",)]


async def test_an_event_that_was_given_up_keeps_nothing_either(store: Store) -> None:
    await keep(store, arrival("e1"))

    async with store.begin() as work:
        await inbox.settle(work, 1, InboxState.FAILED)

    assert await look_one(store, "select state, payload from inbox") == (InboxState.FAILED, None)
    assert await take(store, 1) is None


async def test_a_row_that_is_not_there_is_not_taken(store: Store) -> None:
    assert await take(store, 99) is None


async def test_events_wait_in_the_order_they_came_and_are_counted(store: Store) -> None:
    for number in range(4):
        await keep(store, arrival(f"e{number}"))
    await take(store, 2)

    async with store.begin() as work:
        assert await inbox.waiting(work, 2) == [1, 3]
        assert (await operating.measure(work, NOW))["inbox_waiting"] == 3


@pytest.mark.xdist_group("postgres")
async def test_of_two_who_take_at_once_one_gets_the_event(postgres_store: Store) -> None:
    await keep(postgres_store, arrival("e1"))
    both_there = asyncio.Barrier(2)

    async def take_and_linger() -> bytes | None:
        async with postgres_store.begin() as work:
            payload = await inbox.take(work, 1)
            await both_there.wait()
            return payload

    taken = await asyncio.gather(take_and_linger(), take_and_linger())

    assert sorted(taken, key=bool) == [None, b"words"]
