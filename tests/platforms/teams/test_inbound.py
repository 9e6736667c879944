"""Every kind of activity that Teams sends, and what Kring makes of it: events, or nothing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.actions import Action
from bot.chat.events import (
    Archived,
    Body,
    Commanded,
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
    User,
)
from bot.chat.payloads import Payload
from bot.domain.reference import Reference
from bot.platforms.teams import inbound, words
from bot.platforms.teams.inbound import Draft
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.scene import person, scene, tenant
from tests.platforms import records

TENANT, ELSEWHERE = "7e4a4470-0000-4000-8000-000000000001", "7e4a4470-0000-4000-8000-000000000002"
US = Registration("5e1f0c0d-0000-4000-8000-00000000c1c1", "secret", TENANT)
SERVICE = f"https://smba.trafficmanager.net/emea/{TENANT}/"
GENERAL, CHANNEL = "19:algemeen@thread.tacv2", "19:toetsen@thread.tacv2"
PRIVATE, SHARED = "19:besloten@thread.tacv2", "19:gedeeld@thread.tacv2"
GROUP, PERSONAL = "19:groep@thread.v2", "a:1lotte-en-kring"
ROOT, MESSAGE = "1795500000000", "1795500000100"
TEAM = GENERAL  # a team has the id of its channel General
SANNE, LOTTE, NOOR, DAAN = "29:1sanne", "29:1lotte", "29:1noor", "29:1daan"
HERE, DIRECT, CHAT = Place(CHANNEL), Place(PERSONAL, direct=True), Place(GROUP)
THREAD, ANYWHERE, NOBODY = Place(CHANNEL, message=ROOT), Place(""), ""
NAMED = Place(CHANNEL, "Toetsen")
IN_PRIVATE, IN_SHARED = Place(PRIVATE, "Besloten"), Place(SHARED, "Gedeeld")
OPEN, ANSWER = Action("checkin.open", 3), Action("checkin.answer", 3)
FILLED = {"text": "Peerfeedback <at>allemaal</at>", "kind": "good", "leeg": ""}
Made = tuple[str, Place, Body, str]
"""Who did it, where, what, and the team in whose channels it happened."""


def one(user: str, place: Place, body: Body, team: str = "") -> list[Made]:
    return [(user, place, body, team)]


READ: dict[str, list[Made]] = {
    "installed_in_a_channel": [
        (SANNE, NAMED, Invited(), ""), (NOBODY, NAMED, Restored(invited=True), TEAM),
    ],
    "installed_in_a_channel_bot_added": [],
    "installed_in_a_team": [
        (SANNE, Place(GENERAL, "Leerkring toetsen"), Invited(), ""),
        (NOBODY, Place(GENERAL, "Leerkring toetsen"), Restored(invited=True), TEAM),
    ],
    "installed_in_a_chat": one(SANNE, CHAT, Invited()),
    "installed_in_a_chat_bot_added": [],
    "installed_personally": [],
    "installed_personally_bot_added": [],
    "installed_by_an_app": [],
    "renewed": [],
    "removed_from_a_team": one(NOBODY, ANYWHERE, Removed(), TEAM),
    "removed_from_a_team_bot_removed": one(NOBODY, ANYWHERE, Removed(), TEAM),
    "removed_from_a_chat": one(NOBODY, CHAT, Removed()),
    "removed_personally": one(NOBODY, DIRECT, Removed()),
    "let_into_a_shared_channel": one(SANNE, IN_SHARED, Invited()),
    "let_into_a_private_channel": one(SANNE, IN_PRIVATE, Invited()),
    "put_out_of_a_shared_channel": one(NOBODY, IN_SHARED, Removed()),
    "member_joined": one(NOOR, ANYWHERE, Joined(), TEAM),
    "members_joined": [(f"29:1nieuw{number}", ANYWHERE, Joined(), TEAM) for number in range(1, 21)],
    "member_left": one(DAAN, ANYWHERE, Left(), TEAM),
    "bot_joined": [],
    "member_joined_a_chat": one(NOOR, CHAT, Joined()),
    "member_left_a_chat": one(DAAN, CHAT, Left()),
    "member_joined_a_private_channel": one(NOOR, IN_PRIVATE, Joined()),
    "member_joined_a_shared_channel": one(NOOR, IN_SHARED, Joined()),
    "stranger_joined": [],
    "stranger_joined_directly": [],
    "channel_created": [],
    "channel_renamed": one(NOBODY, Place(CHANNEL, "Toetsen en meer"), Renamed()),
    "channel_deleted": one(NOBODY, NAMED, Archived()),
    "channel_restored": one(NOBODY, NAMED, Restored()),
    "channel_shared": [],
    "team_renamed": one(NOBODY, Place(GENERAL, "Leerkring Eigentijds toetsen"), Renamed()),
    "team_archived": one(NOBODY, ANYWHERE, Archived(), TEAM),
    "team_unarchived": one(NOBODY, ANYWHERE, Restored(), TEAM),
    "team_deleted": one(NOBODY, ANYWHERE, Archived(), TEAM),
    "team_erased": one(NOBODY, ANYWHERE, Archived(), TEAM),
    "team_restored": one(NOBODY, ANYWHERE, Restored(), TEAM),
    "chat_renamed": one(NOBODY, Place(GROUP, "Wij drieën"), Renamed()),
    "mention": one(LOTTE, HERE, Commanded("energie 4 goed & druk")),
    "mention_without_words": one(LOTTE, HERE, Commanded("")),
    "mention_in_a_thread": one(LOTTE, THREAD, Commanded("peerfeedback, met @Daan")),
    "mention_in_a_sentence": [],
    "mention_of_another": [],
    "mention_twice": one(LOTTE, HERE, Commanded("wie is @Kring?")),
    "mention_in_a_chat": one(LOTTE, CHAT, Commanded("help")),
    "talk": [],
    "direct": one(LOTTE, DIRECT, Said("Een mondelinge toets & een rubric <b>, met @Daan")),
    "direct_with_a_mention": one(LOTTE, DIRECT, Said("help")),
    "direct_with_a_file": one(LOTTE, DIRECT, Said("")),
    "direct_in_english": one(LOTTE, DIRECT, Said("hi")),
    "message_of_a_bot": [],
    "message_of_a_stranger": [],
    "message_edited": [],
    "message_deleted": [],
    "reaction": [],
    "reaction_removed": [],
    "typing": [],
    "read_receipt": [],
    "meeting_started": [],
    "tap": one(LOTTE, HERE, Tapped(OPEN, ROOT)),
    "tap_in_a_thread": one(LOTTE, THREAD, Tapped(OPEN, f"{ROOT}/{MESSAGE}")),
    "tap_in_private": one(LOTTE, DIRECT, Tapped(OPEN, ROOT)),
    "tap_in_a_chat": one(LOTTE, CHAT, Tapped(OPEN, ROOT)),
    "tap_on_a_choice": one(LOTTE, HERE, Tapped(Action("rhythm.day", 1, "mo"), ROOT)),
    "tap_of_another": [],
    "tap_of_a_stranger": [],
    "tap_of_an_old_client": one(LOTTE, HERE, Tapped(OPEN, ROOT)),
    "dialog_opened": one(LOTTE, HERE, Tapped(OPEN, ROOT)),
    "dialog_sent": one(LOTTE, NAMED, Submitted(ANSWER, FILLED)),
    "dialog_of_elsewhere": [],
    "form_in_place": one(LOTTE, NAMED, Submitted(ANSWER, FILLED)),
    "form_in_private": one(LOTTE, NAMED, Submitted(ANSWER, FILLED)),
    "form_of_an_old_client": one(LOTTE, NAMED, Submitted(ANSWER, FILLED)),
    "form_of_another": [],
    "search": [],
    "feedback": [],
}  # fmt: skip
WAYS = {
    "tap": "execute", "dialog_opened": "fetch", "dialog_sent": "submit", "form_in_place": "execute",
    "form_in_private": "execute", "tap_of_an_old_client": "chat", "form_of_an_old_client": "chat", "direct": "",
}  # fmt: skip


def recorded(name: str) -> dict[str, Any]:
    return records.recorded("teams", name)


def read(activity: Payload) -> tuple[Draft, ...]:
    return inbound.read(activity, US)


def test_every_recorded_activity_is_read() -> None:
    assert records.names("teams") == set(READ)


@pytest.mark.parametrize("name", READ)
def test_an_activity_becomes_events_or_nothing(name: str) -> None:
    assert [(draft.user.id, draft.place, draft.body, draft.team) for draft in read(recorded(name))] == READ[name]


@pytest.mark.parametrize("name", [name for name, made in READ.items() if made])
def test_the_same_activity_has_the_same_ids_and_another_has_others(name: str) -> None:
    activity = recorded(name)

    first = [draft.id for draft in read(activity)]
    again = [draft.id for draft in read({**json.loads(json.dumps(activity)), "timestamp": "2026-11-23T08:00:15Z"})]
    other = [draft.id for draft in read({**activity, "id": "f:other"})]

    assert first == again
    assert len({*first, *other}) == len(first) + len(other)


def test_an_id_says_nothing_outside_its_conversation() -> None:
    here, there = recorded("mention"), recorded("mention")
    there["conversation"]["id"] = there["conversation"]["id"].replace("toetsen", "elders")

    assert read(here)[0].id != read(there)[0].id


def test_an_activity_without_an_id_is_known_by_all_that_it_says() -> None:
    activity = {key: value for key, value in recorded("direct").items() if key != "id"}

    first, again, other = read(activity), read(activity), read({**activity, "text": "iets anders"})

    assert first[0].id == again[0].id != other[0].id


@pytest.mark.parametrize("name", WAYS)
def test_a_gesture_says_how_it_came_in(name: str) -> None:
    assert read(recorded(name))[0].way == WAYS[name]


def test_a_button_is_a_button_whatever_text_a_client_puts_beside_it() -> None:
    tapped = recorded("tap_of_an_old_client")

    (plain,), (with_text,) = read(tapped), read({**tapped, "text": "|EMPTY|"})  # seen on Android: msteams-docs 13461

    assert with_text == plain


def test_a_form_brings_itself_along_to_be_shown_again() -> None:
    sent = read(recorded("dialog_sent"))[0].sent

    assert sent
    assert (sent.form.title, sent.way, len(sent.form.inputs)) == ("Jouw antwoord", "dialog", 3)


def test_a_form_cannot_bring_what_no_store_could_keep() -> None:
    activity = recorded("form_in_private")
    ours = activity["value"]["action"]["data"]["kring"]

    ours["place"] = json.dumps(["19:a@thread.tacv2", "Toe\u0000tsen\ud800", "", "x\u0000y"])
    kept = read(activity)
    ours["place"] = json.dumps(["19:a\u0000@thread.tacv2", "", "", "nergens heen"])
    odd = read(activity)

    assert [draft.place for draft in kept] == [Place("19:a@thread.tacv2", "Toetsen", message="xy")]
    assert [draft.place.message for draft in odd] == [None]


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("direct", User(LOTTE, "Lotte Visser", "nl", "Europe/Amsterdam")),
        ("direct_in_english", User(LOTTE, "Lotte Visser", "en", "Europe/Amsterdam")),
        ("installed_in_a_chat", User(SANNE, "", "nl", "Europe/Amsterdam")),
        ("member_joined", User(NOOR, "")),
        ("message_of_a_stranger", None),
        ("message_of_a_bot", None),
    ],
)
def test_people_are_known_with_what_their_client_says(name: str, user: User | None) -> None:
    activity = recorded(name)

    drafts = read(activity)

    assert (drafts[0].user if drafts else person(activity, TENANT)) == user


@pytest.mark.parametrize(
    ("said", "language", "zone"),
    [
        ({"locale": "nl"}, "nl", "Europe/Amsterdam"), ({"locale": "de-DE"}, None, "Europe/Amsterdam"),
        ({"locale": 7}, "nl", "Europe/Amsterdam"), ({"locale": "", "localTimezone": ""}, "nl", "Europe/Amsterdam"),
        ({"localTimezone": "Mars/Olympus"}, "nl", None), ({"localTimezone": "../../etc/passwd"}, "nl", None),
        ({"entities": [], "locale": "EN_us", "localTimezone": "america/new_york"}, None, "America/New_York"),
        ({"entities": "x", "locale": "EN-us"}, "en", "Europe/Amsterdam"),
    ],
)  # fmt: skip
def test_a_language_or_zone_that_kring_does_not_know_is_none(
    said: dict[str, Any], language: str | None, zone: str | None
) -> None:
    user = person({**recorded("direct"), **said}, TENANT)

    assert user
    assert (user.language, user.timezone) == (language, zone)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("mention", Reference(CHANNEL, SERVICE, TEAM)),
        ("installed_in_a_channel", Reference(CHANNEL, SERVICE, TEAM, name="Toetsen")),
        ("installed_in_a_team", Reference(GENERAL, SERVICE, TEAM, name="Leerkring toetsen")),
        ("let_into_a_shared_channel", Reference(SHARED, SERVICE, name="Gedeeld")),
        ("let_into_a_private_channel", Reference(PRIVATE, SERVICE, name="Besloten")),
        ("mention_in_a_chat", Reference(GROUP, SERVICE)),
        ("direct", Reference(PERSONAL, SERVICE, user_id=LOTTE)),
    ],
)
def test_an_activity_says_how_its_conversation_is_reached(name: str, reference: Reference) -> None:
    activity = recorded(name)

    assert scene(activity).reference(person(activity, TENANT).id) == reference  # type: ignore[union-attr]  # people


def test_the_tenant_stands_in_two_places() -> None:
    activity = recorded("mention")

    del activity["channelData"]["tenant"]
    of_conversation = tenant(activity)
    del activity["conversation"]["tenantId"]

    assert (of_conversation, tenant(activity)) == (TENANT, "")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ('<at>Daan</at> en <at id="0">Noor</at>', "@Daan en @Noor"), ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("a < b > c", "a < b > c"), ("\r\n&nbsp;hoi\xa0\n", "hoi"), ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("<at>open", "<at>open"),
    ],
)  # fmt: skip
def test_words_are_read_as_their_writer_saw_them(written: str, seen: str) -> None:
    assert words.readable(written) == seen


def test_no_text_takes_long_to_read() -> None:
    hostile = "<at>" * 20_000 + "<at " * 20_000

    assert words.readable(hostile) == hostile.strip()


def spoiled() -> st.SearchStrategy[dict[str, Any]]:
    """Something of Teams's with some of its parts replaced by anything at all."""
    return records.spoiled("teams", READ)


@settings(max_examples=400, deadline=None)
@given(activity=spoiled())
def test_an_activity_of_any_shape_is_read_or_dropped_and_never_fails(activity: dict[str, Any]) -> None:
    drafts = read(activity)

    assert all(draft.id for draft in drafts)
    assert len({draft.id for draft in drafts}) == len(drafts)


@settings(max_examples=200, deadline=None)
@given(activity=st.dictionaries(st.sampled_from(["type", "id", "from", "conversation", "value", "text"]), records.JSON))
def test_anything_at_all_is_no_activity_of_ours(activity: dict[str, Any]) -> None:
    assert read(activity) == ()
