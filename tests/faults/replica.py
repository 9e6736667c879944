"""One replica: all of Kring as `kring run` wires it, on the loopback platform and on a clock that the harness keeps.

Its waits are shorter than in earnest, so that a lease that a dead replica held runs out within a test. Its events come
in over a socket, and are acknowledged when they are safe. Where it is told so, it lives in a pretended Slack or Teams
instead; its address is then in a file, and another file says where it is to be killed.
"""

import asyncio
import functools
import logging
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Literal

from aiohttp import web
from pydantic import SecretStr

from bot import dispatch, kring, log, main
from bot.chat import events
from bot.chat.ports import Intake, Messenger
from bot.chat.prompts import Habits
from bot.clock import Ringer
from bot.config import Settings
from bot.delivery import local, procrastinate, sender
from bot.delivery.procrastinate import Timing
from bot.errors import StoreError
from bot.features import FEATURES
from bot.platforms.teams import gestures
from storage import claims
from tests.fakes.teams.issuer import PASSWORD
from tests.fakes.teams.world import APP_ID, TENANT
from tests.faults import drum, failpoints
from tests.faults.loopback.messenger import LoopbackMessenger
from tests.faults.world import write

SECRET = "thirty-two characters, or a few more"
BEAT = 0.1
Home = Literal["", "slack", "teams"]
ENGINE = "engine"  # the file that says which one it works with
SHORTER: tuple[tuple[ModuleType, str, object], ...] = (
    (claims, "LEASE_SECONDS", 3.0),
    (local, "POLL", 0.2),
    (local, "_PATIENCE", 0.3),
    (dispatch, "_SWEEP", 1.0),
    (dispatch, "_PATIENCE", 0.3),
    (sender, "_LONGEST_WAIT", 1.0),
    (sender, "_AGAIN_LATEST", 1.0),
    (kring, "_RESTART_SECONDS", (0.1, 1.0)),
    (gestures, "WINDOW", 0.5),
    (procrastinate, "Timing", functools.partial(Timing, rescue=2.0, heartbeat=0.5, stale=2.0, poll=0.5, upkeep=1)),
)


@dataclass(frozen=True, slots=True)
class Spec:
    """What a replica is told when it is born; `die` is a failpoint and the how-manieth time that it is met.

    With a `home`, `platform` is the Web API of a pretended Slack, whose signing secret is `secret`, or the address of a
    pretended Teams.
    """

    number: int
    folder: str
    url: str
    platform: str
    can_find: bool
    pace: float
    die: tuple[str, int] | None
    home: Home = ""
    secret: str = ""

    @property
    def door(self) -> Path:
        """Which file says where its platform finds it."""
        return Path(self.folder) / f"{self.number}.door"

    @property
    def doom(self) -> Path:
        """Which file names the failpoint at which whoever meets it first is killed."""
        return Path(self.folder) / "doom"

    @property
    def socket(self) -> Path:
        """Where it takes events."""
        return Path(self.folder) / f"{self.number}.sock"


@dataclass(slots=True)
class Webhook:
    """The loopback platform: it has a way in, which acknowledges what is kept and refuses what cannot be."""

    messenger: Messenger
    intake: Intake
    habits: Habits = field(default_factory=Habits)

    def parts(self) -> Mapping[str, kring.Part]:
        return {}

    async def redeliver(self) -> None:
        """Nothing: the platform itself gives again what was not acknowledged."""

    def trouble(self) -> str:
        """Nothing: whether it is called, only the platform knows."""
        return ""

    def attach(self, app: web.Application) -> None:
        app.router.add_post("/events", self._receive)

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            await self.intake.receive(events.unpack(await request.read()))
        except StoreError:
            return web.Response(status=503)
        return web.Response()


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
    setattr(kring, "FEATURES", (*FEATURES, drum.routes))  # noqa: B010 - it is a tuple of another length


async def live(spec: Spec) -> None:
    """Be a replica until told to stop, or killed."""
    room = Path(spec.folder) / str(spec.number)
    room.mkdir(exist_ok=True)
    os.chdir(room)
    log.set_up(style="json", level="warning", tally=log.Tally())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of a beat that finds the last one at work
    if spec.die or spec.home:
        failpoints.watch(failpoints.dying(*spec.die) if spec.die else failpoints.doomed(spec.doom))
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with (_on_platform if spec.home else _on_loopback)(spec) as house:
        house.ringer = Ringer(house.planner.beat, every=BEAT)
        (room / ENGINE).write_text(type(house.engine).__name__)
        runner = web.AppRunner(house.web(log.Tally()), access_log=None, shutdown_timeout=0)
        await runner.setup()
        house.start()
        await _listen(runner, spec)
        await stopping.wait()
        await runner.cleanup()
        await house.stop()


def _settings(spec: Spec, **more: object) -> Settings:
    given: dict[str, object] = {"_env_file": None, "database_url": spec.url, "secret_key": SecretStr(SECRET), **more}
    return Settings.model_validate(given)


@asynccontextmanager
async def _on_loopback(spec: Spec) -> AsyncIterator[kring.Kring]:
    clock = KeptClock(Path(spec.folder) / f"{spec.number}.clock")
    async with (
        LoopbackMessenger(spec.platform, can_find=spec.can_find, pace=spec.pace) as messenger,
        main.opened(_settings(spec), clock=clock) as house,
    ):
        house.add(Webhook(messenger, house.dispatcher))
        yield house


@asynccontextmanager
async def _on_platform(spec: Spec) -> AsyncIterator[kring.Kring]:
    clock = KeptClock(Path(spec.folder) / f"{spec.number}.clock")
    async with main.opened_on_platforms(_settings(spec, **_registered(spec)), clock=clock) as house:
        house.platforms[0].messenger.pace = spec.pace
        house.platforms[0].messenger.cap = 0.0
        yield house


def _registered(spec: Spec) -> dict[str, object]:
    if spec.home == "slack":
        return {
            "slack_api_url": spec.platform, "slack_bot_token": "xoxb-T1", "slack_signing_secret": spec.secret,
        }  # fmt: skip
    return {
        "teams_app_id": APP_ID, "teams_app_password": PASSWORD, "teams_tenant_id": TENANT,
        "teams_openid_metadata_url": f"{spec.platform}/v1/.well-known/openidconfiguration",
        "teams_token_url": f"{spec.platform}/{{tenant}}/oauth2/v2.0/token",
    }  # fmt: skip


async def _listen(runner: web.AppRunner, spec: Spec) -> None:
    if not spec.home:
        await web.UnixSite(runner, spec.socket).start()
        return
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    write(spec.door, "http://{}:{}".format(*runner.addresses[0]))
