"""What the connector is called with: one token, whole addresses, and only where Kring may call."""

import asyncio
import dataclasses
from itertools import pairwise

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.events import User
from bot.domain.reference import Reference
from bot.errors import Misconfigured, Refusal, Unreachable
from bot.platforms.teams import answers, connector
from bot.platforms.teams.connector import Connector, Member, apart, threaded
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from tests.fakes.teams import faults
from tests.fakes.teams.faults import Fault
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import BOT, ELSEWHERE, TENANT, Conversation, World, channel
from tests.fakes.teams.world import User as Person
from tests.platforms.teams.conftest import Logs

TOETSEN = channel("toetsen")
HELLO = {"type": "message", "text": "hallo"}


@pytest.fixture
def here(teams: FakeTeams) -> Reference:
    return Reference(TOETSEN, teams.service_url, channel("toets"))


async def test_a_thousand_replies_cost_one_token(calls: Connector, here: Reference, teams: FakeTeams) -> None:
    root = await calls.start(here, HELLO)

    await asyncio.gather(*(calls.send(here, HELLO, root) for _ in range(1000)))

    assert teams.tokens.fetched == 1
    assert len(teams.world.messages) == 1001


async def test_as_many_calls_as_there_are_go_at_the_same_time(
    calls: Connector, here: Reference, teams: FakeTeams
) -> None:
    await calls.send(here, HELLO)
    teams.slow = 0.05

    await asyncio.gather(*(calls.send(here, HELLO) for _ in range(64)))

    assert teams.at_once == 64


async def test_what_is_sent_says_who_sends_it_and_where(calls: Connector, here: Reference, world: World) -> None:
    root = await calls.start(here, HELLO)
    await calls.send(here, HELLO, root)

    sent = world.messages[-1].activity
    assert sent["from"] == {"id": BOT}
    assert sent["conversation"] == {"id": f"{TOETSEN};messageid={root}"}


async def test_a_token_that_ended_early_is_replaced_once_for_all_calls_under_way(
    calls: Connector, here: Reference, teams: FakeTeams
) -> None:
    await calls.send(here, HELLO)
    teams.tokens.expire()

    await asyncio.gather(*(calls.send(here, HELLO) for _ in range(50)))

    assert teams.tokens.fetched == 2
    assert len(teams.world.messages) == 51


async def test_a_connector_that_takes_no_token_of_ours_needs_a_person(
    calls: Connector, here: Reference, teams: FakeTeams
) -> None:
    no = faults.refused(401, "Unauthorized")
    teams.will(no, no, on="post")

    with pytest.raises(Misconfigured) as refused:
        await calls.send(here, HELLO)

    assert refused.value.refusal is Refusal.ACCESS
    assert teams.asked == ["token", "post", "token", "post"]


async def test_without_authentication_no_token_goes_along(session: ClientSession, registration: Registration) -> None:
    open_ = dataclasses.replace(registration, auth=False)
    async with FakeTeams.started(auth=False) as teams:
        here = Reference(TOETSEN, teams.service_url, channel("toets"))
        await Connector(session, Tokens(session, open_), open_).send(here, HELLO)

    assert teams.asked == ["post"]


def may(url: str, *, auth: bool) -> bool:
    return Registration("a", "p", TENANT, auth).may_call(url)


@pytest.mark.parametrize(
    ("url", "with_auth", "without"),
    [
        ("https://smba.trafficmanager.net/emea/", True, False),
        ("https://localhost:3979/", True, True),
        ("http://localhost:56150/_connector", True, True),
        ("http://127.0.0.1:56150/_connector", True, True),
        ("http://[::1]:56150/", True, True),
        ("http://smba.trafficmanager.net/emea/", False, False),
        ("http://localhost@smba.example.org/", False, False),
        ("https://localhost@smba.example.org/", False, False),
        ("http://localhost.example.org/", False, False),
        ("http://169.254.169.254/latest", False, False),
        ("https://smba.example.org/?to=x", False, False),
        ("https://smba.example.org/#x", False, False),
        ("ftp://localhost/", False, False),
        ("file:///etc/passwd", False, False),
        ("//localhost/", False, False),
        ("https://[::1", False, False),
        ("", False, False),
    ],
)
def test_an_address_is_called_over_https_or_on_this_machine(url: str, with_auth: bool, without: bool) -> None:  # noqa: FBT001 - what is expected
    assert (may(url, auth=True), may(url, auth=False)) == (with_auth, without)


@given(st.text(max_size=40))
def test_whatever_an_address_looks_like_it_is_judged(url: str) -> None:
    assert may(url, auth=True) or not may(url, auth=False)


async def test_an_address_that_may_not_be_called_gets_nothing_and_no_token_is_asked_for(
    calls: Connector, teams: FakeTeams
) -> None:
    with pytest.raises(Misconfigured):
        await calls.send(Reference(TOETSEN, "http://smba.example.org/"), HELLO)

    assert teams.asked == []


@pytest.mark.parametrize("odd", ["19:a/b?c#d%2F@thread.tacv2", "19:../../x@thread.tacv2", "a:1 é;messageid"])
async def test_an_id_is_quoted_whatever_is_in_it(calls: Connector, teams: FakeTeams, world: World, odd: str) -> None:
    world.conversations[odd] = Conversation(odd, "groupChat", members=["lotte"], has_bot=True)
    there = Reference(odd, teams.service_url)

    message = await calls.send(there, HELLO)
    await calls.update(there, message, HELLO)
    members = await calls.members(there)
    await calls.delete(there, odd, message)

    assert [member.user.id for member in members] == ["29:1lotte"]
    assert [did.conversation for did in world.log] == [odd, odd, odd]


