"""Slack, in: one Bolt app behind `POST /slack/events` of our own web application, or behind Socket Mode.

A request is verified and measured before anything parses it (`signature`). Bolt parses it, says whose it is, and
answers what Slack asks of every app. One listener then takes every kind (`listening`); its work is no more than one
row in the inbox. It is Bolt's last middleware, so that what it returns is the acknowledgement: when the row could not
be kept, Slack is told so and delivers again. Bolt's own listeners would be tried one after the other, which costs
more than all the rest of Bolt, and they leave a 404 for what none of them is for.

What Bolt gets wrong, and what is done about it here (measured with 1.30): unparsable JSON is an error 500; a refused
signature is logged with the body; an unknown team is answered in words, over a network call of its own.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat import bodies
from bot.chat.payloads import Payload
from bot.errors import PlatformError, StoreError
from bot.log import get_logger
from bot.platforms.slack import clients, forms, inbound
from bot.platforms.slack.listening import Listener
from bot.platforms.slack.signature import Seal

PATH = "/slack/events"
LARGEST = 256 * 1024  # bytes; Slack's own payloads stay far below
_FORM = "application/x-www-form-urlencoded"
log = get_logger(__name__)


def bolt(listener: Listener, client: AsyncWebClient) -> AsyncApp:
    """Make the Bolt app: everything goes to one listener, and nothing of it to a log."""

    async def hear(body: Payload, context: AsyncBoltContext, request: AsyncBoltRequest) -> BoltResponse:
        org_wide = context.is_enterprise_install is True
        workspace = inbound.workspace(body, context.enterprise_id or "", org_wide=org_wide, team=context.team_id or "")
        try:
            fields = await listener.hear(body, workspace, _retry(request))
        except (StoreError, PlatformError) as error:
            log.warning("slack.held", problem=type(error).__name__)
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:
            log.exception("slack.failed")
            return BoltResponse(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return _refused(fields) if fields else BoltResponse(status=HTTPStatus.OK)

    app = AsyncApp(
        client=client,
        authorize=_authorize,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        logger=clients.QUIET,
    )
    app.middleware(hear)
    app.error(_astray)
    return app


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Let everything through: the listener looks up who is meant, without the `auth.test` that Bolt would ask for."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _astray(error: Exception) -> BoltResponse:
    """Refuse what is none of Slack's payloads."""
    log.warning("slack.unreadable", problem=type(error).__name__)
    return BoltResponse(status=HTTPStatus.BAD_REQUEST)


def _refused(fields: Mapping[str, str]) -> BoltResponse:
    """Say in the form, input by input, why it was not taken."""
    said = {"response_action": "errors", "errors": forms.errors_of(fields)}
    return BoltResponse(status=HTTPStatus.OK, body=json.dumps(said), headers={"Content-Type": ["application/json"]})


def _retry(request: AsyncBoltRequest) -> int:
    """Which redelivery this is; 0 for the first delivery."""
    with suppress(ValueError, IndexError):
        return int(request.headers.get("x-slack-retry-num", ["0"])[0])
    return 0


class Entrance:
    """The web routes that Slack calls."""

    def __init__(self, app: AsyncApp, seal: Seal) -> None:
        self._app, self._seal = app, seal

    def attach(self, web_app: web.Application) -> None:
        """Add them."""
        web_app.router.add_post(PATH, self._enter)

    async def _enter(self, request: web.Request) -> web.Response:
        body = await bodies.measured(request.content.iter_any(), request.content_length, LARGEST)
        if body is None:
            log.info("slack.turned.away", reason="large")
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if request.content_type == _FORM and b"ssl_check=1" in body.split(b"&"):
            return web.Response()  # Slack looks at the certificate, and signs nothing
        problem = self._seal.problem(request.headers, body)
        if problem:
            log.info("slack.turned.away", reason=problem)
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        return await self._dispatched(request, body)

    async def _dispatched(self, request: web.Request, body: bytes) -> web.Response:
        try:
            written = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
            if written.body.get("type") == "app_rate_limited":
                log.warning("slack.rate.limited")
                return web.Response()
            return await to_aiohttp_response(await self._app.async_dispatch(written))
        except Exception as error:  # noqa: BLE001 - signed, yet none of Slack's payloads; Bolt fails on those in any way
            log.warning("slack.unreadable", problem=type(error).__name__)
            return web.Response(status=HTTPStatus.BAD_REQUEST)
