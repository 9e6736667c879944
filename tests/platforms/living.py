"""All of Kring in a pretend platform, on a clock that stands still, and the people around it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.config import Settings
from bot.kring import Kring
from bot.log import Tally
from bot.main import opened_on_platforms
from bot.platforms.room.machine import TimeMachine
from tests.fakes.clock import StandingClock, moment
from tests.serving import served

T = TypeVar("T")
Message = TypeVar("Message")
PEOPLE = {
    "sanne": "Sanne de Wit", "karim": "Karim Bouzidi", "lotte": "Lotte Visser", "daan": "Daan Smits",
    "amina": "Amina Yildiz", "bram": "Bram Vos", "joris": "Joris Kok",
}  # fmt: skip
EVERYONE = PEOPLE | {"noor": "Noor Jansen"}
"""Who is there, and noor, who comes later."""


@dataclass
class AnyHouse(ABC, Generic[Message]):
    """Kring at work, and what people see of it."""

    kring: Kring
    clock: StandingClock
    address: str

    async def done(self, gesture: Coroutine[None, None, T]) -> T:
        """Wait for a gesture while Kring works, and then for all that follows from it."""
        task = asyncio.create_task(gesture)
        while not task.done():
            await asyncio.sleep(0.001)
            await self.work()
        await self.kring.respond()
        return task.result()

    async def work(self) -> None:
        """What Kring does while a gesture waits for its answer."""
        await self.kring.respond()

    async def tick(self, to: str) -> None:
        """Move time, stopping wherever something is due."""
        await TimeMachine(self.clock, self.kring.next_due, self.kring.settle).advance(moment(to))

    @abstractmethod
    def seen(self, who: str, where: str = "") -> list[Message]:
        """The messages of Kring that someone sees, the newest first; empty is their conversation with Kring."""

    @abstractmethod
    def words(self, message: Message, who: str) -> str:
        """All the words of a message as someone sees it, labels of buttons included."""

    def said(self, who: str, where: str = "") -> list[str]:
        """What the messages of Kring say, the newest first."""
        return [self.words(one, who) for one in self.seen(who, where)]

    def newest(self, who: str, where: str = "") -> str:
        """What the newest message of Kring says."""
        return next(iter(self.said(who, where)), "")

    def has(self, who: str, text: str, where: str = "", label: str = "") -> bool:
        """Whether someone sees a message that says this and has this button."""
        return any(text in said and label in said for said in self.said(who, where))

    def find(self, who: str, text: str, where: str = "", label: str = "") -> Message:
        """The newest such message."""
        for message in self.seen(who, where):
            said = self.words(message, who)
            if text in said and label in said:
                return message
        raise AssertionError(f"{who} sees no {text!r} with {label!r}: {self.said(who, where)}")


@asynccontextmanager
async def housed(settings: Settings, clock: StandingClock) -> AsyncIterator[tuple[Kring, str]]:
    """Run Kring at an address, with all the parts of its platform, and without the pace: a test waits for no second."""
    async with opened_on_platforms(settings, clock=clock) as kring:
        (platform,) = kring.platforms
        platform.messenger.pace = platform.messenger.cap = 0.0
        async with served(kring.web(Tally()), patience=1) as address:
            parts = [asyncio.ensure_future(part()) for part in platform.parts().values()]
            yield kring, address
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
