"""The pretend Teams refuses what the real one refuses, and signs as it does."""

import asyncio
import re
import sys
import time
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from aiohttp import ClientConnectionError, ClientSession

from tests.fakes.teams import faults, issuer
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.methods import THREAD
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.sides import PLACE, QUESTION, TEXT, App, Bot, card, execute, message, submit, words
from tests.fakes.teams.ways import Way
from tests.fakes.teams.world import APP_ID, BOT, ELSEWHERE, TENANT, Json, User, World, channel
from tests.project.sizes import ROOT


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer[0], answer[1]["error"]["code"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (card({"type": "TextBlok", "text": "x"}), r"body\[0\]"),
        (card({"type": "TextBlock", "text": "x", "wrapp": True}), r"body\[0\]"),
        (card(words("")), "empty TextBlock"),
        ({"type": "AdaptiveCard", "body": []}, "version None"),
        (card(actions=[execute(f"{number}") for number in range(7)]), "7 actions"),
        (card(QUESTION, QUESTION), "two inputs"),
        (card({"type": "Input.Text"}), r"body\[0\]"),
        (card({"type": "Image", "url": "http://example.org/a.png"}), "https"),
        (card(actions=[{"type": "Action.Execute", "title": "Tik"}]), "verb"),
        (card(actions=[submit("Tik", msteams={"type": "imBack"})]), "msteams"),
        (card(msteams={"wide": True}), "msteams.wide"),
    ],
    ids=range(11),
)
async def test_a_card_that_teams_refuses_is_refused(bot: Bot, content: Json, why: str) -> None:
    answer = await bot.post(message(content))

    assert code(answer) == (400, "BadSyntax")
    assert re.search(why, answer[1]["error"]["message"])


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"type": "message"},
        {"type": "trace", "text": "x"},
        {**TEXT, "txt": "x"},
        {**TEXT, "textFormat": "html"},
        {**TEXT, "attachments": [{"contentType": "application/pdf"}]},
        {**TEXT, "entities": [{"type": "mention", "text": "<at>An</at>", "mentioned": {"id": "29:1an"}}]},
    ],
    ids=str,
)
async def test_an_activity_that_is_none_is_refused(bot: Bot, body: object) -> None:
    assert code(await bot.post(body)) == (400, "BadSyntax")


async def test_what_the_bot_may_not_do_is_refused(bot: Bot, world: World) -> None:
    other = world.add_chat("borrel", "lotte")
    chat = world.personal("daan")
    chat.blocked = True
    gone = world.personal("lotte")
    gone.uninstalled = True

    assert code(await bot.post(TEXT, channel("nergens"))) == (404, "ConversationNotFound")
    assert code(await bot.post(TEXT, other.id)) == (403, "BotNotInConversationRoster")
    assert code(await bot.post(TEXT, chat.id)) == (403, "ConversationBlockedByUser")
    assert code(await bot.post({**TEXT, "text": "é" * 52_000})) == (413, "MessageSizeTooBig")
    assert code(await bot.post(TEXT, f"{chat.id}{THREAD}1")) == (400, "BadArgument")
    assert code(await bot.post(TEXT, f"{PLACE}{THREAD}1")) == (404, "ConversationNotFound")
    status, told = await bot.post(TEXT, gone.id)
    assert (status, told["errorCode"]) == (403, 209)
    assert not world.log


async def test_a_team_that_is_archived_or_deleted_takes_no_messages(bot: Bot, world: World) -> None:
    team = world.teams[channel("toets")]

    team.archived = True
    archived = await bot.post(TEXT)
    team.deleted = True
    deleted = await bot.post(TEXT)

    assert archived[0] == 403
    assert code(deleted) == (404, "ConversationNotFound")


async def test_a_call_without_a_good_token_is_refused(bot: Bot, teams: FakeTeams) -> None:
    good, bot.token = bot.token, ""
    without = await bot.post(TEXT)
    bot.token = "another"
    wrong = await bot.post(TEXT)
    bot.token = good
    teams.tokens.expire()
    expired = await bot.post(TEXT)

    assert [code(one) for one in (without, wrong, expired)] == [(401, "Unauthorized")] * 3


async def test_the_token_is_for_who_has_the_password(bot: Bot, teams: FakeTeams) -> None:
    answers = [
        await bot.login(client_secret="guessed"), await bot.login(client_id="another"),
        await bot.login(tenant=ELSEWHERE), await bot.login(scope="https://graph.microsoft.com/.default"),
    ]  # fmt: skip

    assert [(status, told["error"]) for status, told in answers] == [
        (401, "invalid_client"), (400, "unauthorized_client"), (400, "invalid_request"), (400, "invalid_scope"),
    ]  # fmt: skip
    assert teams.tokens.fetched == 1
    assert teams.asked.count("token") == 5


