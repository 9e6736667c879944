"""What can be wrong between Kring and Teams, looked at from here; `kring doctor` says what to do about it."""

from collections.abc import AsyncIterator
from enum import StrEnum
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.chat.checks import Check, Fault
from bot.errors import Misconfigured, PlatformError
from bot.platforms.teams.app import PATH
from bot.platforms.teams.proxies import proxy_for
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from bot.platforms.teams.validation import Keys

_TIMEOUT = ClientTimeout(total=15.0)  # chosen: longer than the window that Teams itself gives an answer


class Matter(StrEnum):
    """What is looked at."""

    PASSWORD = "TEAMS_APP_PASSWORD"  # noqa: S105 - the name of the setting
    KEYS = "Teams' signing keys"
    ADDRESS = "Teams' way in"


async def examined(registration: Registration, public_url: str | None) -> list[Check]:
    """Look at the secret, the signing keys, and the address; with the check off there is nothing to look at."""
    if not registration.auth:
        return []
    async with ClientSession(timeout=_TIMEOUT) as session:
        return [check async for check in _checks(session, registration, public_url)]


async def _checks(session: ClientSession, registration: Registration, public_url: str | None) -> AsyncIterator[Check]:
    yield await _password(Tokens(session, registration))
    keys = Keys(session, registration.metadata_url)
    await keys.refresh()
    yield Check(Matter.KEYS, None if keys.known else Fault.UNREACHABLE, "" if keys.known else registration.metadata_url)
    yield await _address(session, public_url)


async def _password(tokens: Tokens) -> Check:
    try:
        await tokens.current()
    except PlatformError as error:
        fault = Fault.REFUSED if isinstance(error, Misconfigured) else Fault.UNREACHABLE
        return Check(Matter.PASSWORD, fault, str(error))
    return Check(Matter.PASSWORD)


async def _address(session: ClientSession, public_url: str | None) -> Check:
    """Knock as a stranger: Kring says 401 to those, and it has to run for that."""
    if public_url is None:
        return Check(Matter.ADDRESS, Fault.UNKNOWN)
    try:
        async with session.post(
            public_url + PATH, json={}, allow_redirects=False, proxy=proxy_for(public_url)
        ) as answer:
            known = answer.status == HTTPStatus.UNAUTHORIZED
            return Check(Matter.ADDRESS, None if known else Fault.SILENT, "" if known else f"HTTP {answer.status}")
    except (ClientError, TimeoutError, OSError) as error:
        return Check(Matter.ADDRESS, Fault.SILENT, type(error).__name__)
