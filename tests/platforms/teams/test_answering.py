"""Gestures that are answered where they were made: another card, a form, the form again, or nothing; and once only."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Form, Input, Markup, Plain, Text, pack
from bot.chat.events import Event, Place, Submitted, Tapped
from bot.chat.messages import Channel, Person
from bot.chat.ports import Handle, Receipt
from bot.platforms.teams import gestures
from bot.platforms.teams.forms import Trigger
from bot.platforms.teams.registration import Registration
from storage.db import Store
from storage.references import References
from tests.fakes.teams import faults
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.taps import Client
from tests.fakes.teams.ways import Answered
from tests.fakes.teams.world import TENANT, Json, Message, User, World, channel
from tests.platforms.teams.conftest import Logs
from tests.platforms.teams.entering import Door, Inbox, entered

PLACE, GENERAL = channel("toetsen"), channel("toets")
OPEN, FORM_OPEN, SAVE = Action("checkin.skip", 3), Action("checkin.open", 3), Action("checkin.answer", 3)
CARD = Card(
    Plain("Vraag"),
    (Buttons((Button(Plain("Sla over"), OPEN), Button(Plain("Antwoord"), FORM_OPEN, opens=True))),),
    Plain("Wat probeerde je?"),
)
OTHER = Card(Plain("Dank je"), (Text(Markup("Dank je.")),), Plain("Dank je"))
FORM = Form(
    Plain("Jouw antwoord"),
    (
        Input("text", Plain("Antwoord"), "text"),
        Input("kind", Plain("Hoe"), "choice", options=(("good", Plain("Goed")),)),
    ),
    Plain("Verstuur"),
    SAVE,
)


@dataclass
class Works(Inbox):
    """An inbox with a sender behind it: what `follows` is shown a moment after the event was kept."""

    door: Door | None = None
    follows: list[Card | Form] = field(default_factory=list)
    late: float = 0.0

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:
        receipt = await super().receive(event, wait=wait)
        if not self.follows or receipt.fields:
            return receipt
        self.shower = asyncio.create_task(self._shown(event, self.follows.pop(0)))
        return replace(receipt, follows=True)

    async def _shown(self, event: Event, shown: Card | Form) -> None:
        await asyncio.sleep(self.late)
        assert self.door
        messenger = self.door.platform.messenger.at(TENANT)
        if isinstance(shown, Form):
            await messenger.open_form(event.trigger or "", shown)
        elif isinstance(event.body, Tapped) and event.body.message:
            await messenger.update(Handle(event.place.conversation, event.body.message), shown)


@pytest.fixture
def kept(sqlite_store: Store) -> References:
    """Where references are kept: of nothing something was heard yet."""
    return References(sqlite_store, "teams", TENANT)


@pytest.fixture
async def works(teams: FakeTeams, registration: Registration, kept: References) -> AsyncIterator[Works]:
    inbox = Works()
    async with entered(teams, registration, kept, inbox) as door:
        inbox.door = door
        await door.hand.install("lotte", teams.world.teams[GENERAL], PLACE)
        inbox.events.clear()
        inbox.waited.clear()
        yield inbox


async def posted(works: Works, to: Channel | Person, card: Card = CARD) -> Message:
    """A card of Kring's, somewhere."""
    assert works.door
    handle = await works.door.platform.messenger.at(TENANT).post(to, card, key="k")
    return works.door.teams.world.message(handle.conversation, handle.message)


def people(works: Works) -> Hand:
    assert works.door
    return works.door.hand


def world_of(works: Works) -> World:
    assert works.door
    return works.door.teams.world


def said_to(works: Works, name: str, message: Message) -> str:
    """All that a card says to someone, as text."""
    return str(world_of(works).message(message.conversation, message.id).card_for(name))


async def test_a_tap_is_acknowledged_at_once_where_nothing_follows(works: Works) -> None:
    card = await posted(works, Channel(PLACE))

    answer = await people(works).tap("daan", card, "Sla over")

    (event,) = works.events
    assert (event.body, event.place) == (Tapped(OPEN, card.id), Place(PLACE, "Toetsen"))
    assert answer.body == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Dat is aangekomen.",
    }
    assert not people(works).wrong("daan")
    assert event.trigger
    assert Trigger.decode(event.trigger).id == event.id


