"""Microsoft Teams as a platform: the way in, the way out, and what runs for them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web

from bot.chat.ports import Intake, Messenger
from bot.chat.prompts import Habits, Voice
from bot.platforms.teams import connector
from bot.platforms.teams.adapter import Adapter
from bot.platforms.teams.app import Entrance
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.invokes import Invokes
from bot.platforms.teams.listening import Listener
from bot.platforms.teams.messenger import TeamsMessenger
from bot.platforms.teams.references import References, Remembered
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from bot.platforms.teams.validation import Keys, Validation


class Teams:
    """One registration of a bot, in one organisation."""

    habits = Habits(call="@Kring", called_in_threads=True, group_chats=True)

    def __init__(self, messenger: Messenger, entrance: Entrance, keys: Keys | None) -> None:
        """Put together what `opened` made; without keys nothing that comes in is checked."""
        self.messenger = messenger
        self._entrance, self.keys = entrance, keys

    def parts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Keep the signing keys fresh."""
        return {"teams": self.keys.run} if self.keys else {}

    async def redeliver(self) -> None:
        """Do nothing: Teams delivers again by itself what was not acknowledged."""

    def trouble(self) -> str:
        """Say so while there are no keys to tell Teams from strangers with."""
        return "no signing keys" if self.keys and not self.keys.known else ""

    def attach(self, app: web.Application) -> None:
        """Add the route that Teams calls."""
        self._entrance.attach(app)


@asynccontextmanager
async def opened(registration: Registration, intake: Intake, kept: References, voice: Voice) -> AsyncIterator[Teams]:
    """Make the platform on one shared session.

    `kept` is where it is kept how conversations are reached, `voice` words what answers a gesture that shows nothing.
    """
    async with connector.session() as session:
        remembered = Remembered(kept, lambda: datetime.now(UTC))
        calls = Connector(session, Tokens(session, registration), registration)
        invokes = Invokes()
        adapter = Adapter(Listener(registration, intake, remembered, calls, invokes, voice))
        keys = Keys(session, registration.metadata_url) if registration.auth else None
        validation = Validation(registration, keys) if keys else None
        messenger = TeamsMessenger(calls, remembered, invokes, registration.tenant)
        yield Teams(messenger, Entrance(adapter, registration, validation), keys)


__all__ = ["Registration", "Teams", "opened"]
