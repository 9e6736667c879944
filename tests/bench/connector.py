"""A Bot Connector as a program, on loopback: takes every activity and counts; signs, and hands out tokens.

`python -m tests.bench.connector` prints its address. It answers after as many seconds as it was last told to.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.bench.programs import serve
from tests.fakes.teams.issuer import Issuer
from tests.fakes.teams.world import Json


@dataclass(slots=True)
class Connector:
    """What happened since the last beginning."""

    latency: float = 0.0
    taken: int = 0
    tokens: int = 0
    under_way: int = 0
    most_at_once: int = 0
    goal: int = 0
    issuer: Issuer = field(default_factory=Issuer)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self, request: web.Request) -> web.Response:
        """Forget, and from now on answer after so many seconds and count to a goal."""
        self.latency, self.goal = float(request.query["latency"]), int(request.query["goal"])
        self.taken = self.tokens = self.under_way = self.most_at_once = 0
        self.reached.clear()
        return web.Response()

    async def end(self, _: web.Request) -> web.Response:
        """Wait until the goal is reached, and tell what happened."""
        await self.reached.wait()
        return web.json_response({"tokens": self.tokens, "most_at_once": self.most_at_once})

    async def take(self, _: web.Request) -> web.Response:
        """Take an activity."""
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        if self.latency:
            await asyncio.sleep(self.latency)
        self.under_way -= 1
        self.taken += 1
        if self.taken == self.goal:
            self.reached.set()
        return web.json_response({"id": f"{self.taken}"})

    async def token(self, _: web.Request) -> web.Response:
        """Give a token for an hour."""
        self.tokens += 1
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": "of the bench"})


def telling(told: Callable[[web.Request], Json]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make a handler that tells something."""

    async def tell(request: web.Request) -> web.Response:
        return web.json_response(told(request))

    return tell


def application() -> web.Application:
    """Its routes."""
    connector, app = Connector(), web.Application()
    issuer = connector.issuer
    app.add_routes([
        web.post("/begin", connector.begin),
        web.get("/end", connector.end),
        web.post("/token", connector.token),
        web.get("/openid", telling(lambda request: issuer.metadata(str(request.url.origin())))),
        web.get("/keys", telling(lambda _: issuer.jwks())),
        web.get("/bearer", telling(lambda request: {"token": issuer.token(request.query["service_url"])})),
        web.post("/v3/{path:.*}", connector.take),
        web.put("/v3/{path:.*}", connector.take),
    ])  # fmt: skip
    return app


if __name__ == "__main__":
    asyncio.run(serve(application()))
