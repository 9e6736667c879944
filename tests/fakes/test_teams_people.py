"""People in the pretend Teams: what they do is told as Teams tells it, and they see what their client would show."""

from urllib.parse import quote

import pytest
from botbuilder.schema import Activity

from tests.fakes.teams import checks
from tests.fakes.teams.answers import MESSAGE, UnknownAnswer
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.methods import THREAD
from tests.fakes.teams.sides import BUTTONS, FORM, PLACE, QUESTION, App, Bot, card, execute, message, submit, words
from tests.fakes.teams.taps import Client, NotSent
from tests.fakes.teams.ways import UNTOLD, Answered
from tests.fakes.teams.world import BOT, ELSEWHERE, TENANT, WRONG, Json, User, World, channel


async def test_a_mention_is_told_and_other_talk_is_not(hand: Hand, kring: App, world: World) -> None:
    talk = await hand.say("lotte", "zomaar wat", PLACE)
    await hand.say("lotte", "@Kring help", PLACE)
    await hand.say("daan", "@Kring <b> & c", PLACE, world.messages[1].id)

    first, second = kring.heard
    assert talk == UNTOLD
    assert first["text"] == "<at>Kring</at> help\n"
    assert first["entities"][0]["mentioned"]["id"] == BOT
    assert "http://schema.skype.com/Mention" in first["attachments"][0]["content"]
    assert first["conversation"]["id"] == f"{PLACE}{THREAD}{world.messages[1].id}"
    assert (first["localTimezone"], first["entities"][1]["timezone"]) == ("Europe/Amsterdam", "Europe/Amsterdam")
    assert second["conversation"]["id"] == first["conversation"]["id"]
    assert second["text"] == "<at>Kring</at> <b> & c\n"


async def test_comings_and_goings_are_told_as_teams_does(hand: Hand, kring: App, world: World) -> None:
    team, place = world.teams[channel("toets")], world.conversations[PLACE]
    for name in ("noor", "bram"):
        world.add_user(User(name, name.title()))
    chat = world.add_chat("borrel", "lotte", "daan")

    await hand.install("lotte", team, PLACE)
    await hand.install_personal("lotte")
    await hand.add_to_chat("lotte", chat)
    await hand.join(team.id, "noor", "bram")
    await hand.leave(chat.id, "daan")
    await hand.create_channel("lotte", team, "nieuw")
    await hand.rename_channel("lotte", place, "Anders")
    await hand.archive_team("lotte", team)
    await hand.uninstall("lotte", team)

    kinds = [one["channelData"].get("eventType", one["type"]) for one in kring.heard]
    assert kinds == [
        "installationUpdate", "teamMemberAdded", "conversationUpdate", "installationUpdate", "conversationUpdate",
        "installationUpdate", "teamMemberAdded", "conversationUpdate", "channelCreated", "channelRenamed",
        "teamArchived", "teamMemberRemoved", "installationUpdate",
    ]  # fmt: skip
    installed, added, *_ = kring.heard
    assert installed["conversation"]["id"] == added["conversation"]["id"] == PLACE
    assert added["channelData"]["settings"] == {"selectedChannel": {"id": PLACE}}
    assert kring.heard[6]["conversation"]["id"] == team.id
    assert kring.heard[6]["membersAdded"] == [
        {"id": world.users[name].id, "aadObjectId": world.users[name].aad} for name in ("noor", "bram")
    ]
    assert kring.heard[9]["channelData"]["channel"] == {"id": PLACE, "name": "Anders"}
    for told in kring.heard:  # what Microsoft's own schema reads without an error
        assert Activity().deserialize(told).type == told["type"]


