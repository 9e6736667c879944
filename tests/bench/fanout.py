"""How fast a thousand people are asked, beside a bare loop of Slack's own SDK against the same platform.

Counted from the commit that plans the deliveries to the last one recorded; and with the planning, from the moment that
something is due.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat import text
from bot.delivery.engine import Handler, Line
from tests.bench.crowd import Circle, furnish, opened, user
from tests.bench.house import Cost, Row, Sizes, stopwatch
from tests.bench.loopback import SlackMessenger, calling, message
from tests.bench.programs import Chat, chatting
from tests.fakes.clock import START, StandingClock

GOAL = 0.6
TOGETHER = 100
PATIENCE = 120.0


@dataclass(slots=True)
class Counted:
    """A handler that knows when everything was handled."""

    handler: Handler
    goal: int = 0
    done: set[int] = field(default_factory=set)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, goal: int) -> None:
        """Count to `goal` from nothing."""
        self.goal = goal
        self.done.clear()
        self.reached.clear()

    async def __call__(self, ids: Sequence[int]) -> Mapping[int, float]:
        """Handle, and count what is settled."""
        later = await self.handler(ids)
        self.done.update(number for number in ids if number not in later)
        if len(self.done) >= self.goal:
            self.reached.set()
        return later


@dataclass(slots=True)
class Fan:
    """A community on one of the engines, which runs all the while."""

    name: str
    circle: Circle
    people: int
    counted: Counted

    async def from_commit(self) -> Cost:
        """Have everyone asked: from the commit that plans it to the last one recorded."""
        self.counted.begin(self.people)
        await self.circle.plan(self.people)
        with stopwatch() as cost:
            await self._all()
        return cost

    async def from_due(self) -> Cost:
        """Have everyone asked: from when it is due, the planning included."""
        self.counted.begin(self.people)
        await self.circle.asks(self.people)
        with stopwatch() as cost:
            await self.circle.kring.planner.beat()
            await self._all()
        return cost

    async def _all(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.counted.reached.wait()


async def measure(sizes: Sizes, urls: Mapping[str, str]) -> list[Row]:
    """Ask everyone, by turns with and without Kring, and compare within each turn."""
    async with chatting() as chat, calling(chat.address) as client, _fans(sizes, urls, client) as fans:
        turns = [await _turn(chat, client, fans) for _ in range(sizes.turns + 1)]
    return list(_rows(sizes.people, [fan.name for fan in fans], turns[1:]))  # the first is to warm up


@asynccontextmanager
async def _fans(sizes: Sizes, urls: Mapping[str, str], client: AsyncWebClient) -> AsyncIterator[list[Fan]]:
    """Open one on every store."""
    if not urls:
        yield []
        return
    (name, url), *others = urls.items()
    await furnish(url, 1, START)
    async with opened(url, SlackMessenger(client), StandingClock()) as circle:
        counted = Counted(circle.kring.handlers[Line.PROMPTS])
        engine = asyncio.create_task(circle.kring.engine.run({**circle.kring.handlers, Line.PROMPTS: counted}))
        async with _fans(sizes, dict(others), client) as fans:
            yield [Fan(name, circle, sizes.people, counted), *fans]
        engine.cancel()
        await asyncio.wait([engine])


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn gave, by name; the bare loop is run again beside every engine, since machines have moods."""

    costs: dict[str, Cost] = field(default_factory=dict)
    beside: dict[str, Cost] = field(default_factory=dict)


async def _turn(chat: Chat, client: AsyncWebClient, fans: Sequence[Fan]) -> Turn:
    turn, words, people = Turn(), text.render(fans[0].circle.card()), fans[0].people
    for fan in fans:
        turn.beside[fan.name] = turn.costs["bare"] = await _bare(client, words, people, 1)
        await chat.begin()
        turn.costs[fan.name] = await fan.from_commit()
        assert len({key for key, _, _ in await chat.posts()}) == people
        turn.costs[f"{fan.name}, planned"] = await fan.from_due()
    turn.costs["together"] = await _bare(client, words, people, TOGETHER)
    return turn


async def _bare(client: AsyncWebClient, words: str, people: int, together: int) -> Cost:
    """Do what is left when there is no Kring: a loop, or so many loops beside each other."""

    async def loop(first: int) -> None:
        for number in range(first, people, together):
            await client.chat_postMessage(**message(user(number), words, f"bare:{number}"))

    with stopwatch() as cost:
        await asyncio.gather(*(loop(first) for first in range(together)))
    return cost


def _rows(people: int, names: Sequence[str], turns: Sequence[Turn]) -> Iterator[Row]:
    for name, what in (("bare", "one after the other"), ("together", f"{TOGETHER} at once")):
        yield Row(f"bare slack-sdk, {what}", _pace(people, turns, name), _processor(people, turns, name))
    for name in names:
        times = median(turn.beside[name].wall / turn.costs[name].wall for turn in turns)
        yield Row(f"fan-out to {people:,}, {name}", _pace(people, turns, name), _processor(people, turns, name))
        yield Row("  so many times the bare loop", f"{times:.2f} x", f"goal {GOAL}")
        planned = f"{name}, planned"
        yield Row("  with the planning", _pace(people, turns, planned), _processor(people, turns, planned))


def _pace(people: int, turns: Sequence[Turn], name: str) -> str:
    return f"{1000 * people / median(turn.costs[name].wall for turn in turns):.0f} a second"


def _processor(people: int, turns: Sequence[Turn], name: str) -> str:
    return f"CPU {median(turn.costs[name].cpu for turn in turns) / people:.2f} ms each"
