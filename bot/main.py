"""The only place where everything meets: builds, wires, starts, stops.

`Kring` is one running bot. It is opened on a store (`opened`), serves until it is told to stop (`serve`), then takes
nothing more in, finishes what is under way, and closes.
"""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from aiohttp import web
from filelock import BaseFileLock, FileLock, Timeout

from bot import access, config
from bot.calendars.fetcher import WebFetcher
from bot.calendars.keeper import Keeper
from bot.chat import text
from bot.chat.ports import Clock, Messenger
from bot.chat.prompts import Habits, Prompts
from bot.chat.router import Router
from bot.clock import Ringer, SystemClock
from bot.config import Settings
from bot.context import Context, Defaults
from bot.delivery.engine import Engine, Handlers, Line
from bot.delivery.local import LocalEngine
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.delivery.sender import Sender
from bot.dispatch import Dispatcher
from bot.errors import ConfigError, StoreError
from bot.features import FEATURES
from bot.log import Tally, get_logger, unheard
from bot.platforms.room import demo
from bot.platforms.room.app import Room
from bot.platforms.room.companions import Companions
from bot.platforms.room.machine import MovableClock, TimeMachine
from bot.platforms.room.messenger import RoomMessenger
from bot.platforms.room.state import RoomClock, RoomState
from bot.platforms.slack import workplace as slack
from bot.web import health
from bot.web.room import RoomPage
from storage import deliveries, due, operating, schema
from storage.db import Store, UnitOfWork, sqlite_file
from storage.installations import Installations
from storage.sealed import Vault

DRAIN_SECONDS = 10.0
_WAYS, _WAY_SECONDS = 20, 0.005  # at most a tenth of a second, so that planning goes on whatever is asked
_RESTART_SECONDS = (0.5, 30.0)
_ROOM_STORE = "sqlite:///kring-room.db"
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
        """Make the web application: health, metrics (with what `tally` counts), and what the platforms add."""
        app = web.Application()
        health.attach(app, self.problems, self.measures, tally.registry)
        for platform in self.platforms:
            platform.attach(app)
        return app


class LivingRoom(Kring):
    """Kring with the room as its platform, for a machine on which no other is configured."""

    habits = Habits()

    def __init__(self, settings: Settings, store: Store, state: RoomState, clock: MovableClock) -> None:
        """Wire the room to the rest."""
        super().__init__(settings, store, clock)
        self.state, self._clock = state, clock
        self.messenger: Messenger = RoomMessenger(state, clock)
        self.room = Room(state, clock, self.dispatcher)
        self.companions = Companions(self.room, self._voices)
        self.machine = TimeMachine(clock, self.next_due, self.settle)
        self.add(self)

    def _voices(self, language: str) -> Mapping[str, str]:
        return self.prompts.voice(language)("room/voices").labels

    async def begin_demo(self) -> None:
        """Furnish an empty room: a community that explains itself."""
        await demo.begin(self.room, self._clock, self.prompts.voice(self.settings.language)("room/demo").labels)

    def parts(self) -> Mapping[str, Part]:
        """Give again what Kring could not take, and have the colleagues answer."""
        return {"room": self.room.keep_delivering, "companions": self.companions.run}

    async def redeliver(self) -> None:
        """Give again what Kring could not take."""
        await self.room.redeliver()

    def trouble(self) -> str:
        """Say nothing: the room is always there."""
        return ""

    def attach(self, app: web.Application) -> None:
        """Add the room's page."""
        RoomPage(self.room, self.machine, self.prompts, host=self.settings.host).attach(app)


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


def _apart(settings: Settings) -> Settings:
    """Give the room a store of its own where Kring lives elsewhere: its clock moves, and must move nothing there."""
    return settings.model_copy(update={"database_url": _ROOM_STORE}) if settings.slack else settings


def room_file(settings: Settings) -> Path:
    """Say where the room keeps its side: beside the SQLite store."""
    return (sqlite_file(settings.database_url) or Path("kring.db")).with_suffix(".room.db")


