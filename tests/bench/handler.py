"""The bare handler as a program: prints its address, takes every POST, tells what processor time it has spent."""

import asyncio
import time

from aiohttp import web


async def take(request: web.Request) -> web.Response:
    """Read what came, and answer."""
    await request.read()
    return web.Response()


async def tell(_: web.Request) -> web.Response:
    """Say how many milliseconds of processor time this process took so far."""
    return web.Response(text=str(time.process_time() * 1000))


async def serve() -> None:
    """Listen on a free port of loopback until stopped."""
    app = web.Application()
    app.add_routes([web.post("/{anywhere:.*}", take), web.get("/", tell)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
