"""Letting Kring into a workspace by OAuth: `GET /slack/install` goes to Slack, `GET /slack/oauth_redirect` comes back.

The state that goes along is signed, holds for ten minutes, and must come back with the cookie of the same browser, so
that nobody can be made to finish what another began. It needs no store, so any replica can take the second visit; a
code is good once, and Slack sees to that.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat import text
from bot.chat.payloads import identity
from bot.chat.payloads import text as text_at
from bot.chat.prompts import Voice
from bot.domain.installation import Installation
from bot.errors import PlatformError
from bot.log import get_logger
from bot.platforms.slack.answers import asked
from bot.platforms.slack.installing import SCOPES, Installations

INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"
COOKIE = "kring_slack_state"
LASTS = 600  # seconds between the two visits
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OAuth:
    """The app as Slack knows it, the address that members' browsers reach Kring by, and what signs the state."""

    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    authorize_url: str
    secret: str = field(repr=False)


class Doorway:
    """The two pages."""

    def __init__(
        self,
        oauth: OAuth,
        client: AsyncWebClient,
        installations: Installations,
        voice: Voice,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Exchange codes by `client`, keep what comes of it in `installations`, and word the pages with `voice`."""
        self._oauth, self._client, self._installations = oauth, client, installations
        self._voice, self._clock = voice, clock

    def attach(self, app: web.Application) -> None:
        """Add the pages."""
        app.router.add_get(INSTALL, self._begin)
        app.router.add_get(REDIRECT, self._finish)

    async def _begin(self, _: web.Request) -> web.StreamResponse:
        state = self._state(f"{int(self._clock())}.{secrets.token_urlsafe(24)}")
        asked_for = {
            "client_id": self._oauth.client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": self._oauth.public_url + REDIRECT,
            "state": state,
        }
        response = web.Response(status=HTTPStatus.FOUND)
        response.headers["Location"] = f"{self._oauth.authorize_url}?{urlencode(asked_for)}"
        secure = self._oauth.public_url.startswith("https:")
        response.set_cookie(COOKIE, state, max_age=LASTS, path="/slack", secure=secure, httponly=True, samesite="Lax")
        return response

    async def _finish(self, request: web.Request) -> web.StreamResponse:
        state, code = request.query.get("state", ""), request.query.get("code", "")
        if not self._is_ours(state, request.cookies.get(COOKIE, "")):
            return self._page("slack/expired", HTTPStatus.BAD_REQUEST)
        if not code:
            return self._page("slack/declined", HTTPStatus.OK)
        try:
            installation = await self._exchanged(code)
            await self._installations.keep(installation)
        except PlatformError as error:
            log.warning("slack.install.refused", problem=str(error))
            return self._page("slack/refused", HTTPStatus.BAD_GATEWAY)
        log.info("slack.installed", workspace=installation.workspace)
        return self._page("slack/installed", HTTPStatus.OK)

    async def _exchanged(self, code: str) -> Installation:
        # Not `oauth_v2_access`, which names the app by aiohttp's BasicAuth; that is going away (aiohttp 3.14 warns).
        given = {
            "client_id": self._oauth.client_id,
            "client_secret": self._oauth.client_secret,
            "code": code,
            "redirect_uri": self._oauth.public_url + REDIRECT,
        }
        told = await asked(self._client.api_call("oauth.v2.access", data=given), lasting=False)
        org_wide = told.get("is_enterprise_install") is True
        workspace = identity(told, "enterprise", "id") if org_wide else identity(told, "team", "id")
        token = text_at(told, "access_token")
        if not workspace or not token:
            raise PlatformError("Slack named no workspace or no key")
        return Installation(workspace, identity(told, "bot_user_id"), token, tuple(text_at(told, "scope").split(",")))

    def _page(self, message: str, status: HTTPStatus) -> web.Response:
        page = web.Response(text=text.render(self._voice(message).card()), status=status)
        page.del_cookie(COOKIE, path="/slack")
        return page

    def _state(self, begun: str) -> str:
        signed = hmac.new(self._oauth.secret.encode(), f"slack.install:{begun}".encode(), hashlib.sha256)
        return f"{begun}.{signed.hexdigest()}"

    def _is_ours(self, state: str, cookie: str) -> bool:
        begun, _, _ = state.rpartition(".")
        stamp, _, _ = begun.partition(".")
        if not (state.isascii() and cookie.isascii() and stamp.isascii() and stamp.isdigit()):
            return False
        fresh = 0 <= self._clock() - int(stamp[:12]) <= LASTS
        ours = hmac.compare_digest(self._state(begun), state)
        return fresh and ours and hmac.compare_digest(state, cookie)
