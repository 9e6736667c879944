"""The SDK's client as we use it: one session with a timeout of its own, no retries of its own, no log of its own."""

import logging
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Misconfigured, Refusal
from bot.platforms.slack.answers import asked

# Finding a person's conversation, looking for a post and posting it come after each other within one lease (30 s).
TIMEOUT = ClientTimeout(total=8.0, connect=4.0)
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
QUIET = logging.getLogger(f"{__name__}.sdk")
QUIET.setLevel(logging.CRITICAL)  # what the SDK logs has bodies in it, with members' words


class Clients(Protocol):
    """Which client speaks to which workspace."""

    async def of(self, workspace: str) -> AsyncWebClient:
        """Return the client with the workspace's token.

        Raises:
            Misconfigured: Kring is not installed there (`Refusal.ACCESS`).

        """
        ...


def session() -> ClientSession:
    """Open the session that all clients share, with nothing in it that goes from one workspace to another.

    The SDK applies its timeout only to sessions that it opens itself, one a call.
    """
    return ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar())


def client(token: str, shared: ClientSession, base_url: str) -> AsyncWebClient:
    """Make a client for a token. By default the SDK repeats a POST whose line was cut, and so posts twice."""
    url = base_url.rstrip("/") + "/"
    made = AsyncWebClient(token, base_url=url, session=shared, retry_handlers=[], logger=QUIET)
    host = urlsplit(url).hostname or ""
    if host in _HERE or proxy_bypass(host):
        made.proxy = None  # the SDK takes HTTPS_PROXY for every address, whatever NO_PROXY says
    return made


class OneWorkspace:
    """The client of a single token, for the workspace that the token belongs to and for no other."""

    def __init__(self, one: AsyncWebClient) -> None:
        """Slack is asked once whose token it is, as soon as that matters."""
        self._one = one
        self._own: frozenset[str] = frozenset()

    async def of(self, workspace: str) -> AsyncWebClient:
        """Return the client; the errors are those of any call to Slack."""
        if not self._own:
            told = await asked(self._one.auth_test(), lasting=False)
            self._own = frozenset(str(told[name]) for name in ("team_id", "enterprise_id") if told.get(name))
        if workspace not in self._own:
            raise Misconfigured("the token is another workspace's", Refusal.ACCESS)
        return self._one
