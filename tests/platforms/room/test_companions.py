"""The others answer by themselves."""

from collections.abc import Mapping

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Button, Plain
from bot.chat.events import Said, Submitted, Tapped
from bot.chat.messages import Channel, Person
from bot.chat.prompts import Prompts
from bot.platforms.room.app import Room
from bot.platforms.room.companions import Companions
from tests.platforms.room.pretend import PretendKring, card

MEMBERS = {"sanne", "karim", "lotte", "daan", "amina", "joris", "emily"}
SCORES = tuple(Button(Plain(str(n)), Action("energy.answer", 1, str(n))) for n in range(1, 6))
OPEN = Button(Plain("Antwoord"), Action("checkin.open", 1))


def words(language: str) -> Mapping[str, str]:
    return Prompts().voice(language)("room/voices").labels


@pytest.fixture
def companions(room: Room) -> Companions:
    room.visit("sanne")
    room.play_along(on=True)
    return Companions(room, words)


async def test_nobody_answers_unless_that_was_asked(room: Room, kring: PretendKring, companions: Companions) -> None:
    room.play_along(on=False)
    await kring.messenger.post(Channel("toetsen"), card("Energie?", *SCORES), key="e")

    await companions.answer()

    assert kring.heard == []


async def test_most_give_one_energy_score_and_the_visitor_is_left_alone(
    room: Room, kring: PretendKring, companions: Companions
) -> None:
    handle = await kring.messenger.post(Channel("toetsen"), card("Energie?", *SCORES), key="e")

    for _ in range(3):
        await companions.answer()

    who = [event.user.id for event in kring.heard]
    assert len(who) == len(set(who)) >= 4
    assert set(who) <= MEMBERS - {"sanne"}
    for event in kring.heard:
        assert isinstance(event.body, Tapped)
        assert event.body.action.name == "energy.answer"
        assert event.body.message == handle.message


async def test_a_check_in_is_answered_in_the_thread_or_in_the_form(
    room: Room, kring: PretendKring, companions: Companions
) -> None:
    rounds = range(4)
    for number in rounds:
        await kring.messenger.post(Channel("toetsen"), card("Wat leerde je?", OPEN), key=f"c{number}")

    await companions.answer()

    said = [event for event in kring.heard if isinstance(event.body, Said)]
    tapped = [event for event in kring.heard if isinstance(event.body, Tapped)]
    assert said
    assert tapped
    assert all(event.place.message for event in said)


async def test_a_form_that_their_tap_opened_is_filled_in(
    room: Room, kring: PretendKring, companions: Companions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.room.companions.WORDED", {"checkin.answer": "checkin.answer"})
    lines = {"checkin.save.1": "Een gesprek in plaats van een toets."}
    for number in range(3):
        await kring.messenger.post(
            Channel("toetsen"), card(f"{number}", Button(Plain("x"), Action("checkin.answer", 1))), key=f"c{number}"
        )

    await Companions(room, lambda _: lines).answer()

    filled = [event.body for event in kring.heard if isinstance(event.body, Submitted)]
    assert filled
    assert {body.values["answer"] for body in filled} == {"Een gesprek in plaats van een toets."}
    assert {body.values["mood"] for body in filled} <= {"good", "so"}
    assert room.state.forms.all() == ()


async def test_a_form_for_which_they_have_no_words_is_closed(
    room: Room, kring: PretendKring, companions: Companions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.room.companions.CHOSEN", (("checkin.answer",),))
    await kring.ask()

    await companions.answer()

    assert not [event for event in kring.heard if isinstance(event.body, Submitted)]
    assert room.state.forms.all() == ()


async def test_a_private_card_is_answered_by_its_reader(
    room: Room, kring: PretendKring, companions: Companions
) -> None:
    for person in sorted(MEMBERS):
        step = Button(Plain("Later"), Action("reflection.write", 1, "1"))
        await kring.messenger.post(Person(person), card("Noem één ding.", step), key=f"r:{person}")

    await companions.answer()

    assert {type(event.body) for event in kring.heard} == {Said, Tapped}
    assert all(event.place.conversation == f"dm:{event.user.id}" for event in kring.heard)


async def test_a_card_they_do_not_know_is_left_alone(room: Room, kring: PretendKring, companions: Companions) -> None:
    button = Button(Plain("Stop"), Action("checkin.stop", 1))
    await kring.messenger.post(Channel("toetsen"), card("Overzicht", button), key="o")

    await companions.answer()

    assert kring.heard == []


def test_there_are_lines_in_both_languages() -> None:
    assert words("nl").keys() == words("en").keys()
