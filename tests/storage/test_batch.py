"""Group commit: many callers share few transactions, and each hears what became of theirs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.errors import StoreError
from storage import inbox
from storage.batch import Batch
from storage.db import Store, UnitOfWork
from storage.inbox import Arrival
from tests.storage.rows import NOW, look_one


@dataclass
class Doubler:
    """Doubles numbers, and notes which came together; may be told to fail."""

    batches: list[list[int]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    failures: list[Exception] = field(default_factory=list)

    async def __call__(self, work: UnitOfWork, items: Sequence[int]) -> Sequence[int]:  # noqa: ARG002
        self.batches.append(list(items))
        self.begun.set()
        if self.failures:
            raise self.failures.pop(0)
        return [2 * item for item in items]


async def test_each_caller_gets_its_own_result(sqlite_store: Store) -> None:
    batch = Batch(sqlite_store, Doubler())

    results = await asyncio.gather(*(batch.submit(number) for number in range(50)))

    assert results == [2 * number for number in range(50)]


async def test_what_is_asked_while_a_transaction_is_under_way_shares_the_next_one(sqlite_store: Store) -> None:
    doubler = Doubler()
    batch = Batch(sqlite_store, doubler)

    first = asyncio.create_task(batch.submit(0))
    await doubler.begun.wait()
    await asyncio.gather(first, *(batch.submit(number) for number in range(1, 50)))

    assert doubler.batches == [[0], list(range(1, 50))]


async def test_where_several_came_together_the_next_one_waits_for_company(sqlite_store: Store) -> None:
    doubler = Doubler()
    batch = Batch(sqlite_store, doubler, linger=0.05)
    await asyncio.gather(batch.submit(1), batch.submit(2))

    first = asyncio.create_task(batch.submit(3))
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.gather(first, batch.submit(4))

    assert doubler.batches == [[1, 2], [3, 4]]


async def test_what_comes_alone_waits_for_nobody(sqlite_store: Store) -> None:
    batch = Batch(sqlite_store, Doubler(), linger=3600)

    async with asyncio.timeout(10):
        assert [await batch.submit(number) for number in range(3)] == [0, 2, 4]


async def test_an_error_reaches_every_caller_of_its_batch_and_later_ones_go_on(sqlite_store: Store) -> None:
    batch = Batch(sqlite_store, Doubler(failures=[StoreError("full")]))

    failed = await asyncio.gather(*(batch.submit(number) for number in range(3)), return_exceptions=True)

    assert [str(error) for error in failed] == ["full"] * 3
    assert await batch.submit(4) == 8


async def test_a_caller_that_went_away_does_not_keep_the_others_waiting(sqlite_store: Store) -> None:
    batch = Batch(sqlite_store, Doubler())
    gone, there = asyncio.create_task(batch.submit(1)), asyncio.create_task(batch.submit(2))
    await asyncio.sleep(0)

    gone.cancel()

    assert await there == 4
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_caller_is_answered_when_its_row_is_committed(store: Store) -> None:
    batch = Batch(store, inbox.keep)
    arrivals = [Arrival("fake", "w", f"e{number % 20}", b"", NOW) for number in range(40)]

    rows = await asyncio.gather(*(batch.submit(arrival) for arrival in arrivals))

    assert [row is None for row in rows] == [False] * 20 + [True] * 20
    assert await look_one(store, "select count(*) from inbox") == 20
