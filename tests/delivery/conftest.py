"""A sender over a fake platform, on a real store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.chat import cards
from bot.delivery.sender import Sender
from storage.db import Store
from tests.contracts.messenger import card
from tests.fakes.clock import StandingClock
from tests.fakes.messenger import FakeMessenger
from tests.storage.rows import NOW, a_delivery, look, look_one, put, run


@dataclass
class Post:
    """What a test needs to send and to see what became of it."""

    store: Store
    messenger: FakeMessenger = field(default_factory=FakeMessenger)
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOW))

    def __post_init__(self) -> None:
        self.sender = self.another_sender()

    def another_sender(self) -> Sender:
        """Make a sender as another process would have it."""
        return Sender(self.store, {self.messenger.platform: self.messenger}, self.clock)

    async def put(self, key: str, **chosen: Any) -> int:  # noqa: ANN401 - whatever a column is
        """Store a post that says its key."""
        payload = self.store.vault.seal(cards.pack(card(key)))
        (number,) = await put(self.store, a_delivery(key, **{"payload": payload, **chosen}))
        return number

    async def try_once(self, number: int) -> float | None:
        """Try to send; return in how many seconds it wants to be offered again."""
        return (await self.sender([number])).get(number)

    async def try_until_settled(self, number: int, most: int = 20) -> int:
        """Try again and again, as if the silence after each try had passed; return how often."""
        for tries in range(1, most + 1):
            if await self.try_once(number) is None:
                return tries
            await self.let_time_pass()
        raise AssertionError(f"not settled after {most} tries")

    async def let_time_pass(self) -> None:
        """End every silence and every lease, without waiting for it."""
        await run(self.store, "update lane set free_at = 1, next_at = 1")
        await run(self.store, "update delivery set lease_until = 1 where state = 'sending'")

    async def state(self, number: int) -> tuple[str, str]:
        """Say how far a delivery is, and why."""
        state, reason = await look_one(self.store, "select state, reason from delivery where id = :id", id=number)
        return state, reason

    async def states(self) -> set[str]:
        """Say how far the deliveries are."""
        return {state for (state,) in await look(self.store, "select distinct state from delivery")}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep what is logged to itself: a failure that is meant takes a second to be printed beautifully."""
    with capture_logs():
        yield


@pytest.fixture
def post(store: Store) -> Post:
    return Post(store)


@pytest.fixture
def sqlite_post(sqlite_store: Store) -> Post:
    return Post(sqlite_store)


@pytest.fixture
def postgres_post(postgres_store: Store) -> Post:
    return Post(postgres_store)
