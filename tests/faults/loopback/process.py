"""The platform as a process, seen from whoever started it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.project.sizes import ROOT


class Loopback:
    """The platform: how it is told to behave, and what was posted on it."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self.posts: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}
        self.forms: dict[str, str] = {}
        self._session = session

    async def behave(self, **manners: object) -> None:
        """Forget everything, and behave like this."""
        await self.ask("/manners", manners)
        self.posts.clear()

    async def look(self) -> int:
        """Read what was posted since the last look, and say how much that is."""
        async with self._session.get("/log", params={"since": len(self.posts)}) as answer:
            told = await answer.json()
        self.posts += told["posts"]
        self.counts, self.forms = told["counts"], told["forms"]
        return len(told["posts"])

    async def ask(self, path: str, asked: object) -> dict[str, Any]:
        """Ask it something else."""
        async with self._session.post(path, json=asked) as answer:
            answer.raise_for_status()
            told: dict[str, Any] = await answer.json()
            return told


@asynccontextmanager
async def started(*module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module of the tests that stops by itself when its standard input closes, also when we are killed."""
    pipe = asyncio.subprocess.PIPE
    program = [sys.executable, "-m", *module]
    process = await asyncio.create_subprocess_exec(*program, cwd=ROOT, stdin=pipe, stdout=pipe)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    """Run the platform."""
    async with started("tests.faults.loopback.server") as process:
        assert process.stdout is not None
        port = json.loads(await process.stdout.readline())["port"]
        async with calling(f"http://127.0.0.1:{port}/") as platform:
            yield platform


@asynccontextmanager
async def calling(address: str) -> AsyncIterator[Loopback]:
    """Speak with a platform that runs."""
    async with aiohttp.ClientSession(address) as session:
        yield Loopback(address, session)
