"""Kring's own token: asked for once, kept as long as it is good, and never told to anyone but the connector."""

import asyncio
import dataclasses
import json
from contextlib import suppress

import pytest
from aiohttp import ClientSession, ClientTimeout
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, Unreachable
from bot.platforms.teams import tokens as module
from bot.platforms.teams.answers import Answer
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from tests.fakes.teams import faults
from tests.fakes.teams.faults import Fault
from tests.fakes.teams.issuer import PASSWORD
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import TENANT

AWAY = [
    pytest.param(Fault(500, '{"error": "server_error"}'), id="500"),
    pytest.param(Fault(400, '{"error": "temporarily_unavailable"}'), id="temporarily unavailable"),
    pytest.param(faults.page(), id="a page"),
    pytest.param(faults.page(200), id="a page with 200"),
    pytest.param(faults.odd('{"token_type": "Bearer"}'), id="no token in it"),
    pytest.param(faults.odd("[]"), id="a list"),
    pytest.param(Fault(302, headers={"Location": "https://login.example.org/"}), id="somewhere else"),
    pytest.param(faults.odd("x" * 3_000_000), id="far too long"),
    pytest.param(faults.cut(arrives=False), id="cut"),
]


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def source(session: ClientSession, registration: Registration, clock: Seconds) -> Tokens:
    return Tokens(session, registration, clock)


async def test_a_token_is_asked_for_with_the_password_and_is_good_for_the_connector(
    source: Tokens, teams: FakeTeams
) -> None:
    token = await source.current()

    assert teams.tokens.known(f"Bearer {token}")


async def test_a_thousand_who_wait_for_a_token_ask_for_it_once(source: Tokens, teams: FakeTeams) -> None:
    found = await asyncio.gather(*(source.current() for _ in range(1000)))

    assert set(found) == {"token-1"}
    assert teams.asked.count("token") == 1


async def test_a_token_is_kept_until_five_minutes_before_its_end(
    source: Tokens, teams: FakeTeams, clock: Seconds
) -> None:
    await source.current()
    clock.now += 3599 - module.EARLY - 1
    before = await source.current()
    clock.now += 2
    after = await source.current()

    assert (before, after) == ("token-1", "token-2")
    assert teams.asked.count("token") == 2


async def test_while_no_new_one_is_to_be_had_the_old_one_serves_until_its_end(
    source: Tokens, teams: FakeTeams, clock: Seconds
) -> None:
    await source.current()
    teams.will(faults.page(503), faults.page(503), on="token")

    clock.now += 3599 - module.EARLY + 1
    soon = [await source.current() for _ in range(100)]
    asked_meanwhile = teams.asked.count("token")
    clock.now += module.EARLY
    with pytest.raises(Unreachable):
        await source.current()

    assert set(soon) == {"token-1"}
    assert asked_meanwhile == 2
    assert await source.current() == "token-2"


async def test_a_token_that_was_refused_is_asked_for_anew_once_however_many_tell(
    source: Tokens, teams: FakeTeams
) -> None:
    old = await source.current()

    for _ in range(64):
        source.refuse(old)
        await source.current()

    assert await source.current() == "token-2"
    assert teams.asked.count("token") == 2


@pytest.mark.parametrize("seconds", ["soon", None, -5, 0, "nan"])
async def test_a_token_of_which_nobody_knows_how_long_it_is_good_is_used_once(
    source: Tokens, teams: FakeTeams, seconds: object
) -> None:
    given = json.dumps({"access_token": "brief", "expires_in": seconds})
    teams.will(faults.odd(given), on="token")

    first, second = await source.current(), await source.current()

    assert (first, second) == ("brief", "token-1")


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (401, "invalid_client", "no token: invalid_client AADSTS7000215"),
        (400, "unauthorized_client", "no token: unauthorized_client AADSTS700016"),
        (400, "invalid_request", "no token: invalid_request AADSTS90002"),
    ],
)
async def test_a_registration_that_is_not_right_needs_a_person(
    source: Tokens, teams: FakeTeams, status: int, error: str, said: str
) -> None:
    told = {
        "error": error,
        "error_description": f"{said.rsplit(maxsplit=1)[-1]}: Invalid client secret {PASSWORD} provided.",
    }
    teams.will(Fault(status, json.dumps(told)), on="token")

    with pytest.raises(Misconfigured) as refused:
        await source.current()

    assert str(refused.value) == said
    assert refused.value.refusal is Refusal.ACCESS


@pytest.mark.parametrize("fault", AWAY)
async def test_where_there_is_no_token_to_be_had_it_is_tried_again_later(
    source: Tokens, teams: FakeTeams, fault: Fault
) -> None:
    teams.will(fault, on="token")

    with pytest.raises(Unreachable):
        await source.current()

    assert await source.current() == "token-1"


async def test_entra_may_ask_to_wait(source: Tokens, teams: FakeTeams) -> None:
    teams.will(faults.limited("17"), on="token")

    with pytest.raises(RateLimited) as limit:
        await source.current()

    assert limit.value.retry_after == 17


async def test_a_token_endpoint_that_says_nothing_is_not_waited_for_long(
    teams: FakeTeams, registration: Registration
) -> None:
    teams.will(faults.hang(), on="token")

    async with ClientSession(timeout=ClientTimeout(total=0.2)) as hasty:
        with pytest.raises(Unreachable):
            await Tokens(hasty, registration).current()


async def test_all_who_wait_hear_that_there_is_none(source: Tokens, teams: FakeTeams) -> None:
    teams.will(faults.page(503), on="token")

    found = await asyncio.gather(*(source.current() for _ in range(50)), return_exceptions=True)

    assert {type(error) for error in found} == {Unreachable}
    assert teams.asked.count("token") == 1


async def test_one_who_no_longer_waits_takes_the_token_from_nobody_else(source: Tokens, teams: FakeTeams) -> None:
    waiting = [asyncio.create_task(source.current()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()

    assert await waiting[1] == "token-1"
    assert teams.asked.count("token") == 1


async def test_without_authentication_no_token_is_asked_for(
    teams: FakeTeams, session: ClientSession, registration: Registration
) -> None:
    token = await Tokens(session, dataclasses.replace(registration, auth=False)).current()

    assert token == ""
    assert teams.asked == []


async def test_a_password_goes_nowhere_unprotected(session: ClientSession, registration: Registration) -> None:
    unprotected = dataclasses.replace(registration, token_url="http://login.example.org/token")

    with pytest.raises(Misconfigured):
        await Tokens(session, unprotected).current()


async def test_a_password_does_not_follow_a_redirection(source: Tokens, teams: FakeTeams) -> None:
    teams.will(Fault(307, headers={"Location": teams.token_url.replace("{tenant}", TENANT)}), on="token")

    with pytest.raises(Unreachable):
        await source.current()

    assert teams.asked == ["token"]


async def test_neither_token_nor_password_is_shown(
    source: Tokens, calls: Connector, registration: Registration
) -> None:
    token = await source.current()

    shown = [repr(thing) for thing in (source, source._token, source._asking, calls, registration)]

    assert not [text for text in shown if token in text or PASSWORD in text]


@given(st.integers(100, 599), st.binary(max_size=200))
def test_whatever_is_answered_it_is_a_token_or_a_decided_error(status: int, body: bytes) -> None:
    with suppress(PlatformError):
        assert module._given(Answer(status, {}, body))[0]
