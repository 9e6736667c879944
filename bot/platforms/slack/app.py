"""Slack, in: one Bolt app behind `POST /slack/events` of our own web application, or behind Socket Mode.

A request is verified and measured before anything parses it (`signature`), and parsed here (`parsed`). Bolt says whose
it is, and answers what Slack asks of every app. One listener then takes every kind (`listening`); its work is no more
than one row in the inbox. What it returns is the acknowledgement: when the row could not be kept, Slack is told so and
delivers again. It stands in front of Bolt's authorisation, since it looks up itself who is meant, and without the
`auth.test` that Bolt would ask for. Bolt's own listeners would be tried one after the other, which costs more than all
the rest of Bolt, and they leave a 404 for what none of them is for.

What Bolt gets wrong, and what is done about it here (measured with 1.30): unparsable JSON is an error 500; a command
in which somebody types "payload" is read as empty; a refused signature is logged with the body; an unknown team is
answered in words, over a network call of its own.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat import bodies
from bot.errors import PlatformError, StoreError
from bot.log import get_logger
from bot.platforms.slack import clients, forms, inbound
from bot.platforms.slack.listening import Listener
from bot.platforms.slack.signature import Seal

PATH = "/slack/events"
LARGEST = 256 * 1024  # bytes; Slack's own payloads stay far below
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_RETRY = "X-Slack-Retry-Num"
log = get_logger(__name__)


class Ear(AsyncMiddleware):
    """Hands everything to one listener, and nothing of it to a log."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - as Bolt calls it
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - as Bolt calls it
    ) -> BoltResponse | None:
        """Acknowledge what was kept; Slack's look at the address is Bolt's own to answer."""
        body, context = req.body, req.context
        if body.get("type") == "url_verification":
            return await next()
        org_wide = context.is_enterprise_install is True
        workspace = inbound.workspace(body, context.enterprise_id or "", org_wide=org_wide, team=context.team_id or "")
        try:
            fields = await self._listener.hear(body, workspace, _retry(req))
        except (StoreError, PlatformError) as error:
            log.warning("slack.held", problem=type(error).__name__)
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:
            log.exception("slack.failed")
            return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return _refused(fields) if fields else BoltResponse(status=HTTPStatus.OK)


class _Bolt(AsyncApp):
    """Bolt without a new client for every request, for which nobody here asks; it costs more than reading one."""

    def _init_context(self, req: AsyncBoltRequest) -> None:
        """Put nothing beside what the request says."""


def bolt(listener: Listener, client: AsyncWebClient) -> AsyncApp:
    """Make the Bolt app."""
    app = _Bolt(
        client=client,
        authorize=_nobody,
        before_authorize=Ear(listener),
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        logger=clients.QUIET,
    )
    app.error(_astray)
    return app


async def _nobody() -> AuthorizeResult:
    """Authorise nobody: Bolt insists on somebody to ask, and nothing that would need it gets this far."""
    return AuthorizeResult(enterprise_id=None, team_id=None)


async def _astray(error: Exception) -> BoltResponse:
    """Refuse what is none of Slack's payloads."""
    log.warning("slack.unreadable", problem=type(error).__name__)
    return BoltResponse(status=HTTPStatus.BAD_REQUEST)


def _refused(fields: Mapping[str, str]) -> BoltResponse:
    """Say in the form, input by input, why it was not taken."""
    said = {"response_action": "errors", "errors": forms.errors_of(fields)}
    return BoltResponse(status=HTTPStatus.OK, body=json.dumps(said), headers={"Content-Type": [_JSON]})


def _retry(request: AsyncBoltRequest) -> int:
    """Which redelivery this is; 0 for the first delivery."""
    with suppress(ValueError, IndexError):
        return int(request.headers.get(_RETRY.lower(), ["0"])[0])
    return 0


class Entrance:
    """The web routes that Slack calls."""

    def __init__(self, app: AsyncApp, seal: Seal) -> None:
        self._app, self._seal = app, seal

    def attach(self, web_app: web.Application) -> None:
        """Add them."""
        web_app.router.add_post(PATH, self._enter)

    async def _enter(self, request: web.Request) -> web.Response:
        try:
            body = await bodies.measured(request.content.iter_any(), request.content_length, LARGEST)
        except (web.RequestPayloadError, ConnectionError):
            log.info("slack.turned.away", reason="broken")
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        if body is None:
            log.info("slack.turned.away", reason="large")
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        kind = request.content_type
        if kind == _FORM and b"ssl_check=1" in body.split(b"&"):
            return web.Response()  # Slack looks at the certificate, and signs nothing
        problem = self._seal.problem(request.headers, body)
        if problem:
            log.info("slack.turned.away", reason=problem)
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        return await self._dispatched(body, kind, request.headers.get(_RETRY, "0"))

    async def _dispatched(self, body: bytes, kind: str, retry: str) -> web.Response:
        try:
            payload = parsed(body, kind)
            if payload.get("type") == "app_rate_limited":
                log.warning("slack.rate.limited")
                return web.Response()
            # As over the socket, where Bolt is handed what is parsed already.
            written = AsyncBoltRequest(mode="socket_mode", body=payload, headers={_RETRY: retry})
            said = await self._app.async_dispatch(written)
        except Exception as error:  # noqa: BLE001 - signed, yet none of Slack's payloads; Bolt fails on those in any way
            log.warning("slack.unreadable", problem=type(error).__name__)
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        if not said.body:
            return web.Response(status=said.status)
        return web.Response(status=said.status, text=said.body, content_type=_JSON)


def parsed(body: bytes, kind: str) -> dict[str, Any]:
    """Read a body: JSON, or a form; of an interaction the form has one field, which is JSON.

    Raises:
        ValueError: it is none of these.

    """
    written = body.decode()
    if kind == _JSON:
        found = json.loads(written)
    else:
        fields = (field.partition("=") for field in written.split("&") if field)
        found = {_plain(name): _plain(value) for name, _, value in fields}
        found = json.loads(found["payload"]) if "payload" in found else found
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - what Slack should not have sent
    return found


def _plain(written: str) -> str:
    return unquote_plus(written) if "%" in written or "+" in written else written
