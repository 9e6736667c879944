"""The replicas of a scenario: born in a nursery, killed, and born again."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from tests.faults.loopback.process import started
from tests.faults.replica import Spec
from tests.faults.waiting import until

KILLED = -signal.SIGKILL
Death = tuple[str, int]
Make = Callable[[int, Death | None], Spec]


class Ward:
    """Who is alive, who was killed, and who could not live."""

    def __init__(self, process: asyncio.subprocess.Process, make: Make) -> None:
        self.alive: dict[int, int] = {}
        self.kills: list[str] = []
        self.failed: list[str] = []
        self.deaths: list[Death] = []
        """Where the next ones to be born are to be killed."""
        self._process = process
        self._make = make
        self._meant: dict[int, str] = {}
        self._stopping = False

    async def listen(self) -> None:
        """Hear of births and deaths, and have everyone who died born again, until the nursery is closed."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "born" in told:
                self.alive[told["born"]] = told["pid"]
            elif "died" in told:
                self._died(told["died"], told["status"])

    def _died(self, number: int, status: int) -> None:
        self.alive.pop(number, None)
        meant = self._meant.pop(number, "")
        if status == KILLED:
            self.kills.append(meant or "killed by nobody we know")
        if self._stopping and status == 0:
            return
        if status != KILLED:
            self.failed.append(f"replica {number} ended with {status}")
        elif not self._stopping:
            self.bear(number)

    def bear(self, number: int) -> None:
        """Let a replica be born, which is killed at the next failpoint of the list."""
        death = self.deaths.pop(0) if self.deaths else None
        if death:
            self._meant[number] = death[0]
        self._tell(asdict(self._make(number, death)))

    def kill(self, number: int) -> None:
        """Kill a replica, wherever it is."""
        if number in self.alive and number not in self._meant:
            self._meant[number] = "at random"
            os.kill(self.alive[number], signal.SIGKILL)

    def condemned(self) -> list[str]:
        """Name the failpoints that nobody has met yet."""
        return [*(name for name, _ in self.deaths), *self._meant.values()]

    async def stop(self) -> None:
        """Tell everyone to stop, and see that they do."""
        self._stopping = True
        for pid in self.alive.values():
            os.kill(pid, signal.SIGTERM)
        async with asyncio.timeout(30):
            await until(self._empty, pause=0.01)

    async def _empty(self) -> bool:
        return not self.alive

    def _tell(self, spec: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(spec).encode() + b"\n")


@asynccontextmanager
async def ward(make: Make) -> AsyncIterator[Ward]:
    """Open a nursery; whoever is alive at the end ends with it."""
    async with started("tests.faults.nursery") as process:
        assert process.stdout is not None
        assert json.loads(await process.stdout.readline()) == {"ready": True}
        found = Ward(process, make)
        listening = asyncio.create_task(found.listen())
        yield found
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
