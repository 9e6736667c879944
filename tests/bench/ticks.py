"""What it costs that nothing is due: one beat of the clock and one look of the engine, as happens every second."""

from datetime import timedelta

from bot.main import LivingRoom
from storage.rhythms import Rhythm
from tests.bench.house import Row, Sizes, costs, stopwatch

RHYTHMS = 1000


async def measure(kring: LivingRoom, sizes: Sizes) -> list[Row]:
    """Look in vain, first with nothing there, then with a thousand rhythms that sleep."""
    empty = await _idle(kring, sizes, "idle second")
    await _plan(kring)
    return [empty, await _idle(kring, sizes, f"idle second, {RHYTHMS:,} rhythms")]


async def _idle(kring: LivingRoom, sizes: Sizes, what: str) -> Row:
    with stopwatch() as cost:
        for _ in range(sizes.ticks):
            await kring.planner.beat()
            await kring.engine.drain(kring.handlers)
    return costs(what, cost.each(sizes.ticks))


async def _plan(kring: LivingRoom) -> None:
    """Plan a thousand rhythms for next year."""
    at = kring.clock.now() + timedelta(days=365)
    row = {
        "community_id": 1,
        "kind": "checkin",
        "rrule": "FREQ=WEEKLY;BYDAY=TU",
        "start_local": "2027-11-02T09:00",
        "timezone": "Europe/Amsterdam",
        "grace_seconds": 0,
        "state": "active",
        "catch_up": "latest",
        "next_local": "2027-11-02T09:00",
        "next_at": at,
    }
    async with kring.store.begin() as work:
        for _ in range(RHYTHMS // 100):
            await work.run(work.insert(Rhythm).values([row] * 100))
