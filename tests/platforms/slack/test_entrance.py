"""What comes to the door unasked: turned away at once, quietly, with no word of it in a log and no call to anyone."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import ClientSession
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.platforms.slack.app import LARGEST, PATH, parsed
from tests.fakes.slack.ways import FORM, JSON, HttpWay, signed
from tests.platforms.slack.conftest import Logs
from tests.platforms.slack.living import House, furnished, living
from tests.platforms.slack.test_inbound import recorded

SECRET_WORD = "geheimvanlotte"
MENTION = json.dumps({"type": "event_callback", "event": {"type": "app_mention", "text": SECRET_WORD}}).encode()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path) as house:
        furnished(house.slack)
        yield house


def door(house: House) -> HttpWay:
    way = house.hand.way
    assert isinstance(way, HttpWay)
    return way


async def waiting(house: House) -> float:
    return (await house.kring.measures())["inbox_waiting"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=x"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Request-Timestamp": "abc"},
        {"X-Slack-Request-Timestamp": "\u0661\u0662"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "-1"},
        signed(MENTION, "another-secret"),
        signed(MENTION, "signing-secret", time.time() - 301),
        signed(MENTION, "signing-secret", time.time() + 3600),
        signed(b"another body", "signing-secret"),
    ],
    ids=["wrong", "none", "not ascii", "no number", "digits", "huge", "negative", "secret", "stale", "ahead",
         "body"],
)  # fmt: skip
async def test_what_slack_did_not_just_sign_is_turned_away(house: House, logs: Logs, headers: dict[str, str]) -> None:
    answer = await door(house).send(MENTION, JSON, headers)

    assert (answer.status, answer.text) == (401, "")
    assert [entry["event"] for entry in logs] == ["slack.turned.away"]
    assert SECRET_WORD not in str(logs)
    assert house.slack.asked == []


async def test_what_is_not_signed_is_not_even_parsed(house: House) -> None:
    for body in (b"{bad", b"[" * 100_000, b"\xff\xfe", b"payload=%7Bbad"):
        answer = await door(house).send(body, JSON, {"X-Slack-Signature": "v0=x"})
        assert answer.status == 401


@pytest.mark.parametrize("size", [LARGEST + 1, 300_000, 1_000_000])
async def test_what_is_too_large_is_turned_away(house: House, logs: Logs, size: int) -> None:
    answer = await door(house).send(b"x" * size, JSON)

    assert answer.status == 413
    assert [entry["event"] for entry in logs] == ["slack.turned.away"]


async def test_what_is_too_large_and_does_not_say_so_is_turned_away(house: House) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b"x" * 1024

    async with ClientSession() as session, session.post(f"{house.address}{PATH}", data=chunks()) as answer:
        assert answer.status == 413


async def test_what_cannot_be_unpacked_is_turned_away(house: House, logs: Logs) -> None:
    answer = await door(house).send(b"no gzip", JSON, {"Content-Encoding": "gzip"})

    assert answer.status == 400
    assert [entry["event"] for entry in logs] == ["slack.turned.away"]


@pytest.mark.parametrize(
    "body", [b"{bad", b'{"a":' * 50_000, b"\xff", b"[]", b"3", b'"x"', b"null", b'{"event": 3}',
             b'{"authorizations": 3}',
             b'{"type": "event_callback", "authorizations": [1]}', b'{"user": 3}', b'{"team": 7}']
)  # fmt: skip
async def test_what_is_signed_and_none_of_slacks_is_no_error_of_ours(house: House, logs: Logs, body: bytes) -> None:
    answer = await door(house).send(body, JSON)

    assert answer.status in {200, 400}
    assert all(entry["event"] in {"slack.unreadable", "slack.unused", "slack.stranger"} for entry in logs)


async def test_a_command_in_which_somebody_types_payload_is_heard(house: House) -> None:
    await house.done(house.hand.command(house.place(), "lotte", "", "payload=1 & ssl_check=1"))

    assert "payload=1" in house.newest("lotte")


@given(fields=st.dictionaries(st.text(), st.text()), kind=st.sampled_from([FORM, "text/plain"]))
def test_a_form_is_read_as_it_was_filled_in(fields: dict[str, str], kind: str) -> None:
    fields.pop("payload", None)

    assert parsed(urlencode(fields).encode(), kind) == fields


@given(written=st.text())
def test_a_form_is_read_as_the_standard_library_reads_it(written: str) -> None:
    assume("payload" not in dict(parse_qsl(written)))

    assert parsed(written.encode(), FORM) == dict(parse_qsl(written, keep_blank_values=True))


async def test_slack_looks_at_the_address_before_it_is_used(house: House) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()

    assert "abc" in (await door(house).send(body, JSON)).text
    assert (await door(house).send(body, JSON, {"X-Slack-Signature": "v0=x"})).status == 401


async def test_slack_looks_at_the_certificate_without_a_signature(house: House) -> None:
    answer = await door(house).send(b"ssl_check=1&token=x", FORM, {"X-Slack-Signature": ""})

    assert (answer.status, answer.text) == (200, "")
    assert await waiting(house) == 0


async def test_too_many_events_are_noted(house: House, logs: Logs) -> None:
    body = {
        "type": "app_rate_limited",
        "token": "x",
        "team_id": "T1",
        "minute_rate_limited": 1795500000,
        "api_app_id": "A",
    }

    answer = await door(house).send(json.dumps(body).encode(), JSON)

    assert answer.status == 200
    assert [entry["event"] for entry in logs] == ["slack.rate.limited"]


@pytest.mark.parametrize("name", ["talk", "form_closed", "shortcut_unknown", "tap_on_a_link", "message_of_a_bot"])
async def test_what_kring_does_not_use_is_acknowledged_and_not_kept(house: House, name: str) -> None:
    payload = recorded(name)

    answer = await (house.hand.way.event if "event" in payload else house.hand.way.interaction)(payload)

    assert answer.status == 200
    assert await waiting(house) == 0


async def test_what_nobody_ever_heard_of_is_acknowledged(house: House) -> None:
    for payload in ({"type": "block_suggestion"}, {"type": "dialog_submission", "callback_id": "x"}, {"type": "new"}):
        assert (await house.hand.way.interaction({**recorded("tap"), **payload, "actions": []})).status == 200


async def test_another_workspace_is_none_of_ours(house: House, logs: Logs) -> None:
    payload = {**recorded("command"), "team_id": "T2"}

    answer = await house.hand.way.command(payload)

    assert (answer.status, answer.text) == (200, "")
    assert "slack.stranger" in [entry["event"] for entry in logs]
    assert await waiting(house) == 0
