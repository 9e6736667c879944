"""Slack's messenger keeps the promises of every messenger, and a few of its own."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession
from yarl import URL

from bot.chat import events
from bot.chat.messages import Channel, Person, Whisper
from bot.chat.ports import Handle, Messenger, Under
from bot.errors import Misconfigured, Refusal, Unreachable, Unsure
from bot.platforms.slack import clients, forms
from bot.platforms.slack.messenger import SlackMessenger
from tests.contracts.messenger import FORM, MessengerContract, card
from tests.fakes.slack import faults
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import BOT, Message, Workspace
from tests.platforms.slack.conftest import OneWorkspace


@dataclass
class SlackSide:
    """The pretend Slack, looked at from the other side."""

    slack: FakeSlack
    place: Workspace
    messenger: Messenger
    channel: str = "C1"
    person: str = "lotte"
    other: str = "daan"
    recognises: bool = False

    async def seen(self, person: str, conversation: str | None = None) -> list[str]:
        return [message.text for message in self.place.seen(person, conversation)]

    async def gesture(self, person: str) -> str:
        trigger = self.slack.world.trigger(self.place.id, person)
        return forms.Trigger(trigger.id, events.Place(self.channel, "toetsen")).encode()

    async def form_before(self, person: str) -> str | None:
        modal = self.place.modal(person)
        return modal.view["title"]["text"] if modal else None


@pytest.fixture
def side(slack: FakeSlack, place: Workspace, messenger: SlackMessenger) -> SlackSide:
    return SlackSide(slack, place, messenger)


class TestSlack(MessengerContract):
    async def test_a_whisper_in_a_thread_is_under_its_root(self, side: SlackSide) -> None:
        root = await side.messenger.post(Channel("C1"), card("vraag"), key="a")

        await side.messenger.post(Whisper("C1", "lotte", root.message), card("psst"), key="b")

        assert await side.seen("lotte", "C1") == ["vraag", "psst"]
        assert side.place.messages[-1].thread_ts == root.message

    async def test_a_reply_is_found_in_its_thread_however_long_that_is(self, side: SlackSide) -> None:
        root = await side.messenger.post(Channel("C1"), card("vraag"), key="a")
        for number in range(130):
            side.place.messages.append(
                Message("C1", side.slack.world.ts(), "daan", f"antwoord {number}", thread_ts=root.message)
            )
        reply = await side.messenger.post(Under(root), card("antwoord"), key="b")

        found = await side.messenger.find(Under(root), "b")

        assert found == reply

    async def test_what_someone_else_wrote_is_not_taken_for_ours(self, side: SlackSide) -> None:
        theirs = {"event_type": "deploy", "event_payload": {"key": "a"}}
        side.place.messages.append(Message("C1", side.slack.world.ts(), "daan", "van mij", metadata=theirs))

        assert await side.messenger.find(Channel("C1"), "a") is None

    async def test_a_whisper_is_looked_for_nowhere(self, side: SlackSide) -> None:
        await side.messenger.post(Whisper("C1", "lotte"), card("psst"), key="a")

        assert await side.messenger.find(Whisper("C1", "lotte"), "a") is None


@pytest.mark.parametrize("outsider", [BOT, "lotte"])
async def test_what_cannot_be_whispered_in_a_channel_is_said_in_private(
    messenger: SlackMessenger, place: Workspace, outsider: str
) -> None:
    place.channels["C1"].members.remove(outsider)

    await messenger.post(Whisper("C1", "lotte"), card("je vroeg om hulp"), key="a")

    assert [message.text for message in place.seen("lotte")] == ["je vroeg om hulp"]
    assert place.seen("daan", "C1") == []


async def test_a_direct_conversation_is_asked_for_once_a_person(
    messenger: SlackMessenger, slack: FakeSlack, place: Workspace
) -> None:
    for key in "ab":
        await messenger.at(place.id).post(Person("lotte"), card("hallo"), key=key)
    await messenger.post(Person("daan"), card("hallo"), key="c")

    assert slack.asked.count("conversations.open") == 2


async def test_a_direct_conversation_that_went_away_is_asked_for_again(
    messenger: SlackMessenger, place: Workspace
) -> None:
    await messenger.post(Person("lotte"), card("hallo"), key="a")
    del place.channels["Dlotte"]

    with pytest.raises(Unreachable):
        await messenger.post(Person("lotte"), card("hallo"), key="b")
    await messenger.post(Person("lotte"), card("weer hallo"), key="b")

    assert [message.text for message in place.seen("lotte")][-1] == "weer hallo"


async def test_a_post_asks_for_no_preview_no_mention_and_carries_its_key(
    messenger: SlackMessenger, place: Workspace
) -> None:
    await messenger.post(Channel("C1"), card("<!channel> & https://a.nl"), key="occurrence:1")

    (message,) = place.messages
    assert message.text == "&lt;!channel&gt; &amp; https://a.nl"
    assert message.arguments["unfurl_links"] is False
    assert message.arguments["unfurl_media"] is False
    assert message.arguments["link_names"] is False
    assert message.metadata
    assert "occurrence" not in str(message.metadata)


async def test_the_client_msg_id_is_the_same_for_the_same_key(messenger: SlackMessenger, place: Workspace) -> None:
    for key in "aab":
        await messenger.post(Channel("C1"), card("hallo"), key=key)

    first, second, third = (message.client_msg_id for message in place.messages)
    assert first == second != third


async def test_an_ephemeral_card_is_replaced_by_the_address_of_its_tap(
    messenger: SlackMessenger, slack: FakeSlack, place: Workspace
) -> None:
    await messenger.post(Whisper("C1", "lotte"), card("kies"), key="a")
    address = slack.hook(place.id, place.messages[0])

    await messenger.update(Handle("C1", address), card("gekozen"))

    assert [message.text for message in place.seen("lotte", "C1")] == ["gekozen"]


async def test_an_address_that_was_used_up_replaces_nothing(
    messenger: SlackMessenger, slack: FakeSlack, place: Workspace
) -> None:
    await messenger.post(Whisper("C1", "lotte"), card("kies"), key="a")
    address = slack.hook(place.id, place.messages[0])
    for _ in range(5):
        await messenger.update(Handle("C1", address), card("gekozen"))

    with pytest.raises(Misconfigured, match="used_url"):
        await messenger.update(Handle("C1", address), card("te laat"))


async def test_a_modal_knows_where_the_gesture_was_made(side: SlackSide) -> None:
    await side.messenger.open_form(await side.gesture("lotte"), FORM)

    modal = side.place.modal("lotte")
    assert modal
    assert forms.sent(modal.view) == forms.Sent(FORM.action, events.Place("C1", "toetsen"))


async def test_a_trigger_is_good_for_a_moment(side: SlackSide) -> None:
    trigger = await side.gesture("lotte")
    side.slack.world.triggers[forms.Trigger.decode(trigger).id].expired = True

    with pytest.raises(Misconfigured, match="trigger_id"):
        await side.messenger.open_form(trigger, FORM)


async def test_a_form_that_was_opened_by_a_try_whose_answer_was_lost_lies_there_once(side: SlackSide) -> None:
    trigger = await side.gesture("lotte")
    side.slack.will(faults.cut(arrives=True), on="views.open")
    with pytest.raises(Unsure):
        await side.messenger.open_form(trigger, FORM)

    await side.messenger.open_form(trigger, FORM)

    assert len(side.place.modals["lotte"]) == 1


async def test_what_is_no_trigger_opens_nothing(messenger: SlackMessenger, slack: FakeSlack) -> None:
    with pytest.raises(Misconfigured):
        await messenger.open_form("12345.trigger", FORM)

    assert slack.asked == []


async def test_a_home_tab_shows_the_cards_one_under_the_other(messenger: SlackMessenger, place: Workspace) -> None:
    await messenger.show_home("lotte", [card("wat komt"), card("wat ik weet")])

    assert [block["type"] for block in place.homes["lotte"]["blocks"]] == ["rich_text", "divider", "rich_text"]


async def test_a_card_larger_than_slack_takes_is_refused_by_name_and_not_sent(
    messenger: SlackMessenger, slack: FakeSlack
) -> None:
    with pytest.raises(Misconfigured, match="text is 3001"):
        await messenger.post(Channel("C1"), card("x" * 3001), key="a")

    assert slack.asked == []


async def test_another_workspace_is_not_written_to_with_this_ones_token(
    messenger: SlackMessenger, slack: FakeSlack
) -> None:
    other = slack.workspace("T2")

    with pytest.raises(Misconfigured) as refused:
        await messenger.at("T2").post(Channel("C1"), card("hallo"), key="a")

    assert refused.value.refusal is Refusal.ACCESS
    assert other.messages == []


SPOILT: dict[str, tuple[Callable[[Workspace], object], Refusal]] = {
    "Kring is out": (lambda place: place.channels["C1"].members.remove(BOT), Refusal.OUTSIDE),
    "archived": (lambda place: setattr(place.channels["C1"], "is_archived", True), Refusal.GONE),
    "gone": (lambda place: place.channels.pop("C1"), Refusal.GONE),
    "too little scope": (lambda place: place.scopes.discard("chat:write"), Refusal.ACCESS),
    "revoked": (lambda place: setattr(place, "revoked", "token_revoked"), Refusal.ACCESS),
    "inactive": (lambda place: setattr(place, "revoked", "account_inactive"), Refusal.ACCESS),
    "another token": (lambda place: setattr(place, "token", "another"), Refusal.ACCESS),
}


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_a_channel_that_cannot_be_written_to_is_told_apart(
    messenger: SlackMessenger, place: Workspace, spoilt: str
) -> None:
    spoil, refusal = SPOILT[spoilt]
    spoil(place)

    with pytest.raises(Misconfigured) as refused:
        await messenger.post(Channel("C1"), card("hallo"), key="a")

    assert refused.value.refusal is refusal


@pytest.mark.parametrize("person", ["deleted", "is_bot"])
async def test_a_person_who_cannot_be_written_to_is_told_apart(
    messenger: SlackMessenger, place: Workspace, person: str
) -> None:
    setattr(place.user("lotte"), person, True)

    with pytest.raises(Misconfigured) as refused:
        await messenger.post(Person("lotte"), card("hallo"), key="a")

    assert refused.value.refusal is Refusal.PERSON


async def test_what_is_written_and_the_token_are_in_no_log(
    messenger: SlackMessenger, slack: FakeSlack, place: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.will(faults.refused("invalid_blocks"), on="chat.update")

    handle = await messenger.post(Channel("C1"), card("wat Lotte schreef"), key="a")
    await messenger.update(Handle("C1", slack.hook(place.id, place.messages[0])), card("wat Lotte schreef"))
    with pytest.raises(Misconfigured):
        await messenger.update(handle, card("wat Lotte schreef"))

    assert "Lotte" not in caplog.text
    assert "xoxb" not in caplog.text


async def test_what_slack_sets_for_one_workspace_is_not_sent_for_another(session: ClientSession) -> None:
    session.cookie_jar.update_cookies({"b": "T1"}, URL("https://slack.com/"))

    assert not session.cookie_jar.filter_cookies(URL("https://slack.com/"))


async def test_a_proxy_is_not_asked_for_what_is_on_this_machine(
    slack: FakeSlack, place: Workspace, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    near = clients.client(place.token or "", session, slack.api_url)
    messenger = SlackMessenger(OneWorkspace(near), place.id)
    far = clients.client(place.token or "", session, "https://slack.com/api/")

    await messenger.post(Channel("C1"), card("hallo"), key="a")
    await messenger.update(Handle("C1", slack.hook(place.id, place.messages[0])), card("dank"))
    assert [message.text for message in place.messages] == ["dank"]
    assert far.proxy == "http://127.0.0.1:9"


async def test_without_the_scope_to_read_nothing_is_found(messenger: SlackMessenger, place: Workspace) -> None:
    await messenger.post(Channel("C1"), card("hallo"), key="a")
    place.scopes.discard("channels:history")

    assert await messenger.find(Channel("C1"), "a") is None


async def test_the_missing_scope_is_named(messenger: SlackMessenger, place: Workspace) -> None:
    place.scopes.discard("im:write")

    with pytest.raises(Misconfigured, match=r"^missing_scope im:write$"):
        await messenger.post(Person("lotte"), card("hallo"), key="a")
