"""What someone does in the room, and what Kring hears of it."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.chat.actions import Action
from bot.chat.events import Body, Commanded, Joined, Left, Place, Said, Submitted, Tapped, User
from bot.errors import UserError
from bot.platforms.room.app import Room
from bot.platforms.room.limits import SAID
from tests.platforms.room.pretend import PretendKring


def bodies(kring: PretendKring) -> list[Body]:
    return [event.body for event in kring.heard]


async def test_talk_between_people_in_a_channel_is_no_event(room: Room, kring: PretendKring) -> None:
    await room.say("lotte", "toetsen", "Wie heeft de agenda?")

    assert kring.heard == []
    assert room.view("daan", "toetsen").talk[-1].message.payload["text"] == "Wie heeft de agenda?"


@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ("/kring energie 3 druk", "energie 3 druk"),
        ("@Kring help", "help"),
        ("/KRING", ""),
        ("  /kring\nhelp", "help"),
    ],
)
async def test_calling_kring_in_a_channel_is_a_command(room: Room, kring: PretendKring, typed: str, rest: str) -> None:
    await room.say("lotte", "toetsen", typed)

    assert bodies(kring) == [Commanded(rest)]
    assert kring.heard[0].trigger


@pytest.mark.parametrize("typed", ["/kringloop", "@kringen", "zeg /kring help", "kring help"])
async def test_what_only_looks_like_a_call_is_talk(room: Room, kring: PretendKring, typed: str) -> None:
    await room.say("lotte", "toetsen", typed)

    assert kring.heard == []


async def test_a_slash_command_in_a_channel_is_seen_by_nobody_else(room: Room) -> None:
    await room.say("lotte", "toetsen", "/kring energie 1 kapot moe")

    seen = [line.message.payload.get("text") for line in room.view("daan", "toetsen").talk]
    assert "/kring energie 1 kapot moe" not in seen


async def test_words_in_the_direct_conversation_are_said_to_kring(room: Room, kring: PretendKring) -> None:
    await room.say("emily", "dm:emily", " Hello there ")

    event = kring.heard[0]
    assert event.body == Said("Hello there")
    assert event.user == User("emily", "Emily Carter", "en", "Europe/London")
    assert event.place == Place("dm:emily", direct=True)
    assert event.trigger is None


async def test_a_command_in_the_direct_conversation_is_a_command(room: Room, kring: PretendKring) -> None:
    await room.say("emily", "dm:emily", "/kring me")

    assert bodies(kring) == [Commanded("me")]


async def test_a_reply_under_a_message_of_kring_names_its_root(room: Room, kring: PretendKring) -> None:
    root = await kring.ask()

    await room.say("lotte", "toetsen", "Ik probeerde iets", thread=root.message)

    assert kring.heard[0].body == Said("Ik probeerde iets")
    assert kring.heard[0].place == Place("toetsen", "toetsen", message=root.message)


async def test_a_reply_under_a_message_of_a_person_is_no_event(room: Room, kring: PretendKring) -> None:
    root = room.view("lotte", "toetsen").talk[0].message

    await room.say("lotte", "toetsen", "Mooi!", thread=str(root.id))

    assert kring.heard == []
    assert len(room.view("daan", "toetsen", str(root.id)).replies) == 1


async def test_a_tap_carries_the_action_the_card_and_a_trigger(room: Room, kring: PretendKring) -> None:
    root = await kring.ask()

    await room.tap("lotte", root.message, "checkin.skip|3|")

    assert kring.heard[0].body == Tapped(Action("checkin.skip", 3), root.message)
    assert (kring.heard[0].trigger or "").startswith("lotte:")


async def test_a_button_that_is_gone_reaches_kring_who_answers_kindly(room: Room, kring: PretendKring) -> None:
    root = await kring.ask()

    await room.tap("lotte", root.message, "checkin.old|2|")

    assert bodies(kring) == [Tapped(Action("checkin.old", 2), root.message)]


async def test_a_button_of_someone_elses_private_card_cannot_be_tapped(room: Room, kring: PretendKring) -> None:
    welcome = room.view("sanne", "direct").talk[-1].message

    with pytest.raises(UserError):
        await room.tap("lotte", str(welcome.id), "welcome.hello|1|")

    assert kring.heard == []


async def test_joining_and_leaving_are_told_once(room: Room, kring: PretendKring) -> None:
    for _ in range(2):
        await room.join("noor", "toetsen")
    for _ in range(2):
        await room.leave("noor", "toetsen")

    assert bodies(kring) == [Joined(), Left()]
    assert kring.heard[0].user.id == "noor"


async def test_a_form_opens_on_a_command_and_closes_when_it_was_taken(room: Room, kring: PretendKring) -> None:
    await room.say("daan", "toetsen", "/kring form")
    form = room.view("daan", "toetsen").form
    assert form

    receipt = await room.submit("daan", form.trigger, {"answer": "Veel", "stray": "x"})

    assert receipt.fields == {}
    assert room.view("daan", "toetsen").form is None
    expected = Submitted(Action("checkin.save", 3), {"answer": "Veel", "mood": "", "on": ""})
    assert kring.heard[-1].body == expected
    assert kring.heard[-1].place.conversation == "toetsen"


async def test_a_refused_form_stays_open_with_what_was_filled_in_and_why(room: Room, kring: PretendKring) -> None:
    await room.say("daan", "toetsen", "/kring form")
    form = room.view("daan", "toetsen").form
    assert form

    receipt = await room.submit("daan", form.trigger, {"answer": "", "mood": "good"})

    again = room.view("daan", "toetsen").form
    assert again
    assert receipt.fields == again.errors == {"answer": "Vul hier iets in."}
    assert again.answers["mood"] == "good"


async def test_a_form_of_someone_else_or_of_yesterday_is_not_sent(room: Room, kring: PretendKring) -> None:
    await room.say("daan", "toetsen", "/kring form")
    form = room.view("daan", "toetsen").form
    assert form
    kring.heard.clear()

    assert not (await room.submit("lotte", form.trigger, {"answer": "Veel"})).new
    assert not (await room.submit("daan", "daan:999", {"answer": "Veel"})).new

    assert kring.heard == []


async def test_a_form_that_is_closed_is_gone(room: Room) -> None:
    await room.say("daan", "toetsen", "/kring form")
    form = room.view("daan", "toetsen").form
    assert form

    await room.dismiss_form("daan", form.trigger)

    assert room.view("daan", "toetsen").form is None


async def test_a_gesture_sent_twice_is_made_once(room: Room, kring: PretendKring) -> None:
    root = await kring.ask()

    for _ in range(2):
        await room.say("lotte", "toetsen", "Dank!", event_id="one")
        await room.say("lotte", "dm:lotte", "Hoi", event_id="two")
        await room.tap("lotte", root.message, "checkin.skip|3|", event_id="three")

    assert [event.id for event in kring.heard] == ["two", "three"]
    said = [line.message.payload.get("text") for line in room.view("daan", "toetsen").talk]
    assert said.count("Dank!") == 1


Gesture = Callable[[Room], Coroutine[Any, Any, object]]
REFUSED: dict[str, Gesture] = {
    "in a channel one is not in": lambda room: room.say("noor", "toetsen", "Hoi"),
    "in someone else's direct conversation": lambda room: room.say("noor", "dm:daan", "Hoi"),
    "as nobody": lambda room: room.say("piet", "toetsen", "Hoi"),
    "in a channel that is not there": lambda room: room.join("noor", "elders"),
    "in a thread that is not there": lambda room: room.say("lotte", "toetsen", "Hoi", thread="999"),
    "in a thread without a number": lambda room: room.say("lotte", "toetsen", "Hoi", thread="x"),
    "at too great a length": lambda room: room.say("lotte", "toetsen", "x" * (SAID + 1)),
    "with a button that is no action": lambda room: room.tap("lotte", "1", "drop table"),
    "on a card that is not there": lambda room: room.tap("lotte", "999", "checkin.skip|3|"),
}


@pytest.mark.parametrize("gesture", REFUSED.values(), ids=REFUSED.keys())
async def test_what_cannot_be_done_here_is_refused(room: Room, kring: PretendKring, gesture: Gesture) -> None:
    with pytest.raises(UserError):
        await gesture(room)

    assert kring.heard == []
