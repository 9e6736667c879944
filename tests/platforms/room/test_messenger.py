"""The room's messenger keeps the promises of every messenger, and a few of its own."""

from dataclasses import dataclass

import pytest

from bot.chat.events import Commanded
from bot.chat.messages import Channel, Person, Whisper
from bot.chat.ports import Handle, Messenger, Under
from bot.errors import Misconfigured, Unreachable
from bot.platforms.room import inbound
from bot.platforms.room.cast import CHANNEL, HOST, PEOPLE
from bot.platforms.room.messenger import RoomMessenger
from bot.platforms.room.people import KRING
from bot.platforms.room.state import RoomState
from bot.platforms.room.talk import Draft
from tests.contracts.messenger import FORM, MessengerContract, card
from tests.platforms.room.pretend import MovedClock


@dataclass
class RoomSide:
    """The room, looked at from the other side."""

    state: RoomState
    messenger: Messenger
    channel: str = CHANNEL.id
    person: str = "lotte"
    other: str = "daan"
    recognises: bool = True

    async def seen(self, person: str, conversation: str | None = None) -> list[str]:
        found = []
        for message in self.state.talk.said(conversation or inbound.direct(person), person):
            found += [message, *self.state.talk.replies(message.id, person)]
        return [str(message.payload["summary"]) for message in found]

    async def gesture(self, person: str) -> str:
        who = self.state.people.get(person)
        assert who
        event = inbound.event("gesture", who, inbound.place(self.channel, CHANNEL), Commanded("help"))
        return self.state.outgoing.add(event, opens=True).trigger or ""

    async def form_before(self, person: str) -> str | None:
        form = self.state.forms.get(person)
        return form.form["title"] if form else None


@pytest.fixture
def side(state: RoomState) -> RoomSide:
    state.people.open_channel(CHANNEL)
    state.people.enter(CHANNEL.id, KRING)
    for person in PEOPLE:
        state.people.add(person)
        state.people.enter(CHANNEL.id, person.id)
    return RoomSide(state, RoomMessenger(state, MovedClock()))


class TestTheRoom(MessengerContract):
    async def test_a_whisper_in_a_thread_is_under_its_root(self, side: RoomSide) -> None:
        root = await side.messenger.post(Channel(side.channel), card("vraag"), key="a")

        await side.messenger.post(Whisper(side.channel, side.person, root.message), card("psst"), key="b")

        assert await side.seen(side.person, side.channel) == ["vraag", "psst"]
        assert await side.seen(side.other, side.channel) == ["vraag"]

    async def test_a_reply_to_a_reply_is_under_the_same_root(self, side: RoomSide) -> None:
        root = await side.messenger.post(Channel(side.channel), card("vraag"), key="a")
        reply = await side.messenger.post(Under(root), card("antwoord"), key="b")

        await side.messenger.post(Under(reply), card("en nog een"), key="c")

        assert await side.seen(side.person, side.channel) == ["vraag", "antwoord", "en nog een"]

    async def test_what_a_person_wrote_is_not_krings_to_change(self, side: RoomSide) -> None:
        said = Draft(side.channel, HOST.id, {"kind": "said", "text": "van mij"})
        message = side.state.talk.add(said, MovedClock().now())

        with pytest.raises(Misconfigured):
            await side.messenger.update(Handle(side.channel, str(message.id)), card("na"))

    async def test_a_trigger_that_nobody_made_opens_nothing(self, side: RoomSide) -> None:
        with pytest.raises(Misconfigured):
            await side.messenger.open_form("lotte:12345", FORM)

    async def test_a_card_larger_than_the_room_shows_is_refused_by_name(self, side: RoomSide) -> None:
        with pytest.raises(Misconfigured, match="summary is 301"):
            await side.messenger.post(Channel(side.channel), card("x" * 301), key="a")

        assert await side.seen(side.person, side.channel) == []

    async def test_a_room_whose_file_refuses_can_be_tried_again(self, side: RoomSide) -> None:
        side.state.close()

        with pytest.raises(Unreachable):
            await side.messenger.post(Person(side.person), card("hallo"), key="a")
