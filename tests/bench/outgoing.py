"""How many messages a second reach the room, each claimed, posted and recorded."""

import asyncio

from bot.main import LivingRoom
from tests.bench.house import Row, Sizes, command, stopwatch


async def measure(kring: LivingRoom, sizes: Sizes) -> list[Row]:
    """Have answers made first, and then send all of them."""
    await asyncio.gather(*(kring.dispatcher.receive(command()) for _ in range(sizes.deliveries)))
    await kring.dispatcher.drain()
    with stopwatch() as cost:
        await kring.engine.drain(kring.handlers)
    each = cost.each(sizes.deliveries)
    return [Row("deliveries to the room", f"{1000 / each.wall:.0f} a second", f"CPU {each.cpu:.2f} ms each")]
