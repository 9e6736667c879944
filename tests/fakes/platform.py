"""What every pretend platform is: a server on loopback that lists its calls and has bad days, and a door to drive it.

The door is there where the platform is a process of its own: `GET /pretend/seen?person=lotte&channel=...` tells what
someone sees, and `POST /pretend/...` does something as someone, and delivers it.
"""

import asyncio
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from aiohttp import web

from tests.fakes.faults import Fault
from tests.serving import served


class FakePlatform(ABC):
    """`asked` lists the calls in order, also those that went wrong."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self._faults: dict[str, deque[Fault]] = {}
        self._over = asyncio.Event()

    @abstractmethod
    def app(self) -> web.Application:
        """The routes."""

    @asynccontextmanager
    async def serving(
        self, port: int = 0, more: Callable[[web.Application], None] | None = None
    ) -> AsyncIterator[None]:
        """Serve until the block ends; `more` adds routes."""
        app = self.app()
        if more:
            more(app)
        async with served(app, port) as self.url:
            try:
                yield
            finally:
                await self.ending()

    async def ending(self) -> None:
        """Let go of whoever waits."""
        self._over.set()

    def will(self, *faults: Fault, on: str) -> None:
        """Let the next calls of this name go like this, one each."""
        self._faults.setdefault(on, deque()).extend(faults)

    async def answered(
        self, request: web.Request, name: str, do: Callable[[], web.StreamResponse]
    ) -> web.StreamResponse:
        """Answer a call, or have the bad day that waits for one of this name."""
        self.asked.append(name)
        waiting = self._faults.get(name)
        fault = waiting.popleft() if waiting else None
        if fault is None or fault.late:
            await asyncio.sleep(fault.late if fault else 0)
            return do()
        if fault.arrives:
            do()
        if fault.hang:
            await self._over.wait()
        if (fault.cut or fault.hang) and request.transport:
            request.transport.close()
        body = fault.body.encode() if isinstance(fault.body, str) else fault.body
        return web.Response(status=fault.status, body=body, content_type=fault.content_type, headers=fault.headers)


class Answer(Protocol):
    """What an app answered."""

    @property
    def status(self) -> int:
        """The status."""

    @property
    def body(self) -> Any:  # noqa: ANN401 - any JSON
        """What it said."""


class Door(ABC):
    """Lets a driver do and see things over HTTP."""

    async def open(self, platform: FakePlatform, port: int, environment: Callable[[], Mapping[str, str]]) -> None:
        """Serve until the process ends, and print what Kring is to be told once that is known."""
        async with platform.serving(port, self._attach):
            sys.stdout.writelines(f"{name}={value}\n" for name, value in environment().items())
            sys.stdout.flush()
            await asyncio.Event().wait()

    def _attach(self, app: web.Application) -> None:
        app.router.add_get("/pretend/seen", self._seen)
        app.router.add_post("/pretend/{what}", self._do)

    async def _seen(self, request: web.Request) -> web.Response:
        return web.json_response(self.seen(request.query["person"], request.query.get("channel", "")))

    async def _do(self, request: web.Request) -> web.Response:
        told = await request.json()
        answer = await self.done(request.match_info["what"], told.pop("person"), told)
        return web.json_response({"status": answer.status, "body": answer.body})

    @abstractmethod
    def seen(self, person: str, channel: str) -> object:
        """Tell what someone sees."""

    @abstractmethod
    async def done(self, what: str, person: str, told: dict[str, str]) -> Answer:
        """Do something as someone, and tell what the app answered."""
