"""Kring's way into Teams and out again, as a program: `python -m tests.bench.teamed CONNECTOR [STORE]`.

Without a store it is an echo bot on our seam: entrance, check of the token, reading, connector; an intake that answers
at once stands in for the rest. With one it is all of Kring, which answers `help` from a row in the inbox and a row in
the outbox. It prints its address; `GET /gap` tells how long its loop was held up at most since it was asked last.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web
from pydantic import SecretStr

from bot import access, log
from bot.chat.cards import Card, Markup, Plain, Text
from bot.chat.events import Event
from bot.chat.messages import Person
from bot.chat.ports import Messenger, Receipt
from bot.chat.prompts import Prompts
from bot.config import Settings
from bot.domain.reference import Reference
from bot.log import Tally
from bot.main import keep_for_good, opened_on_platforms
from bot.platforms.teams import workplace
from bot.platforms.teams.registration import Registration
from tests.fakes.teams.world import APP_ID, TENANT
from tests.serving import served

_LOOK = 0.002  # seconds between two looks at the clock
_ANSWER = Card(Plain("Ja."), (Text(Markup("Ja, ik hoor je.")),), Plain("Echo"))


class Kept:
    """References, in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Reference] = {}
        self._direct: dict[str, Reference] = {}

    async def find(self, conversation: str) -> Reference | None:
        """Return how a conversation is reached."""
        return self._kept.get(conversation)

    async def direct(self, user_id: str) -> Reference | None:
        """Return the direct conversation with a person."""
        return self._direct.get(user_id)

    async def of_group(self, group: str) -> list[Reference]:
        """List the channels of a team."""
        return [one for one in self._kept.values() if one.group == group]

    async def latest(self) -> Reference | None:
        """Return the last that was kept."""
        return next(reversed(self._kept.values()), None)

    async def keep(self, reference: Reference, *, at: datetime) -> None:  # noqa: ARG002 - nobody asks when
        """Keep a reference."""
        self._kept[reference.conversation] = self._direct[reference.user_id] = reference

    async def erase(self, conversation: str) -> None:
        """Forget a conversation."""
        self._kept.pop(conversation, None)


class Echo:
    """Answers everyone in private, and is not asked to remember."""

    messenger: Messenger

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:  # noqa: ARG002 - nothing follows
        """Take an event, and answer it beside."""
        task = asyncio.create_task(self.messenger.post(Person(event.user.id), _ANSWER, key=event.id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Receipt()


class Watch:
    """Sees how long the loop is held up."""

    def __init__(self) -> None:
        self._longest = 0.0

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_LOOK)
            self._longest = max(self._longest, time.perf_counter() - before - _LOOK)

    async def tell(self, _: web.Request) -> web.Response:
        """Tell the longest, in seconds, and begin anew."""
        longest, self._longest = self._longest, 0.0
        return web.Response(text=str(longest))


def _settings(connector: str, store: str) -> Settings:
    return Settings(
        _env_file=None,
        database_url=store,
        secret_key=SecretStr("thirty-two characters, or a few more"),
        teams_app_id=APP_ID,
        teams_app_password=SecretStr("of the bench"),
        teams_tenant_id=TENANT,
        teams_openid_metadata_url=f"{connector}/openid",
        teams_token_url=f"{connector}/token",
    )


@asynccontextmanager
async def _echoing(registration: Registration) -> AsyncIterator[web.Application]:
    echo, app = Echo(), web.Application()
    async with workplace.opened(registration, echo, Kept(), Prompts().voice("nl")) as teams:
        echo.messenger = teams.messenger.at(TENANT)
        teams.attach(app)
        parts = [asyncio.ensure_future(part()) for part in teams.parts().values()]
        yield app
        for part in parts:
            part.cancel()


@asynccontextmanager
async def _living(settings: Settings) -> AsyncIterator[web.Application]:
    async with opened_on_platforms(settings) as kring:
        for platform in kring.platforms:
            platform.messenger.pace = 0.0  # a bench waits for no second between two messages
        kring.start()
        yield kring.web(Tally())
        await kring.stop()


async def serve(connector: str, store: str = "") -> None:
    """Listen on a free port of loopback until stopped."""
    log.set_up(style="json", level="info", tally=Tally())
    settings, watch = _settings(connector, store or "sqlite:///:memory:"), Watch()
    async with _living(settings) if store else _echoing(access.teams(settings)) as app:
        app.router.add_get("/gap", watch.tell)
        async with served(app) as address:
            keep_for_good()
            print(address, flush=True)
            await watch.run()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