async def test_what_says_that_nothing_follows_is_in_the_language_of_who_tapped(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    world_of(works).users["daan"].locale = "en-GB"

    tapped = await people(works).tap("daan", card, "Sla over")
    asked = await people(works).tap("daan", card, "Antwoord")

    assert tapped.body["value"] == "That has arrived."
    assert asked.body == {"task": {"type": "message", "value": "That has arrived."}}


async def test_another_card_is_seen_at_once_by_who_tapped(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    works.follows.append(OTHER)

    answer = await people(works).tap("daan", card, "Sla over")

    assert answer.body["type"] == "application/vnd.microsoft.card.adaptive"
    assert "Dank je" in str(answer.body["value"])


async def test_a_tap_that_asks_for_a_form_gets_it_in_a_dialog_and_the_form_is_taken(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    works.follows.append(FORM)

    await people(works).tap("daan", card, "Antwoord")
    dialog = world_of(works).dialogs["daan"]
    answer = await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"})

    assert dialog.title == "Jouw antwoord"
    assert works.events[-1].body == Submitted(SAVE, {"text": "Peerfeedback", "kind": "good"})
    assert works.events[-1].place == Place(PLACE, "Toetsen")
    assert (answer.status, answer.text) == (200, "")
    assert "daan" not in world_of(works).dialogs


async def test_a_dialog_that_is_refused_stays_with_the_reason_and_the_words(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    works.follows.append(FORM)
    await people(works).tap("daan", card, "Antwoord")
    works.answers.append(Receipt(fields={"text": "Iets korter, graag."}))

    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"})
    again = str(world_of(works).dialogs["daan"].card)
    await people(works).submit("daan", {"text": "Peer", "kind": "good"})

    assert "Iets korter, graag." in again
    assert "Peerfeedback" in again
    assert [event.body for event in works.events if isinstance(event.body, Submitted)] == [
        Submitted(SAVE, {"text": "Peerfeedback", "kind": "good"}), Submitted(SAVE, {"text": "Peer", "kind": "good"}),
    ]  # fmt: skip


async def test_a_form_that_answers_another_button_stands_in_place_of_the_card_for_who_tapped(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    works.follows += [FORM]

    await people(works).tap("daan", card, "Sla over")
    shown, others = said_to(works, "daan", card), said_to(works, "lotte", card)
    works.answers.append(Receipt(fields={"kind": "Kies er een."}))
    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"})
    refused = said_to(works, "daan", card)

    assert "Jouw antwoord" in shown
    assert "Jouw antwoord" not in others
    assert "Kies er een." in refused


async def test_a_dialog_that_gets_nothing_says_so_without_an_error(works: Works) -> None:
    card = await posted(works, Person(world_of(works).users["daan"].id))

    await people(works).tap("daan", card, "Antwoord")

    assert not people(works).wrong("daan")


async def test_an_answer_that_takes_too_long_leaves_the_card_as_it_is(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gestures, "WINDOW", 0.05)
    works.late = 0.3
    card = await posted(works, Channel(PLACE))
    works.follows.append(FORM)

    answer = await people(works).tap("daan", card, "Sla over")
    await works.shower

    assert answer.body["type"] == "application/vnd.microsoft.activity.message"
    assert "Jouw antwoord" in said_to(works, "daan", world_of(works).seen("daan")[-1])  # in the personal chat instead


async def in_chat(works: Works) -> Message:
    """A form that a typed command asked for: a message in the personal chat, about the channel."""
    works.follows.append(FORM)
    await people(works).say("daan", "@Kring check-in nieuw", PLACE)
    await works.shower
    return world_of(works).seen("daan")[-1]


async def test_a_typed_command_gets_its_form_in_the_personal_chat_and_it_goes_away_when_it_is_taken(
    works: Works,
) -> None:
    form = await in_chat(works)

    works.answers.append(Receipt(fields={"text": "Iets korter, graag."}))
    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)
    refused = said_to(works, "daan", form)
    await people(works).submit("daan", {"text": "Peer", "kind": "good"}, form)

    assert "Iets korter, graag." in refused
    assert works.events[-1].place == Place(PLACE, "Toetsen")
    assert works.events[-1].body == Submitted(SAVE, {"text": "Peer", "kind": "good"})
    assert Trigger.decode(works.events[-1].trigger or "").id == ""
    assert form.deleted
    assert not people(works).wrong("daan")


async def test_a_form_that_cannot_be_taken_away_shows_what_was_sent(works: Works) -> None:
    form = await in_chat(works)
    assert works.door
    works.door.teams.will(faults.broken(501), faults.broken(501), faults.broken(501), on="delete")

    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)
    shown = said_to(works, "daan", form)

    assert not form.deleted
    assert "Peerfeedback" in shown
    assert "Goed" in shown
    assert "Input." not in shown


async def test_a_form_says_nothing_of_a_place_where_its_sender_is_not(works: Works, logs: Logs) -> None:
    """Where a form belongs was in a client's hands: somebody may have written another channel there."""
    form = await in_chat(works)
    world_of(works).teams[GENERAL].members.remove("daan")
    works.events.clear()

    answer = await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)

    assert answer.status == 200
    assert works.events == []
    assert "teams.stranger" in [entry["event"] for entry in logs]


MANY = replace(FORM, inputs=tuple(Input(f"i{number}", Plain("Antwoord")) for number in range(21)))
"""A form that Kring would not write: a client made it of one of ours."""


async def test_a_form_that_a_client_changed_is_refused_in_words_where_it_cannot_be_shown_again(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    works.follows.append(FORM)
    await people(works).tap("daan", card, "Antwoord")
    changed(world_of(works).dialogs["daan"].card)
    works.answers.append(Receipt(fields={"text": "Iets *korter*, graag.", "kind": "Kies er een."}))

    answer = await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"})

    assert answer.body == {"task": {"type": "message", "value": "Iets *korter*, graag.\n\nKies er een."}}


async def test_a_form_that_a_client_changed_is_taken_all_the_same_when_it_cannot_be_shown(
    works: Works, logs: Logs
) -> None:
    form = await in_chat(works)
    changed(form.card or {})
    assert works.door
    works.door.teams.will(*[faults.broken(501)] * 3, on="delete")
    filled = {f"input.{one.name}": "Peerfeedback" * 200 for one in MANY.inputs}
    action = (form.card or {})["actions"][0]
    action["data"] |= filled

    answer = await people(works).tap("daan", form, "Verstuur", text="Peer", kind="good")

    assert (answer.status, answer.body["value"]) == (200, "Dat is aangekomen.")
    (problem,) = (entry["problem"] for entry in logs if entry["event"] == "teams.unshown")
    assert re.fullmatch(r"card in a response is \d+, and 80000 is the most for Teams", problem)
    assert isinstance(works.events[-1].body, Submitted)


def changed(card: Json) -> None:
    """Put another form in a button, as no client of Microsoft's does."""
    card["actions"][0]["data"]["kring"]["form"] = pack(MANY).decode()


async def test_an_old_client_taps_and_fills_in_by_messages(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    people(works).client = Client(execute=False, dialogs=False)

    await people(works).tap("daan", card, "Sla over")
    await people(works).tap("daan", card, "Antwoord")

    assert [(event.body, Trigger.decode(event.trigger or "").id) for event in works.events] == [
        (Tapped(OPEN, card.id), ""), (Tapped(FORM_OPEN, card.id), ""),
    ]  # fmt: skip
    assert works.waited == [0.0, 0.0]


async def test_a_form_that_an_old_client_sent_says_what_was_refused_and_goes_away_when_it_is_taken(
    works: Works,
) -> None:
    people(works).client = Client(execute=False, dialogs=False)
    form = await in_chat(works)

    works.answers.append(Receipt(fields={"text": "Iets korter, graag."}))
    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)
    refused = said_to(works, "daan", form)
    await people(works).submit("daan", {"text": "Peer", "kind": "good"}, form)

    assert "Iets korter, graag." in refused
    assert "Peerfeedback" in refused
    assert works.events[-1].body == Submitted(SAVE, {"text": "Peer", "kind": "good"})
    assert form.deleted


async def test_a_form_of_an_old_client_that_cannot_be_taken_away_shows_what_was_sent(works: Works) -> None:
    people(works).client = Client(execute=False, dialogs=False)
    form = await in_chat(works)
    assert works.door
    works.door.teams.will(*[faults.broken(501)] * 3, on="delete")

    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)

    assert "Peerfeedback" in said_to(works, "daan", form)
    assert "Input." not in said_to(works, "daan", form)


async def test_a_refusal_that_cannot_stand_in_the_form_of_an_old_client_is_a_form_of_its_own(works: Works) -> None:
    people(works).client = Client(execute=False, dialogs=False)
    form = await in_chat(works)
    assert works.door
    works.door.teams.will(*[faults.broken(501)] * 3, on="update")
    works.answers.append(Receipt(fields={"text": "Iets korter, graag."}))

    await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)

    newest = world_of(works).seen("daan")[-1]
    assert newest.id != form.id
    assert "Iets korter, graag." in said_to(works, "daan", newest)
    assert "Peerfeedback" in said_to(works, "daan", newest)


async def test_a_refusal_that_cannot_be_said_at_all_is_no_error_to_teams(works: Works, logs: Logs) -> None:
    people(works).client = Client(execute=False, dialogs=False)
    form = await in_chat(works)
    assert works.door
    works.door.teams.will(*[faults.broken(501)] * 3, on="update")
    works.door.teams.will(faults.broken(501), on="post")
    works.answers.append(Receipt(fields={"text": "Iets korter, graag."}))

    answer = await people(works).submit("daan", {"text": "Peerfeedback", "kind": "good"}, form)

    assert answer.status == 200
    assert "teams.form.unsaid" in [entry["event"] for entry in logs]


async def test_everything_four_times_and_out_of_order_is_kept_once(works: Works) -> None:
    hand, world = people(works), world_of(works)
    card = await posted(works, Channel(PLACE))
    world.add_user(User("noor", "Noor"))
    hand.told.clear()
    works.events.clear()
    for gesture in (
        hand.say("lotte", "@Kring help", PLACE), hand.say("daan", "hoi"), hand.tap("daan", card, "Sla over"),
        hand.tap("daan", card, "Antwoord"), hand.join(GENERAL, "noor", by="lotte"),
        hand.leave(GENERAL, "noor", by="lotte"), hand.rename_channel("lotte", world.conversations[PLACE], "Anders"),
        hand.archive_team("lotte", world.teams[GENERAL]),
    ):  # fmt: skip
        await _done(gesture)
    once = {event.id for event in works.events}

    again = [told for told in hand.told for _ in range(3)]
    random.Random(7).shuffle(again)  # noqa: S311 - an order, not a secret
    answers = await asyncio.gather(*(hand.again(told) for told in again))

    assert {answer.status for answer in answers} == {200}
    assert len(once) == len(works.events) == 8


async def _done(gesture: Coroutine[None, None, Answered]) -> None:
    assert (await gesture).status == 200
