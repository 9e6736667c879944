"""How long a platform waits until its event is kept: alone, and with fifty that arrive together."""

import asyncio
import time

from bot.main import LivingRoom
from tests.bench.house import Row, Sizes, command, spread, work

TOGETHER = 50


async def measure(kring: LivingRoom, sizes: Sizes) -> list[Row]:
    """Keep events in a quiet inbox; they are worked afterwards."""
    alone = [await _kept(kring) for _ in range(sizes.rounds * 10)]
    together: list[float] = []
    for _ in range(sizes.rounds):
        together += await asyncio.gather(*(_kept(kring) for _ in range(TOGETHER)))
    await work(kring)
    return [spread("ack, one at a time", alone), spread(f"ack, {TOGETHER} at once", together)]


async def _kept(kring: LivingRoom) -> float:
    event, start = command(), time.perf_counter()
    await kring.dispatcher.receive(event)
    return time.perf_counter() - start
