"""The pretend Slack refuses what the real one refuses, and sends what the real one sends, to Slack's own clients."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest
from aiohttp import ClientSession, web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.events import Place
from bot.platforms.slack import clients, forms, render
from tests.contracts.messenger import FORM, card
from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay, SocketWay
from tests.fakes.slack.world import BOT, Json, Workspace
from tests.platforms.room.pretend import EVERYTHING
from tests.project.sizes import ROOT
from tests.serving import served


class App:
    """What the other side of Slack would be: keeps what it was sent, and answers with `answer`."""

    def __init__(self) -> None:
        self.heard: list[Json] = []
        self.answer: Json = {}

    async def events(self, request: web.Request) -> web.Response:
        body = await request.text()
        if not SignatureVerifier(FakeSlack.signing_secret).is_valid_request(body, dict(request.headers)):
            raise web.HTTPUnauthorized
        form = {key: value for key, (value,) in parse_qs(body).items()} if not body.startswith("{") else {}
        self.heard.append(json.loads(form.get("payload", body)) if not form or "payload" in form else form)
        return web.json_response(self.answer)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack.started() as slack:
        yield slack


@pytest.fixture
def place(slack: FakeSlack) -> Workspace:
    return slack.workspace()


@pytest.fixture
async def client(slack: FakeSlack, place: Workspace) -> AsyncIterator[AsyncWebClient]:
    async with clients.session() as session:
        yield clients.client(place.token or "", session, slack.api_url)


@pytest.fixture
async def app() -> AsyncIterator[tuple[App, str]]:
    app = App()
    application = web.Application()
    application.router.add_post("/slack/events", app.events)
    async with served(application) as address:
        yield app, f"{address}/slack/events"


async def refusal(client: AsyncWebClient, method: str, **arguments: object) -> str:
    """The error of a call."""
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=arguments)
    return str(refused.value.response["error"])


@pytest.mark.parametrize(
    ("error", "blocks"),
    [
        ("invalid_blocks", [{"type": "divider"}] * 51),
        ("invalid_blocks", [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]),
        ("invalid_blocks", [{"type": "made_up"}]),
        ("invalid_blocks", [{"type": "divider", "colour": "red"}]),
        ("invalid_blocks", [{"type": "context", "elements": [{"type": "plain_text", "text": ""}]}]),
        ("invalid_blocks", forms.view_of(FORM, Place("C1"))["blocks"]),
        ("msg_blocks_too_long", [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5),
    ],
    ids=str,
)
async def test_a_layout_that_slack_refuses_is_refused(client: AsyncWebClient, error: str, blocks: list[Json]) -> None:
    assert await refusal(client, "chat.postMessage", channel="C1", text="x", blocks=blocks) == error


async def test_what_a_call_may_not_do_is_refused(client: AsyncWebClient, place: Workspace) -> None:
    place.scopes.discard("chat:write")
    place.add_channel("C2", "lotte")

    assert await refusal(client, "chat.postMessage", channel="C1", text="x") == "missing_scope"
    assert await refusal(client, "conversations.history", channel="C2") == "not_in_channel"
    assert await refusal(client, "conversations.info", channel="C9") == "channel_not_found"
    assert await refusal(client, "users.info", user="nobody") == "user_not_found"
    assert await refusal(client, "views.open", trigger_id="x", view={}) == "invalid_trigger_id"
    assert await refusal(client, "apps.connections.open") == "not_allowed_token_type"
    assert await refusal(client, "made.up") == "unknown_method"


async def test_people_and_channels_are_told_of(client: AsyncWebClient) -> None:
    info = await client.conversations_info(channel="C1")
    members = await client.conversations_members(channel="C1")
    user = await client.users_info(user="lotte")
    users = await client.users_list()

    assert info["channel"]["name"] == "toetsen"
    assert members["members"] == [BOT, "lotte", "daan"]
    assert user["user"]["tz"] == "Europe/Amsterdam"
    assert {one["id"] for one in users["members"]} == {BOT, "lotte", "daan"}


async def test_installing_gives_a_new_token_and_ends_the_one_before(
    slack: FakeSlack, client: AsyncWebClient, place: Workspace
) -> None:
    world = slack.world
    async with ClientSession() as browser:
        address = f"{slack.url}/oauth/v2/authorize?redirect_uri=https://kring.example/back&state=s"
        async with browser.get(address, allow_redirects=False) as sent_back:
            (code,) = parse_qs(sent_back.headers["Location"].partition("?")[2])["code"]

    secrets = {"client_id": world.client_id, "client_secret": world.client_secret}
    answer = await client.api_call("oauth.v2.access", data={"code": code, **secrets})

    assert answer["access_token"] == place.token
    assert answer["team"] == {"id": "T1", "name": "T1"}
    assert await refusal(client, "auth.test") == "invalid_auth"


async def test_what_is_sent_over_http_is_signed_and_what_was_answered_is_known(
    slack: FakeSlack, place: Workspace, app: tuple[App, str]
) -> None:
    kring, address = app
    hand = Hand(slack, HttpWay(address, slack.signing_secret))
    forger = Hand(slack, HttpWay(address, "another-secret"))

    answers = [
        await hand.command(place, "lotte", "C1", "help"),
        await hand.say(place, "lotte", "a <b> & c"),
        await hand.join(place, "sanne", "C1"),
        await forger.command(place, "lotte", "C1", "help"),
    ]

    assert [answer.status for answer in answers] == [200, 200, 200, 401]
    command, said, joined = kring.heard
    assert (command["command"], command["text"]) == ("/kring", "help")
    assert said["event"]["text"] == "a &lt;b&gt; &amp; c"
    assert joined["event"]["type"] == "member_joined_channel"


async def test_a_tap_and_a_form_are_sent_as_they_stand_before_someone(
    slack: FakeSlack, place: Workspace, client: AsyncWebClient, app: tuple[App, str]
) -> None:
    kring, address = app
    hand = Hand(slack, HttpWay(address, slack.signing_secret))
    await client.chat_postMessage(channel="C1", **render.message(EVERYTHING))

    await hand.tap(place, "lotte", place.messages[0], "Answer")
    (tap,) = kring.heard
    await client.views_open(trigger_id=tap["trigger_id"], view=forms.view_of(FORM, Place("C1")))
    kring.answer = {"response_action": "errors", "errors": forms.errors_of({"text": "Vul hier iets in."})}
    await hand.submit(place, "lotte", {"text": ""})
    refused = place.modal("lotte")
    kring.answer = {}
    await hand.submit(place, "lotte", {"text": "Veel geleerd"})

    assert tap["actions"][0]["value"] == "checkin.answer|3|"
    assert refused
    assert refused.errors == {"input.text": "Vul hier iets in."}
    assert forms.values_of(kring.heard[-1]["view"]["state"]) == {"text": "Veel geleerd"}
    assert place.modal("lotte") is None


async def test_slacks_own_client_is_served_over_the_socket(slack: FakeSlack, place: Workspace) -> None:
    heard: list[SocketModeRequest] = []

    async def listen(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "tot zo"}))

    hand = Hand(slack, SocketWay(slack))
    web_client = AsyncWebClient(base_url=slack.api_url)
    client = SocketModeClient(slack.world.app_token, web_client=web_client)
    client.socket_mode_request_listeners.append(listen)
    await client.connect()  # type: ignore[no-untyped-call] # the SDK's types stop here
    try:
        answer = await hand.command(place, "lotte", "C1", "help")
        await hand.say(place, "lotte", "hallo")
    finally:
        await client.close()  # type: ignore[no-untyped-call] # idem

    assert answer == Answered(200, {"text": "tot zo"})
    assert [request.type for request in heard] == ["slash_commands", "events_api"]


async def test_what_is_not_acknowledged_is_told(slack: FakeSlack, place: Workspace) -> None:
    hand = Hand(slack, SocketWay(slack, seconds=0.05))

    with pytest.raises(TimeoutError):
        await hand.command(place, "lotte", "C1", "help")


async def test_it_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.slack", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        said = (await process.stdout.readuntil(b"APP_TOKEN")).decode()
        (url,) = re.findall(r"SLACK_API_URL=(\S+)/api/", said)
        async with ClientSession() as session:
            client = clients.client("xoxb-T1", session, f"{url}/api")
            await client.chat_postMessage(channel="C1", **render.message(card("hallo")))
            async with session.get(f"{url}/pretend/seen?person=lotte&channel=C1") as seen:
                told = await seen.json()
    finally:
        process.terminate()
        await process.wait()

    assert [message["text"] for message in told["messages"]] == ["hallo"]
