"""Teams, in: `POST /api/messages` of our own web application.

The header is judged first, with keys that are there already; then the body is measured, and only then parsed. What the
token was given for (a service, its channels) is held against the activity before anything looks further. An activity is
acknowledged when its row is in the inbox; where it could not be kept, Teams is told so and delivers again.
"""

import json
from http import HTTPStatus

from aiohttp import web

from bot.chat import bodies
from bot.chat.payloads import Payload, identity, text
from bot.domain.loopback import is_called_loopback
from bot.errors import PlatformError, StoreError
from bot.log import get_logger
from bot.platforms.teams.adapter import Adapter
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.scene import CHANNEL
from bot.platforms.teams.validation import Claims, NoKeys, NotTrusted, Validation

PATH = "/api/messages"
LARGEST = 256 * 1024  # bytes; a message of Teams holds some 100 KB (learn.microsoft.com, format your bot messages)
_JSON = "application/json"
log = get_logger(__name__)


class Entrance:
    """The web route that Teams calls."""

    def __init__(self, adapter: Adapter, registration: Registration, validation: Validation | None) -> None:
        """Judge requests with `validation`; without it only who calls this machine by a name of its own is answered."""
        self._adapter, self._registration, self._validation = adapter, registration, validation

    def attach(self, web_app: web.Application) -> None:
        """Add it."""
        web_app.router.add_post(PATH, self._enter)

    async def _enter(self, request: web.Request) -> web.Response:
        if self._validation is None and not is_called_loopback(request.headers.get("Host", "")):
            return _away(HTTPStatus.FORBIDDEN, "host")
        try:
            claims = self._validation.claims(request.headers.get("Authorization", "")) if self._validation else None
        except NotTrusted as refusal:
            return _away(HTTPStatus.UNAUTHORIZED, str(refusal))
        except NoKeys:
            return _away(HTTPStatus.SERVICE_UNAVAILABLE, "no keys yet")
        if request.content_type != _JSON:
            return _away(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no json")
        try:
            body = await bodies.measured(request.content.iter_any(), request.content_length, LARGEST)
        except (web.RequestPayloadError, ConnectionError):
            return _away(HTTPStatus.BAD_REQUEST, "broken")
        if body is None:
            return _away(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "large")
        activity = _parsed(body)
        if activity is None:
            return _away(HTTPStatus.BAD_REQUEST, "no activity")
        refused = self._refused(activity, claims)
        return refused or await self._answered(activity)

    def _refused(self, activity: Payload, claims: Claims | None) -> web.Response | None:
        """Refuse what the token was not given for, another channel, and services that may not be called."""
        problem = claims.problem(activity) if claims else None
        if problem:
            return _away(HTTPStatus.UNAUTHORIZED, problem)
        if identity(activity, "channelId") != CHANNEL:
            return _away(HTTPStatus.FORBIDDEN, "channel")
        if not self._registration.may_call(text(activity, "serviceUrl")):
            return _away(HTTPStatus.FORBIDDEN, "service")
        return None

    async def _answered(self, activity: Payload) -> web.Response:
        try:
            answer = await self._adapter.process(activity)
        except (StoreError, PlatformError) as error:
            log.warning("teams.held", problem=type(error).__name__)
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:
            log.exception("teams.failed")
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        if answer.body is None:
            return web.Response(status=answer.status)
        return web.json_response(answer.body, status=answer.status)


def _away(status: HTTPStatus, reason: str) -> web.Response:
    """Turn a request away, with one line in the log that holds nothing of it."""
    log.info("teams.turned.away", reason=reason)
    return web.Response(status=status)


def _parsed(body: bytes) -> Payload | None:
    """Read an activity; None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return found if text(found, "type") and text(found, "channelId") and text(found, "serviceUrl") else None
