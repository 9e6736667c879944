"""What comes to the door unasked: turned away at once, quietly, with no word of it in a log and no call to anyone."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from bot.chat.events import Commanded
from bot.errors import StoreError, Unreachable
from bot.platforms.teams import responses
from bot.platforms.teams.app import LARGEST
from bot.platforms.teams.registration import Registration
from storage.references import References
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID, ELSEWHERE, TENANT, channel
from tests.platforms.teams.conftest import Logs
from tests.platforms.teams.entering import Door, Inbox, entered
from tests.platforms.teams.test_inbound import CHANNEL, GENERAL, READ, recorded
from tests.platforms.teams.test_validation import BAD, Header

SECRET_WORD = "geheimvanlotte"
PLACE = channel("toetsen")
OPEN_DOOR = Registration(APP_ID, "", TENANT, auth=False)


@pytest.fixture
async def door(teams: FakeTeams, registration: Registration, kept: References) -> AsyncIterator[Door]:
    async with entered(teams, registration, kept, Inbox()) as door:
        teams.asked.clear()
        yield door


@pytest.fixture
async def unchecked(teams: FakeTeams, kept: References) -> AsyncIterator[Door]:
    """The door of a Kring whose auth is off, on this machine."""
    async with entered(teams, OPEN_DOOR, kept, Inbox()) as door:
        yield door


def mention(teams: FakeTeams, **more: object) -> dict[str, Any]:
    """A message for Kring with a secret in it."""
    told = json.loads(json.dumps(recorded("mention")).replace(CHANNEL, PLACE).replace(GENERAL, channel("toets")))
    return {**told, "serviceUrl": teams.service_url, "text": f"<at>Kring</at> {SECRET_WORD}", **more}


def turned_away(logs: Logs, reason: str | None = None) -> bool:
    """Whether all that was logged is one quiet line without a word of the request."""
    assert SECRET_WORD not in str(logs)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("teams.turned.away", "info")]
    return reason is None or logs[0]["reason"] == reason


async def test_what_the_connector_sends_comes_in(door: Door) -> None:
    answer = await door.hand.say("lotte", "@Kring help", PLACE)

    assert (answer.status, answer.text) == (200, "")
    assert door.inbox.told == [(door.teams.world.users["lotte"].id, PLACE, Commanded("help"))]


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
async def test_what_the_connector_did_not_sign_is_turned_away(door: Door, logs: Logs, header: Header) -> None:
    written = header(door.teams).encode("utf-8", "replace")
    body = json.dumps(mention(door.teams)).encode()

    sent = {"Authorization": written.decode("latin-1"), "Content-Type": "application/json"}
    async with ClientSession() as session, session.post(door.address, data=body, headers=sent) as answer:
        status, text = answer.status, await answer.text()

    assert (status, text) == (401, "")
    assert turned_away(logs)
    assert door.inbox.events == []
    assert door.teams.asked == []


async def test_a_request_without_any_header_is_turned_away(door: Door, logs: Logs) -> None:
    answer = await door.hand.way.send(json.dumps(mention(door.teams)).encode())

    assert answer.status == 401
    assert turned_away(logs, "no token")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"serviceUrl": "https://evil.example/"}, "service"),
        ({"channelId": "directline"}, "channel"),
    ],
)
async def test_what_a_token_was_not_given_for_is_turned_away(
    door: Door, logs: Logs, changed: dict[str, str], reason: str
) -> None:
    body = json.dumps(mention(door.teams, **changed)).encode()

    answer = await door.hand.way.send(body, door.hand.way.headers())

    assert answer.status == 401
    assert turned_away(logs, reason)
    assert door.inbox.events == []


async def test_another_channel_of_the_same_bot_is_none_of_ours(door: Door, logs: Logs) -> None:
    """Web Chat is on by default, and whoever speaks over it may write any tenant into an activity."""
    answer = await door.hand.tell(mention(door.teams, channelId="webchat"))

    assert answer.status == 403
    assert turned_away(logs, "channel")
    assert door.inbox.events == []


async def test_without_keys_teams_is_asked_to_come_again(
    teams: FakeTeams, registration: Registration, kept: References, logs: Logs
) -> None:
    async with entered(teams, registration, kept, Inbox(), keys=False) as door:
        told = mention(teams)

        answer = await door.hand.tell(told)
        trouble = door.platform.trouble()
        assert door.platform.keys
        await door.platform.keys.refresh()
        again = await door.hand.again(told)

        assert (answer.status, again.status) == (503, 200)
        assert (trouble, door.platform.trouble()) == ("no signing keys", "")
        assert len(door.inbox.events) == 1


@pytest.mark.parametrize("size", [LARGEST + 1, 1_048_576])
async def test_what_is_too_large_is_turned_away(door: Door, logs: Logs, size: int) -> None:
    answer = await door.hand.way.send(b"x" * size, door.hand.way.headers())

    assert answer.status == 413
    assert turned_away(logs, "large")


async def test_what_is_too_large_and_does_not_say_so_is_turned_away(door: Door) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b"x" * 1024

    headers = {**door.hand.way.headers(), "Content-Type": "application/json"}
    async with ClientSession() as session, session.post(door.address, data=chunks(), headers=headers) as answer:
        assert answer.status == 413


async def test_what_cannot_be_unpacked_is_turned_away(door: Door, logs: Logs) -> None:
    answer = await door.hand.way.send(b"no gzip", {**door.hand.way.headers(), "Content-Encoding": "gzip"})

    assert answer.status == 400
    assert turned_away(logs, "broken")


async def test_a_body_that_is_cut_off_is_no_error_of_ours(
    door: Door, logs: Logs, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(door.address)
    head = [f"POST {address.path} HTTP/1.1", "Host: x", "Content-Type: application/json", "Content-Length: 500"]
    head += [f"{name}: {value}" for name, value in door.hand.way.headers().items()]

    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write("\r\n".join([*head, "", "{"]).encode())
    await writer.drain()
    writer.close()
    answer = await door.hand.say("lotte", "@Kring help", PLACE)

    assert answer.status == 200
    assert {entry["event"] for entry in logs} <= {"teams.turned.away"}
    assert caplog.records == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_is_no_json_is_turned_away(door: Door, logs: Logs, kind: str) -> None:
    answer = await door.hand.way.send(b"{}", {**door.hand.way.headers(), "Content-Type": kind})

    assert answer.status == 415
    assert turned_away(logs, "no json")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{bad", b"[]", b"3", b'"x"', b"null", b"NaN", b"\xff\xfe", b'{"a":' * 40_000, b"[" * 200_000,
        b'{"type": "message"}', b'{"type": 3, "channelId": "msteams", "serviceUrl": "x"}',
        b'{"type": "message", "channelId": {}, "serviceUrl": "x"}', b"1" * 6000,
    ],
)  # fmt: skip
async def test_what_is_no_activity_is_turned_away(door: Door, logs: Logs, body: bytes) -> None:
    answer = await door.hand.way.send(body, door.hand.way.headers())

    assert answer.status == 400
    assert turned_away(logs, "no activity")


async def test_deep_and_odd_activities_are_no_error_of_ours(door: Door, logs: Logs) -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    odd = [
        {"value": {"action": {"data": {"kring": deep}}}}, {"entities": deep}, {"from": deep}, {"channelData": deep},
        {"text": "<at>Kring</at> \ud800\u0000x"}, {"conversation": {"id": "\u0000" * 9}}, {"id": deep},
        {"entities": [{"type": "mention", "mentioned": {"id": [APP_ID]}, "text": 3}]}, {"recipient": 7},
        {"membersAdded": {"id": 3}, "type": "conversationUpdate"}, {"name": "task/fetch", "type": "invoke"},
        {"type": "installationUpdate", "action": ["add"]}, {"type": "\ud800"}, {"timestamp": "gisteren"},
    ]  # fmt: skip

    answers = [await door.hand.tell(mention(door.teams, **one)) for one in odd]

    assert {answer.status for answer in answers} <= {200, 400}
    assert {entry["event"] for entry in logs} <= {"teams.unused", "teams.turned.away", "teams.stranger"}


async def test_another_organisation_is_none_of_ours(door: Door, logs: Logs) -> None:
    answer = await door.hand.tell(mention(door.teams, channelData={"tenant": {"id": ELSEWHERE}}))

    assert (answer.status, answer.text) == (200, "")
    assert [entry["event"] for entry in logs] == ["teams.stranger"]
    assert door.inbox.events == []


@pytest.mark.parametrize(
    "name", [name for name, made in READ.items() if not made and name not in {"search", "feedback"}]
)
async def test_what_kring_does_not_use_is_acknowledged_and_not_kept(door: Door, name: str) -> None:
    answer = await door.hand.tell({**recorded(name), "serviceUrl": door.teams.service_url})

    assert answer.status == 200
    assert answer.body in (None, responses.nothing("execute", "Dat is aangekomen."))
    assert door.inbox.events == []
    assert door.teams.asked == []


@pytest.mark.parametrize("kind", ["trace", "endOfConversation", "handoff", "brandNew", "conversationupdate"])
async def test_kinds_that_nobody_ever_heard_of_are_acknowledged(door: Door, kind: str) -> None:
    assert (await door.hand.tell(mention(door.teams, type=kind))).status == 200


@pytest.mark.parametrize("name", ["composeExtension/query", "message/submitAction", "signin/verifyState", "", "x"])
async def test_invokes_that_kring_does_not_know_are_answered_as_such(door: Door, name: str) -> None:
    answer = await door.hand.tell(mention(door.teams, type="invoke", name=name, value={"a": 1}))

    assert (answer.status, answer.text) == (501, "")
    assert door.inbox.events == []


@pytest.mark.parametrize("error", [StoreError(), Unreachable()])
async def test_what_could_not_be_kept_is_not_acknowledged_and_kept_the_next_time(
    door: Door, logs: Logs, error: Exception
) -> None:
    told = mention(door.teams)
    door.inbox.answers.append(error)

    first, second, third = [await door.hand.tell(told) for _ in range(3)]

    assert [first.status, second.status, third.status] == [503, 200, 200]
    assert [entry["event"] for entry in logs] == ["teams.held"]
    assert len(door.inbox.events) == 1


async def test_an_invoke_that_could_not_be_kept_is_not_acknowledged(door: Door) -> None:
    door.inbox.answers.append(StoreError())

    answer = await door.hand.tell({**recorded("tap"), "serviceUrl": door.teams.service_url})

    assert (answer.status, answer.text) == (503, "")


async def test_a_fault_of_ours_says_nothing_of_what_came_in(door: Door, logs: Logs) -> None:
    door.inbox.answers.append(KeyError(SECRET_WORD))

    answer = await door.hand.tell(mention(door.teams))

    assert (answer.status, answer.text) == (500, "")
    assert [entry["event"] for entry in logs] == ["teams.failed"]


async def test_without_auth_only_this_machine_is_called(unchecked: Door, logs: Logs) -> None:
    far = ["https://smba.trafficmanager.net/emea/", "https://127.0.0.1.evil.example/", "http://169.254.169.254/",
           "http://localhost@evil.example/", "file:///etc/passwd", "x", "http://[::1"]  # fmt: skip

    refused = [await unchecked.hand.tell(mention(unchecked.teams, serviceUrl=one)) for one in far]
    taken = await unchecked.hand.tell(mention(unchecked.teams))

    assert {answer.status for answer in refused} == {403}
    assert {entry.get("reason") for entry in logs} == {"service"}
    assert taken.status == 200
    assert len(unchecked.inbox.events) == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3978", "10.0.0.1", "127.0.0.1.evil.example", "[::1", ""]
)
async def test_without_auth_a_name_that_merely_leads_to_this_machine_is_turned_away(
    unchecked: Door, logs: Logs, host: str
) -> None:
    body = json.dumps(mention(unchecked.teams)).encode()

    answer = await unchecked.hand.way.send(body, {"Host": host})

    assert (answer.status, answer.text) == (403, "")
    assert turned_away(logs, "host")
    assert unchecked.inbox.events == []


@pytest.mark.parametrize("host", ["localhost:3978", "127.0.0.1", "[::1]:3978"])
async def test_without_auth_this_machine_may_be_called_by_any_name_of_its_own(unchecked: Door, host: str) -> None:
    answer = await unchecked.hand.way.send(json.dumps(mention(unchecked.teams)).encode(), {"Host": host})

    assert answer.status == 200


async def test_with_auth_the_token_counts_and_no_name(door: Door) -> None:
    sent = door.hand.way.headers() | {"Host": "kring.example"}

    answer = await door.hand.way.send(json.dumps(mention(door.teams)).encode(), sent)

    assert answer.status == 200


async def test_without_auth_no_keys_are_looked_for(unchecked: Door) -> None:
    assert unchecked.platform.parts() == {}
    assert unchecked.platform.trouble() == ""
    assert unchecked.teams.asked == []


async def test_with_auth_a_service_is_called_over_https_or_on_this_machine(door: Door, logs: Logs) -> None:
    told = mention(door.teams, serviceUrl="http://smba.trafficmanager.net/emea/")

    answer = await door.hand.way.tell(told)

    assert answer.status == 403
    assert turned_away(logs, "service")


async def test_the_platform_keeps_its_keys_fresh_while_it_runs(door: Door) -> None:
    assert set(door.platform.parts()) == {"teams"}
    assert await door.platform.redeliver() is None  # type: ignore[func-returns-value]  # it has nothing to do
