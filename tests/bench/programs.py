"""Programs beside this one: each prints its address when it is ready, and is ended with who uses it."""

import asyncio
import re
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession, web

from tests.serving import served

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs, and where it listens."""

    address: str
    pid: int

    def memory(self) -> float:
        """Read how much memory it has, in MB."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    def busy(self) -> float:
        """Read how many seconds of processor it has had, by the clock that Linux keeps of every process."""
        return time.clock_gettime(~self.pid << 3 | 2)  # as `clock_getcpuclockid` of libc makes it


async def state(client: ClientSession, kring: Program) -> dict[str, float]:
    """Read what a Kring says of itself at `/metrics`."""
    async with client.get(f"{kring.address}/metrics") as answer:
        found = re.findall(r'kring_state{of="(\w+)"} (\S+)', await answer.text())
    return {name: float(value) for name, value in found}


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


async def serve(app: web.Application) -> None:
    """Be such a program, until stopped."""
    async with served(app) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


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
