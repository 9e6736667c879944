"""What can be wrong between Kring and Slack, looked at from here; `kring doctor` says what to do about it."""

import json
import time
from collections.abc import AsyncIterator
from enum import StrEnum
from http import HTTPStatus

from aiohttp import ClientError, ClientSession
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.checks import Check, Fault
from bot.errors import Misconfigured, PlatformError
from bot.platforms.slack import clients
from bot.platforms.slack.answers import asked
from bot.platforms.slack.app import PATH
from bot.platforms.slack.installing import SCOPES
from bot.platforms.slack.signature import Seal
from bot.platforms.slack.workplace import Access

_CHALLENGE = "kring-doctor"


class Matter(StrEnum):
    """What is looked at."""

    BOT_KEY = "SLACK_BOT_TOKEN"
    SCOPES = "Slack scopes"
    APP_KEY = "SLACK_APP_TOKEN"
    ADDRESS = "Slack's way in"


async def examined(access: Access, public_url: str | None) -> list[Check]:
    """Look at the token, its scopes, and the socket or the address."""
    async with clients.session() as session:
        client = clients.client(access.bot_token or "", session, access.api_url)
        return [check async for check in _checks(access, public_url, client, session)]


async def _checks(
    access: Access, public_url: str | None, client: AsyncWebClient, session: ClientSession
) -> AsyncIterator[Check]:
    if access.bot_token:
        for check in await _token(client):
            yield check
    if access.app_token:
        yield await _socket(client, access.app_token)
    if access.signing_secret:
        yield await _address(session, Seal(access.signing_secret), public_url)


async def _token(client: AsyncWebClient) -> list[Check]:
    granted = ""

    async def ask() -> AsyncSlackResponse:
        nonlocal granted
        answer = await client.auth_test()
        granted = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes", "")
        return answer

    try:
        await asked(ask(), lasting=False)
    except PlatformError as error:
        return [_failed(Matter.BOT_KEY, error)]
    missing = ", ".join(sorted(set(SCOPES) - {scope.strip() for scope in granted.split(",")}))
    return [Check(Matter.BOT_KEY), Check(Matter.SCOPES, Fault.MISSING if missing else None, missing)]


async def _socket(client: AsyncWebClient, token: str) -> Check:
    try:
        await asked(client.apps_connections_open(app_token=token), lasting=False)
    except PlatformError as error:
        return _failed(Matter.APP_KEY, error)
    return Check(Matter.APP_KEY)


async def _address(session: ClientSession, seal: Seal, public_url: str | None) -> Check:
    """Ask what Slack asks when it looks at an address for the first time; Kring has to run for it to answer."""
    if public_url is None:
        return Check(Matter.ADDRESS, Fault.UNKNOWN)
    body = json.dumps({"type": "url_verification", "challenge": _CHALLENGE}).encode()
    stamp = str(int(time.time()))
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": seal.sign(stamp, body)}
    headers["Content-Type"] = "application/json"
    try:
        async with session.post(public_url + PATH, data=body, headers=headers) as answer:
            if answer.status == HTTPStatus.OK and _CHALLENGE in await answer.text():
                return Check(Matter.ADDRESS)
            return Check(Matter.ADDRESS, Fault.SILENT, f"HTTP {answer.status}")
    except (ClientError, TimeoutError, OSError) as error:
        return Check(Matter.ADDRESS, Fault.SILENT, type(error).__name__)


def _failed(matter: Matter, error: PlatformError) -> Check:
    return Check(matter, Fault.REFUSED if isinstance(error, Misconfigured) else Fault.UNREACHABLE, str(error))
