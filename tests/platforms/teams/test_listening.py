"""From what happens in Teams to the inbox: who comes and goes, who takes part and who does not, and what is said."""

from collections.abc import AsyncIterator

import pytest

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
)
from bot.domain.reference import Reference
from bot.errors import StoreError
from bot.platforms.teams.forms import Trigger
from bot.platforms.teams.registration import Registration
from storage.db import Store
from storage.references import References
from tests.fakes.teams import faults
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import ELSEWHERE, TENANT, User, World, channel
from tests.platforms.teams.conftest import Logs
from tests.platforms.teams.entering import Door, Inbox, entered

PLACE, GENERAL = channel("toetsen"), channel("toets")


@pytest.fixture
def kept(sqlite_store: Store) -> References:
    """Where references are kept: of nothing something was heard yet."""
    return References(sqlite_store, "teams", TENANT)


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
    assert event.place == Place(PLACE, "Toetsen")
    assert (event.user.name, event.user.language, event.user.timezone) == ("Lotte", "nl", "Europe/Amsterdam")
    assert isinstance(event.body, Invited)
    assert {(one.id, one.name) for one in event.body.members} == {
        (who(world, "lotte"), "Lotte"), (who(world, "daan"), "Daan"),
    }  # fmt: skip
    assert await kept.find(PLACE) == Reference(PLACE, teams.service_url, GENERAL, name="Toetsen")


async def test_without_a_chosen_channel_it_is_the_general_one(hand: Hand, inbox: Inbox, world: World) -> None:
    await hand.install("lotte", world.teams[GENERAL])

    assert [(event.place.conversation, type(event.body)) for event in inbox.events] == [(GENERAL, Invited)]


async def test_kring_in_a_group_chat_is_one_invitation(hand: Hand, inbox: Inbox, world: World) -> None:
    chat = world.add_chat("groep", "lotte", "daan")

    await hand.add_to_chat("lotte", chat)

    (event,) = inbox.events
    assert isinstance(event.body, Invited)
    assert (event.place.conversation, len(event.body.members)) == (chat.id, 2)


async def test_of_who_only_has_kring_nothing_is_kept_and_nothing_stays_of_who_throws_it_out(
    hand: Hand, inbox: Inbox, world: World, kept: References, teams: FakeTeams
) -> None:
    chat = world.personal("lotte")

    await hand.install_personal("lotte")
    had = await kept.direct(who(world, "lotte"))
    await hand.say("lotte", "help")
    known = await kept.direct(who(world, "lotte"))
    await hand.uninstall_personal("lotte")

    assert [(event.body, event.place) for event in inbox.events] == [(Said("help"), Place(chat.id, direct=True))]
    assert had is None
    assert known == Reference(chat.id, teams.service_url, user_id=who(world, "lotte"))
    assert await kept.direct(who(world, "lotte")) is None


async def test_a_channel_that_is_heard_of_for_the_first_time_has_a_name(
    hand: Hand, inbox: Inbox, teams: FakeTeams
) -> None:
    await hand.say("lotte", "@Kring help", PLACE)
    await hand.say("lotte", "@Kring help", GENERAL)
    await hand.say("lotte", "@Kring help", PLACE)

    assert [event.place.name for event in inbox.events] == ["Toetsen", "Team Toetsing", "Toetsen"]
    assert [call for call in teams.asked if call in {"channels", "team"}] == ["channels", "team"]


async def test_a_name_that_does_not_come_is_no_reason_to_wait(hand: Hand, inbox: Inbox, teams: FakeTeams) -> None:
    teams.will(faults.refused(403, "BotNotInConversationRoster"), on="channels")

    answer = await hand.say("lotte", "@Kring help", PLACE)

    assert answer.status == 200
    assert [event.place.name for event in inbox.events] == [""]


async def test_a_chat_without_a_name_stays_without_one(hand: Hand, inbox: Inbox, world: World) -> None:
    world.add_user(User("daan", "Daan"))

    await hand.add_to_chat("lotte", world.add_chat("groep", "lotte", "daan"))

    assert [event.place.name for event in inbox.events] == [""]


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
    assert moved == Reference(PLACE, teams.service_url, GENERAL, name="Toetsen")
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