async def test_a_channel_of_its_own_members_is_told_of_as_such(hand: Hand, kring: App, world: World) -> None:
    team = world.teams[channel("toets")]
    shared = world.add_channel(team, "gedeeld", "lotte", kind="shared")
    world.add_user(User("elders", "Els Elders", tenant=ELSEWHERE))

    await hand.let_in("lotte", shared)
    await hand.join(shared.id, "elders", by="lotte")
    await hand.say("elders", "@Kring help", shared.id)
    world.tells_tenants = False
    await hand.say("elders", "@Kring help", shared.id)

    added, joined, said, quiet = kring.heard
    assert (added["conversation"]["id"], added["membersAdded"]) == (shared.id, [{"id": BOT}])
    assert (joined["channelData"]["eventType"], joined["conversation"]["id"]) == ("channelMemberAdded", shared.id)
    assert said["channelData"]["channel"] == {"id": shared.id, "type": "shared"}
    assert joined["channelData"]["team"]["name"] == team.name
    assert said["from"]["tenantId"] == ELSEWHERE
    assert said["channelData"]["tenant"] == {"id": TENANT}
    assert "tenantId" not in quiet["from"]


async def test_reactions_edits_and_deletes_are_told(hand: Hand, kring: App, bot: Bot, world: World) -> None:
    post = await bot.card(card(words("vraag")))
    await hand.react("lotte", post)
    await hand.say("lotte", "hallo")
    said = world.messages[-1]
    await hand.edit("lotte", said, "hallo daar")
    await hand.delete("lotte", said)

    assert [one["type"] for one in kring.heard] == ["messageReaction", "message", "messageUpdate", "messageDelete"]
    assert kring.heard[0]["replyToId"] == post.id
    assert kring.heard[2]["channelData"]["eventType"] == "editMessage"
    assert world.seen("lotte") == []


async def test_a_card_in_answer_to_a_tap_is_seen_by_who_tapped(hand: Hand, kring: App, bot: Bot) -> None:
    post = await bot.card(BUTTONS)
    kring.answer = {"statusCode": 200, "type": checks.ADAPTIVE, "value": card(words("alleen voor jou"))}

    await hand.tap("lotte", post, "Tik")

    (tap,) = kring.heard
    assert (tap["type"], tap["name"], tap["replyToId"]) == ("invoke", "adaptiveCard/action", post.id)
    assert tap["conversation"]["id"] == f"{PLACE}{THREAD}{post.id}"
    assert tap["value"] == {
        "action": {"type": "Action.Execute", "title": "Tik", "verb": "do", "data": {"kring": {"a": 1}}},
        "trigger": "manual",
    }
    assert post.card_for("lotte") == card(words("alleen voor jou"))
    assert post.card_for("daan") == BUTTONS
    await bot.call("PUT", f"/{quote(PLACE, safe='')}/activities/{post.id}", message(card(words("voor allen"))))
    assert post.card_for("lotte") == post.card_for("daan") == card(words("voor allen"))


async def test_a_choice_is_made_and_the_button_behind_it_tapped(hand: Hand, kring: App, bot: Bot) -> None:
    kring.answer = {"statusCode": 200, "type": MESSAGE, "value": "Genoteerd"}

    await hand.tap("lotte", await bot.card(BUTTONS), "Dinsdag")

    action = kring.heard[0]["value"]["action"]
    assert (action["title"], action["data"]) == ("Kies", {"kring": {"a": 1}, "day": "tu"})
    assert hand.world.notices == {"lotte": ["Genoteerd"]}


async def test_an_old_client_sends_what_stands_in_for_an_execute(hand: Hand, kring: App, bot: Bot) -> None:
    hand.client = Client(execute=False, dialogs=False)
    post = await bot.card(BUTTONS)

    await hand.tap("lotte", post, "Tik")
    await hand.tap("lotte", post, "Open")

    tap, opens = kring.heard
    assert (tap["type"], tap["value"], "text" in tap) == ("message", {"kring": {"a": 1}}, False)
    assert tap["replyToId"] == post.id
    assert opens["value"]["msteams"] == {"type": "task/fetch"}
    with pytest.raises(AssertionError, match="nothing to tap"):
        await hand.tap("lotte", post, "Kies")


