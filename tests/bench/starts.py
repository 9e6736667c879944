"""How long `kring run` takes from nothing to ready: with a new store, and with the one that everything was measured on.

A new store is migrated and furnished on the way.
"""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from statistics import median

from aiohttp import ClientSession

from tests.bench.house import Row, Sizes

PATIENCE = 20.0


async def measure(sizes: Sizes, folder: Path) -> list[Row]:
    """Start and stop a process so many times; with one of each there is nothing to compare, and they may share."""
    files = [folder / f"new{number}.db" for number in range(sizes.starts)] + [folder / "kring.db"] * sizes.starts
    if sizes.starts == 1:
        seconds = list(await asyncio.gather(*map(_started, files)))
    else:
        seconds = [await _started(file) for file in files]
    new, used = seconds[: sizes.starts], seconds[sizes.starts :]
    return [_row("cold start, new store", new), _row("cold start, used store", used)]


def _row(what: str, seconds: list[float]) -> Row:
    return Row(what, f"{median(seconds):.2f} s", f"median of {len(seconds)}")


async def _started(file: Path) -> float:
    """Start a Kring of its own, and return after how many seconds it said that it was ready."""
    program = [sys.executable, "-m", "bot", "run", "--port", "0"]
    chosen = {**os.environ, "KRING_DATABASE_URL": f"sqlite:///{file}", "KRING_LOG_FORMAT": "json"}
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*program, env=chosen, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL)
    try:
        address = await asyncio.wait_for(_address(process), PATIENCE)
        await _ready(address)
        return time.perf_counter() - start
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: Process) -> str:
    """Read what it prints until it says where it is."""
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        found = next((word for word in line.split() if word.startswith("http://")), None)
        if found:
            return found
    raise RuntimeError("kring run ended before it was ready")


async def _ready(address: str) -> None:
    async with ClientSession() as client, client.get(f"{address}readyz") as answer:
        assert (await answer.json())["ready"]
