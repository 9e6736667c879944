"""How much faster two replicas are than one: real processes on one PostgreSQL, from commit to the last one recorded.

With a platform that answers as slowly as Slack does, the places under way are the limit and a second replica brings as
many again. Without latency the limit is the machine, whose cores replicas, PostgreSQL and platform have to share here.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import sqlalchemy as sa

from storage.db import Store, table_of
from storage.deliveries import OPEN, Delivery
from tests.bench.crowd import Circle, furnish, opened
from tests.bench.house import Row, Sizes
from tests.bench.loopback import SlackMessenger, calling
from tests.bench.programs import Chat, chatting, running
from tests.bench.replica import AheadClock, Life
from tests.fakes.clock import START

GOAL = 1.6
LATENCIES = (0.3, 0.0)
LOOK = 0.02
PATIENCE = 120.0


@dataclass(slots=True)
class Yard:
    """A store on which replicas come and go."""

    url: str
    chat: Chat
    circle: Circle
    people: int

    async def seconds(self, replicas: int, latency: float) -> float:
        """Plan for everyone while so many replicas wait for it, and return how long they were at it."""
        life = Life(self.url, self.chat.address)
        async with AsyncExitStack() as stack:
            programs = [running("tests.bench.replica", life.word()) for _ in range(replicas)]
            await asyncio.gather(*map(stack.enter_async_context, programs))
            await self.chat.begin(latency)
            await self.circle.plan(self.people)
            began = time.perf_counter()
            async with asyncio.timeout(PATIENCE):
                while await _open_after_a_while(self.circle.kring.store):
                    pass
            took = time.perf_counter() - began
        posts = [key for key, _, _ in await self.chat.posts()]
        assert len(posts) == len(set(posts)) == self.people
        return took


async def _open_after_a_while(store: Store) -> bool:
    await asyncio.sleep(LOOK)
    rows = table_of(Delivery)
    async with store.begin() as work:
        return bool((await work.run(sa.select(sa.exists().where(rows.c.state.in_(OPEN))))).scalar())


async def measure(sizes: Sizes, url: str) -> list[Row]:
    """Take turns with one replica and with two."""
    await furnish(url, 1, START)
    clock = AheadClock(timedelta(0))
    async with (
        chatting() as chat,
        calling(chat.address) as client,
        opened(url, SlackMessenger(client), clock) as circle,
    ):
        rows: list[Row] = []
        for latency in LATENCIES:
            yard = Yard(url, chat, circle, sizes.shared)
            turns = [(await yard.seconds(1, latency), await yard.seconds(2, latency)) for _ in range(sizes.turns)]
            rows += _rows(sizes.shared, latency, turns)
    return rows


def _rows(people: int, latency: float, turns: Sequence[tuple[float, float]]) -> Iterator[Row]:
    """Compare within each turn."""
    one, two = (people / median(seconds) for seconds in zip(*turns, strict=True))
    times = median(alone / together for alone, together in turns)
    answers = f"platform answers after {latency * 1000:.0f} ms"
    yield Row(f"one replica, {answers}", f"{one:.0f} a second")
    yield Row(f"two replicas, {answers}", f"{two:.0f} a second")
    limit = f"goal {GOAL}; limit: places under way" if latency else "limit: the cores they share"
    yield Row("  so many times one", f"{times:.2f} x", limit)
