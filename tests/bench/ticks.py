"""What the clock costs: a second in which nothing is due, and a tick with ten rhythms due among few and among many.

A tick is the transaction that turns due rhythms into occurrences; a beat is all that the clock has done with them.
"""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import sqlalchemy as sa
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.rhythm import Rule
from bot.kring import Kring
from bot.main import LivingRoom
from storage import due, rhythms
from storage.db import Store, table_of
from storage.rhythms import Rhythm
from tests.bench.crowd import furnish, opened
from tests.bench.house import Row, Sizes, costs, stopwatch
from tests.bench.loopback import SlackMessenger
from tests.fakes.clock import START, StandingClock

FEW, DUE, TURNS = 100, 10, 15
GOAL = 1.5
WEEK = timedelta(weeks=1)
_KIND = "bench.nothing"
_SOON, _FAR = Rule("FREQ=WEEKLY;BYDAY=MO", START.replace(tzinfo=None), "Europe/Amsterdam"), timedelta(days=3650)


async def idle(kring: LivingRoom, sizes: Sizes) -> list[Row]:
    """Look in vain, as happens every second: first with nothing there, then with a thousand rhythms that sleep."""
    empty = await _idle(kring, sizes, "idle second")
    await plant(kring.store, 1000, due_weekly=0)
    return [empty, await _idle(kring, sizes, "idle second, 1,000 rhythms")]


async def _idle(kring: LivingRoom, sizes: Sizes, what: str) -> Row:
    with stopwatch() as cost:
        for _ in range(sizes.ticks):
            await kring.planner.beat()
            await kring.engine.drain(kring.handlers)
    return costs(what, cost.each(sizes.ticks))


async def plant(store: Store, many: int, *, due_weekly: int) -> None:
    """Store so many rhythms: some are due every week, the others sleep for ten years, each to a minute of its own."""
    async with store.begin() as work:
        first = rhythms.draft(1, _KIND, _SOON)
        await rhythms.resume(work, first, now=START)
        await work.flush()
        values = first.model_dump(exclude={"id"})
        later = first.next_at or START
        rows = [values] * (due_weekly - 1)
        rows += [values | {"next_at": later + _FAR + timedelta(minutes=n)} for n in range(many - max(due_weekly, 1))]
        if not due_weekly:
            first.next_at = later + _FAR
        if rows:
            await work.run(sa.insert(table_of(Rhythm)), rows)


@dataclass(slots=True)
class Field:
    """A store with so many rhythms, ten of which are due every week."""

    kring: Kring
    clock: StandingClock

    async def tick(self) -> float:
        """Let a week go by, and return what the tick takes (ms)."""
        self.clock.wait(WEEK)
        began = time.perf_counter()
        async with self.kring.store.begin() as work:
            ticked = await due.tick(work, self.clock.now())
        took = time.perf_counter() - began
        assert ticked == DUE
        await self.kring.planner.beat()
        return took * 1000

    async def beat(self) -> float:
        """Let a week go by, and return what the whole beat takes (ms)."""
        self.clock.wait(WEEK)
        with stopwatch() as cost:
            await self.kring.planner.beat()
        return cost.wall


@asynccontextmanager
async def _field(url: str, many: int) -> AsyncIterator[Field]:
    await furnish(url, 1, START)
    clock = StandingClock()
    async with opened(url, SlackMessenger(AsyncWebClient()), clock) as circle:
        await plant(circle.kring.store, many, due_weekly=DUE)
        yield Field(circle.kring, clock)


async def measure(sizes: Sizes, name: str, few_url: str, many_url: str) -> list[Row]:
    """Tick by turns among few and among many."""
    async with _field(few_url, FEW) as few, _field(many_url, sizes.rhythms) as many:
        turns = [(await few.tick(), await many.tick(), await few.beat(), await many.beat()) for _ in range(TURNS + 1)]
    return list(_rows(sizes, name, turns[1:]))  # the first is to warm up


def _rows(sizes: Sizes, name: str, turns: Sequence[Sequence[float]]) -> Iterator[Row]:
    few, many, few_beats, many_beats = (median(times) for times in zip(*turns, strict=True))
    yield Row(f"tick, {DUE} due of {FEW}, {name}", f"{few:.2f} ms", f"whole beat {few_beats:.2f} ms")
    yield Row(f"tick, {DUE} due of {sizes.rhythms:,}, {name}", f"{many:.2f} ms", f"whole beat {many_beats:.2f} ms")
    yield Row(
        "  so many times that", f"{many / few:.2f} x", f"beat {many_beats / few_beats:.2f} x, goal at most {GOAL}"
    )
