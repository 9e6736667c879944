"""What every Messenger does, fake or real: subclass `MessengerContract` and give it a `side` to look from."""

from typing import Protocol

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Card, Form, Input, Markup, Plain, Text
from bot.chat.messages import Channel, Person, Whisper
from bot.chat.ports import Handle, Messenger, Under
from bot.errors import Misconfigured


def card(text: str) -> Card:
    """The smallest card that says something."""
    return Card(Plain(text), (Text(Markup(text)),))


FORM = Form(
    Plain("Antwoord"), (Input("text", Plain("Wat leerde je?")),), Plain("Verstuur"), Action("checkin.answer", 1)
)


class OtherSide(Protocol):
    """The platform as its people see it, with Kring in one channel and two people in it."""

    messenger: Messenger
    channel: str
    person: str
    other: str
    recognises: bool
    """Whether the platform itself knows a key that was posted before, and posts it no second time."""

    async def seen(self, person: str, conversation: str | None = None) -> list[str]:
        """The texts that a person sees in a conversation, threads included; None is the direct one with Kring."""
        ...

    async def gesture(self, person: str) -> str:
        """Let a person do something that a form may answer; return its trigger."""
        ...

    async def form_before(self, person: str) -> str | None:
        """The title of the form that lies before a person."""
        ...


class MessengerContract:
    """The promises of `bot.chat.ports.Messenger`."""

    async def test_a_post_in_a_channel_is_seen_by_everyone_in_it(self, side: OtherSide) -> None:
        await side.messenger.post(Channel(side.channel), card("hallo"), key="a")

        assert await side.seen(side.person, side.channel) == ["hallo"]
        assert await side.seen(side.other, side.channel) == ["hallo"]

    async def test_a_direct_message_is_seen_by_its_reader_only(self, side: OtherSide) -> None:
        await side.messenger.post(Person(side.person), card("voor jou"), key="a")

        assert await side.seen(side.person) == ["voor jou"]
        assert await side.seen(side.other) == []

    async def test_a_whisper_is_seen_by_one_only(self, side: OtherSide) -> None:
        await side.messenger.post(Whisper(side.channel, side.person), card("psst"), key="a")

        assert await side.seen(side.person, side.channel) == ["psst"]
        assert await side.seen(side.other, side.channel) == []

    async def test_a_reply_ends_up_under_its_root(self, side: OtherSide) -> None:
        root = await side.messenger.post(Channel(side.channel), card("vraag"), key="a")

        reply = await side.messenger.post(Under(root), card("antwoord"), key="b")

        assert reply.conversation == root.conversation
        assert await side.seen(side.other, side.channel) == ["vraag", "antwoord"]

    async def test_one_key_posted_twice_is_one_message_where_the_platform_recognises_keys(
        self, side: OtherSide
    ) -> None:
        first = await side.messenger.post(Channel(side.channel), card("eens"), key="a")

        again = await side.messenger.post(Channel(side.channel), card("eens"), key="a")

        if side.recognises:
            assert again == first
            assert await side.seen(side.person, side.channel) == ["eens"]

    async def test_a_post_is_found_by_its_key_where_the_platform_can_be_asked(self, side: OtherSide) -> None:
        handle = await side.messenger.post(Channel(side.channel), card("zoek mij"), key="a")

        found = await side.messenger.find(Channel(side.channel), "a")

        assert found == (handle if side.messenger.can_find else None)
        assert await side.messenger.find(Channel(side.channel), "b") is None

    async def test_an_update_takes_the_place_of_a_post_however_often(self, side: OtherSide) -> None:
        handle = await side.messenger.post(Channel(side.channel), card("voor"), key="a")

        for _ in range(2):
            await side.messenger.update(handle, card("na"))

        assert await side.seen(side.person, side.channel) == ["na"]

    async def test_a_form_is_laid_before_whoever_made_the_gesture(self, side: OtherSide) -> None:
        trigger = await side.gesture(side.person)

        await side.messenger.open_form(trigger, FORM)

        assert await side.form_before(side.person) == "Antwoord"
        assert await side.form_before(side.other) is None

    async def test_a_channel_that_is_not_there_needs_a_person_to_change_something(self, side: OtherSide) -> None:
        with pytest.raises(Misconfigured):
            await side.messenger.post(Channel("nowhere"), card("hallo"), key="a")

    async def test_a_person_who_is_not_there_needs_a_person_to_change_something(self, side: OtherSide) -> None:
        with pytest.raises(Misconfigured):
            await side.messenger.post(Person("nobody"), card("hallo"), key="a")

    async def test_a_message_that_is_not_there_cannot_be_updated(self, side: OtherSide) -> None:
        with pytest.raises(Misconfigured):
            await side.messenger.update(Handle(side.channel, "999999"), card("na"))

    async def test_the_way_into_a_workspace_is_one_of_the_same_platform(self, side: OtherSide) -> None:
        assert side.messenger.at("another").platform == side.messenger.platform

    async def test_a_pace_is_no_less_than_nothing(self, side: OtherSide) -> None:
        assert side.messenger.pace >= 0
