"""Teams' messenger keeps the promises of every messenger, and a few of its own."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest

from bot.chat import events
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Form, Markup, Plain, Text
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Handle, Messenger, Under
from bot.domain.reference import Reference
from bot.errors import Misconfigured, Refusal, StoreError, Unreachable
from bot.platforms.teams import forms, limits, render
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.invokes import Invoke, Invokes, Own
from bot.platforms.teams.messenger import TeamsMessenger
from bot.platforms.teams.references import Remembered
from storage.db import Store
from storage.references import References
from tests.contracts.messenger import FORM, MessengerContract, card
from tests.fakes.teams.faults import Fault
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import TENANT, Message, World, channel
from tests.platforms.teams.conftest import Logs
from tests.storage.rows import NOW

TOETSEN = channel("toetsen")
PLACE = events.Place(TOETSEN, "Toetsen")
LOTTE, DAAN = "29:1lotte", "29:1daan"
CHAT = "a:1lotte"


def inputs(message: Message) -> list[str]:
    """The inputs on the card of a message."""
    return [part["id"] for part in (message.card or {}).get("body", ()) if part["type"].startswith("Input.")]


@dataclass
class TeamsSide:
    """The pretend Teams, looked at from the other side; someone's gesture waits for its response."""

    world: World
    messenger: Messenger
    gestured: Invoke
    channel: str = TOETSEN
    person: str = LOTTE
    other: str = DAAN
    recognises: bool = False

    async def seen(self, person: str, conversation: str | None = None) -> list[str]:
        messages = [message.summary for message in self.world.seen(person.removeprefix("29:1"), conversation or "")]
        answer = self.gestured.answer
        shown = answer.result() if answer.done() else None
        theirs = (person, conversation) == (self.gestured.user_id, self.gestured.conversation)
        return [*messages, shown.card.summary] if theirs and isinstance(shown, Own) else messages

    async def gesture(self, person: str) -> str:
        return forms.Trigger("", PLACE, person).encode()

    async def form_before(self, person: str) -> str | None:
        seen = self.world.seen(person.removeprefix("29:1"))
        return seen[-1].summary if seen and inputs(seen[-1]) else None


@pytest.fixture
async def gestured(invokes: Invokes) -> AsyncIterator[Invoke]:
    """A gesture of Lotte in the channel that waits for its response."""
    with invokes.opened(Invoke("gesture-1", LOTTE, TOETSEN, "17955")) as invoke:
        yield invoke


@pytest.fixture
def side(world: World, messenger: TeamsMessenger, gestured: Invoke) -> TeamsSide:
    return TeamsSide(world, messenger, gestured)


class TestTeams(MessengerContract):
    async def test_a_form_that_no_response_can_show_is_in_the_personal_chat_with_its_inputs(
        self, side: TeamsSide
    ) -> None:
        await side.messenger.open_form(await side.gesture(LOTTE), FORM)

        (message,) = side.world.seen("lotte")
        assert inputs(message) == ["input.text"]


async def test_a_post_in_a_channel_begins_a_thread_of_a_card_alone(
    messenger: TeamsMessenger, world: World, teams: FakeTeams
) -> None:
    handle = await messenger.post(Channel(TOETSEN), card("vraag"), key="a")

    (message,) = world.messages
    assert handle == Handle(TOETSEN, message.id)
    assert message.root is None
    assert message.text == ""
    assert teams.asked == ["token", "create"]


async def test_a_group_chat_has_no_threads(messenger: TeamsMessenger, world: World, kept: References) -> None:
    chat = world.add_chat("borrel", "lotte", "daan")
    chat.has_bot = True
    known = await kept.find(TOETSEN)
    assert known
    await kept.keep(Reference(chat.id, known.service_url), at=NOW)

    root = await messenger.post(Channel(chat.id), card("vraag"), key="a")
    reply = await messenger.post(Under(root), card("antwoord"), key="b")
    await messenger.update(reply, card("beter antwoord"))

    assert [message.summary for message in world.seen("daan", chat.id)] == ["vraag", "beter antwoord"]
    assert [message.id for message in world.messages] == [root.message, reply.message]


async def test_a_channel_that_is_known_without_its_team_has_threads_all_the_same(
    messenger: TeamsMessenger, world: World, references: Remembered, teams: FakeTeams
) -> None:
    await references.erase(TOETSEN)
    await references.keep(Reference(TOETSEN, teams.service_url))

    root = await messenger.post(Channel(TOETSEN), card("vraag"), key="a")
    reply = await messenger.post(Under(root), card("antwoord"), key="b")

    assert teams.asked == ["token", "create", "post"]
    assert [message.root for message in world.messages] == [None, root.message]
    assert reply.message == f"{root.message}/{world.messages[1].id}"


