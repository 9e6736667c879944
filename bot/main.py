"""The only place where everything meets: a bot (`bot/kring.py`), its store and its platforms.

It is opened on a store (`opened`), serves until it is told to stop (`serve`), then takes nothing more in, finishes what
is under way, and closes.
"""

import asyncio
import errno
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from filelock import BaseFileLock, FileLock, Timeout

from bot import access, config
from bot.chat import text
from bot.chat.ports import Clock, Messenger
from bot.chat.prompts import Habits
from bot.clock import SystemClock
from bot.config import Settings
from bot.errors import ConfigError, StoreError
from bot.kring import DRAIN_SECONDS, Kring, Part, Platform
from bot.log import Tally, get_logger, unheard
from bot.platforms.room import demo
from bot.platforms.room.app import Room
from bot.platforms.room.companions import Companions
from bot.platforms.room.machine import MovableClock, TimeMachine
from bot.platforms.room.messenger import RoomMessenger
from bot.platforms.room.state import RoomClock, RoomState
from bot.platforms.slack import workplace as slack
from bot.platforms.teams import workplace as teams
from bot.web.room import RoomPage
from storage import deliveries, schema
from storage.db import Store, sqlite_file
from storage.installations import Installations
from storage.references import References
from storage.sealed import Vault

_ROOM_STORE = "sqlite:///kring-room.db"
log = get_logger(__name__)


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


def _apart(settings: Settings) -> Settings:
    """Give the room a store of its own where Kring lives elsewhere: its clock moves, and must move nothing there."""
    return settings.model_copy(update={"database_url": _ROOM_STORE}) if settings.on_platforms else settings


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
async def opened_on_platforms(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Kring]:
    """Open the store, and on it every platform that is configured; errors as with `opened`."""
    async with AsyncExitStack() as stack:
        store = await _store(settings, stack)
        kring = Kring(settings, store, clock or SystemClock())
        if settings.slack:
            kring.add(await stack.enter_async_context(_in_slack(kring)))
        if settings.teams:
            kring.add(await stack.enter_async_context(_in_teams(kring)))
        yield kring


def _in_teams(kring: Kring) -> AbstractAsyncContextManager[Platform]:
    registration = access.teams(kring.settings)
    kept = References(kring.store, "teams", registration.tenant)
    voice = kring.prompts.voice(kring.settings.language, kring.settings.timezone)
    return teams.opened(registration, kring.dispatcher, kept, voice)


def _in_slack(kring: Kring) -> AbstractAsyncContextManager[Platform]:
    kept = Installations(kring.store, "slack", lambda: datetime.now(UTC))
    voice = kring.prompts.voice(kring.settings.language, kring.settings.timezone)
    return slack.opened(access.slack(kring.settings), kring.dispatcher, kept, voice)


async def serve(
    settings: Settings, stopping: asyncio.Event, tally: Tally, say: Callable[[str], None], *, room: bool = False
) -> None:
    """Run until `stopping` is set; once everything is ready, `say` the address and what to try first.

    The room is for a machine on which nothing else is configured, or for who asks for it.
    """
    asyncio.get_running_loop().set_exception_handler(unheard)
    in_room = room or not settings.on_platforms
    async with opened(_apart(settings)) if in_room else opened_on_platforms(settings) as kring:
        runner = web.AppRunner(kring.web(tally), access_log=None, shutdown_timeout=DRAIN_SECONDS)
        await runner.setup()
        try:
            address = await _listen(runner, settings)
            kring.start()
            if isinstance(kring, LivingRoom):
                await kring.begin_demo()
            keep_for_good()
            log.info("kring.ready", port=settings.port)
            say(_started(kring, address))
            await stopping.wait()
            log.info("kring.stopping")
        finally:
            await runner.cleanup()
            await kring.stop()


def _started(kring: Kring, address: str) -> str:
    """Say where Kring is and what to try first."""
    settings, voice = kring.settings, kring.prompts.voice(kring.settings.language)
    if isinstance(kring, LivingRoom):
        return text.render(voice("room/started", address=address).card())
    unchecked = settings.teams and settings.teams_auth == "off"
    words = voice("platforms/started", address=address, slack=settings.slack, teams=settings.teams, unchecked=unchecked)
    return text.render(words.card())


def keep_for_good() -> None:
    """Have the garbage collector look no more at what is there by now: modules, templates and tables stay anyway.

    Else it goes through all of them now and then, for which everything waits: 60 to 90 ms, measured with Teams' SDK.
    """
    gc.collect()
    gc.freeze()


async def _listen(runner: web.AppRunner, settings: Settings) -> str:
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        problem = f"{settings.port} is in use by another program." if taken else f"cannot listen: {error.strerror}."
        raise ConfigError("KRING_PORT", problem, "KRING_PORT=3979, or kring run --port 3979") from error
    return f"http://{runner.addresses[0][0]}:{runner.addresses[0][1]}/"
