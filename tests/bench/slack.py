"""What Slack waits for: a command that is kept and acknowledged, beside a bare Bolt app; and memory over time.

All that listens is a process of its own, and this one delivers, signed. By turns, and compared within each turn. Kring
keeps what comes as it always does: sealed, in a transaction with `fsync`, and with a line of log. `bolted.py` says how
Bolt is run, which keeps nothing. Where it says "taken in", Kring does no more than that meanwhile; where it says
"worked", it answers every command too, in the same process.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from aiohttp import ClientSession, TCPConnector

from tests.bench import slash
from tests.bench.house import NUMBERS, Row, Sizes, drawn, spread
from tests.bench.inlet import Life
from tests.bench.programs import Program, chatting, running, state

TOGETHER = 32
TIMES, MORE = 1.5, 4.0  # the bare app; ms more than bare aiohttp
PAUSE = 0.01
SOME = 8
LOOKS = 10
LOOK = 0.05
PATIENCE = 120.0
HEADS = ("events", "memory (MB)")
Waits = Sequence[float]


@dataclass(frozen=True, slots=True)
class Street:
    """The doors, side by side; a Kring that only takes in, and one that works."""

    client: ClientSession
    aiohttp: Program
    bolt: Program
    takes: Program
    works: Program

    async def cost(self, of: Program, many: int, together: int) -> float:
        """Deliver commands, and return what one takes of the processor (ms)."""
        before = of.busy()
        await slash.crowd(self.client, of.address, many, together)
        return 1000 * (of.busy() - before) / many

    async def waits(self, of: Program, many: int) -> Waits:
        """Deliver a hundred commands a second, and return how long each waited."""
        waits = await slash.stream(self.client, of.address, many, PAUSE)
        await self.rest()
        return waits

    async def rest(self) -> None:
        """Wait until what came in was worked and answered."""
        async with asyncio.timeout(PATIENCE):
            while await self._busy_after_a_while():
                pass

    async def _busy_after_a_while(self) -> float:
        await asyncio.sleep(LOOK)
        found = await state(self.client, self.works)
        return sum(found[name] for name in ("inbox_waiting", "deliveries_pending", "deliveries_sending"))


@asynccontextmanager
async def _street(folder: Path) -> AsyncIterator[Street]:
    def life(chat: str, *, works: bool) -> str:
        return Life(f"sqlite:///{folder}/{next(NUMBERS)}.db", chat, works).word()

    async with (
        chatting() as chat,
        running("tests.bench.handler") as aiohttp,
        running("tests.bench.bolted", chat.address) as bolt,
        running("tests.bench.inlet", life(chat.address, works=False)) as takes,
        running("tests.bench.inlet", life(chat.address, works=True)) as works,
        ClientSession(connector=TCPConnector(limit=0)) as client,
    ):
        yield Street(client, aiohttp, bolt, takes, works)


async def measure(sizes: Sizes, folder: Path) -> tuple[list[Row], str]:
    """Deliver, and return the rows, and memory over time as a table."""
    async with _street(folder) as street:
        for door in (street.bolt, street.takes, street.works):
            await slash.crowd(street.client, door.address, sizes.stream, SOME)  # warm
        await street.rest()
        rows = [*await _costs(street, sizes), *await _acks(street, sizes)]
        looks = await _memory(street, sizes.events)
    return [*rows, _growth(looks)], _table(sizes, looks)


async def _costs(street: Street, sizes: Sizes) -> Iterator[Row]:
    loads = ((sizes.slash, TOGETHER), (sizes.slash // 10, 1))
    doors = (street.bolt, street.takes)
    turns = [[await street.cost(door, *load) for load in loads for door in doors] for _ in range(sizes.turns)]
    return _cost_rows(turns)


def _cost_rows(turns: Sequence[Sequence[float]]) -> Iterator[Row]:
    for first, how, goal in ((0, f"{TOGETHER} at once", f"goal at most {TIMES}"), (2, "one at a time", "no goal")):
        bare, kept = (median(turn[first + place] for turn in turns) for place in (0, 1))
        times = median(turn[first + 1] / turn[first] for turn in turns)
        yield Row(f"bare Bolt app, commands {how}", f"CPU {bare:.3f} ms each")
        yield Row(f"taken in, commands {how}", f"CPU {kept:.3f} ms each")
        yield Row("  so many times that", f"{times:.2f} x", goal)


async def _acks(street: Street, sizes: Sizes) -> Iterator[Row]:
    turns = [
        [await street.waits(door, sizes.stream) for door in (street.aiohttp, street.takes, street.works)]
        for _ in range(sizes.turns)
    ]
    return _ack_rows(turns)


def _ack_rows(turns: Sequence[Sequence[Waits]]) -> Iterator[Row]:
    for place, how in enumerate(("bare aiohttp", "taken in", "worked")):
        yield spread(f"ack at 100 a second, {how}", [wait for turn in turns for wait in turn[place]])
        if place:
            more = median(1000 * (median(turn[place]) - median(turn[0])) for turn in turns)
            yield Row("  so much more", f"p50 {more:.2f} ms", f"goal at most {MORE:.0f}" if place == 1 else "no goal")


async def _memory(street: Street, events: int) -> Sequence[tuple[int, float]]:
    """Deliver events, and look now and then how much memory there is when all of them were worked."""
    looks = [(0, street.works.memory())]
    for look in range(1, LOOKS + 1):
        await slash.crowd(street.client, street.works.address, events // LOOKS, SOME, slash.anything)
        await street.rest()
        looks.append((look * events // LOOKS, street.works.memory()))
    return looks


def _growth(looks: Sequence[tuple[int, float]]) -> Row:
    half, (_, last) = looks[len(looks) // 2], looks[-1]
    name = f"memory after {looks[-1][0]:,} events"
    return Row(name, f"{last:.1f} MB", f"{last - half[1]:+.1f} MB since {half[0]:,}, goal: flat")


def _table(sizes: Sizes, looks: Sequence[tuple[int, float]]) -> str:
    title = f"Memory: {sizes.events:,} events, a tenth of them commands that are answered, six tenths talk"
    return drawn(title, [HEADS, *((f"{events:,}", f"{memory:.1f}") for events, memory in looks)])
