"""Kring's own token for the connector: asked for once for everyone who waits, kept until shortly before its end.

Sources: learn.microsoft.com, "OAuth 2.0 client credentials flow" for the call and its errors.
"""

import asyncio
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from aiohttp import ClientSession

from bot.chat.payloads import text
from bot.chat.waiting import wait
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, Unreachable
from bot.platforms.teams.answers import Answer, carried, content, read
from bot.platforms.teams.proxies import proxy_for
from bot.platforms.teams.registration import SCOPE, Registration

EARLY = 300.0  # seconds before its end that a token is asked for anew
_LATER = 30.0  # seconds until it is tried again, while the old one is still good
_PASSING = frozenset({"server_error", "temporarily_unavailable"})
_ERROR = re.compile(r"[a-z_]{1,40}")
_NUMBER = re.compile(r"AADSTS\d{1,9}")  # what Entra's own troubleshooting goes by


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(default="", repr=False)
    renew_at: float = -math.inf
    ends_at: float = -math.inf


class Tokens:
    """The token of one registration."""

    def __init__(
        self, session: ClientSession, registration: Registration, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask over this session; `clock` counts seconds."""
        self._session, self._registration, self._clock = session, registration, clock
        self._token = _Token()
        self._asking: asyncio.Task[None] | None = None

    async def current(self) -> str:
        """Return a token that is good; an empty one where none is needed.

        Raises:
            Misconfigured: the registration or its password is not right (`Refusal.ACCESS`).
            RateLimited: Entra says to wait.
            Unreachable: Entra could not be asked.

        """
        if not self._registration.auth:
            return ""
        if self._clock() >= self._token.renew_at:
            await self._renewed()
        return self._token.text

    def refuse(self, token: str) -> None:
        """Forget a token that the connector did not take; one that was asked for since is kept."""
        if token == self._token.text:
            self._token = _Token()

    async def _renewed(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_heard)
        try:
            await asyncio.shield(self._asking)
        except (RateLimited, Unreachable):
            if self._clock() >= self._token.ends_at:
                raise
            self._token = replace(self._token, renew_at=self._clock() + _LATER)

    async def _ask(self) -> None:
        address, began = self._registration.token_address, self._clock()
        if not self._registration.may_call(address):
            raise Misconfigured("tokens are asked for over https", Refusal.ACCESS)
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._registration.app_id,
            "client_secret": self._registration.password,
            "scope": SCOPE,
        }
        with carried(Unreachable):
            async with self._session.post(
                address, data=wanted, allow_redirects=False, proxy=proxy_for(address)
            ) as response:
                answer = await read(response)
        found, seconds = _given(answer)
        self._token = _Token(found, began + seconds - min(EARLY, seconds / 2), began + seconds)


def _heard(asking: "asyncio.Task[None]") -> None:
    """Take note of how it ended, also when nobody waits for it any more."""
    if not asking.cancelled():
        asking.exception()


def _given(answer: Answer) -> tuple[str, float]:
    """Read a token and how many seconds it is good."""
    found = content(answer)
    token = text(found, "access_token")
    if answer.status == HTTPStatus.OK and found and token:
        return token, _seconds(found.get("expires_in"))
    raise _refused(answer)


def _seconds(value: object) -> float:
    """Read how long a token is good; where that is not said, it is used once."""
    try:
        seconds = float(str(value))
    except ValueError:
        return 0.0
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def _refused(answer: Answer) -> PlatformError:
    found = content(answer)
    error = text(found, "error")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(wait(answer.headers.get("Retry-After")))
    if not _ERROR.fullmatch(error) or error in _PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreachable(f"no token: HTTP {answer.status}")
    number = _NUMBER.search(text(found, "error_description"))
    return Misconfigured(" ".join(["no token:", error, *([number[0]] if number else [])]), Refusal.ACCESS)
