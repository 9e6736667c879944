"""What every Engine does, on every store that it runs on: subclass `EngineContract` and give it `engines`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.chat import cards
from bot.delivery.engine import Engine, Handler, Handlers, Line
from bot.errors import StoreError
from bot.kring import _supervised
from storage import deliveries, queue
from tests.contracts.messenger import card
from tests.delivery.conftest import Post
from tests.storage.rows import NOW, a_delivery, failing, run

AT_MOST = 15.0  # seconds before a test that waits in vain gives up
Engines = Callable[[], Engine]
"""Makes an engine, each as another process would have it."""


class Hand:
    """A handler that does as it is told for its first calls, then hands on; it remembers who was offered when."""

    def __init__(self, then: Handler, *first: Callable[[Sequence[int]], Awaitable[Mapping[int, float]]]) -> None:
        self.offered: dict[int, list[float]] = {}
        self._then, self._first, self.news = then, list(first), asyncio.Event()

    async def __call__(self, ids: Sequence[int]) -> Mapping[int, float]:
        now = asyncio.get_running_loop().time()
        for number in ids:
            self.offered.setdefault(number, []).append(now)
        try:
            return await (self._first.pop(0) if self._first else self._then)(ids)
        finally:
            self.news.set()

    async def until(self, done: Callable[[], object]) -> None:
        """Wait until a call has made something true."""
        async with asyncio.timeout(AT_MOST):
            while not done():
                self.news.clear()
                await self.news.wait()


async def nothing(_: Sequence[int]) -> Mapping[int, float]:
    """Do nothing, and want nothing."""
    return {}


def handlers(replies: Handler, prompts: Handler | None = None, events: Handler = nothing) -> Handlers:
    """Name who does what."""
    return {Line.EVENTS: events, Line.REPLIES: replies, Line.PROMPTS: prompts or replies}


@asynccontextmanager
async def running(engine: Engine, by: Handlers) -> AsyncIterator["asyncio.Task[None]"]:
    """Run an engine as main does: picked up again when it falls over, cancelled at the end."""

    async def part() -> None:
        await engine.run(by)

    task = asyncio.create_task(_supervised("engine", part))
    try:
        yield task
    finally:
        task.cancel()
        async with asyncio.timeout(AT_MOST):
            await asyncio.gather(task, return_exceptions=True)


def row(post: Post, key: str, **chosen: Any) -> dict[str, Any]:  # noqa: ANN401 - a column
    """Make a post that says its key, in a lane of its own unless one is chosen."""
    payload = post.store.vault.seal(cards.pack(card(key)))
    return a_delivery(key, **{"payload": payload, "lane": key, **chosen})


async def put(post: Post, engine: Engine, line: Line, *keys: str, **chosen: Any) -> list[int]:  # noqa: ANN401 - a column
    """Store posts and offer them, in one transaction."""
    rows = [row(post, key, **{"urgent": line is Line.REPLIES, **chosen}) for key in keys]
    async with post.store.begin() as work:
        ids = await deliveries.add(work, rows)
        await engine.enqueue(work, line, ids)
    return ids


class EngineContract:
    """The promises of `bot.delivery.engine.Engine`."""

    async def test_everything_that_is_offered_is_sent(self, post: Post, engines: Engines) -> None:
        engine, hand = engines(), Hand(post.sender)
        async with running(engine, handlers(hand)):
            for line in (Line.REPLIES, Line.PROMPTS):
                await put(post, engine, line, *(f"{line} {number}" for number in range(60)))

            await hand.until(lambda: len(post.messenger.said()) == 120)

        expected = [f"{line} {number}" for line in (Line.REPLIES, Line.PROMPTS) for number in range(60)]
        assert sorted(post.messenger.said()) == sorted(expected)

    async def test_what_was_offered_while_nobody_ran_is_sent_later(self, post: Post, engines: Engines) -> None:
        engine, hand = engines(), Hand(post.sender)
        await put(post, engine, Line.PROMPTS, "early")

        async with running(engine, handlers(hand)):
            await hand.until(post.messenger.said)

        assert post.messenger.said() == ["early"]

    async def test_what_is_rolled_back_is_never_offered(self, post: Post, engines: Engines) -> None:
        engine, hand = engines(), Hand(post.sender)
        async with failing(post.store) as work:
            await engine.enqueue(work, Line.REPLIES, await deliveries.add(work, [row(post, "undone", urgent=True)]))

        async with running(engine, handlers(hand)):
            (number,) = await put(post, engine, Line.REPLIES, "done")
            await hand.until(post.messenger.said)

        assert list(hand.offered) == [number]

    async def test_nothing_is_sent_before_its_time(self, post: Post, engines: Engines) -> None:
        engine, hand = engines(), Hand(post.sender)
        async with running(engine, handlers(hand)):
            await put(post, engine, Line.PROMPTS, "later", not_before=NOW + timedelta(seconds=2))
            await put(post, engine, Line.PROMPTS, "now")
            await hand.until(post.messenger.said)
            before = post.messenger.said()

            post.clock.wait(timedelta(seconds=2))
            await hand.until(lambda: len(post.messenger.said()) == 2)

        assert before == ["now"]

    async def test_what_is_given_back_is_offered_again_when_it_asked_to_be(self, post: Post, engines: Engines) -> None:
        async def not_yet(ids: Sequence[int]) -> Mapping[int, float]:
            return dict.fromkeys(ids, 0.6)

        engine, hand = engines(), Hand(post.sender, not_yet)
        async with running(engine, handlers(hand)):
            (number,) = await put(post, engine, Line.REPLIES, "twice")
            await hand.until(post.messenger.said)

        first, second = hand.offered[number]
        assert 0.5 <= second - first <= 2.0

    @pytest.mark.parametrize(
        "error", [StoreError("away"), LookupError("a fault of ours")], ids=lambda error: type(error).__name__
    )
    async def test_a_handler_that_fails_loses_nothing(self, post: Post, engines: Engines, error: Exception) -> None:
        async def failed(_: Sequence[int]) -> Mapping[int, float]:
            raise error

        engine, hand = engines(), Hand(post.sender, failed, failed)
        async with running(engine, handlers(hand)):
            await put(post, engine, Line.PROMPTS, "a", "b")
            await hand.until(lambda: len(post.messenger.said()) == 2)

        assert sorted(post.messenger.said()) == ["a", "b"]

    async def test_a_reply_goes_while_prompts_take_every_place_they_have(self, post: Post, engines: Engines) -> None:
        free = asyncio.Event()

        async def stuck(_: Sequence[int]) -> Mapping[int, float]:
            await free.wait()
            return {}

        engine, hand = engines(), Hand(post.sender)
        async with running(engine, handlers(hand, prompts=stuck)):
            await put(post, engine, Line.PROMPTS, *(f"prompt {number}" for number in range(300)))
            await put(post, engine, Line.REPLIES, "thanks")
            await hand.until(post.messenger.said)
            free.set()

        assert post.messenger.said() == ["thanks"]

    async def test_what_another_process_may_still_have_in_hand_is_offered_again_when_it_has_not(
        self, post: Post, engines: Engines
    ) -> None:
        engine, hand = engines(), Hand(post.sender)
        async with running(engine, handlers(hand)):
            await put(post, engine, Line.REPLIES, "held", state="sending", lease_until=await self._in(post, 4.0))
            began = asyncio.get_running_loop().time()
            await hand.until(post.messenger.said)

        assert asyncio.get_running_loop().time() - began >= 3.5

    @staticmethod
    async def _in(post: Post, seconds: float) -> float:
        async with post.store.begin() as work:
            return await queue.clock(work) + seconds

    async def test_two_processes_send_each_once(self, post: Post, engines: Engines) -> None:
        one, other = Hand(post.sender), Hand(post.another_sender())
        other.news = one.news
        first, second = engines(), engines()
        keys = [f"post {number}" for number in range(150)]
        async with running(first, handlers(one)), running(second, handlers(other)):
            await put(post, first, Line.PROMPTS, *keys[:75])
            await put(post, second, Line.PROMPTS, *keys[75:])
            await one.until(lambda: len(post.messenger.said()) >= 150)

        assert sorted(post.messenger.said()) == sorted(keys)

    async def test_draining_sends_all_that_is_due_though_nothing_runs(self, post: Post, engines: Engines) -> None:
        engine = engines()
        await put(post, engine, Line.PROMPTS, "a", "b", lane="one")
        await put(post, engine, Line.REPLIES, "c", lane="one")

        await engine.drain(handlers(post.sender))

        assert sorted(post.messenger.said()) == ["a", "b", "c"]

    async def test_draining_waits_for_what_is_under_way(self, post: Post, engines: Engines) -> None:
        entered, free = asyncio.Event(), asyncio.Event()

        async def slow(ids: Sequence[int]) -> Mapping[int, float]:
            entered.set()
            await free.wait()
            return await post.sender(ids)

        engine = engines()
        by = handlers(Hand(post.sender, slow))
        async with running(engine, by):
            (number,) = await put(post, engine, Line.REPLIES, "slow")
            await entered.wait()
            await run(post.store, "update delivery set lease_until = 9e9")
            draining = asyncio.create_task(engine.drain(by))
            await asyncio.sleep(0)
            waited = not draining.done()
            await run(post.store, "update delivery set lease_until = 0")
            free.set()
            await draining
            state, _ = await post.state(number)

        assert waited
        assert state == "sent"

    async def test_an_engine_that_is_stopped_finishes_what_is_under_way(self, post: Post, engines: Engines) -> None:
        entered, free = asyncio.Event(), asyncio.Event()

        async def slow(ids: Sequence[int]) -> Mapping[int, float]:
            entered.set()
            await free.wait()
            return await post.sender(ids)

        engine = engines()
        task = asyncio.create_task(engine.run(handlers(slow)))
        await put(post, engine, Line.REPLIES, "slow")
        async with asyncio.timeout(AT_MOST):
            await entered.wait()
            task.cancel()
            free.set()
            await asyncio.gather(task, return_exceptions=True)

        assert task.cancelled()
        assert post.messenger.said() == ["slow"]

    async def test_an_engine_can_be_run_again(self, post: Post, engines: Engines) -> None:
        engine, hand = engines(), Hand(post.sender)
        async with running(engine, handlers(hand)):
            await put(post, engine, Line.REPLIES, "before")
            await hand.until(post.messenger.said)

        async with running(engine, handlers(hand)):
            await put(post, engine, Line.REPLIES, "after")
            await hand.until(lambda: len(post.messenger.said()) == 2)

        assert post.messenger.said() == ["before", "after"]


class ConnectedContract:
    """What holds besides where the store is reached over connections, which somebody else can cut."""

    async def test_cut_connections_are_got_over(self, post: Post, engines: Engines) -> None:
        engine, hand = engines(), Hand(post.sender)
        async with running(engine, handlers(hand)):
            await put(post, engine, Line.PROMPTS, *(f"a {number}" for number in range(30)))
            await hand.until(post.messenger.said)
            await run(
                post.store,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()",
            )
            await put(post, engine, Line.PROMPTS, *(f"b {number}" for number in range(30)))
            await hand.until(lambda: len(set(post.messenger.said())) == 60)

        assert len(post.messenger.said()) == 60
