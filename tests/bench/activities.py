"""Activities of Teams in, replies out: the stock adapter's echo bot, an echo bot on our seam, and all of Kring.

Each is a program of its own, on one core where the machine lets itself be told so; who asks and who is answered to are
others. The stock bot runs without credentials, which is its best case (with them it fetches a token before every
reply); ours checks a signed token with every activity and sends its own with every reply.
"""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median

from aiohttp import ClientSession, TCPConnector

from tests.bench.house import NUMBERS, Row, Sizes
from tests.bench.programs import Program, running
from tests.fakes.teams.world import APP_ID, TENANT, Json

GOAL = 10.0
BLOCKED = 0.05  # seconds
SLOW = 0.2  # seconds that a slow connector takes
TOGETHER = 16
PEOPLE = 256
MANY = 128  # at once, where the connector is slow
_PATIENCE = 120.0
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn gave: replies a second, most of them under way at once, tokens fetched, and the longest hold-up."""

    a_second: float
    at_once: int
    tokens: int
    held_up: float = 0.0


@dataclass(slots=True)
class Bot:
    """A bot that runs, and the connector that it answers to."""

    program: Program
    connector: Program
    client: ClientSession
    bearer: str
    tells: bool = True

    async def turn(self, many: int, together: int, latency: float = 0.0) -> Turn:
        """Say so many things, some at a time, and wait until the last reply has arrived."""
        begin = {"latency": str(latency), "goal": str(many)}
        async with self.client.post(f"{self.connector.address}/begin", params=begin) as answer:
            answer.raise_for_status()
        await self._gap()
        lines = [await Line.opened(self.program.address) for _ in range(min(many, together))]
        left, start = iter(range(many)), time.perf_counter()
        await asyncio.gather(*(self._say(line, left) for line in lines))
        async with asyncio.timeout(_PATIENCE), self.client.get(f"{self.connector.address}/end") as answer:
            told = await answer.json()
        spent = time.perf_counter() - start
        return Turn(many / spent, told["most_at_once"], told["tokens"], await self._gap())

    async def _say(self, line: "Line", left: Iterator[int]) -> None:
        """Say things one after the other, as long as any are left."""
        for _ in left:
            await line.post(said(self.connector.address), self.bearer)
        line.close()

    async def _gap(self) -> float:
        if not self.tells:
            return 0.0
        async with self.client.get(f"{self.program.address}/gap") as answer:
            return float(await answer.text())


@dataclass(slots=True)
class Line:
    """One connection to a bot, by hand: who asks shares a core with the connector, and must not be what is measured."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def opened(cls, address: str) -> "Line":
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2])))

    async def post(self, activity: Json, bearer: str) -> None:
        """Post an activity, and read the whole answer."""
        body = json.dumps(activity).encode()
        authorization = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
        head = f"POST /api/messages HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n{authorization}"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        told = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if not told.startswith(b"http/1.1 20"):
            raise RuntimeError(f"the bot answered {told[:40]!r}")
        length = re.search(rb"content-length: ([0-9]+)", told)
        await self.reader.readexactly(int(length[1]) if length else 0)

    def close(self) -> None:
        """Disconnect."""
        self.writer.close()


def said(service_url: str) -> Json:
    """What Teams tells when one of many writes `help` to Kring in private."""
    number = next(_ids)
    who = f"29:person-{number % PEOPLE}"
    return {
        "type": "message", "id": str(number), "timestamp": "2026-11-22T09:00:00.000Z", "channelId": "msteams",
        "serviceUrl": f"{service_url}/", "from": {"id": who, "name": "Noor Jansen"},
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": f"a:{who}"},
        "recipient": {"id": f"28:{APP_ID}", "name": "Kring"}, "text": "help", "textFormat": "plain",
        "locale": "nl-NL", "localTimezone": "Europe/Amsterdam", "channelData": {"tenant": {"id": TENANT}},
        "entities": [{"type": "clientInfo", "locale": "nl-NL", "timezone": "Europe/Amsterdam"}],
    }  # fmt: skip


