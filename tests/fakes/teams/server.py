"""The pretend Teams as a server on loopback: tokens and faults first, then the operation."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.fakes.platform import FakePlatform
from tests.fakes.teams.issuer import Issuer, Tokens
from tests.fakes.teams.methods import METHODS, MOST, Asked
from tests.fakes.teams.world import Json, Refused, World, furnished


class FakeTeams(FakePlatform):
    """One Teams; a call is named by its operation.

    Operations: `create`, `post`, `update`, `delete`, `members`, `member`, `team`, `channels`, `token`, `metadata`,
    `keys`.

    `auth` says whether the bot must carry a token, `page` how many members stand on a page at most, `slow` how many
    seconds every call to the connector takes. `region` is a part of the address that Teams wants to be called at.
    """

    def __init__(self, world: World | None = None, *, auth: bool = True) -> None:
        super().__init__()
        self.world = world or furnished()
        self.auth, self.page, self.slow = auth, MOST, 0.0
        self.issuer, self.tokens = Issuer(), Tokens()
        self.region = "emea"
        self.working = self.at_once = 0

    @classmethod
    @asynccontextmanager
    async def started(cls, world: World | None = None, *, auth: bool = True) -> AsyncIterator["FakeTeams"]:
        """Serve until the block ends."""
        teams = cls(world, auth=auth)
        async with teams.serving():
            yield teams

    @property
    def service_url(self) -> str:
        """Where Teams says that it takes messages."""
        return f"{self.url}/{self.region}/"

    @property
    def metadata_url(self) -> str:
        """Where the signing keys are announced."""
        return f"{self.url}/v1/.well-known/openidconfiguration"

    @property
    def token_url(self) -> str:
        """Where the bot gets its token."""
        return f"{self.url}/{{tenant}}/oauth2/v2.0/token"

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=4 * 2**20)
        add = app.router.add_route
        place = "/{region}/v3/conversations/{conversation}"
        add("POST", "/{region}/v3/conversations", self._call("create"))
        add("POST", f"{place}/activities", self._call("post"))
        add("POST", f"{place}/activities/{{id}}", self._call("post"))
        add("PUT", f"{place}/activities/{{id}}", self._call("update"))
        add("DELETE", f"{place}/activities/{{id}}", self._call("delete"))
        add("GET", f"{place}/pagedmembers", self._call("members"))
        add("GET", "/{region}/v3/teams/{conversation}", self._call("team"))
        add("GET", "/{region}/v3/teams/{conversation}/conversations", self._call("channels"))
        add("GET", f"{place}/members/{{id}}", self._call("member"))
        add("POST", "/{tenant}/oauth2/v2.0/token", self._token)
        add("GET", "/v1/.well-known/openidconfiguration", self._metadata)
        add("GET", "/keys", self._keys)
        return app

    def _call(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def called(request: web.Request) -> web.StreamResponse:
            self.working += 1
            self.at_once = max(self.at_once, self.working)
            try:
                body = await _body(request)
                if self.slow:
                    await asyncio.sleep(self.slow)
                return await self.answered(request, name, lambda: _told(*self._done(request, name, body)))
            finally:
                self.working -= 1

        return called

    def _done(self, request: web.Request, name: str, body: Json | None) -> tuple[int, Json | None]:
        found = request.match_info
        asked = Asked(found.get("conversation", ""), found.get("id", ""), request.query, body or {}, self.page)
        try:
            self._check(request, body)
            return METHODS[name](self.world, asked)
        except Refused as refused:
            return refused.status, refused.answer

    def _check(self, request: web.Request, body: Json | None) -> None:
        """Refuse what is wrong with any call: who asks, where, and in what form."""
        if self.auth and not self.tokens.known(request.headers.get("Authorization", "")):
            raise Refused(401, "Unauthorized", "Authorization has been denied for this request.")
        if request.match_info["region"] != self.region:
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        if body is None:
            raise Refused(400, "BadSyntax", "Not a JSON object")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form, tenant = dict(await request.post()), request.match_info["tenant"]
        return await self.answered(request, "token", lambda: _told(*self.tokens.give(tenant, form)))

    async def _metadata(self, request: web.Request) -> web.StreamResponse:
        return await self.answered(request, "metadata", lambda: web.json_response(self.issuer.metadata(self.url)))

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        return await self.answered(request, "keys", lambda: web.json_response(self.issuer.jwks()))


def _told(status: int, told: Json | None) -> web.Response:
    return web.json_response(told, status=status) if told is not None else web.Response(status=status)


async def _body(request: web.Request) -> Json | None:
    """Read the body; None is one that is no object, where there must be one."""
    raw = await request.read()
    if request.method in {"GET", "DELETE"}:
        return {}
    try:
        told = json.loads(raw) if request.content_type == "application/json" else None
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
