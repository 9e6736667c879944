"""A chat platform as a program, on loopback: takes every `chat.postMessage` and tells what arrived, and when.

`python -m tests.bench.platform` prints its address. It answers after as many milliseconds as it was last told to.
"""

import asyncio
import time
from dataclasses import dataclass, field

from aiohttp import web

from tests.bench.programs import serve


@dataclass(slots=True)
class Chat:
    """What was posted since the last beginning: key, channel and time of each."""

    latency: float = 0.0
    posts: list[tuple[str, str, float]] = field(default_factory=list)

    async def post(self, request: web.Request) -> web.Response:
        """Take a message."""
        said = await request.json()
        self.posts.append((said["metadata"]["event_payload"]["key"], said["channel"], time.time()))
        answer = {"ok": True, "channel": said["channel"], "ts": f"{len(self.posts)}.000100"}
        if self.latency:
            await asyncio.sleep(self.latency)
        return web.json_response(answer)

    async def whose(self, _: web.Request) -> web.Response:
        """Say whose the token is."""
        return web.json_response({"ok": True, "team_id": "T1", "user_id": "UKRING", "bot_id": "BKRING"})

    async def who(self, request: web.Request) -> web.Response:
        """Say who somebody is."""
        told = {"id": request.query["user"], "name": "noor", "team_id": "T1", "locale": "nl-NL"}
        return web.json_response({"ok": True, "user": told})

    async def direct(self, request: web.Request) -> web.Response:
        """Say which conversation somebody has with Kring."""
        return web.json_response({"ok": True, "channel": {"id": f"D{request.query['users']}"}})

    async def begin(self, request: web.Request) -> web.Response:
        """Forget what was posted, and answer after so many seconds from now on."""
        self.latency = float(request.query["latency"])
        self.posts.clear()
        return web.Response()

    async def tell(self, request: web.Request) -> web.Response:
        """Tell what was posted, from the so manieth on."""
        return web.json_response(self.posts[int(request.query["after"]) :])


def application() -> web.Application:
    """Its routes."""
    chat, app = Chat(), web.Application()
    app.add_routes(
        [
            web.post("/api/chat.postMessage", chat.post),
            web.post("/api/auth.test", chat.whose),
            web.post("/api/conversations.open", chat.direct),
            web.get("/api/users.info", chat.who),
            web.post("/begin", chat.begin),
            web.get("/posts", chat.tell),
        ]
    )
    return app


if __name__ == "__main__":
    asyncio.run(serve(application()))