async def test_a_thread_is_made_answered_updated_and_deleted(bot: Bot, world: World) -> None:
    _, made = await bot.create(
        {"isGroup": True, "bot": {"id": BOT}, "channelData": {"channel": {"id": PLACE}}, "activity": TEXT}
    )
    root = made["activityId"]
    thread = f"{PLACE}{THREAD}{root}"
    assert made["id"] == thread

    _, reply = await bot.post({**TEXT, "text": "antwoord"}, thread)
    _, below = await bot.call("POST", f"/{quote(PLACE, safe='')}/activities/{root}", {**TEXT, "text": "ook"})
    await bot.call("PUT", f"/{quote(thread, safe='')}/activities/{reply['id']}", {**TEXT, "text": "anders"})
    lost = await bot.call("PUT", f"/{quote(PLACE, safe='')}/activities/{reply['id']}", TEXT)
    await bot.call("DELETE", f"/{quote(thread, safe='')}/activities/{below['id']}")
    again = await bot.call("DELETE", f"/{quote(thread, safe='')}/activities/{below['id']}")

    assert [one.text for one in world.seen("daan", PLACE)] == ["hallo", "anders"]
    assert [one.what for one in world.log] == ["post", "reply", "reply", "update", "delete"]
    assert code(lost) == code(again) == (404, "ActivityNotFoundInConversation")


async def test_a_text_beside_a_card_becomes_two_messages_without_an_id(bot: Bot, world: World) -> None:
    status, told = await bot.post({**message(card(words("kaart"))), "text": "en tekst"})

    assert (status, told) == (201, {})
    assert [bool(one.card) for one in world.messages] == [False, True]


async def test_a_message_of_someone_else_is_theirs(bot: Bot, hand: Hand, world: World) -> None:
    await hand.say("lotte", "van mij", PLACE)
    (said,) = world.messages

    answer = await bot.call("PUT", f"/{quote(PLACE, safe='')}/activities/{said.id}", TEXT)

    assert code(answer) == (403, "Forbidden")


async def test_a_personal_chat_is_opened_with_who_is_known_and_no_one_else(bot: Bot, world: World) -> None:
    world.add_user(User("vreemd", "Vreemd"))
    who = {"bot": {"id": BOT}, "tenantId": TENANT}

    status, made = await bot.create({**who, "members": [{"id": world.users["lotte"].id}]})
    await bot.post(TEXT, made["id"])

    assert (status, [one.text for one in world.seen("lotte")]) == (201, ["hallo"])
    assert world.seen("daan", made["id"]) == world.seen("vreemd") == []
    for members, refusal in (
        ([{"id": world.users["vreemd"].id}], (403, "BotNotInConversationRoster")),
        ([{"id": world.users["lotte"].aad}], (400, "BadArgument")),
        ([], (400, "BadSyntax")),
    ):
        assert code(await bot.create({**who, "members": members})) == refusal
    elsewhere = {**who, "tenantId": ELSEWHERE, "members": [{"id": world.users["lotte"].id}]}
    assert code(await bot.create(elsewhere)) == (403, "Forbidden")


async def test_members_are_told_a_page_at_a_time(bot: Bot, teams: FakeTeams, world: World) -> None:
    world.add_user(User("gast", "Gast Vrij", guest=True, tenant=ELSEWHERE))
    team = world.teams[channel("toets")]
    team.members.append("gast")
    apart = world.add_channel(team, "apart", "lotte", kind="private")
    apart.has_bot = apart.hidden = True
    teams.page = 2

    path = f"/{quote(PLACE, safe='')}/pagedmembers"
    _, first = await bot.call("GET", path, pageSize="10")
    _, second = await bot.call("GET", path, continuationToken=first["continuationToken"])
    bad = await bot.call("GET", path, continuationToken="x")
    _, one = await bot.call("GET", f"/{quote(PLACE, safe='')}/members/{world.users['gast'].aad}")
    hidden = await bot.call("GET", f"/{quote(apart.id, safe='')}/pagedmembers")
    nobody = await bot.call("GET", f"/{quote(PLACE, safe='')}/members/29:1niemand")

    assert [len(page["members"]) for page in (first, second)] == [2, 1]
    assert "continuationToken" not in second
    assert (one["name"], one["userRole"], one["tenantId"]) == ("Gast Vrij", "guest", ELSEWHERE)
    assert code(hidden) == (403, "NotEnoughPermissions")
    assert code(bad) == (400, "BadArgument")
    assert code(nobody) == (404, "MemberNotFoundInConversation")


