"""A process of Kring in a pretended platform that gives everything four times, killed with -9 at a moment of a gesture.

Between two gestures it comes to rest: everything that was kept was worked, and everything that was said was sent.
"""

import itertools
import random
from asyncio import timeout
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aiohttp import ClientError, ClientSession

from tests.fakes.clock import START
from tests.faults.replica import Home, Spec
from tests.faults.waiting import until
from tests.faults.ward import Death, Ward, ward
from tests.faults.world import write

MOMENT = "answer before commit"  # between the acknowledgement and the work
TIMES = 4  # Slack gives an event three times more
PATIENCE = 30.0
AWAY = (OSError, ClientError, TimeoutError)
OPEN = ("inbox_waiting", "deliveries_pending", "deliveries_sending", "deliveries_unknown")
T = TypeVar("T")


class Answer(Protocol):
    """What came back of what was given."""

    @property
    def status(self) -> int:
        """How it was taken."""


A = TypeVar("A", bound=Answer)
Give = Callable[[str, int], Awaitable[A]]
"""Gives something to whoever is at an address, for the so manieth time."""


class Stage:
    """Replicas that may die: `kills` says how often in which gesture.

    Only a stage that is `deadly` kills, and has everything given again; else everything is given once.
    """

    def __init__(self, ward: Ward, folder: Path, *, deadly: bool, replicas: int) -> None:
        self.ward, self.deadly = ward, deadly
        self.times = TIMES if deadly else 1
        self._replicas = range(1, replicas + 1)
        self._turns = itertools.cycle(self._replicas)
        self.kills: dict[str, int] = {}
        self._folder = folder
        self._before: list[Give[Any]] = []
        self._dice = random.Random(3)  # noqa: S311 - an order, not a secret

    def address(self) -> str:
        """Where the replica is, or was, whose turn it is."""
        return self._door(next(self._turns))

    def _door(self, number: int) -> str:
        return (self._folder / f"{number}.door").read_text()

    async def does(self, name: str, gesture: Coroutine[Any, Any, T]) -> T:
        """Do something of which a process dies, and wait for all that comes of it."""
        before, doom = len(self.ward.kills), self._folder / "doom"
        if self.deadly:
            write(doom, MOMENT)
        answer = await gesture
        await self.rest()
        doom.unlink(missing_ok=True)
        self.kills[name] = len(self.ward.kills) - before
        return answer

    async def rest(self) -> None:
        """Wait until nothing is to be done any more."""
        async with timeout(PATIENCE):
            await until(self._rests_still)

    async def _rests_still(self) -> bool:
        """Look twice: what is counted first may come of what is counted last, as PostgreSQL shows them."""
        return await self._rests() and await self._rests()

    async def _rests(self) -> bool:
        """Whether everybody is ready, and nobody has anything to do."""
        try:
            async with ClientSession(raise_for_status=True) as client:
                for number in self._replicas:
                    await client.get(f"{self._door(number)}/readyz")
                async with client.get(f"{self._door(1)}/metrics") as answer:
                    told = await answer.text()
        except AWAY:
            return False
        return all(f'kring_state{{of="{name}"}} 0.0' in told for name in OPEN)

    async def insist(self, give: Give[A], first: int = 0) -> A:
        """Give something as often as a platform does, and in between something from before, whoever dies of it."""
        answers = [await self.taken(give, first + retry) for retry in range(self.times)]
        if self._before and self.deadly:
            await self.taken(self._dice.choice(self._before), self.times - 1)
        self._before.append(give)
        return answers[0]

    async def taken(self, give: Give[A], retry: int) -> A:
        """Give it until somebody who lives takes it."""
        found: list[A] = []

        async def taken() -> bool:
            try:
                found.append(await give(self.address(), retry))
            except AWAY:
                return False
            return found[-1].status == 200

        async with timeout(PATIENCE):
            await until(taken)
        return found[-1]


@asynccontextmanager
async def staged(
    folder: Path, url: str, home: Home, platform: str, *, secret: str = "", deadly: bool = False, replicas: int = 1
) -> AsyncIterator[Stage]:
    """Open a stage in a platform, with replicas on one store."""

    def make(number: int, death: Death | None) -> Spec:
        where = {"folder": str(folder), "url": url, "platform": platform, "secret": secret}
        return Spec(number=number, can_find=True, pace=0.0, die=death, home=home, **where)

    async with ward(make) as found:
        for number in range(1, replicas + 1):
            write(folder / f"{number}.clock", START.isoformat())
            found.bear(number)
        async with timeout(PATIENCE):
            await until(lambda: _all_open(folder, replicas))
        stage = Stage(found, folder, deadly=deadly, replicas=replicas)
        await stage.rest()
        yield stage
        await found.stop()


async def _all_open(folder: Path, replicas: int) -> bool:
    return all((folder / f"{number}.door").exists() for number in range(1, replicas + 1))
