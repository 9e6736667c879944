"""The way in, from the wire to an inbox that only remembers: for tests that need no Kring behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.chat.events import Body, Event
from bot.chat.ports import Receipt
from bot.chat.prompts import Prompts
from bot.platforms.teams import workplace
from bot.platforms.teams.app import PATH
from bot.platforms.teams.references import References
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.workplace import Teams
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Way
from tests.serving import served


@dataclass
class Inbox:
    """Keeps every event once, and answers with what was given to it; an error among that is raised."""

    events: list[Event] = field(default_factory=list)
    answers: list[Receipt | Exception] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:
        """Take an event in."""
        answer = self.answers.pop(0) if self.answers else Receipt()
        if isinstance(answer, Exception):
            raise answer
        self.waited.append(wait)
        if event.id in {one.id for one in self.events}:
            return Receipt(new=False)
        self.events.append(event)
        return answer

    @property
    def told(self) -> list[tuple[str, str, Body]]:
        """What came in: who, where, what."""
        return [(event.user.id, event.place.conversation, event.body) for event in self.events]


@dataclass
class Door:
    """Kring's entrance on an address, and the people outside."""

    teams: FakeTeams
    platform: Teams
    inbox: Inbox
    hand: Hand
    address: str


@asynccontextmanager
async def entered(
    teams: FakeTeams, registration: Registration, kept: References, inbox: Inbox, *, keys: bool = True
) -> AsyncIterator[Door]:
    """Open the entrance; without `keys` it has not looked for them yet."""
    async with workplace.opened(registration, inbox, kept, Prompts().voice("nl")) as platform:
        app = web.Application()
        platform.attach(app)
        if keys and platform.keys:
            await platform.keys.refresh()
        async with served(app) as origin:
            address = origin + PATH
            hand = Hand(teams, Way(address, teams, signed=registration.auth))
            yield Door(teams, platform, inbox, hand, address)
