"""The engine of one process: everything that is due is tried, whatever happens to some of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.delivery import local
from bot.delivery.engine import Handler, Handlers, Line
from bot.delivery.local import PLACES, LocalEngine
from bot.errors import RateLimited, Unreachable
from storage.db import Store
from tests.conftest import opened
from tests.delivery.conftest import Post
from tests.fakes.messenger import Fault
from tests.storage.rows import run

AT_MOST = 5.0  # seconds before a test that waits in vain gives up


class Watched:
    """Hands deliveries on, and tells when so many were tried."""

    def __init__(self, handler: Handler) -> None:
        self.tried: list[int] = []
        self._handler = handler
        self._news = asyncio.Event()

    async def __call__(self, ids: Sequence[int]) -> Mapping[int, float]:
        try:
            return await self._handler(ids)
        finally:
            self.tried += ids
            self._news.set()

    async def until(self, count: int) -> None:
        """Wait until so many were tried."""
        async with asyncio.timeout(AT_MOST):
            while len(self.tried) < count:
                self._news.clear()
                await self._news.wait()


class Gate:
    """A handler that waits in the middle of its work until it is let through."""

    def __init__(self, handler: Handler) -> None:
        self.entered, self.open = asyncio.Event(), asyncio.Event()
        self._handler = handler

    async def __call__(self, ids: Sequence[int]) -> Mapping[int, float]:
        self.entered.set()
        await self.open.wait()
        return await self._handler(ids)


@pytest.fixture
def engine(sqlite_post: Post) -> LocalEngine:
    return LocalEngine(sqlite_post.store, sqlite_post.clock)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing depend on looking again by and by: who is not woken waits for longer than the test."""
    monkeypatch.setattr(local, "POLL", 2 * AT_MOST)


def for_all(handler: Handler) -> Handlers:
    """Hand deliveries of both lines to one handler."""
    return {Line.REPLIES: handler, Line.PROMPTS: handler}


@asynccontextmanager
async def running(engine: LocalEngine, handler: Handler) -> AsyncIterator[None]:
    task = asyncio.create_task(engine.run(for_all(handler)))
    try:
        yield
    finally:
        await stopped(task)


async def stopped(task: "asyncio.Task[None]") -> None:
    """Cancel a task, and see to it that it ends."""
    task.cancel()
    async with asyncio.timeout(AT_MOST):
        await asyncio.gather(task, return_exceptions=True)


async def test_what_was_waiting_before_the_start_is_sent(sqlite_post: Post, engine: LocalEngine) -> None:
    for number in range(5):
        await sqlite_post.put(f"post {number}")
    watched = Watched(sqlite_post.sender)

    async with running(engine, watched):
        await watched.until(5)

    assert sqlite_post.messenger.said() == [f"post {number}" for number in range(5)]
    assert await sqlite_post.states() == {"sent"}


async def test_a_new_delivery_wakes_the_engine_when_it_is_committed(sqlite_post: Post, engine: LocalEngine) -> None:
    watched = Watched(sqlite_post.sender)

    async with running(engine, watched):
        await sqlite_post.put("earlier")
        async with sqlite_post.store.begin() as work:
            await engine.enqueue(work, Line.PROMPTS, [1])
            assert not engine._pumps[Line.PROMPTS].wake.is_set()
        await watched.until(1)

    assert sqlite_post.messenger.said() == ["earlier"]


async def test_who_is_not_woken_looks_by_and_by(
    sqlite_post: Post, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "POLL", 0.01)
    watched = Watched(sqlite_post.sender)

    async with running(engine, watched):
        await sqlite_post.put("unheard")
        await watched.until(1)

    assert sqlite_post.messenger.said() == ["unheard"]


async def test_draining_sends_all_that_is_due_in_order_and_what_comes_free_by_it(
    sqlite_post: Post, engine: LocalEngine
) -> None:
    under = '{"kind": "thread", "conversation": "plaza", "root": "root"}'
    await sqlite_post.put("reply", lane="threads", address=under, target_key="root")
    for key in ("root", "second", "third"):
        await sqlite_post.put(key)

    await engine.drain(for_all(sqlite_post.sender))

    said = sqlite_post.messenger.said()
    assert [key for key in said if key != "reply"] == ["root", "second", "third"]
    assert said.index("reply") > said.index("root")