async def test_a_dialog_opens_is_refused_and_closes(hand: Hand, kring: App, bot: Bot, world: World) -> None:
    def shown(content: Json) -> Json:
        value = {"title": "Formulier", "height": "medium", "card": {"contentType": checks.ADAPTIVE, "content": content}}
        return {"task": {"type": "continue", "value": value}}

    kring.answer = shown(FORM)
    await hand.tap("lotte", await bot.card(BUTTONS), "Open")
    with pytest.raises(NotSent) as empty:
        await hand.submit("lotte", {})
    refused = card(words("Dat is te kort."), QUESTION, actions=[submit("Verstuur")])
    kring.answer = shown(refused)
    await hand.submit("lotte", {"text": "x"})
    again = world.dialogs["lotte"].card
    kring.answer = None
    await hand.submit("lotte", {"text": "veel geleerd"})

    assert empty.value.errors == {"input.text": "Vul iets in."}
    fetch, first, second = kring.heard
    assert (fetch["name"], fetch["value"]["data"]["msteams"]) == ("task/fetch", {"type": "task/fetch"})
    assert (first["name"], first["value"]["context"]) == ("task/submit", {"theme": "default"})
    assert second["value"]["data"] == {"kring": {"a": 1}, "input.text": "veel geleerd"}
    assert again == refused
    assert (world.dialogs, world.notices) == ({}, {})


async def test_a_form_in_a_card_is_filled_in(hand: Hand, kring: App, bot: Bot, world: World) -> None:
    post = await bot.card(card(QUESTION, actions=[execute("Verstuur")]), world.personal("lotte").id)
    kring.answer = {"statusCode": 200, "type": checks.ADAPTIVE, "value": card(words("dank"))}

    await hand.submit("lotte", {"text": "veel"})

    assert kring.heard[0]["value"]["action"]["data"]["input.text"] == "veel"
    assert post.card_for("lotte") == card(words("dank"))


@pytest.mark.parametrize("label", ["Tik", "Open"])
@pytest.mark.parametrize(("status", "answer"), [(500, None), (503, None), (400, {"x": 1}), (200, None)], ids=str)
async def test_a_bad_response_is_told_to_who_tapped(
    hand: Hand, kring: App, bot: Bot, label: str, status: int, answer: object
) -> None:
    kring.status, kring.answer = status, answer

    await hand.tap("lotte", await bot.card(BUTTONS), label)

    assert hand.wrong("lotte")
    assert hand.world.notices["lotte"] == [WRONG]


async def test_an_empty_message_is_no_answer(hand: Hand, kring: App, bot: Bot) -> None:
    kring.answer = {"statusCode": 200, "type": MESSAGE, "value": ""}

    await hand.tap("lotte", await bot.card(BUTTONS), "Tik")

    assert hand.wrong("lotte")


@pytest.mark.parametrize(
    ("label", "answer"),
    [
        ("Tik", {"status": 200}),
        ("Tik", {"statusCode": 200, "type": checks.ADAPTIVE, "value": card(words(""))}),
        ("Tik", {"task": {"type": "continue", "value": {}}}),
        ("Open", {"task": {"type": "continue", "value": {"title": "x", "card": FORM}}}),
        ("Open", {"task": {"type": "carry on", "value": "x"}}),
        ("Open", {"statusCode": 200, "type": MESSAGE, "value": "x"}),
    ],
    ids=str,
)
async def test_a_response_without_meaning_is_refused(
    hand: Hand, kring: App, bot: Bot, label: str, answer: object
) -> None:
    kring.answer = answer

    with pytest.raises(UnknownAnswer):
        await hand.tap("lotte", await bot.card(BUTTONS), label)


async def test_who_does_not_answer_in_time_went_wrong(hand: Hand, kring: App, bot: Bot) -> None:
    kring.silent, hand.way.seconds = True, 0.05

    answer = await hand.tap("lotte", await bot.card(BUTTONS), "Tik")

    assert answer == Answered(504)
    assert hand.wrong("lotte")
