"""What nobody can do without: an aiohttp handler that takes a POST and answers, in a process of its own.

Its processor time is its own, without that of who asks.
"""

import asyncio
import sys

from aiohttp import ClientSession

from bot.chat.events import pack
from tests.bench.house import Cost, Sizes, command, stopwatch


async def measure(sizes: Sizes) -> Cost:
    """Post as many events as Kring will get, one after the other, and return what one costs."""
    program = [sys.executable, "-m", "tests.bench.handler"]
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        address = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        return await _measured(address, sizes.commands)
    finally:
        process.terminate()
        await process.wait()


async def _measured(address: str, many: int) -> Cost:
    async with ClientSession(address) as client:
        await _posts(client, many)  # warm
        before = await _spent(client)
        with stopwatch() as cost:
            await _posts(client, many)
        cost.cpu = await _spent(client) - before
    return cost.each(many)


async def _posts(client: ClientSession, many: int) -> None:
    for _ in range(many):
        async with client.post("/", data=pack(command())) as answer:
            await answer.read()


async def _spent(client: ClientSession) -> float:
    async with client.get("/") as answer:
        return float(await answer.text())
