"""The bare handler as a program: prints its address, takes every POST, tells what processor time it has spent."""

import asyncio
import time

from aiohttp import web

from tests.bench.programs import serve


async def take(request: web.Request) -> web.Response:
    """Read what came, and answer."""
    await request.read()
    return web.Response()


async def tell(_: web.Request) -> web.Response:
    """Say how many milliseconds of processor time this process took so far."""
    return web.Response(text=str(time.process_time() * 1000))


def application() -> web.Application:
    """Its routes."""
    app = web.Application()
    app.add_routes([web.post("/{anywhere:.*}", take), web.get("/", tell)])
    return app


if __name__ == "__main__":
    asyncio.run(serve(application()))
