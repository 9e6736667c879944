"""Every kind of payload that Slack sends, and what Kring makes of it: an event, or nothing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncBoltRequest

from bot.chat import payloads
from bot.chat.actions import Action
from bot.chat.events import (
    Archived,
    Body,
    Changed,
    Commanded,
    Invited,
    Joined,
    Left,
    Opened,
    Place,
    Removed,
    Renamed,
    Restored,
    Said,
    Submitted,
    Tapped,
    Uninstalled,
)
from bot.platforms.slack import inbound, words
from bot.platforms.slack.inbound import Draft
from tests.platforms import records

BOT = "UKRING"
NOW = inbound._moment(1795500000)
assert NOW
HERE, PRIVATE, GROUP = Place("C1"), Place("D1", direct=True), Place("G1")
NAMED = Place("C1", "toetsen")
ROOT, ABOVE = "1795500000.000100", "1795500000.000150"
ADDRESS = "https://hooks.slack.com/actions/T1/1/x"
WORDS = "Een <mondelinge> toets & een rubric, met @Daan en https://a.nl"
OPEN = Action("checkin.open", 3)
FILLED = {"text": "Peerfeedback <!channel>", "when": "2026-12-01", "kind": "good", "leeg": ""}
FORM_PLACE = Place("C1", "toetsen", message=ROOT)
HOME = Place("home:U1", direct=True)
NOBODY = ""

READ: dict[str, tuple[str, Place, Body] | None] = {
    "invited": ("U1", HERE, Invited()),
    "invited_by_nobody": (NOBODY, HERE, Invited()),
    "joined": ("U1", HERE, Joined()),
    "left": ("U1", HERE, Left()),
    "kring_left": (NOBODY, HERE, Removed()),
    "channel_left": (NOBODY, HERE, Removed()),
    "group_left": (NOBODY, HERE, Removed()),
    "mention": ("U1", HERE, Commanded("energie 4")),
    "mention_in_a_thread": ("U1", Place("C1", message=ROOT), Commanded("help")),
    "mention_in_a_sentence": None,
    "mention_edited": None,
    "direct": ("U1", PRIVATE, Said(WORDS)),
    "direct_in_a_thread": ("U1", PRIVATE, Said(WORDS)),
    "direct_with_a_mention": ("U1", PRIVATE, Said("help")),
    "direct_with_a_file": ("U1", PRIVATE, Said("zie foto")),
    "reply": ("U1", Place("C1", message=ROOT), Said(WORDS)),
    "reply_also_in_the_channel": ("U1", Place("C1", message=ROOT), Said(WORDS)),
    "reply_with_a_mention": None,
    "reply_to_somebody_else": None,
    "talk": None,
    "talk_edited": None,
    "talk_deleted": None,
    "our_own_message": None,
    "message_of_a_bot": None,
    "message_by_an_app_for_a_person": None,
    "tap": ("U1", NAMED, Tapped(OPEN, ROOT)),
    "tap_in_a_thread": ("U1", Place("C1", "toetsen", message=ROOT), Tapped(OPEN, ABOVE)),
    "tap_in_private": ("U1", PRIVATE, Tapped(OPEN, ROOT)),
    "tap_on_a_whisper": ("U1", NAMED, Tapped(OPEN, ADDRESS)),
    "tap_on_a_choice": ("U1", HERE, Tapped(Action("rhythm.day", 1, "mo"), ROOT)),
    "tap_on_home": ("U1", HOME, Tapped(OPEN)),
    "tap_on_a_link": None,
    "form": ("U1", FORM_PLACE, Submitted(Action("checkin.answer", 3), FILLED)),
    "form_of_another": None,
    "form_closed": None,
    "command": ("U1", NAMED, Commanded("energie 4 goed & druk")),
    "command_in_private": ("U1", PRIVATE, Commanded("")),
    "command_in_a_private_channel": ("U1", GROUP, Commanded("help")),
    "command_certificate_check": None,
    "home_opened": ("U1", HOME, Opened()),
    "messages_opened": None,
    "changed": ("U1", Place("", direct=True), Changed()),
    "changed_to_inactive": ("U1", Place("", direct=True), Changed(active=False)),
    "changed_bot": ("U9", Place("", direct=True), Changed()),
    "renamed": (NOBODY, Place("C1", "anders"), Renamed()),
    "group_renamed": (NOBODY, Place("G1", "anders"), Renamed()),
    "archived": (NOBODY, HERE, Archived()),
    "group_archived": (NOBODY, GROUP, Archived()),
    "deleted": (NOBODY, HERE, Archived()),
    "group_deleted": (NOBODY, GROUP, Archived()),
    "unarchived": (NOBODY, HERE, Restored()),
    "group_unarchived": (NOBODY, GROUP, Restored()),
    "uninstalled": (NOBODY, Place(""), Uninstalled(NOW)),
    "key_revoked": (NOBODY, Place(""), Uninstalled(NOW)),
    "key_of_a_person_revoked": None,
    "message_shortcut": ("U1", Place("C1", "toetsen", message="1795500000.000200"), Tapped(Action("home.open", 3))),
    "shortcut": ("U1", HOME, Tapped(Action("home.open", 3))),
    "shortcut_unknown": None,
    # Who these are is not in the payload: it is looked up, and tests/platforms/slack/test_listening.py sees to it.
    "guest_joined": ("UGUEST", HERE, Joined()),
    "stranger_joined": ("USTRANGE", HERE, Joined()),
    "stranger_replied": ("USTRANGE", Place("C1", message=ROOT), Said(WORDS)),
    "stranger_tapped": ("USTRANGE", NAMED, Tapped(OPEN, ROOT)),
    "bot_joined": ("UBOT2", HERE, Joined()),
    "grid_mention": ("W1", HERE, Commanded("help")),
    "grid_command": ("W1", NAMED, Commanded("energie 4 goed & druk")),
    "grid_tap": ("W1", NAMED, Tapped(OPEN, ROOT)),
    "grid_form_without_a_team": ("W1", FORM_PLACE, Submitted(Action("checkin.answer", 3), FILLED)),
}


def recorded(name: str) -> dict[str, Any]:
    return records.recorded("slack", name)


def read(payload: payloads.Payload) -> Draft | None:
    return inbound.read(payload, BOT, {"U2": "Daan"}.get)  # type: ignore[arg-type]  # None is as good as nothing here


def test_every_recorded_payload_is_read() -> None:
    assert records.names("slack") == set(READ)


@pytest.mark.parametrize("name", READ)
def test_a_payload_becomes_an_event_or_nothing(name: str) -> None:
    draft = read(recorded(name))

    assert (draft and (draft.user, draft.place, draft.body)) == READ[name]


@pytest.mark.parametrize("name", [name for name, made in READ.items() if made])
def test_the_same_payload_has_the_same_id_and_another_has_another(name: str) -> None:
    payload = recorded(name)
    other = {**payload, "event_id": "Ev2"} if "event_id" in payload else {**payload, "trigger_id": "2.2.b"}

    first, again, second = read(payload), read(json.loads(json.dumps(payload))), read(other)

    assert first
    assert again
    assert second
    assert first.id == again.id != second.id
    assert "12466734323" not in first.id


@pytest.mark.parametrize("name", ["command", "tap", "form", "message_shortcut"])
def test_a_gesture_without_a_trigger_is_known_by_all_that_it_says(name: str) -> None:
    payload = {key: value for key, value in recorded(name).items() if key != "trigger_id"}

    first, again, other = read(payload), read(payload), read({**payload, "action_ts": "2"})

    assert first
    assert again
    assert other
    assert first.id == again.id != other.id
    assert first.trigger == ""


@pytest.mark.parametrize(
    ("name", "workspace"),
    [
        ("mention", "T1"), ("command", "T1"), ("tap", "T1"), ("form", "T1"), ("stranger_replied", "T1"),
        ("grid_mention", "E1/T1"), ("grid_command", "E1/T1"), ("grid_tap", "E1/T1"),
        ("grid_form_without_a_team", "E1/T1"),
    ],
)  # fmt: skip
def test_the_workspace_is_the_one_that_let_kring_in(name: str, workspace: str) -> None:
    payload = recorded(name)
    context = AsyncBoltRequest(body=payload, mode="socket_mode").context

    named = inbound.workspace(
        payload, context.enterprise_id or "", org_wide=context.is_enterprise_install is True, team=context.team_id or ""
    )

    assert named == workspace


def test_an_organisation_without_a_workspace_is_nowhere() -> None:
    assert inbound.workspace({"team_id": None}, "E1", org_wide=True) == ""


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("<@U2>", "@Daan"), ("<@U3>", "@U3"), ("<@U3|kees>", "@kees"), ("<#C1|toetsen>", "#toetsen"),
        ("<#C1>", "#C1"), ("<!here>", "@here"), ("<!subteam^S1|@team>", "@team"), ("<https://a.nl>", "https://a.nl"),
        ("<https://a.nl|zie hier>", "zie hier (https://a.nl)"), ("<mailto:a@b.nl|a@b.nl>", "a@b.nl"),
        ("&lt;@U2&gt; &amp;amp; ~x~", "<@U2> &amp; ~x~"), ("a < b > c", "a < b > c"),
    ],
)  # fmt: skip
def test_words_are_read_as_their_writer_saw_them(written: str, seen: str) -> None:
    assert words.readable(written, lambda user: {"U2": "Daan"}.get(user, "")) == seen


def test_what_no_store_could_keep_is_left_out() -> None:
    assert payloads.text({"a": "x\x00y\ud800z"}, "a") == "xyz"
    assert payloads.identity({"a": "x y"}, "a") == ""


def spoiled() -> st.SearchStrategy[dict[str, Any]]:
    """Something of Slack's with some of its parts replaced by anything at all."""
    return records.spoiled("slack", READ)


@settings(max_examples=300, deadline=None)
@given(payload=spoiled())
def test_a_payload_of_any_shape_is_read_or_dropped_and_never_fails(payload: dict[str, Any]) -> None:
    draft = read(payload)

    assert draft is None or draft.id