async def test_a_redirection_is_not_followed(calls: Connector, here: Reference, teams: FakeTeams) -> None:
    teams.will(Fault(307, headers={"Location": f"{teams.service_url}v3/conversations/{TOETSEN}/activities"}), on="post")

    with pytest.raises(Unreachable):
        await calls.send(here, HELLO)

    assert teams.asked == ["token", "post"]
    assert teams.world.messages == []


async def test_a_roster_is_read_page_by_page(calls: Connector, here: Reference, teams: FakeTeams, world: World) -> None:
    for number in range(250):
        world.add_user(Person(f"p{number}", f"Persoon {number}"))
        world.teams[channel("toets")].members.append(f"p{number}")
    teams.page = 50

    members = await calls.members(here)

    assert len({member.user.id for member in members}) == 252
    assert teams.asked.count("members") == 6


async def test_a_member_is_told_with_their_organisation(calls: Connector, here: Reference, world: World) -> None:
    world.add_user(Person("gast", "Gea Gast", tenant=ELSEWHERE))
    world.teams[channel("toets")].members.append("gast")

    found = await calls.member(here, "29:1gast")

    assert found == Member(User("29:1gast", "Gea Gast"), ELSEWHERE, bot=False)
    assert found in await calls.members(here)


async def test_a_member_who_is_not_there_is_gone(calls: Connector, here: Reference) -> None:
    with pytest.raises(Misconfigured) as refused:
        await calls.member(here, "29:1nobody")

    assert refused.value.refusal is Refusal.GONE


async def test_bots_are_told_apart_and_who_has_no_id_is_nobody(
    calls: Connector, here: Reference, teams: FakeTeams
) -> None:
    page = '{"members": [{"id": "28:other", "name": "Bot"}, {"id": "29:x", "userRole": "bot"}, {"name": "Niemand"}, 7]}'
    teams.will(faults.odd(page), on="members")

    members = await calls.members(here)

    assert [(member.user.id, member.bot) for member in members] == [("28:other", True), ("29:x", True)]


async def test_a_roster_that_never_ends_is_left_at_some_page(
    calls: Connector, here: Reference, teams: FakeTeams, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "_MOST_PAGES", 5)
    page = faults.odd('{"members": [{"id": "29:x"}], "continuationToken": "again"}')
    teams.will(*[page] * 6, on="members")

    members = await calls.members(here)

    assert len(members) == 5
    assert [entry["event"] for entry in logs] == ["teams.roster_cut"]


async def test_an_answer_without_end_is_not_read_to_it(
    calls: Connector, here: Reference, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 1000)
    teams.will(faults.odd('{"members": [' + '{"id": "29:x"},' * 200 + '{"id": "29:y"}]}'), on="members")

    with pytest.raises(Unreachable):
        await calls.members(here)


@pytest.mark.parametrize("fault", [faults.precondition(), faults.broken(502), faults.page(503), faults.broken(504)])
async def test_what_can_be_done_twice_without_harm_is_tried_again(
    calls: Connector, here: Reference, teams: FakeTeams, fault: Fault
) -> None:
    message = await calls.start(here, HELLO)
    for method in ("update", "members", "delete"):
        teams.will(fault, fault, on=method)

    await calls.update(here, message, HELLO)
    await calls.members(here)
    await calls.delete(here, TOETSEN, message)

    assert [teams.asked.count(method) for method in ("update", "members", "delete")] == [3, 3, 3]


async def test_after_three_tries_it_is_given_back(calls: Connector, here: Reference, teams: FakeTeams) -> None:
    teams.will(*[faults.page(502)] * 5, on="members")

    with pytest.raises(Unreachable):
        await calls.members(here)

    assert teams.asked.count("members") == 3


def test_the_tries_of_a_call_and_the_calls_of_a_post_fit_in_a_lease() -> None:
    once = connector.TIMEOUT.total or 0

    assert once * 4 < 30  # a token, a chat that is gone, a new one, and the post
    assert connector._NO_LATER + 1.5 * max(connector.PAUSES) + once + once < 30  # the last try, and a token
    assert all(earlier < later for earlier, later in pairwise(connector.PAUSES))


async def test_a_message_in_a_thread_is_deleted_by_our_own_id_of_it(
    calls: Connector, here: Reference, world: World
) -> None:
    root = await calls.start(here, HELLO)
    reply = await calls.send(here, HELLO, root)

    await calls.delete(here, TOETSEN, reply)

    assert [message.deleted for message in world.messages] == [False, True]


async def test_what_cannot_be_deleted_says_so(calls: Connector, here: Reference, teams: FakeTeams) -> None:
    message = await calls.start(here, HELLO)
    teams.will(faults.refused(501, "NotImplemented"), on="delete")

    with pytest.raises(Misconfigured):
        await calls.delete(here, TOETSEN, message)


@given(st.integers(1), st.from_regex(r"[A-Za-z0-9:_-]{1,30}", fullmatch=True))
def test_our_id_of_a_reply_is_read_back(root: int, own: str) -> None:
    assert apart(f"{root}/{own}") == (str(root), own)
    assert apart(own) == ("", own)


def test_a_thread_is_named_the_way_teams_names_it() -> None:
    assert threaded(TOETSEN, "17") == f"{TOETSEN};messageid=17"
    assert threaded(TOETSEN, "") == TOETSEN
