"""Web applications of tests, on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

BACKLOG = 1024  # more than any burst of ours, so that nobody is turned away before the application is asked


@asynccontextmanager
async def served(app: web.Application, port: int = 0, *, patience: float = 0.1) -> AsyncIterator[str]:
    """Serve until the block ends, at the address that is given; what is under way then has so many seconds."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=patience)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=BACKLOG).start()
        yield "http://{}:{}".format(*runner.addresses[0])
    finally:
        await runner.cleanup()
