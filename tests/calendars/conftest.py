"""A server on this machine that answers as the web sometimes does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.calendars.files import EXAMS, calendar
from tests.serving import served

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """Pages by path, and who asked for them."""

    origin: str = ""
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        page = self.pages.get(request.path)
        return await page(request) if page else web.Response(status=404)

    def serve(self, path: str, body: bytes = b"", **chosen: object) -> str:
        """Put a page somewhere, and return its link."""

        async def page(_request: web.Request) -> web.Response:
            return web.Response(body=body, **chosen)  # type: ignore[arg-type]  # whatever an answer can have

        return self.put(path, page)

    def put(self, path: str, page: Answer) -> str:
        self.pages[path] = page
        return f"{self.origin}{path}"

    def moved(self, path: str, to: str, status: int = 302) -> str:
        """Send whoever asks elsewhere."""
        return self.serve(path, status=status, headers={"Location": to})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with served(app) as site.origin:
        site.serve("/jaar.ics", calendar(EXAMS))
        yield site


@pytest.fixture
def never() -> Answer:
    """A page that begins, and never ends."""

    async def page(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"BEGIN:VCALENDAR\r\n")
        await asyncio.Event().wait()
        return response

    return page
