"""Slack as a platform: the way in, the way out, and what runs for them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.chat.ports import Intake, Messenger
from bot.chat.prompts import Habits, Voice
from bot.platforms.slack import clients
from bot.platforms.slack.app import Entrance, bolt
from bot.platforms.slack.directory import Directory
from bot.platforms.slack.installing import Installations, InstalledClients, Remembered, SingleToken
from bot.platforms.slack.listening import Listener
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.oauth import Doorway, OAuth
from bot.platforms.slack.signature import Seal
from bot.platforms.slack.socket import Socket


@dataclass(frozen=True, slots=True)
class Access:
    """How Kring comes into Slack: one workspace by a token, many by OAuth; over HTTP, a socket, or both."""

    api_url: str
    bot_token: str | None = None
    signing_secret: str | None = None
    app_token: str | None = None
    oauth: OAuth | None = None


class Slack:
    """One Slack app, in as many workspaces as let it in."""

    habits = Habits(call="/kring")

    def __init__(
        self, messenger: Messenger, entrance: Entrance | None, socket: Socket | None, doorway: Doorway | None
    ) -> None:
        """Put together what `opened` made."""
        self.messenger = messenger
        self._entrance, self._socket, self._doorway = entrance, socket, doorway

    def parts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Keep the socket open, where there is one."""
        return {"slack": self._socket.run} if self._socket else {}

    async def redeliver(self) -> None:
        """Do nothing: Slack delivers again by itself what was not acknowledged."""

    def trouble(self) -> str:
        """Say so while there is no socket; whether an address is called, only Slack knows."""
        return "no connection" if self._socket and not self._socket.connected else ""

    def attach(self, app: web.Application) -> None:
        """Add the routes that Slack calls, and the page where a workspace lets Kring in."""
        for part in (self._entrance, self._doorway):
            if part:
                part.attach(app)


@asynccontextmanager
async def opened(access: Access, intake: Intake, kept: Installations, voice: Voice) -> AsyncIterator[Slack]:
    """Make the platform on one shared session; `kept` is where installations by OAuth are, `voice` words its pages."""
    async with clients.session() as session:
        client = clients.client(access.bot_token or "", session, access.api_url)
        installations = Remembered(SingleToken(client) if access.bot_token else kept)
        several = InstalledClients(installations, session, access.api_url)
        directory = Directory(several)
        app = bolt(Listener(intake, installations, directory), client)
        entrance = Entrance(app, Seal(access.signing_secret)) if access.signing_secret else None
        socket = Socket(app, access.app_token) if access.app_token else None
        doorway = Doorway(access.oauth, client, installations, voice) if access.oauth else None
        try:
            yield Slack(SlackMessenger(several), entrance, socket, doorway)
        finally:
            await directory.close()


__all__ = ["Access", "OAuth", "Slack", "opened"]
