"""One replica: all of Kring as `kring run` wires it, on the loopback platform and on a clock that the harness keeps.

Its waits are shorter than in earnest, so that a lease that a dead replica held runs out within a test. Its events come
in over a socket, and are acknowledged when they are safe.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType

from aiohttp import web
from pydantic import SecretStr

from bot import dispatch, log, main
from bot.chat import events
from bot.clock import Ringer
from bot.config import Settings
from bot.delivery import local, sender
from bot.delivery.sender import Sender
from bot.errors import StoreError
from bot.features import FEATURES
from storage import deliveries
from tests.faults import drum, failpoints
from tests.faults.loopback.messenger import LoopbackMessenger
from tests.faults.world import write

SECRET = "thirty-two characters, or a few more"
BEAT = 0.1
ENGINE = "engine"  # the file that says which one it works with
SHORTER: tuple[tuple[ModuleType, str, object], ...] = (
    (deliveries, "LEASE_SECONDS", 4.0),
    (local, "POLL", 0.2),
    (local, "_PATIENCE", 0.3),
    (dispatch, "_SWEEP", 1.0),
    (dispatch, "_PATIENCE", 0.3),
    (sender, "_LONGEST_WAIT", 1.0),
    (main, "_RESTART_SECONDS", (0.1, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Spec:
    """What a replica is told when it is born; `die` is a failpoint and the how-manieth time that it is met."""

    number: int
    folder: str
    url: str
    platform: str
    can_find: bool
    pace: float
    die: tuple[str, int] | None

    @property
    def socket(self) -> Path:
        """Where it takes events."""
        return Path(self.folder) / f"{self.number}.sock"


class KeptClock:
    """Shows what the harness wrote down, which may go back as well."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())

    def move(self, to: datetime) -> None:
        write(self._file, to.isoformat())


def prepare() -> None:
    """Shorten the waits and add the drum, once, before any replica is born."""
    for module, name, value in SHORTER:
        assert hasattr(module, name), f"{module.__name__} has no {name} any more"
        setattr(module, name, value)
    setattr(main, "FEATURES", (*FEATURES, drum.routes))  # noqa: B010 - it is a tuple of another length


async def live(spec: Spec) -> None:
    """Be a replica until told to stop, or killed."""
    room = Path(spec.folder) / str(spec.number)
    room.mkdir(exist_ok=True)
    os.chdir(room)
    log.set_up(style="json", level="warning", tally=log.Tally())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of a beat that finds the last one at work
    if spec.die:
        failpoints.watch(failpoints.dying(*spec.die))
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    settings = Settings(_env_file=None, database_url=spec.url, secret_key=SecretStr(SECRET))
    clock = KeptClock(Path(spec.folder) / f"{spec.number}.clock")
    async with (
        LoopbackMessenger(spec.platform, can_find=spec.can_find, pace=spec.pace) as messenger,
        main.opened(settings, clock=clock) as kring,
    ):
        kring.sender = Sender(kring.store, {messenger.platform: messenger}, clock)
        kring.ringer = Ringer(kring.planner.beat, every=BEAT)
        (room / ENGINE).write_text(type(kring.engine).__name__)
        kring.start()
        async with _door(spec, kring):
            await stopping.wait()
        await kring.stop()


@asynccontextmanager
async def _door(spec: Spec, kring: main.Kring) -> AsyncIterator[None]:
    """Take events in as a webhook does: acknowledged when they are kept, refused when they cannot be."""

    async def receive(request: web.Request) -> web.Response:
        try:
            await kring.dispatcher.receive(events.unpack(await request.read()))
        except StoreError:
            return web.Response(status=503)
        return web.Response()

    app = web.Application()
    app.router.add_post("/events", receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.UnixSite(runner, spec.socket).start()
    yield
    await runner.cleanup()
