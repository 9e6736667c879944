"""The pretend Slack as a server on loopback: tokens and faults first, then the method."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.fakes.platform import FakePlatform
from tests.fakes.slack import checks, oauth
from tests.fakes.slack.methods import METHODS
from tests.fakes.slack.socket import Sockets
from tests.fakes.slack.world import Json, Message, Refused, Workspace, World

USES = 5  # of a response_url


class FakeSlack(FakePlatform):
    """One Slack; a call is named by its method, and `hook` is what goes to a response_url."""

    signing_secret = "signing-secret"

    def __init__(self, world: World | None = None) -> None:
        super().__init__()
        self.world = world or World()
        self.sockets = Sockets()

    @classmethod
    @asynccontextmanager
    async def started(cls, world: World | None = None) -> AsyncIterator["FakeSlack"]:
        """Serve until the block ends."""
        slack = cls(world)
        async with slack.serving():
            yield slack

    async def ending(self) -> None:
        await super().ending()
        await self.sockets.drop()

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"{self.url}/api/"

    def workspace(self, team: str = "T1", token: str | None = None) -> Workspace:
        """The workspace of this name, furnished when it is new."""
        return self.world.workspaces.get(team) or self.world.workspace(team, token)

    def hook(self, team: str, message: Message) -> str:
        """Make a response_url for a message."""
        name = f"{team}-{next(self.world.numbers)}"
        self.world.hooks[name] = (team, message, USES)
        return f"{self.url}/hooks/{name}"

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=4 * 2**20)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/hooks/{name}", self._hooked)
        app.router.add_get("/socket", self.sockets.connect)
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        return app

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        return await oauth.authorize(self.world, request)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, args = request.match_info["method"], await _arguments(request)
        answer = await self.answered(request, method, lambda: web.json_response(self._done(request, method, args)))
        for place in self.world.workspaces.values():
            if place.token and place.token in request.headers.get("Authorization", ""):
                answer.headers["X-OAuth-Scopes"] = ",".join(sorted(place.scopes))
        return answer

    async def _hooked(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        name = request.match_info["name"]
        return await self.answered(request, "hook", lambda: web.json_response(self._replaced(name, body)))

    def _done(self, request: web.Request, method: str, args: Json) -> Json:
        try:
            return {"ok": True, **self._result(request, method, args)}
        except Refused as refused:
            return refused.answer

    def _result(self, request: web.Request, method: str, args: Json) -> Json:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or args.get("token", "")
        if method == "oauth.v2.access":
            return oauth.access(self.world, request, args)
        if method == "apps.connections.open":
            if token != self.world.app_token:
                raise Refused("not_allowed_token_type" if token else "not_authed")
            return {"url": self.sockets.ticket(self.url)}
        if method not in METHODS:
            raise Refused("unknown_method")
        return METHODS[method](self.world, self._place(token), args)

    def _place(self, token: str) -> Workspace:
        if not token:
            raise Refused("not_authed")
        for place in self.world.workspaces.values():
            if place.token == token:
                if place.revoked:
                    raise Refused(place.revoked)
                return place
        raise Refused("invalid_auth")

    def _replaced(self, name: str, body: Json) -> Json:
        team, message, uses = self.world.hooks.get(name, ("", None, 0))
        if message is None or uses == 0:
            raise web.HTTPNotFound(text="used_url" if message else "expired_url")
        self.world.hooks[name] = (team, message, uses - 1)
        wrong = checks.blocks(body.get("blocks", []))
        if wrong:
            raise web.HTTPBadRequest(text="invalid_blocks")
        if body.get("replace_original"):
            message.text, message.blocks = body.get("text", ""), body.get("blocks", [])
            message.edited += 1
        return {"ok": True}


async def _arguments(request: web.Request) -> Json:
    """Read the arguments of a call, however the SDK sent them."""
    found: Json = dict(request.query)
    raw = await request.read()
    if request.content_type == "application/json" and raw:
        found |= json.loads(raw)
    elif raw:
        found |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key in ("blocks", "view", "metadata"):
        if isinstance(found.get(key), str):
            found[key] = json.loads(found[key])
    return {key: value for key, value in found.items() if value is not None}
