"""The clock that rings: again and again, whatever its job does, and whatever someone does to the machine's clock."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.clock import Ringer

BEAT = 0.01
AT_MOST = 10.0  # seconds before a test that waits in vain gives up


@dataclass
class Bell:
    """A job that counts how often it was rung, and fails the first few times."""

    rung: int = 0
    failures: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.rung += 1
        self._news.set()
        if self.rung <= self.failures:
            raise LookupError("cracked")

    async def until(self, times: int) -> None:
        """Wait until it was rung so often."""
        async with asyncio.timeout(AT_MOST):
            while self.rung < times:
                self._news.clear()
                await self._news.wait()


@dataclass
class TwoClocks:
    """The machine's clocks, of which the one on the wall can be set."""

    step: float = 0.0

    def time(self) -> float:
        return time.time() + self.step

    def monotonic(self) -> float:
        return time.monotonic()


@asynccontextmanager
async def ringing(ringer: Ringer) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(ringer.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_rings_at_once_and_every_beat() -> None:
    bell = Bell()
    ringer = Ringer(bell, every=BEAT)
    made_at = ringer.rang_at

    async with ringing(ringer):
        await bell.until(3)

    assert made_at < ringer.rang_at <= time.monotonic()


async def test_a_job_that_fails_is_rung_again() -> None:
    bell = Bell(failures=2)

    async with ringing(Ringer(bell, every=BEAT)) as task:
        await bell.until(4)
        assert not task.done()


async def test_a_job_that_takes_longer_than_a_beat_is_never_rung_twice_at_once() -> None:
    bell, together, beats = Bell(), [0, 0], asyncio.Event()

    async def slow() -> None:
        together[0] += 1
        together[1] = max(together)
        await bell()
        await beats.wait()
        together[0] -= 1

    async with ringing(Ringer(slow, every=BEAT)):
        await bell.until(1)
        async with asyncio.timeout(AT_MOST):
            await _some_beats(10)
        beats.set()
        await bell.until(3)

    assert together[1] == 1


@pytest.mark.parametrize("step", [-3600.0, 3600.0], ids=["back", "forward"])
async def test_it_rings_again_when_someone_sets_the_machines_clock(
    monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    clocks = TwoClocks()
    monkeypatch.setattr(clock, "time", clocks)
    bell = Bell()
    ringer = Ringer(bell, every=BEAT)

    async with ringing(ringer):
        await bell.until(1)
        _sleep_for_an_hour(ringer)
        await _some_beats(1)  # what was begun
        before = bell.rung
        await _some_beats(5)
        assert bell.rung == before
        clocks.step = step
        await bell.until(before + 2)


async def test_the_daily_job_is_rung_at_the_start_and_every_day() -> None:
    bell, daily = Bell(), Bell()

    async with ringing(Ringer(bell, every=BEAT, daily=daily, day=1000.0)):
        await daily.until(1)
        await bell.until(5)
        once = daily.rung
    async with ringing(Ringer(bell, every=BEAT, daily=daily, day=BEAT)):
        await daily.until(4)

    assert once == 1


async def test_it_can_be_rung_between_two_beats() -> None:
    bell = Bell()
    ringer = Ringer(bell, every=1000.0)
    ringer.ring()  # before it runs there is nothing to do

    async with ringing(ringer):
        await bell.until(1)
        await asyncio.sleep(0)
        ringer.ring()
        await bell.until(2)


async def test_it_stops_when_it_is_cancelled() -> None:
    bell = Bell()
    ringer = Ringer(bell, every=BEAT)
    async with ringing(ringer) as task:
        await bell.until(1)
    await asyncio.sleep(0)
    rung = bell.rung

    await _some_beats(5)

    assert task.cancelled()
    assert bell.rung == rung
    assert not ringer._scheduler.running


def _sleep_for_an_hour(ringer: Ringer) -> None:
    """Do what an interval job does after the clock on the wall was set back: wait for the whole step."""
    ringer._scheduler.modify_job("beat", next_run_time=datetime.now(UTC) + timedelta(hours=1))


async def _some_beats(count: int) -> None:
    """Let so many beats pass."""
    passed = Bell()
    async with ringing(Ringer(passed, every=BEAT)):
        await passed.until(count)


async def test_a_beat_that_a_stop_cuts_short_is_not_told_as_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def beat() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    stop = asyncio.create_task(Ringer(beat).run())
    await begun.wait()
    stop.cancel()
    await asyncio.gather(stop, return_exceptions=True)
    await ended.wait()
    for _ in range(3):  # what APScheduler does with the outcome comes after
        await asyncio.sleep(0)

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