async def test_a_bad_day_plays_once(bot: Bot, teams: FakeTeams, world: World) -> None:
    days = (faults.limited("3"), faults.precondition(), faults.broken(504), faults.page(), faults.slow(0.01))
    teams.will(*days, on="post")

    statuses = [(await bot.post(TEXT))[0] for _ in range(6)]

    assert statuses == [429, 412, 504, 502, 201, 201]
    assert len(world.messages) == 2


@pytest.mark.parametrize("fault", [faults.cut(), faults.hang()], ids=["cut", "hang"])
async def test_a_line_can_break_after_the_message_arrived(
    bot: Bot, teams: FakeTeams, world: World, fault: faults.Fault
) -> None:
    teams.will(fault, on="post")

    with pytest.raises((ClientConnectionError, TimeoutError)):
        async with asyncio.timeout(0.2):
            await bot.post(TEXT)

    assert [one.text for one in world.messages] == ["hallo"]


async def announced(teams: FakeTeams) -> jwt.PyJWKSet:
    """The keys, found as a bot finds them."""
    async with ClientSession() as session:
        async with session.get(teams.metadata_url) as response:
            metadata = await response.json()
        async with session.get(metadata["jwks_uri"]) as response:
            keys = await response.json()
    assert metadata["issuer"] == issuer.NAME
    assert all("msteams" in key["endorsements"] for key in keys["keys"])
    return jwt.PyJWKSet.from_dict(keys)


def read(token: str, keys: jwt.PyJWKSet) -> Json:
    """Check a token as a bot does."""
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, ["RS256"], audience=APP_ID, issuer=issuer.NAME)


async def test_what_is_told_is_signed(teams: FakeTeams, hand: Hand, kring: App) -> None:
    await hand.say("lotte", "hallo")

    claims = read(kring.tokens[0], await announced(teams))

    assert claims["serviceurl"] == teams.service_url == kring.heard[0]["serviceUrl"]


@pytest.mark.parametrize(
    ("error", "claims"),
    [
        (jwt.ExpiredSignatureError, {"exp": 1}),
        (jwt.ImmatureSignatureError, {"nbf": int(time.time()) + 9_000}),
        (jwt.InvalidAudienceError, {"aud": "another"}),
        (jwt.MissingRequiredClaimError, {"aud": None}),
        (jwt.InvalidIssuerError, {"iss": "https://sts.windows.net/x/"}),
        (jwt.InvalidSignatureError, {"signed_with": 9}),
        (KeyError, {"kid": "unknown"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_a_token_can_be_made_bad_in_every_way(
    teams: FakeTeams, hand: Hand, kring: App, error: type[Exception], claims: Json
) -> None:
    await hand.tell(hand.teller.activity("event"), **claims)

    with pytest.raises(error):
        read(kring.tokens[0], await announced(teams))


async def test_keys_are_rotated(teams: FakeTeams, hand: Hand, kring: App) -> None:
    before = await announced(teams)
    teams.issuer.rotate(keep=True)
    both = await announced(teams)
    await hand.say("lotte", "hallo")
    teams.issuer.rotate()
    after = await announced(teams)

    with pytest.raises(KeyError):
        read(kring.tokens[0], before)
    with pytest.raises(KeyError):
        read(kring.tokens[0], after)
    assert read(kring.tokens[0], both)["aud"] == APP_ID


async def test_nothing_is_signed_where_auth_is_off(teams: FakeTeams, app: tuple[App, str]) -> None:
    teams.auth = False
    hand = Hand(teams, Way(app[1], teams, signed=False))

    await hand.say("lotte", "hallo")
    answer = await Bot(teams).post(TEXT)

    assert app[0].tokens == [""]
    assert answer[0] == 201


async def test_it_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.teams", "--no-auth", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        said = (await process.stdout.readuntil(b"emea/")).decode()
        (url,) = re.findall(r"TEAMS_SERVICE_URL=(\S+)/emea/", said)
        async with ClientSession() as session:
            address = f"{url}/emea/v3/conversations/{quote(PLACE, safe='')}/activities"
            async with session.post(address, json=TEXT) as posted:
                assert posted.status == 201
            async with session.get(f"{url}/pretend/seen?person=lotte&channel=toetsen") as seen:
                told = await seen.json()
    finally:
        process.terminate()
        await process.wait()

    assert [message["text"] for message in told["messages"]] == ["hallo"]
