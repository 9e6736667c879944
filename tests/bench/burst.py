"""A large community with a prompt on Monday at nine: how a burst looks from outside, and who is kept waiting by it.

Kring is a program of its own, and everything is seen as its operator and its platform see it: the queue and its age on
`/metrics`, memory from the machine, posts where they arrive. Members type a command all the while, from before nine on,
in the direct messages in which they are asked as well; counted from the event to its answer at the platform.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import quantiles

from aiohttp import ClientSession

from bot.chat.events import Commanded, Event, Place, User, pack
from bot.domain.rhythm import Rule
from storage import rhythms
from tests.bench.crowd import MONDAY, WORKSPACE, furnish, stored, user
from tests.bench.house import Row, Sizes, drawn, spread
from tests.bench.loopback import NAME
from tests.bench.programs import Chat, Program, chatting, running, state
from tests.bench.replica import Life
from tests.fakes.clock import moment

GOAL = 2.0
NINE = moment("2026-11-09 09:00 Europe/Amsterdam")
LATENCY = 0.1
WARM = 5
PATIENCE = 300.0
LOOK = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: seconds since nine, asked so far and how many a second lately; the oldest that waits (seconds).

    Of the process: its memory (MB), and how much of a core it takes (%).
    """

    at: float
    asked: int
    pace: float
    age: float
    memory: float
    core: float

    def cells(self) -> tuple[str, ...]:
        """The look as a line of a table."""
        numbers = (self.pace, self.age, self.memory, self.core)
        return (f"{self.at:.0f}", f"{self.asked:,}", *(f"{number:.0f}" for number in numbers))


HEADS = ("second", "asked", "a second", "queue age (s)", "memory (MB)", "of a core (%)")


@dataclass(slots=True)
class Watch:
    """What is seen and measured of one burst."""

    chat: Chat
    kring: Program
    client: ClientSession
    nine: float
    """When Kring's clock says nine, by the machine's."""
    looks: list[Seen] = field(default_factory=list)
    busy: float = 0.0
    posts: list[tuple[str, str, float]] = field(default_factory=list)
    asked_at: dict[str, float] = field(default_factory=dict)
    """When each member who typed something did so."""

    async def type(self, members: Sequence[str], pause: float) -> None:
        """Have members type a command, one after the other, each so long after the last."""
        for member in members:
            event = Event(f"bench:{member}", NAME, WORKSPACE, User(member, member), Place(f"D{member}", direct=True),
                          Commanded("help"))  # fmt: skip
            self.asked_at[member] = time.time()
            async with self.client.post(f"{self.kring.address}/events", data=pack(event)) as answer:
                answer.raise_for_status()
            await asyncio.sleep(max(0.0, self.asked_at[member] + pause - time.time()))

    async def look(self) -> None:
        """Look how far it is."""
        self.posts += await self.chat.posts(len(self.posts))
        asked = sum(key.startswith("energy:") for key, _, _ in self.posts)
        age, memory = (await state(self.client, self.kring)).get("age_prompts_seconds", 0.0), self.kring.memory()
        at, busy = time.time() - self.nine, self.kring.busy()
        since = at - (self.looks[-1].at if self.looks else 0.0)
        pace = (asked - (self.looks[-1].asked if self.looks else 0)) / since
        self.looks.append(Seen(at, asked, pace, age, memory, 100 * (busy - self.busy) / since))
        self.busy = busy


async def measure(sizes: Sizes, name: str, url: str) -> tuple[list[Row], str]:
    """Let it be Monday; return the rows, and what was seen as a table."""
    await furnish(url, sizes.members, NINE - timedelta(days=7))
    await _plan(url)
    nine = time.time() + sizes.idle
    async with chatting() as chat, ClientSession() as client:
        await chat.begin(LATENCY)
        life = Life(url, chat.address, sizes.cap, NINE.timestamp() - nine)
        async with running("tests.bench.replica", life.word()) as kring:
            watch = Watch(chat, kring, client, nine)
            before, during = await _through(watch, sizes)
            waits = await _waits(watch)
    posts = [channel for key, channel, _ in watch.posts if key.startswith("energy:")]
    assert len(posts) == len(set(posts)) == sizes.members
    idle, busy = ([waits[member] for member in members] for members in (before, during))
    return list(_rows(name, watch, idle, busy)), _table(f"{name}: {_what(sizes)}", watch.looks)


async def _plan(url: str) -> None:
    rule = Rule("FREQ=WEEKLY;BYDAY=MO", NINE.replace(tzinfo=None), "Europe/Amsterdam")
    async with stored(url) as store, store.begin() as work:
        rhythm = await rhythms.add(work, rhythms.draft(1, MONDAY, rule))
        await rhythms.resume(work, rhythm, now=NINE - timedelta(days=1))


async def _through(watch: Watch, sizes: Sizes) -> tuple[Sequence[str], Sequence[str]]:
    """Have commands typed before nine and then during the burst, and return who typed when."""
    often = 1 / sizes.typed
    members = [user(number) for number in random.Random(9).sample(range(sizes.members), sizes.members)]  # noqa: S311 - any order
    warm, members = members[:WARM], members[WARM:]
    await watch.type(warm, often)
    quiet = max(2, int((watch.nine - time.time()) * sizes.typed) - 1)
    before, members = members[:quiet], members[quiet:]
    await watch.type(before, often)
    await asyncio.sleep(max(0.0, watch.nine - time.time()))
    watch.busy = watch.kring.busy()
    typing = asyncio.create_task(watch.type(members, often))
    async with asyncio.timeout(PATIENCE):
        while not watch.looks or watch.looks[-1].asked < sizes.members:
            await asyncio.sleep(sizes.look)
            await watch.look()
    typing.cancel()
    await asyncio.wait([typing])
    return before, [member for member in members if member in watch.asked_at]


async def _waits(watch: Watch) -> dict[str, float]:
    """Return how long each waited, once everyone has their answer."""
    async with asyncio.timeout(PATIENCE):
        while True:
            watch.posts += await watch.chat.posts(len(watch.posts))
            found = {channel: at for key, channel, at in watch.posts if key.startswith("inbox:")}
            if watch.asked_at.keys() <= found.keys():
                return {member: found[member] - at for member, at in watch.asked_at.items()}
            await asyncio.sleep(LOOK)


def _what(sizes: Sizes) -> str:
    return (
        f"{sizes.members:,} members are asked on Monday at nine, at most {sizes.cap:.0f} a second;"
        f" {sizes.typed:.0f} commands a second beside"
    )


def _rows(name: str, watch: Watch, idle: Sequence[float], busy: Sequence[float]) -> Iterator[Row]:
    quiet, full = spread("", idle), spread("", busy)
    asked = [at - watch.nine for key, _, at in watch.posts if key.startswith("energy:")]
    yield Row(
        f"Monday at nine, {name}", f"{len(asked) / max(asked):.0f} a second", f"the last after {max(asked):.0f} s"
    )
    yield Row("  a command before it", quiet.first, quiet.second)
    yield Row("  a command during it", full.first, full.second)
    yield Row("  so many times that", f"p95 {_p95(busy) / _p95(idle):.2f} x", f"goal at most {GOAL:.0f}")


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[18]


def _table(title: str, looks: Sequence[Seen]) -> str:
    return drawn(title, [HEADS, *(look.cells() for look in looks)])
