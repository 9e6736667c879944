"""What every measurement stands on: all of Kring in a folder, stopwatches, and the rows of the table."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles

from bot.chat.events import Commanded, Event, Place
from bot.main import LivingRoom, opened
from bot.platforms.room.cast import CHANNEL, HOST
from tests.fakes.clock import StandingClock
from tests.talk import settings

NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of what: `rounds` of fifty acks at once, and so on.

    `people` are asked at once, by turns with a bare loop; `shared` deliveries are shared by replicas. On Monday at nine
    so many `members` are asked, at most `cap` a second, while `typed` commands come in a second, from `idle` seconds
    before, when the program starts; every `look` seconds somebody looks. Of Slack come `slash` commands a turn at once,
    `stream` at a hundred a second, and `events` of any kind; of Teams `activities`, and `slow` where the connector
    takes its time.
    """

    commands: int
    rounds: int
    deliveries: int
    ticks: int
    starts: int
    rhythms: int
    turns: int
    people: int
    shared: int
    members: int
    idle: float
    cap: float
    typed: float
    look: float
    slash: int
    stream: int
    events: int
    activities: int
    slow: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, and one or two numbers with their units."""

    what: str
    first: str
    second: str = ""

    def cells(self) -> tuple[str, str, str]:
        """The line in columns."""
        return (self.what, self.first, self.second)


@dataclass(slots=True)
class Cost:
    """Milliseconds of processor, all threads of this process together, and on the wall."""

    cpu: float = 0.0
    wall: float = 0.0

    def each(self, many: int) -> "Cost":
        """The cost of one of so many."""
        return Cost(self.cpu / many, self.wall / many)


@contextmanager
def stopwatch() -> Iterator[Cost]:
    """Measure what happens inside."""
    cost, cpu, wall = Cost(), time.process_time(), time.perf_counter()
    yield cost
    cost.cpu, cost.wall = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[LivingRoom]:
    """Open Kring on SQLite with the demonstration in its room; its parts are run by who measures them."""
    async with opened(settings(folder), clock=StandingClock()) as kring:
        inbox = asyncio.create_task(kring.dispatcher.run())
        await kring.begin_demo()
        inbox.cancel()
        await work(kring)
        yield kring


async def work(kring: LivingRoom) -> None:
    """Work the inbox and send what that gave."""
    await kring.dispatcher.drain()
    await kring.engine.drain(kring.handlers)


def command() -> Event:
    """`/kring help`, from a facilitator in the channel."""
    place = Place(CHANNEL.id, name=CHANNEL.name)
    return Event(f"bench:{next(NUMBERS)}", "room", "room", HOST.user(), place, Commanded("help"))


def spread(what: str, seconds: Sequence[float]) -> Row:
    """A row with the middle one, and the one that nineteen out of twenty stay under."""
    twentieths = quantiles(seconds, n=20, method="inclusive")
    return Row(what, f"p50 {twentieths[9] * 1000:.2f} ms", f"p95 {twentieths[18] * 1000:.2f} ms")


def costs(what: str, cost: Cost) -> Row:
    """A row with processor and wall."""
    return Row(what, f"CPU {cost.cpu:.2f} ms", f"wall {cost.wall:.2f} ms")


def drawn(title: str, lines: Sequence[Sequence[str]]) -> str:
    """Draw a table of numbers below its title; the first line has the heads."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    cells = ("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join([title, "", *cells])
