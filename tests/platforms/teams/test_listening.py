"""From what happens in Teams to the inbox: who takes part and who does not, and gestures that are answered at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Form, Input, Markup, Plain, Text
from bot.chat.events import (
    Archived,
    Commanded,
    Event,
    Invited,
    Joined,
    Left,
    Place,
    Removed,
    Renamed,
    Restored,
    Said,
    Submitted,
    Tapped,
)
from bot.chat.messages import Channel, Person
from bot.chat.ports import Handle, Receipt
from bot.domain.reference import Reference
from bot.errors import StoreError
from bot.platforms.teams import listening
from bot.platforms.teams.forms import Trigger
from bot.platforms.teams.registration import Registration
from storage.references import References
from tests.fakes.teams import faults
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.taps import Client
from tests.fakes.teams.ways import Answered
from tests.fakes.teams.world import ELSEWHERE, TENANT, Conversation, Message, User, World, channel
from tests.platforms.teams.conftest import Logs
from tests.platforms.teams.entering import Door, Inbox, entered

T = TypeVar("T")
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


@pytest.fixture
def kept(sqlite_store: object) -> References:
    """Where references are kept: of nothing something was heard yet."""
    return References(sqlite_store, "teams", TENANT)  # type: ignore[arg-type]  # a Store


@pytest.fixture
async def door(teams: FakeTeams, registration: Registration, kept: References) -> AsyncIterator[Door]:
    async with entered(teams, registration, kept, Inbox()) as door:
        yield door


@pytest.fixture
def inbox(door: Door) -> Inbox:
    return door.inbox


@pytest.fixture
def hand(door: Door) -> Hand:
    return door.hand


@pytest.fixture
def team(world: World) -> Conversation:
    return world.conversations[GENERAL]


def came_in(inbox: Inbox, kind: type) -> list[Event]:
    """The events of a kind."""
    return [event for event in inbox.events if isinstance(event.body, kind)]


def who(world: World, name: str) -> str:
    return world.users[name].id


# ---------------------------------------------------------------- Kring comes and goes


async def test_an_installation_is_one_invitation_with_all_who_are_there(
    hand: Hand, inbox: Inbox, world: World, kept: References, teams: FakeTeams
) -> None:
    await hand.install("lotte", world.teams[GENERAL], PLACE)

    (event,) = inbox.events
    assert event.place == Place(PLACE, "")
    assert (event.user.name, event.user.language, event.user.timezone) == ("Lotte", "nl", "Europe/Amsterdam")
    assert isinstance(event.body, Invited)
    assert {(one.id, one.name) for one in event.body.members} == {
        (who(world, "lotte"), "Lotte"), (who(world, "daan"), "Daan"),
    }  # fmt: skip
    assert await kept.find(PLACE) == Reference(PLACE, teams.service_url, GENERAL)


async def test_without_a_chosen_channel_it_is_the_general_one(hand: Hand, inbox: Inbox, world: World) -> None:
    await hand.install("lotte", world.teams[GENERAL])

    assert [(event.place.conversation, type(event.body)) for event in inbox.events] == [(GENERAL, Invited)]


async def test_kring_in_a_group_chat_is_one_invitation(hand: Hand, inbox: Inbox, world: World) -> None:
    chat = world.add_chat("groep", "lotte", "daan")

    await hand.add_to_chat("lotte", chat)

    (event,) = inbox.events
    assert isinstance(event.body, Invited)
    assert (event.place.conversation, len(event.body.members)) == (chat.id, 2)


async def test_who_adds_kring_for_oneself_is_answered_and_nothing_stays_of_who_throws_it_out(
    hand: Hand, inbox: Inbox, world: World, kept: References, teams: FakeTeams
) -> None:
    chat = world.personal("lotte")

    await hand.install_personal("lotte")
    known = await kept.direct(who(world, "lotte"))
    await hand.uninstall_personal("lotte")

    assert [(event.body, event.place) for event in inbox.events] == [(Said(""), Place(chat.id, direct=True))]
    assert known == Reference(chat.id, teams.service_url, user_id=who(world, "lotte"))
    assert await kept.direct(who(world, "lotte")) is None


async def test_a_roster_that_does_not_come_loses_no_invitation(
    hand: Hand, inbox: Inbox, world: World, teams: FakeTeams, logs: Logs
) -> None:
    teams.will(*[faults.refused(403, "BotNotInConversationRoster")] * 3, on="members")

    await hand.install("lotte", world.teams[GENERAL], PLACE)

    assert [event.body for event in inbox.events] == [Invited()]
    assert "teams.roster.unread" in [entry["event"] for entry in logs]


async def test_a_renewed_app_is_no_invitation(hand: Hand, inbox: Inbox) -> None:
    await hand.upgrade("lotte", PLACE)

    assert inbox.events == []


async def test_in_a_team_that_had_kring_before_its_other_channels_go_on(hand: Hand, inbox: Inbox, world: World) -> None:
    team = world.teams[GENERAL]
    await hand.install("lotte", team, PLACE)
    await hand.say("daan", "@Kring help", GENERAL)
    await hand.uninstall("lotte", team)
    gone = {event.place.conversation for event in came_in(inbox, Removed)}

    inbox.events.clear()
    await hand.install("lotte", team, PLACE)

    assert gone == {PLACE, GENERAL}
    assert [(event.place.conversation, type(event.body)) for event in inbox.events] == [
        (PLACE, Invited), (GENERAL, Restored),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["private", "shared"])
async def test_a_channel_with_members_of_its_own_lets_kring_in_by_itself_and_is_none_of_its_teams(
    hand: Hand, inbox: Inbox, world: World, kept: References, kind: str
) -> None:
    own = world.add_channel(world.teams[GENERAL], "apart", "lotte", name="Apart", kind=kind)  # type: ignore[arg-type]
    world.add_user(User("noor", "Noor"))

    await hand.let_in("lotte", own)
    (invited,) = inbox.events
    reference = await kept.find(own.id)
    await hand.say("lotte", "@Kring help", own.id)
    await hand.join(GENERAL, "noor", by="lotte")
    await hand.join(own.id, "daan", by="lotte")
    await hand.put_out("lotte", own)

    assert isinstance(invited.body, Invited)
    assert [one.name for one in invited.body.members] == ["Lotte"]
    assert reference
    assert (reference.group, reference.name) == ("", "Apart")
    assert await kept.find(own.id) == reference
    assert [(event.user.name, event.place.name) for event in came_in(inbox, Joined)] == [("Daan", "Apart")]
    assert [event.place.conversation for event in came_in(inbox, Removed)] == [own.id]


# ---------------------------------------------------------------- people come and go, and channels change


async def test_who_joins_a_team_joins_each_channel_that_kring_knows_with_a_name(
    hand: Hand, inbox: Inbox, world: World
) -> None:
    await hand.install("lotte", world.teams[GENERAL], PLACE)
    await hand.say("daan", "@Kring help", GENERAL)
    world.add_user(User("noor", "Noor Jansen"))
    inbox.events.clear()

    await hand.join(GENERAL, "noor", by="lotte")
    await hand.leave(GENERAL, "daan", by="lotte")

    joined, left = came_in(inbox, Joined), came_in(inbox, Left)
    assert {(event.user.name, event.place.conversation) for event in joined} == {
        ("Noor Jansen", PLACE), ("Noor Jansen", GENERAL),
    }  # fmt: skip
    assert {(event.user.id, event.place.conversation) for event in left} == {
        (who(world, "daan"), PLACE), (who(world, "daan"), GENERAL),
    }  # fmt: skip
    assert len({event.id for event in inbox.events}) == 4


async def test_a_crowd_that_joins_at_once_is_known_by_one_look(
    hand: Hand, inbox: Inbox, world: World, teams: FakeTeams
) -> None:
    await hand.install("lotte", world.teams[GENERAL], PLACE)
    crowd = [world.add_user(User(f"u{number}", f"Nummer {number}")).name for number in range(120)]
    inbox.events.clear()
    teams.asked.clear()

    await hand.join(GENERAL, *crowd, by="lotte")

    assert {event.user.name for event in inbox.events} == {f"Nummer {number}" for number in range(120)}
    assert teams.asked == ["members"]


async def test_bots_and_people_of_another_organisation_are_not_kept(hand: Hand, inbox: Inbox, world: World) -> None:
    shared = world.add_channel(world.teams[GENERAL], "gedeeld", "lotte", kind="shared")
    world.add_user(User("vreemd", "Vreemde", tenant=ELSEWHERE))
    world.add_user(User("gast", "Gast", guest=True))
    shared.members += ["vreemd", "gast"]

    await hand.let_in("lotte", shared)
    await hand.say("vreemd", "@Kring help", shared.id)
    await hand.say("gast", "@Kring help", shared.id)

    invited, said = inbox.events
    assert isinstance(invited.body, Invited)
    assert {one.name for one in invited.body.members} == {"Lotte", "Gast"}
    assert (said.user.name, said.body) == ("Gast", Commanded("help"))


@pytest.mark.parametrize("place", ["shared", "chat"])
async def test_a_stranger_who_does_not_say_so_is_looked_up(
    hand: Hand, inbox: Inbox, world: World, teams: FakeTeams, place: str
) -> None:
    world.tells_tenants = False
    world.add_user(User("vreemd", "Vreemde", tenant=ELSEWHERE))
    names = ("lotte", "vreemd")
    there = (
        world.add_chat("groep", *names)
        if place == "chat"
        else world.add_channel(world.teams[GENERAL], "gedeeld", *names, kind="shared")
    )
    there.has_bot = True

    for _ in range(3):
        await hand.say("vreemd", "@Kring geheim", there.id)
        await hand.say("lotte", "@Kring help", there.id)

    assert {event.user.name for event in inbox.events} == {"Lotte"}
    assert teams.asked.count("member") == 2


async def test_a_member_who_cannot_be_looked_up_now_is_asked_to_come_again(
    hand: Hand, inbox: Inbox, world: World, teams: FakeTeams
) -> None:
    chat = world.add_chat("groep", "lotte")
    chat.has_bot = True
    teams.will(*[faults.broken(503)] * 3, on="member")

    first = await hand.say("lotte", "@Kring help", chat.id)
    again = await hand.again(hand.told[-1])

    assert (first.status, again.status) == (503, 200)
    assert [event.body for event in inbox.events] == [Commanded("help")]


async def test_channels_and_teams_that_change_are_told_where_kring_knows_them(
    hand: Hand, inbox: Inbox, world: World, kept: References
) -> None:
    team, place = world.teams[GENERAL], world.conversations[PLACE]
    await hand.install("lotte", team, PLACE)
    inbox.events.clear()

    await hand.rename_channel("lotte", place, "Toetsen en meer")
    await hand.rename_team("lotte", team, "Leerkring")
    await hand.delete_channel("lotte", place)
    await hand.restore_channel("lotte", place)
    await hand.archive_team("lotte", team)
    await hand.archive_team("lotte", team, archived=False)
    await hand.delete_team("lotte", team)
    await hand.delete_team("lotte", team, deleted=False)
    await hand.create_channel("lotte", team, "nieuw")

    told = [(type(event.body), event.place.conversation, event.place.name) for event in inbox.events]
    assert told == [
        (Renamed, PLACE, "Toetsen en meer"), (Renamed, GENERAL, "Leerkring"),
        (Archived, PLACE, "Toetsen en meer"), (Restored, PLACE, "Toetsen en meer"),
        (Archived, PLACE, "Toetsen en meer"), (Restored, PLACE, "Toetsen en meer"),
        (Archived, PLACE, "Toetsen en meer"), (Restored, PLACE, "Toetsen en meer"),
    ]  # fmt: skip
    reference = await kept.find(PLACE)
    assert reference
    assert reference.name == "Toetsen en meer"


async def test_a_conversation_that_moved_is_known_before_what_happened_in_it_is_kept(
    hand: Hand, inbox: Inbox, world: World, teams: FakeTeams, kept: References
) -> None:
    await hand.install("lotte", world.teams[GENERAL], PLACE)
    teams.region = "apac"
    inbox.answers.append(StoreError())

    answer = await hand.say("lotte", "@Kring help", PLACE)
    moved = await kept.find(PLACE)

    assert answer.status == 503
    assert moved == Reference(PLACE, teams.service_url, GENERAL)
    assert "apac" in moved.service_url


# ---------------------------------------------------------------- what people say


async def test_what_is_said_comes_in_with_who_said_it_and_what_opens_a_form(
    hand: Hand, inbox: Inbox, world: World
) -> None:
    await hand.say("lotte", "@Kring energie 4", PLACE)
    await hand.say("daan", "help")

    command, said = inbox.events
    assert (command.body, command.place.message) == (Commanded("energie 4"), None)
    assert (said.body, said.place.direct, said.user.name) == (Said("help"), True, "Daan")
    for event in (command, said):
        assert event.trigger
        assert Trigger.decode(event.trigger) == Trigger("", event.place, event.user.id)
        assert (event.platform, event.workspace) == ("teams", TENANT)
    assert inbox.waited == [0.0, 0.0]


async def test_what_people_do_beside_kring_is_not_kept(hand: Hand, inbox: Inbox, world: World) -> None:
    await hand.say("lotte", "@Kring help", PLACE)
    mine = world.messages[-1]
    inbox.events.clear()

    await hand.edit("lotte", mine, "@Kring iets anders")
    await hand.react("lotte", mine)
    await hand.react("lotte", mine, added=False)
    await hand.delete("lotte", mine)

    assert inbox.events == []


# ---------------------------------------------------------------- gestures that are answered at once


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
    assert (event.body, event.place) == (Tapped(OPEN, card.id), Place(PLACE))
    assert answer.body == {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": ""}
    assert not people(works).wrong("daan")
    assert event.trigger
    assert Trigger.decode(event.trigger).id == event.id


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
    assert works.events[-1].place == Place(PLACE)
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
    card = await posted(works, Person(who(world_of(works), "daan")))

    await people(works).tap("daan", card, "Antwoord")

    assert not people(works).wrong("daan")


async def test_an_answer_that_takes_too_long_leaves_the_card_as_it_is(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "WINDOW", 0.05)
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
    assert works.events[-1].place == Place(PLACE)
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


async def test_an_old_client_taps_and_fills_in_by_messages(works: Works) -> None:
    card = await posted(works, Channel(PLACE))
    people(works).client = Client(execute=False, dialogs=False)

    await people(works).tap("daan", card, "Sla over")
    await people(works).tap("daan", card, "Antwoord")

    assert [(event.body, Trigger.decode(event.trigger or "").id) for event in works.events] == [
        (Tapped(OPEN, card.id), ""), (Tapped(FORM_OPEN, card.id), ""),
    ]  # fmt: skip
    assert works.waited == [0.0, 0.0]


# ---------------------------------------------------------------- delivered again


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
        hand.archive_team("lotte", world.teams[GENERAL]), hand.install_personal("lotte"),
    ):  # fmt: skip
        await _done(gesture)
    once = {event.id for event in works.events}

    again = [told for told in hand.told for _ in range(3)]
    random.Random(7).shuffle(again)  # noqa: S311 - an order, not a secret
    answers = await asyncio.gather(*(hand.again(told) for told in again))

    assert {answer.status for answer in answers} == {200}
    assert len(once) == len(works.events) == 9


async def _done(gesture: Coroutine[None, None, Answered]) -> None:
    assert (await gesture).status == 200
