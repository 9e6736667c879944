"""The SDK's client as we use it: one session with a timeout of its own, no retries of its own, no log of its own."""

import logging
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from slack_sdk.web.async_client import AsyncWebClient

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
