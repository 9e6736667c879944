"""What one person is shown in the place of a shared card: theirs alone, also when they go on from there."""

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Plain
from bot.chat.events import Event, Tapped
from bot.chat.messages import Channel, Whisper
from bot.chat.ports import Messenger, Receipt
from bot.chat.prompts import Prompts
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.workplace import opened
from storage.references import References
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Way
from tests.fakes.teams.world import channel

TOETSEN = channel("toetsen")


def buttons(said: str, *labels: str) -> Card:
    """A card with a button for each label, or with a choice of many."""
    made = tuple(Button(Plain(label), Action("test.tapped", 1, label)) for label in labels)
    return Card(Plain(said), (Buttons(made) if len(made) < 9 else Choice(Plain("Kies"), made),))


ASKED = buttons("Voor iedereen", "Begin")
OWN = buttons("Voor jou alleen", "Verder")
MANY = buttons("Voor jou alleen", *(f"keuze{number}" for number in range(9)))


@dataclass
class Answering:
    """An inbox that answers every tap with a card for the tapper's eyes only."""

    card: Card
    messenger: Messenger | None = None
    heard: list[Event] = field(default_factory=list)

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:  # noqa: ARG002 - it is answered at once
        self.heard.append(event)
        assert self.messenger
        place = event.place
        to = Whisper(place.conversation, event.user.id, place.message)
        await self.messenger.post(to, self.card, key=event.id)
        return Receipt(follows=True)

    def tapped(self) -> list[str | None]:
        """On which cards was tapped, as far as Kring may put another one in their place."""
        return [event.body.message for event in self.heard if isinstance(event.body, Tapped)]


@pytest.fixture(params=[OWN, MANY], ids=["buttons", "a choice"])
def answering(request: pytest.FixtureRequest) -> Answering:
    return Answering(request.param)


@pytest.fixture
async def hand(
    teams: FakeTeams, registration: Registration, kept: References, answering: Answering
) -> AsyncIterator[Hand]:
    teams.auth = False
    async with opened(
        dataclasses.replace(registration, auth=False), answering, kept, Prompts().voice("nl")
    ) as platform:
        answering.messenger = platform.messenger
        app = web.Application()
        platform.attach(app)
        async with TestServer(app) as server:
            yield Hand(teams, Way(str(server.make_url("/api/messages")), teams, signed=False))


async def test_a_card_that_one_person_sees_is_not_taken_for_the_one_that_everyone_sees(
    hand: Hand, answering: Answering
) -> None:
    assert answering.messenger
    root = await answering.messenger.post(Channel(TOETSEN), ASKED, key="a")
    (shared,) = hand.world.messages
    further = "Verder" if answering.card is OWN else "keuze3"

    await hand.tap("lotte", shared, "Begin")
    await hand.tap("lotte", shared, further)
    await hand.tap("daan", shared, "Begin")

    assert not hand.wrong("lotte")
    assert answering.tapped() == [root.message, None, root.message]
