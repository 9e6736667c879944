"""The replicas of a scenario: born in a nursery, killed, and born again."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
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
        self.refused_is_well = False
        """Where the database is cut off, who is born then ends at once, and is born again as by a process manager."""
        self._meant: dict[int, Death] = {}
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
        meant = self._meant.pop(number, None)
        if status == KILLED:
            self.kills.append(meant[0] if meant else "at random")
        elif not (status == 0 if self._stopping else self.refused_is_well):
            self.failed.append(f"replica {number} ended with {status}")
        if not self._stopping:
            self._keep(meant if status != KILLED else None)
            self.bear(number)

    def _keep(self, meant: Death | None) -> None:
        """Let another one die this death."""
        if meant:
            self.deaths.insert(0, meant)

    def bear(self, number: int) -> None:
        """Let a replica be born, which is killed at the next failpoint of the list."""
        death = self.deaths.pop(0) if self.deaths else None
        if death:
            self._meant[number] = death
        self._tell(asdict(self._make(number, death)))

    def kill(self, number: int) -> None:
        """Kill a replica, wherever it is."""
        self._keep(self._meant.pop(number, None))
        _signal(self.alive[number], signal.SIGKILL)

    def about_to_die(self) -> list[str]:
        """Name the failpoints that those who live now are to meet."""
        return [name for name, _ in self._meant.values()]

    def condemned(self) -> list[str]:
        """Name the failpoints that nobody has met yet."""
        return [*(name for name, _ in self.deaths), *self.about_to_die()]

    async def stop(self) -> None:
        """Tell everyone to stop, and see that they do."""
        self._stopping = True
        for pid in self.alive.values():
            _signal(pid, signal.SIGTERM)
        async with asyncio.timeout(30):
            await until(self._empty, pause=0.01)

    async def _empty(self) -> bool:
        return not self.alive

    def _tell(self, spec: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(spec).encode() + b"\n")


def _signal(pid: int, what: signal.Signals) -> None:
    """Send a signal to a child of the nursery, which may have died a moment ago without our having heard."""
    with suppress(ProcessLookupError):
        os.kill(pid, what)


@asynccontextmanager
async def ward(make: Make) -> AsyncIterator[Ward]:
    """Open a nursery; whoever is alive at the end ends with it."""
    async with started("tests.faults.nursery") as process:
        assert process.stdout is not None
        assert json.loads(await process.stdout.readline()) == {"ready": True}
        found = Ward(process, make)
        listening = asyncio.create_task(found.listen())
        try:
            yield found
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
