"""The platform: `python -m tests.faults.loopback.server` prints its port, and stops when its standard input closes.

Every post is logged in the order in which it happened, with the instant by the clock that all processes of a machine
share.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from tests.faults.loopback.manners import DOUBTFUL, SILENT, Fault, Manners, Patience


@dataclass
class Logged:
    """A post that happened; `doubtful` when its sender was not told so."""

    ts: str
    conversation: str
    text: str
    key: str | None
    only_for: str | None
    at: float
    doubtful: bool


class Platform:
    """What is posted on it, and what else was asked."""

    def __init__(self) -> None:
        self._begin(Manners())

    def _begin(self, manners: Manners) -> None:
        self.manners = manners
        self.log: list[Logged] = []
        self._patience = Patience()
        self._faults: Counter[str] = Counter()
        self._forms: dict[str, str] = {}
        self._gestures: dict[str, str] = {}

    def app(self) -> web.Application:
        """The way in."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/manners", self.set_manners),
                web.post("/post", self.post),
                web.post("/update", self.update),
                web.get("/find", self.find),
                web.get("/log", self.read),
                web.post("/gesture", self.gesture),
                web.post("/form", self.open_form),
            ]
        )
        return app

    async def set_manners(self, request: web.Request) -> web.Response:
        """Begin anew, and behave like this."""
        self._begin(Manners(**await request.json()))
        return web.json_response({})

    async def post(self, request: web.Request) -> web.Response:
        """Post, or do what is wrong."""
        asked = await request.json()
        await asyncio.sleep(self.manners.delay())
        conversation, now = asked["conversation"], time.monotonic()
        if not self._is_place(asked):
            return web.json_response({}, status=404)
        wait = self._patience.wanted(conversation, now, self.manners)
        fault = None if wait else self.manners.fault()
        self._faults.update([fault.value] if fault else [])
        if fault is Fault.LIMITED:
            wait = self.manners.retry_after
            self._patience.hush(conversation, now + wait)
        if wait:
            return web.json_response({}, status=429, headers={"Retry-After": f"{wait:.3f}"})
        if fault in SILENT:
            return _failed(request, cut=fault is Fault.DROPPED)
        logged = self._kept(asked, now, doubtful=fault in DOUBTFUL)
        await asyncio.sleep(self.manners.delay())
        if fault in DOUBTFUL:
            return _failed(request, cut=fault is Fault.CUT)
        return web.json_response({"ts": logged.ts, "conversation": logged.conversation})

    def _is_place(self, asked: dict[str, Any]) -> bool:
        places = self.manners.places
        known = not places or asked["conversation"] in places
        return known and (asked.get("root") is None or self._at(asked["root"]) is not None)

    def _kept(self, asked: dict[str, Any], now: float, *, doubtful: bool) -> Logged:
        known = self._by_key(asked.get("key")) if self.manners.recognises else None
        if known is None:
            known = Logged(
                ts=str(len(self.log) + 1),
                conversation=asked["conversation"],
                text=asked["text"],
                key=asked.get("key"),
                only_for=asked.get("only_for"),
                at=now,
                doubtful=doubtful,
            )
            self.log.append(known)
        return known

    def _by_key(self, key: str | None) -> Logged | None:
        return next((one for one in self.log if key and one.key == key), None)

    def _at(self, ts: str) -> Logged | None:
        return next((one for one in self.log if one.ts == ts), None)

    async def update(self, request: web.Request) -> web.Response:
        """Put another text in the place of a post."""
        asked = await request.json()
        found = self._at(asked["ts"])
        if found is None or found.conversation != asked["conversation"]:
            return web.json_response({}, status=404)
        found.text = asked["text"]
        return web.json_response({})

    async def find(self, request: web.Request) -> web.Response:
        """Say what became of a key, where that can be asked."""
        found = self._by_key(request.query["key"]) if self.manners.answers else None
        return web.json_response(asdict(found) if found else {}, status=200 if found else 404)

    async def read(self, request: web.Request) -> web.Response:
        """Give what was posted since the post with a number, and everything that was counted."""
        posts = [asdict(one) for one in self.log[int(request.query.get("since", 0)) :]]
        counts = {**self._faults, **self._patience.counts}
        return web.json_response({"posts": posts, "counts": counts, "forms": self._forms})

    async def gesture(self, request: web.Request) -> web.Response:
        """Let a person do something that a form may answer."""
        trigger = f"trigger {len(self._gestures)}"
        self._gestures[trigger] = (await request.json())["person"]
        return web.json_response({"trigger": trigger})

    async def open_form(self, request: web.Request) -> web.Response:
        """Lay a form before whoever made a gesture."""
        asked = await request.json()
        person = self._gestures.get(asked["trigger"])
        if person is None:
            return web.json_response({}, status=404)
        self._forms[person] = asked["title"]
        return web.json_response({})


def _failed(request: web.Request, *, cut: bool) -> web.Response:
    """Fail with words, or without."""
    if cut and isinstance(request.transport, asyncio.Transport):
        request.transport.abort()
    return web.json_response({}, status=500)


async def until_input_closes() -> None:
    """Wait for whoever started this process to be gone."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    await reader.read()


async def serve() -> None:
    """Serve on a free port until the parent goes."""
    runner = web.AppRunner(Platform().app(), access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await until_input_closes()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