async def test_more_than_there_are_workers_for_are_all_sent(sqlite_post: Post, engine: LocalEngine) -> None:
    keys = {f"post {number}" for number in range(3 * PLACES[Line.PROMPTS])}
    for key in keys:
        await sqlite_post.put(key, lane=key)

    await engine.drain(for_all(sqlite_post.sender))

    assert sorted(sqlite_post.messenger.said()) == sorted(keys)


async def test_draining_leaves_alone_what_must_wait(sqlite_post: Post, engine: LocalEngine) -> None:
    sqlite_post.messenger.will(RateLimited(60.0), None)
    quiet, other = await sqlite_post.put("quiet"), await sqlite_post.put("other", lane="other")

    await engine.drain(for_all(sqlite_post.sender))

    assert [(await sqlite_post.state(number))[0] for number in (quiet, other)] == ["pending", "sent"]


async def test_draining_waits_for_what_is_under_way(sqlite_post: Post, engine: LocalEngine) -> None:
    await sqlite_post.put("hallo")
    gate = Gate(sqlite_post.sender)

    async with running(engine, gate):
        await gate.entered.wait()
        draining = asyncio.create_task(engine.drain(for_all(gate)))
        assert await sqlite_post.states() == {"pending"}
        assert not draining.done()
        gate.open.set()
        await draining
        states = await sqlite_post.states()

    assert states == {"sent"}


async def test_an_engine_that_is_stopped_while_it_is_woken_stops(sqlite_post: Post, engine: LocalEngine) -> None:
    task = asyncio.create_task(engine.run(for_all(sqlite_post.sender)))
    while not engine._pumps[Line.PROMPTS].wake._waiters:
        await sqlite_post.states()

    engine._pumps[Line.PROMPTS].wake.set()
    await asyncio.sleep(0)
    await stopped(task)

    assert task.cancelled()


async def test_an_engine_that_is_stopped_finishes_what_is_under_way(sqlite_post: Post, engine: LocalEngine) -> None:
    await sqlite_post.put("hallo")
    gate = Gate(sqlite_post.sender)
    task = asyncio.create_task(engine.run(for_all(gate)))
    await gate.entered.wait()

    gate.open.set()
    await stopped(task)

    assert task.cancelled()
    assert await sqlite_post.states() == {"sent"}


async def test_a_delivery_that_fails_does_not_stop_the_others(sqlite_post: Post, engine: LocalEngine) -> None:
    sqlite_post.messenger.will(Fault(KeyError("ts")), Unreachable(), None)
    for number in range(5):
        await sqlite_post.put(f"post {number}", lane=f"lane {number}")

    await engine.drain(for_all(sqlite_post.sender))

    assert len(sqlite_post.messenger.said()) == 3


async def test_an_engine_whose_store_is_away_goes_on_when_it_is_back(
    sqlite_post: Post, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_PATIENCE", 0.0)
    monkeypatch.setattr(local, "POLL", 0.0)
    await sqlite_post.put("hallo")
    await run(sqlite_post.store, "alter table delivery rename to elsewhere")
    watched = Watched(sqlite_post.sender)

    async with running(engine, watched):
        await run(sqlite_post.store, "select 1")
        await run(sqlite_post.store, "alter table elsewhere rename to delivery")
        await watched.until(1)

    assert sqlite_post.messenger.said() == ["hallo"]


@pytest.mark.xdist_group("postgres")
async def test_two_engines_on_one_store_send_each_delivery_once(postgres_store: Store, postgres_url: str) -> None:
    post, other_store = Post(postgres_store), opened(postgres_url)
    post.messenger.can_find = False
    other = Post(other_store, post.messenger, post.clock)
    for number in range(60):
        await post.put(f"post {number}", lane=f"lane {number % 12}")

    engines = [(LocalEngine(one.store, one.clock), one.sender) for one in (post, other)]
    await asyncio.gather(*(engine.drain(for_all(sender)) for engine, sender in engines))

    assert sorted(post.messenger.said()) == sorted(f"post {number}" for number in range(60))
    assert await post.states() == {"sent"}
    await other_store.close()
