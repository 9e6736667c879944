"""What one `/kring help` costs, from its row in the inbox to its answer in the room, beside a bare handler."""

from bot.main import LivingRoom
from tests.bench.house import Cost, Row, Sizes, command, costs, stopwatch, work


async def measure(kring: LivingRoom, sizes: Sizes, beside: Cost) -> list[Row]:
    """Give commands one after the other, each answered before the next."""
    await _answered(kring, sizes.commands // 10)  # warm
    with stopwatch() as cost:
        await _answered(kring, sizes.commands)
    each = cost.each(sizes.commands)
    times = Row("  so many times that", f"CPU {each.cpu / beside.cpu:.1f} x", f"wall {each.wall / beside.wall:.1f} x")
    return [costs("inbound command", each), costs("bare aiohttp handler", beside), times]


async def _answered(kring: LivingRoom, many: int) -> None:
    for _ in range(many):
        await kring.dispatcher.receive(command())
        await work(kring)
