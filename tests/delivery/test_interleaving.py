"""Two planners at once: in whatever order their transactions begin, end and are cut off, each thing is planned once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.chat.actions import Action
from bot.chat.messages import Answers, Channel, Post
from bot.chat.prompts import Prompts
from bot.chat.router import Router
from bot.context import Context, FeatureRoutes
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.domain.rhythm import CatchUp, Slot
from storage import communities, occurrences, people, pulses, timers
from storage.communities import Community
from storage.db import Store, UnitOfWork
from storage.sealed import Vault
from tests.conftest import SECRET, opened
from tests.contracts.messenger import card
from tests.delivery.test_outbox import Ears
from tests.fakes.clock import StandingClock
from tests.storage.rows import NOW, a_rhythm, look, run

HOUR = timedelta(hours=1)
PATIENCE = 0.05  # seconds after which a transaction is taken to wait for the other one
TABLES = ("delivery", "timer", "occurrence", "rhythm", "energy_note")
routes = FeatureRoutes()


@routes.due("tea.due")
@routes.due("tea.close")
async def pour(context: Context, action: Action) -> Answers:
    """Write down that it was planned, in the transaction that plans it."""
    await _write(context, f"{action.id}:{action.arg}")
    return [Post(Channel("plaza"), card("thee"), f"{action.name}:{action.id}:{action.arg}")]


@routes.due("tea.due.late")
async def late(context: Context, action: Action) -> Answers:
    """Write down each slot that was missed."""
    for slot in (await occurrences.say_missed(context.work, action.id or 0)).slots:
        await _write(context, f"{action.id}:{slot}")
    return []


async def _write(context: Context, what: str) -> None:
    await pulses.log(context.work, 1, 3, what, at=context.now)


class GatedStore(Store):
    """A store whose transactions wait before their end until they are told to go on."""

    gate: "Gate | None" = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        async with super().begin() as work:
            yield work
            if self.gate:
                await self.gate.wait()


@dataclass
class Gate:
    """Tells that a transaction has come to its end, and holds it there."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        self.reached.set()
        await self.opened.wait()


@dataclass
class Driver:
    """A planner that is led by the hand, one transaction at a time."""

    store: GatedStore
    planner: Planner
    task: "asyncio.Task[bool] | None" = None

    async def begin(self, step: str) -> None:
        """Start a transaction, and go on until it is about to end, or waits for another's."""
        self.store.gate = Gate()
        self.task = asyncio.create_task(getattr(self.planner, step)())
        reached = asyncio.create_task(self.store.gate.reached.wait())
        await asyncio.wait({self.task, reached}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()

    async def end(self, *, cut: bool) -> None:
        """Let it commit, or cut it off as if the process died."""
        if self.task is None or self.store.gate is None:
            return
        if cut:
            self.task.cancel()
        self.store.gate.opened.set()
        await asyncio.wait({self.task})
        if not self.task.cancelled():
            self.task.result()
        self.task, self.store.gate = None, None


@dataclass
class Pair:
    """Two planners on one database, with their own connections and one clock."""

    url: str
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOW))

    def __post_init__(self) -> None:
        self.drivers = [self._driver() for _ in range(2)]

    def _driver(self) -> Driver:
        store = GatedStore(self.url, Vault(SECRET))
        outbox = Outbox(Ears(), self.clock)
        return Driver(store, Planner(store, Router([routes]), Prompts(), self.clock, outbox))

    async def play(self, moves: "list[Move]") -> None:
        """Make the moves, then let go of everything and plan what is left."""
        for who, step, hours, cut in moves:
            self.clock.wait(hours * HOUR)
            mine, other = self.drivers[who], self.drivers[1 - who]
            if mine.task is None:
                if self.url.startswith("sqlite"):  # one writer: there is nothing to be between
                    await other.end(cut=cut)
                await mine.begin(step)
                continue
            await mine_after(mine, other, cut=cut)
        for driver, other in (self.drivers, self.drivers[::-1]):
            await mine_after(driver, other, cut=False)
        for driver in self.drivers:
            await driver.planner.beat()

    async def close(self) -> None:
        for driver in self.drivers:
            await driver.store.close()