async def test_a_reply_knows_its_thread_and_so_does_what_comes_under_it(
    messenger: TeamsMessenger, world: World
) -> None:
    root = await messenger.post(Channel(TOETSEN), card("vraag"), key="a")
    reply = await messenger.post(Under(root), card("antwoord"), key="b")
    second = await messenger.post(Under(reply), card("nog een"), key="c")

    for handle in (root, reply, second):
        await messenger.update(handle, card("anders"))

    assert [message.root for message in world.messages] == [None, root.message, root.message]
    assert [handle.message.partition("/")[0] for handle in (reply, second)] == [root.message, root.message]
    assert [message.edited for message in world.messages] == [1, 1, 1]


async def test_a_whisper_is_shown_in_the_response_that_waits_and_posts_nothing(
    messenger: TeamsMessenger, world: World, teams: FakeTeams, gestured: Invoke
) -> None:
    handle = await messenger.post(Whisper(TOETSEN, LOTTE, "17955"), card("psst"), key="a")

    assert await gestured.shown(0) == Own(card("psst"))
    assert handle == Handle(TOETSEN, "")
    assert world.messages == []
    assert teams.asked == []


async def test_a_whisper_for_which_no_response_waits_is_said_in_the_personal_chat(
    messenger: TeamsMessenger, world: World, gestured: Invoke
) -> None:
    handle = await messenger.post(Whisper(TOETSEN, DAAN), card("psst"), key="a")

    assert handle.conversation == "a:1daan"
    assert [message.summary for message in world.seen("daan")] == ["psst"]
    assert world.seen("daan", TOETSEN) == []
    assert not gestured.answer.done()