async def measure(sizes: Sizes, folder: Path) -> list[Row]:
    """Measure the three by turns, and compare."""
    store = f"sqlite:///{folder}/{next(NUMBERS)}.db"
    async with _bots(store) as bots:
        stock, seam, whole = bots
        tokens = (await seam.turn(sizes.activities, TOGETHER)).tokens  # the first there are, while it is warming up
        for bot in (stock, whole):
            await bot.turn(TOGETHER, TOGETHER)
        quick = [[await bot.turn(sizes.activities, TOGETHER) for bot in bots] for _ in range(sizes.turns)]
        slow = [[await bot.turn(sizes.slow, MANY, SLOW) for bot in bots] for _ in range(sizes.turns)]
    return [*_quick(quick, sizes.activities, tokens), *_slow(slow)]


def _quick(turns: list[list[Turn]], many: int, tokens: int) -> Iterator[Row]:
    stock, seam, whole = zip(*turns, strict=True)
    yield Row("activities, stock adapter", f"{_middle(stock):.0f} a second", f"{TOGETHER} at once, no credentials")
    yield Row("activities, our seam", f"{_middle(seam):.0f} a second", f"{TOGETHER} at once, signed and checked")
    yield Row("  so many times the stock adapter", f"{_ratio(seam, stock):.1f} x", f"goal {GOAL:.0f}")
    yield Row("  tokens fetched", f"{tokens}", f"for the first {many:,} replies")
    yield Row("  the loop held up at most", f"{_held_up(seam) * 1000:.0f} ms", f"goal {BLOCKED * 1000:.0f}")
    yield Row("activities, all of Kring", f"{_middle(whole):.0f} a second", "help, with its rows on SQLite")
    yield Row("  so many times the stock adapter", f"{_ratio(whole, stock):.1f} x", "no goal")
    yield Row("  the loop held up at most", f"{_held_up(whole) * 1000:.0f} ms", f"goal {BLOCKED * 1000:.0f}")


def _slow(turns: list[list[Turn]]) -> Iterator[Row]:
    stock, seam, whole = zip(*turns, strict=True)
    for name, some in (("stock adapter", stock), ("our seam", seam), ("all of Kring", whole)):
        yield Row(f"connector takes {SLOW * 1000:.0f} ms, {name}", f"{_at_once(some):.0f} under way", _speed(some))
        if some is not stock:
            goal = f"goal {GOAL:.0f}" if some is seam else "no goal"
            times = f"{_at_once(some) / _at_once(stock):.1f} x"
            yield Row("  so many times the stock adapter", times, f"{goal}; {_ratio(some, stock):.1f} x as fast")


def _at_once(turns: Sequence[Turn]) -> float:
    return median(turn.at_once for turn in turns)


def _middle(turns: Sequence[Turn]) -> float:
    return median(turn.a_second for turn in turns)


def _speed(turns: Sequence[Turn]) -> str:
    return f"{_middle(turns):.0f} a second"


def _ratio(ours: Sequence[Turn], theirs: Sequence[Turn]) -> float:
    """Compare within each turn, and take the middle one."""
    return median(our.a_second / their.a_second for our, their in zip(ours, theirs, strict=True))


def _held_up(turns: Sequence[Turn]) -> float:
    return max(turn.held_up for turn in turns)


@asynccontextmanager
async def _bots(store: str) -> AsyncIterator[tuple[Bot, Bot, Bot]]:
    """Run the three and their connector, each bot on the first core, everything else beside it."""
    async with AsyncExitStack() as stack:
        connector = await stack.enter_async_context(running("tests.bench.connector"))
        client = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=0)))
        async with client.get(f"{connector.address}/bearer", params={"service_url": f"{connector.address}/"}) as answer:
            bearer = (await answer.json())["token"]
        modules = (("tests.bench.stock",), ("tests.bench.teamed", connector.address),
                   ("tests.bench.teamed", connector.address, store))  # fmt: skip
        programs = [await stack.enter_async_context(running(*words)) for words in modules]
        stack.callback(_placed([program.pid for program in programs], [connector.pid, os.getpid()]))
        stock, *ours = (Bot(one, connector, client, bearer) for one in programs)
        yield replace(stock, bearer="", tells=False), ours[0], ours[1]


def _placed(bots: Sequence[int], others: Sequence[int]) -> Callable[[], None]:
    """Give the bots the first core to themselves, where there is another; say how to undo it for this program."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) == 1:
        return lambda: None
    before = os.sched_getaffinity(0)
    first = {min(before)}
    for pids, cores in ((bots, first), (others, before - first)):
        for pid in pids:
            os.sched_setaffinity(pid, cores)
    return lambda: os.sched_setaffinity(0, before)
