"""Programs beside this one: each prints its address when it is ready, and is ended with who uses it."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs, and where it listens."""

    address: str
    pid: int


@asynccontextmanager
async def running(module: str, *words: str) -> AsyncIterator[Program]:
    """Run a module of the bench until the end of the block; it is asked to stop, and waited for."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *words, stdout=PIPE, stderr=DEVNULL)
    try:
        async with asyncio.timeout(PATIENCE):
            address = await _address(process)
        yield Program(address, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: Process) -> str:
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().strip()
    if not address:
        raise RuntimeError("a program of the bench ended before it was ready")
    return address


@dataclass(slots=True)
class Chat:
    """The platform, as the bench looks at it."""

    address: str
    client: ClientSession

    async def begin(self, latency: float = 0.0) -> None:
        """Forget what was posted, and answer after so many seconds from now on."""
        async with self.client.post(f"{self.address}/begin", params={"latency": str(latency)}) as answer:
            answer.raise_for_status()

    async def posts(self, after: int = 0) -> Sequence[tuple[str, str, float]]:
        """Tell the key, the channel and the time of what was posted, from the so manieth on."""
        async with self.client.get(f"{self.address}/posts", params={"after": str(after)}) as answer:
            return [(key, channel, at) for key, channel, at in await answer.json()]


@asynccontextmanager
async def chatting() -> AsyncIterator[Chat]:
    """Run the platform."""
    async with running("tests.bench.platform") as program, ClientSession() as client:
        yield Chat(program.address, client)