async def mine_after(mine: Driver, other: Driver, *, cut: bool) -> None:
    """End a transaction; one that waits for the other's ends after it."""
    if mine.task and mine.store.gate and not mine.store.gate.reached.is_set() and not mine.task.done():
        await other.end(cut=cut)
    await mine.end(cut=cut)


Move = tuple[int, str, int, bool]
MOVES: st.SearchStrategy[list[Move]] = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["_tick", "_occurrence", "_occurrence", "_timer"]),
        st.sampled_from([0, 0, 0, 0, 1, 24, 60]),
        st.sampled_from([False, False, True]),
    ),
    min_size=15,
    max_size=35,
)
BOTH = [(0, "_occurrence", 0, False), (1, "_occurrence", 0, False), (0, "_tick", 0, False), (1, "_tick", 0, False)]
AT_ONCE: list[Move] = [
    (0, "_tick", 31, False),
    (1, "_tick", 0, False),
    (0, "_tick", 0, False),
    (1, "_tick", 0, False),
    *BOTH * 2,
]
CUT: list[Move] = [(0, "_tick", 31, True), (0, "_tick", 0, True), *AT_ONCE[:3], (0, "_occurrence", 0, True), *BOTH]


@pytest.fixture
def url(store_url: str) -> str:
    asyncio.run(_furnish(store_url))
    return store_url


async def _furnish(url: str) -> None:
    store = opened(url)
    async with store.begin() as work:
        await communities.add(work, Community(platform="fake", workspace="w", conversation="plaza", name="Plaza",
                                              language="nl", timezone="Europe/Amsterdam", created_at=NOW))  # fmt: skip
        await people.known(work, platform="fake", workspace="w", user_id="u1")
    await store.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, catch_up=st.sampled_from(CatchUp), grace=st.sampled_from([1, 20, 1000]))
@example(moves=AT_ONCE, catch_up=CatchUp.ALL, grace=100)
@example(moves=CUT, catch_up=CatchUp.LATEST, grace=100)
def test_planning_by_two_in_any_order_and_cut_anywhere_plans_each_thing_once(
    url: str, moves: list[Move], catch_up: CatchUp, grace: int
) -> None:
    asyncio.run(_plays(url, moves, catch_up, grace))


async def _plays(url: str, moves: list[Move], catch_up: CatchUp, grace: int) -> None:
    store = opened(url)
    for table in TABLES:
        await run(store, f"delete from {table}")  # noqa: S608 - names of our own
    daily = await a_rhythm(store, 1, rrule="FREQ=DAILY", catch_up=catch_up, grace_seconds=grace * 3600)
    moved = await a_rhythm(store, 1, rrule="FREQ=DAILY", until_on="2026-11-03")
    at = NOW + timedelta(hours=30)
    async with store.begin() as work:
        slot = Slot("2026-11-03T09:00", NOW + timedelta(hours=24))
        await occurrences.move(work, moved, slot, datetime.fromisoformat("2026-11-03T15:00"), at)
        await timers.set_timer(work, "tea.close", 7, community_id=1, due_at=at)
    pair = Pair(url)

    await pair.play(moves)

    now = pair.clock.now()
    days = (now - NOW) // timedelta(days=1)  # nine o'clock, each day since; no clock changes in these weeks
    expected = {f"{daily}:{NOW + timedelta(days=day):%Y-%m-%d}T09:00" for day in range(1, days + 1)}
    expected |= {f"{moved}:2026-11-03T09:00", "7:"} if now >= at else set()
    written = [_noted(store, row[0]) for row in await look(store, "select sealed from energy_note")]
    await pair.close()
    await store.close()
    assert sorted(written) == sorted(expected)


def _noted(store: Store, sealed: bytes) -> str:
    return store.vault.read(sealed).split(" ", 1)[1]
