"""One running bot: every part of it wired together, run under supervision, and stopped in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web

from bot.calendars.fetcher import WebFetcher
from bot.calendars.keeper import Keeper
from bot.chat.ports import Clock, Messenger
from bot.chat.prompts import Habits, Prompts
from bot.chat.router import Router
from bot.clock import Ringer
from bot.config import Settings
from bot.context import Context, Defaults
from bot.delivery.engine import Engine, Handlers, Line
from bot.delivery.local import LocalEngine
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.delivery.sender import Sender
from bot.dispatch import Dispatcher
from bot.errors import StoreError
from bot.features import FEATURES
from bot.log import Tally, get_logger
from bot.web import health
from bot.web.pages import Pages
from storage import deliveries, due, operating, schema
from storage.db import Store, UnitOfWork

DRAIN_SECONDS = 10.0
_WAYS, _WAY_SECONDS = 20, 0.005  # at most a tenth of a second, so that planning goes on whatever is asked
_RESTART_SECONDS = (0.5, 30.0)
log = get_logger(__name__)

Part = Callable[[], Awaitable[None]]


class Platform(Protocol):
    """One chat platform: its way out, what runs in the background for it, and its pages or webhooks."""

    messenger: Messenger
    habits: Habits

    def parts(self) -> Mapping[str, Part]:
        """Name what must run all the time, each until it is cancelled."""
        ...

    async def redeliver(self) -> None:
        """Have events offered again that Kring could not take, where the platform lets us ask for that."""
        ...

    def trouble(self) -> str:
        """Say why nothing can come in at this moment; empty when it can."""
        ...

    def attach(self, app: web.Application) -> None:
        """Add the platform's routes."""
        ...


class Kring:
    """One bot on one store, with the platforms that were added."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        """Wire the parts together; nothing runs yet."""
        self.settings, self.store, self.clock = settings, store, clock
        self.platforms: list[Platform] = []
        self._messengers: dict[str, Messenger] = {}
        self.prompts = Prompts(settings.prompts_dir)
        self.prompts.check()
        router: Router[Context] = Router(FEATURES)
        defaults = Defaults(settings.language, settings.timezone)
        self.engine: Engine = _engine(store, clock)
        outbox = Outbox(self.engine, clock)
        self.dispatcher = Dispatcher(store, router, self.prompts, clock, outbox, self._offer, defaults)
        self.planner = Planner(store, router, self.prompts, clock, outbox, defaults)
        self.planner.give_way = self._give_way
        self._replying = 0
        self.sender = Sender(store, self._messengers, clock)
        self.handlers: Handlers = {
            Line.EVENTS: self.dispatcher.rescue,
            Line.REPLIES: self._reply,
            Line.PROMPTS: self.sender,
        }
        self.ringer = Ringer(self.planner.beat, daily=self.planner.reaim)
        self.planner.woken = self.ringer.ring
        self.calendars = Keeper(store, clock, WebFetcher())
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def _reply(self, ids: Sequence[int]) -> Mapping[int, float]:
        self._replying += 1
        try:
            return await self.sender(ids)
        finally:
            self._replying -= 1

    async def _give_way(self) -> None:
        """Let whoever is being answered go first: on SQLite all wait for one connection."""
        for _ in range(_WAYS):
            if not (self._replying or self.dispatcher.at_work):
                return
            await asyncio.sleep(_WAY_SECONDS)

    async def _offer(self, work: UnitOfWork, rows: Sequence[int]) -> None:
        await self.engine.enqueue(work, Line.EVENTS, rows)

    def add(self, platform: Platform) -> None:
        """Send over a platform, and run what it needs."""
        self.platforms.append(platform)
        self.prompts.habits[platform.messenger.platform] = platform.habits
        self._messengers[platform.messenger.platform] = platform.messenger

    async def next_due(self) -> datetime | None:
        """Say when a rhythm, an occurrence, a timer or a delivery is due."""
        async with self.store.begin() as work:
            found = [await due.next_at(work), await deliveries.next_due(work)]
        return min((at for at in found if at is not None), default=None)

    async def respond(self) -> None:
        """Work everything that came in, and send what that gave."""
        for platform in self.platforms:
            await platform.redeliver()
        await self.dispatcher.drain()
        await self.planner.catch_up()
        await self.engine.drain(self.handlers)

    async def settle(self) -> None:
        """Do everything that is due at this moment, and what follows from it."""
        await self.planner.beat()
        await self.respond()

    def start(self) -> None:
        """Run every part, each under supervision."""
        parts: dict[str, Part] = {
            "inbox": self.dispatcher.run,
            "engine": lambda: self.engine.run(self.handlers),
            "clock": self.ringer.run,
            "calendars": self.calendars.run,
        }
        for platform in self.platforms:
            parts |= platform.parts()
        self._tasks = {name: asyncio.create_task(_supervised(name, part)) for name, part in parts.items()}

    async def stop(self) -> None:
        """Ring and answer no more, finish what was taken in, at most for `DRAIN_SECONDS`."""
        await self._end("clock", "calendars", *(name for platform in self.platforms for name in platform.parts()))
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.dispatcher.drain()
                await self.engine.drain(self.handlers)
        except (TimeoutError, StoreError):
            log.warning("stop.undrained")
        await self._end(*self._tasks)

    async def _end(self, *names: str) -> None:
        """Cancel parts; once more when one takes too long, which cuts short what it has under way."""
        tasks = {self._tasks.pop(name) for name in names if name in self._tasks}
        while tasks:
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)

    async def problems(self) -> dict[str, str]:
        """Say what stands in the way of being ready, by part."""
        found = {name: "stopped" for name, task in self._tasks.items() if task.done()}
        found |= {one.messenger.platform: one.trouble() for one in self.platforms if one.trouble()}
        try:
            state = await schema.state(self.store)
            if state is not schema.SchemaState.CURRENT:
                found["store"] = f"schema is {state}"
        except StoreError as error:
            found["store"] = str(error)
        return found

    async def measures(self) -> dict[str, float]:
        """Measure queues, ages and lags (seconds), and what is in which state."""
        async with self.store.begin() as work:
            found = await operating.measure(work, self.clock.now())
        found["tick_lag_seconds"] = max(0.0, time.monotonic() - self.ringer.rang_at)
        return found

    def web(self, tally: Tally) -> web.Application:
        """Make the web application: health, metrics (with what `tally` counts), public pages, what platforms add."""
        app = web.Application()
        health.attach(app, self.problems, self.measures, tally.registry)
        Pages(self.prompts, self.settings.language).attach(app)
        for platform in self.platforms:
            platform.attach(app)
        return app


def _engine(store: Store, clock: Clock) -> Engine:
    """Choose who decides when work is tried: this process, or all that share a PostgreSQL."""
    if not store.replicated:
        return LocalEngine(store, clock)
    from bot.delivery.procrastinate import ProcrastinateEngine  # noqa: PLC0415 - a SQLite file needs none of it

    return ProcrastinateEngine(store, clock)


async def _supervised(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part; when it falls over, pick it up again, with growing pauses."""
    pause, longest = _RESTART_SECONDS
    while True:
        try:
            await part()
        except Exception:
            log.exception("part.failed", part=name)
        await asyncio.sleep(pause)
        pause = min(pause * 2, longest)