async def test_a_whisper_that_is_larger_than_a_response_holds_is_said_in_the_personal_chat(
    messenger: TeamsMessenger, world: World, gestured: Invoke
) -> None:
    row = Buttons((Button(Plain("Verder"), Action("energy.answer")),) * 25)
    short = replace(card("psst"), nodes=(Text(Markup("x")), row))
    room = limits.MESSAGE - limits.size(render.message(short))
    whole = replace(short, nodes=(Text(Markup("x" * (room // 4))), row))  # in the card, and for who sees no cards

    await messenger.post(Whisper(TOETSEN, LOTTE), whole, key="a")

    assert limits.MESSAGE - 8 < limits.size(render.message(whole)) <= limits.MESSAGE
    assert [message.summary for message in world.seen("lotte")] == ["psst"]
    assert not gestured.answer.done()


async def test_what_was_only_shown_can_be_neither_updated_nor_answered(
    messenger: TeamsMessenger, teams: FakeTeams, gestured: Invoke
) -> None:
    handle = await messenger.post(Whisper(TOETSEN, gestured.user_id), card("psst"), key="a")

    with pytest.raises(Misconfigured) as update:
        await messenger.update(handle, card("anders"))
    with pytest.raises(Misconfigured) as reply:
        await messenger.post(Under(handle), card("eronder"), key="b")

    assert (update.value.refusal, reply.value.refusal) == (Refusal.GONE, Refusal.GONE)
    assert teams.asked == []


async def test_a_personal_chat_is_opened_once_a_person_also_by_the_next_process(
    messenger: TeamsMessenger, teams: FakeTeams, calls: Connector, kept: References, invokes: Invokes
) -> None:
    await messenger.post(Person(LOTTE), card("een"), key="a")
    await messenger.at(TENANT).post(Person(LOTTE), card("twee"), key="b")
    next_one = TeamsMessenger(calls, Remembered(kept, lambda: NOW), invokes, TENANT)
    await next_one.post(Person(LOTTE), card("drie"), key="c")

    assert teams.asked == ["token", "create", "post", "post", "post"]
    assert [message.summary for message in teams.world.seen("lotte")] == ["een", "twee", "drie"]


async def test_a_personal_chat_that_is_gone_is_opened_anew(
    messenger: TeamsMessenger, teams: FakeTeams, world: World
) -> None:
    await messenger.post(Person(LOTTE), card("een"), key="a")
    del world.conversations[CHAT]

    await messenger.post(Person(LOTTE), card("twee"), key="b")

    assert [message.summary for message in world.seen("lotte")] == ["een", "twee"]
    assert teams.asked == ["token", "create", "post", "post", "create", "post"]


async def test_a_personal_chat_that_is_gone_and_cannot_be_opened_anew_is_not_tried_again(
    messenger: TeamsMessenger, teams: FakeTeams, world: World, kept: References
) -> None:
    await messenger.post(Person(LOTTE), card("een"), key="a")
    del world.conversations[CHAT]
    world.teams[channel("toets")].members.remove("lotte")

    for _ in range(2):
        with pytest.raises(Misconfigured):
            await messenger.post(Person(LOTTE), card("twee"), key="b")

    assert await kept.direct(LOTTE) is None
    assert teams.asked == ["token", "create", "post", "post", "create", "create"]


def block(world: World) -> None:
    world.personal("lotte").blocked = True


def uninstall(world: World) -> None:
    world.personal("lotte").uninstalled = True


def end(world: World) -> None:
    world.personal("lotte").deleted = True


@pytest.mark.parametrize("done", [block, uninstall, end])
async def test_a_person_who_cannot_be_written_to_is_told_as_such(
    messenger: TeamsMessenger, teams: FakeTeams, world: World, done: Callable[[World], None]
) -> None:
    await messenger.post(Person(LOTTE), card("een"), key="a")
    done(world)
    teams.asked.clear()

    with pytest.raises(Misconfigured) as refused:
        await messenger.post(Person(LOTTE), card("twee"), key="b")

    assert refused.value.refusal is Refusal.PERSON
    assert teams.asked.count("create") <= 1


async def test_a_person_with_whom_nothing_is_shared_is_told_as_such(messenger: TeamsMessenger, world: World) -> None:
    world.teams[channel("toets")].members.remove("daan")

    with pytest.raises(Misconfigured) as refused:
        await messenger.post(Person(DAAN), card("hallo"), key="a")

    assert refused.value.refusal is Refusal.PERSON


def archive(world: World) -> None:
    world.teams[channel("toets")].archived = True


def throw_out(world: World) -> None:
    world.teams[channel("toets")].has_bot = False


def delete(world: World) -> None:
    world.conversations[TOETSEN].deleted = True


def moderate(world: World) -> None:
    world.conversations[TOETSEN].blocked = True


@pytest.mark.parametrize(
    ("done", "refusal"),
    [(archive, Refusal.GONE), (throw_out, Refusal.OUTSIDE), (delete, Refusal.GONE), (moderate, Refusal.OUTSIDE)],
)
async def test_a_channel_that_cannot_be_written_in_is_told_as_such(
    messenger: TeamsMessenger, world: World, done: Callable[[World], None], refusal: Refusal
) -> None:
    root = await messenger.post(Channel(TOETSEN), card("vraag"), key="a")
    done(world)

    for post in (messenger.post(Channel(TOETSEN), card("x"), key="b"), messenger.post(Under(root), card("x"), key="c")):
        with pytest.raises(Misconfigured) as refused:
            await post
        assert refused.value.refusal is refusal
    with pytest.raises(Misconfigured) as refused:
        await messenger.update(root, card("anders"))
    assert refused.value.refusal is refusal


async def test_a_conversation_that_moved_is_followed_when_another_process_saw_it_move(
    messenger: TeamsMessenger, teams: FakeTeams, kept: References
) -> None:
    await messenger.post(Channel(TOETSEN), card("een"), key="a")
    await messenger.post(Person(LOTTE), card("een"), key="b")
    teams.region = "amer"
    await kept.keep(Reference(TOETSEN, teams.service_url, channel("toets")), at=NOW)
    await kept.keep(Reference(CHAT, teams.service_url, user_id=LOTTE), at=NOW)

    handle = await messenger.post(Channel(TOETSEN), card("twee"), key="c")
    await messenger.post(Person(LOTTE), card("twee"), key="d")
    await messenger.update(handle, card("drie"))

    assert [message.summary for message in teams.world.seen("lotte", TOETSEN)] == ["een", "drie"]
    assert [message.summary for message in teams.world.seen("lotte")] == ["een", "twee"]


async def test_a_conversation_whose_address_is_dead_is_followed_too(
    messenger: TeamsMessenger, teams: FakeTeams, kept: References, references: Remembered
) -> None:
    now = Reference(TOETSEN, teams.service_url, channel("toets"))
    await references.keep(Reference(TOETSEN, "http://127.0.0.1:9/emea/", channel("toets")))
    await references.find(TOETSEN)
    await kept.keep(now, at=NOW)

    await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert [message.summary for message in teams.world.seen("lotte", TOETSEN)] == ["hallo"]


async def test_a_conversation_of_which_nobody_knows_better_is_tried_once(
    messenger: TeamsMessenger, teams: FakeTeams
) -> None:
    teams.region = "amer"

    with pytest.raises(Misconfigured) as refused:
        await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert refused.value.refusal is Refusal.GONE
    assert teams.asked == ["token", "create"]


async def test_an_update_is_shown_at_once_to_who_tapped_and_then_to_everyone(
    messenger: TeamsMessenger, world: World, invokes: Invokes
) -> None:
    handle = await messenger.post(Channel(TOETSEN), card("voor"), key="a")

    with invokes.opened(Invoke("gesture-2", DAAN, TOETSEN, handle.message)) as invoke:
        await messenger.update(handle, card("na"))

    assert await invoke.shown(0) == card("na")
    assert [message.summary for message in world.seen("lotte", TOETSEN)] == ["na"]


async def test_a_form_is_shown_in_the_response_to_its_own_gesture(
    messenger: TeamsMessenger, world: World, gestured: Invoke
) -> None:
    await messenger.open_form(forms.Trigger("another", PLACE, DAAN).encode(), FORM)
    elsewhere = [message.summary for message in world.seen("daan")]

    await messenger.open_form(forms.Trigger("gesture-1", PLACE, LOTTE).encode(), FORM)

    shown = await gestured.shown(0)
    assert isinstance(shown, Form)
    assert elsewhere == ["Antwoord"]
    assert world.seen("lotte") == []


async def test_a_form_that_is_too_large_is_refused_and_leaves_the_response_to_what_is_said_instead(
    messenger: TeamsMessenger, teams: FakeTeams, gestured: Invoke
) -> None:
    large = replace(FORM, intro=Markup("Lees dit eerst. " * 3000))

    with pytest.raises(Misconfigured):
        await messenger.open_form(forms.Trigger("gesture-1", PLACE, LOTTE).encode(), large)
    await messenger.post(Whisper(TOETSEN, LOTTE), card("deur"), key="a")

    assert await gestured.shown(0) == Own(card("deur"))
    assert teams.asked == []


async def test_what_is_no_trigger_opens_nothing(messenger: TeamsMessenger, teams: FakeTeams) -> None:
    with pytest.raises(Misconfigured):
        await messenger.open_form("12345.trigger", FORM)

    assert teams.asked == []


async def test_teams_has_no_pages_of_ones_own(messenger: TeamsMessenger, teams: FakeTeams) -> None:
    with pytest.raises(Misconfigured):
        await messenger.post(Home(LOTTE), card("wat komt"), key="a")

    assert teams.asked == []


async def test_what_is_for_another_tenant_goes_nowhere(messenger: TeamsMessenger, teams: FakeTeams) -> None:
    another = messenger.at("another")

    for call in (
        another.post(Channel(TOETSEN), card("hallo"), key="a"),
        another.update(Handle(TOETSEN, "1"), card("hallo")),
        another.open_form(forms.Trigger("", PLACE, LOTTE).encode(), FORM),
    ):
        with pytest.raises(Misconfigured) as refused:
            await call
        assert refused.value.refusal is Refusal.ACCESS
    assert teams.asked == []


async def test_before_anything_was_heard_nobody_can_be_written_to_yet(
    calls: Connector, invokes: Invokes, kept: References, world: World
) -> None:
    for conversation in world.conversations:
        await kept.erase(conversation)
    messenger = TeamsMessenger(calls, Remembered(kept, lambda: NOW), invokes, TENANT)

    with pytest.raises(Unreachable):
        await messenger.post(Person(LOTTE), card("hallo"), key="a")


class Away(References):
    """A store that is gone."""

    async def find(self, conversation: str) -> Reference | None:
        raise StoreError(conversation)

    async def direct(self, user_id: str) -> Reference | None:
        raise StoreError(user_id)


async def test_while_the_store_is_away_nothing_was_posted(
    calls: Connector, invokes: Invokes, sqlite_store: Store, teams: FakeTeams
) -> None:
    messenger = TeamsMessenger(calls, Remembered(Away(sqlite_store, "teams", TENANT), lambda: NOW), invokes, TENANT)

    for to in (Channel(TOETSEN), Person(LOTTE)):
        with pytest.raises(Unreachable):
            await messenger.post(to, card("hallo"), key="a")
    assert teams.asked == []


async def test_a_card_larger_than_teams_takes_is_refused_by_name_and_not_sent(
    messenger: TeamsMessenger, teams: FakeTeams
) -> None:
    with pytest.raises(Misconfigured, match="the most for Teams"):
        await messenger.post(Channel(TOETSEN), card("lang " * 20_000), key="a")

    assert teams.asked == []


async def test_a_post_of_which_teams_does_not_say_the_id_is_there_and_noted(
    messenger: TeamsMessenger, teams: FakeTeams, logs: Logs
) -> None:
    teams.will(Fault(202, arrives=True), on="create")

    handle = await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert handle == Handle(TOETSEN, "")
    assert "teams.unnamed" in [entry["event"] for entry in logs]


@pytest.mark.parametrize(("seconds", "most"), [(1, 7), (2, 8), (30, 60)])
def test_the_pace_stays_below_what_teams_takes_of_one_bot_in_a_conversation(seconds: int, most: int) -> None:
    assert seconds / TeamsMessenger.pace + 1 <= most


def test_what_nobody_waits_for_leaves_room_for_what_someone_does() -> None:
    assert TeamsMessenger.cap < 30
