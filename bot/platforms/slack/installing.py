"""Which workspaces let Kring in, and with which key each is spoken to.

A workspace is called by its id, `T1`; one that an organisation (Enterprise Grid) let Kring into as a whole is called
`E1/T1`, and the key is the organisation's. So each keeps data of its own, and no key is used for another's workspace.
"""

import time
from collections.abc import Callable
from typing import Protocol

from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.installation import Installation, installed_as
from bot.errors import Misconfigured, Refusal
from bot.platforms.slack import clients
from bot.platforms.slack.answers import asked

REMEMBERED = 60.0  # seconds; another process may have put a new key in the place of this one, or none
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
)


class Installations(Protocol):
    """Where installations are kept."""

    async def find(self, workspace: str) -> Installation | None:
        """Return the installation of a workspace (`installed_as`), if Kring is let in there."""
        ...

    async def keep(self, installation: Installation) -> None:
        """Keep an installation, in the place of an earlier one of the same workspace."""
        ...


class SingleToken:
    """One installation: the workspace that the token in the settings belongs to, and no other."""

    def __init__(self, client: AsyncWebClient) -> None:
        """Slack is asked once whose token it is, as soon as that matters."""
        self._client = client
        self._one: Installation | None = None

    async def find(self, workspace: str) -> Installation | None:
        """Return the one installation; the errors are those of any call to Slack."""
        if self._one is None:
            told = await asked(self._client.auth_test(), lasting=False)
            org_wide = told.get("is_enterprise_install") is True
            name = str(told.get("enterprise_id" if org_wide else "team_id", ""))
            self._one = Installation(name, str(told.get("user_id", "")), self._client.token or "")
        return self._one if installed_as(workspace) == self._one.workspace else None

    async def keep(self, installation: Installation) -> None:
        """Refuse: what is in the settings is not replaced by a visit to a page."""
        raise Misconfigured(f"a token is set, so {installation.workspace} cannot be installed", Refusal.ACCESS)


class Remembered:
    """Installations that were looked up a moment ago, in front of where they are kept."""

    def __init__(self, kept: Installations, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept = kept
        self._clock = clock
        self._seen: dict[str, tuple[float, Installation]] = {}

    async def find(self, workspace: str) -> Installation | None:
        """Return the installation; one that is not there is looked up again every time."""
        name = installed_as(workspace)
        at, known = self._seen.get(name, (0.0, None))
        if known is None or self._clock() - at > REMEMBERED:
            known = await self._kept.find(name)
            self.forget(name)
            if known is not None:
                self._seen[name] = (self._clock(), known)
        return known

    async def keep(self, installation: Installation) -> None:
        """Keep an installation, and use it from now on."""
        await self._kept.keep(installation)
        self.forget(installation.workspace)

    def forget(self, workspace: str) -> None:
        """Look it up again the next time."""
        self._seen.pop(installed_as(workspace), None)


class InstalledClients:
    """The client for each workspace, with the key that was given there."""

    def __init__(self, installations: Installations, session: ClientSession, base_url: str) -> None:
        """Make clients on one shared session."""
        self._installations, self._session, self._base_url = installations, session, base_url

    async def of(self, workspace: str) -> AsyncWebClient:
        """Return the client with the workspace's token.

        Raises:
            Misconfigured: Kring is not installed there.

        """
        found = await self._installations.find(workspace)
        if found is None:
            raise Misconfigured("Kring is not installed in this workspace", Refusal.ACCESS)
        return clients.client(found.token, self._session, self._base_url)