@asynccontextmanager
async def opened(settings: Settings, *, clock: MovableClock | None = None) -> AsyncIterator[LivingRoom]:
    """Open the store and the room, migrated and checked.

    Raises:
        ConfigError: the store is someone else's, damaged, newer than this Kring, or sealed with another key.

    """
    async with AsyncExitStack() as stack:
        store = await _store(settings, stack)
        state = RoomState(str(room_file(settings)))
        stack.callback(state.close)
        yield LivingRoom(settings, store, state, clock or RoomClock(state))


async def _store(settings: Settings, stack: AsyncExitStack) -> Store:
    """Open the store for as long as the stack lasts, migrated and checked."""
    file = sqlite_file(settings.database_url)
    if file:
        stack.callback(_alone(file).release)
    store = Store(settings.database_url, Vault(config.secret(settings, file)))
    stack.push_async_callback(store.close)
    await _ready(store, alone=file is not None)
    return store


async def _ready(store: Store, *, alone: bool) -> None:
    try:
        await schema.migrate(store)
        await schema.check_key(store)
        if alone:
            async with store.begin() as work:
                await deliveries.release(work)
    except StoreError as error:
        raise ConfigError(
            "KRING_DATABASE_URL",
            f"the store cannot be used ({error}). If the file is damaged, put a backup in its place.",
            "sqlite:///kring.db",
        ) from error


def _alone(file: Path) -> BaseFileLock:
    """Take the lock of a SQLite file, which one process at a time can have."""
    lock = FileLock(f"{file}.lock", timeout=0)
    if not file.parent.is_dir():  # the lock would make it, and a mistyped path would be a new store
        raise ConfigError("KRING_DATABASE_URL", f"there is no folder {file.parent}.", "sqlite:///kring.db")
    try:
        lock.acquire()
    except Timeout as error:
        raise ConfigError(
            "KRING_DATABASE_URL",
            f"another Kring is running on {file.name}. Stop that one, or use another file.",
            "sqlite:///second.db",
        ) from error
    except OSError as error:
        raise ConfigError(
            "KRING_DATABASE_URL", f"{file} cannot be used: {error.strerror}.", "sqlite:///kring.db"
        ) from error
    return lock


@asynccontextmanager
async def opened_for_slack(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Kring]:
    """Open the store, and Slack on it; errors as with `opened`."""
    async with AsyncExitStack() as stack:
        store = await _store(settings, stack)
        kring = Kring(settings, store, clock or SystemClock())
        kept = Installations(store, "slack", lambda: datetime.now(UTC))
        voice = kring.prompts.voice(settings.language, settings.timezone)
        kring.add(await stack.enter_async_context(slack.opened(access.slack(settings), kring.dispatcher, kept, voice)))
        yield kring


async def serve(
    settings: Settings, stopping: asyncio.Event, tally: Tally, say: Callable[[str], None], *, room: bool = False
) -> None:
    """Run until `stopping` is set; once everything is ready, `say` the address and what to try first.

    The room is for a machine on which nothing else is configured, or for who asks for it.
    """
    asyncio.get_running_loop().set_exception_handler(unheard)
    in_room = room or not settings.slack
    async with opened(_apart(settings)) if in_room else opened_for_slack(settings) as kring:
        runner = web.AppRunner(kring.web(tally), access_log=None, shutdown_timeout=DRAIN_SECONDS)
        await runner.setup()
        try:
            address = await _listen(runner, settings)
            kring.start()
            if isinstance(kring, LivingRoom):
                await kring.begin_demo()
            log.info("kring.ready", port=settings.port)
            message = "room/started" if in_room else "slack/started"
            words = kring.prompts.voice(settings.language)(message, address=address)
            say(text.render(words.card()))
            await stopping.wait()
            log.info("kring.stopping")
        finally:
            await runner.cleanup()
            await kring.stop()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        problem = f"{settings.port} is in use by another program." if taken else f"cannot listen: {error.strerror}."
        raise ConfigError("KRING_PORT", problem, "KRING_PORT=3979, or kring run --port 3979") from error
    return f"http://{runner.addresses[0][0]}:{runner.addresses[0][1]}/"
