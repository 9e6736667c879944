"""What becomes of a call on each of Teams' bad days: a decided outcome, and nothing posted twice by ourselves."""

import json

import pytest
from aiohttp import ClientSession, ClientTimeout
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.messages import Channel, Person
from bot.domain.reference import Reference
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, Unreachable, Unsure
from bot.platforms.teams.answers import Answer, told
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.invokes import Invokes
from bot.platforms.teams.messenger import TeamsMessenger
from bot.platforms.teams.references import Remembered
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from tests.contracts.messenger import card
from tests.fakes.teams import faults
from tests.fakes.teams.faults import Fault
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import TENANT, World, channel

SECRET = "wat Lotte schreef"
TOETSEN = channel("toetsen")
LOTTE = "29:1lotte"
IN_DOUBT = [
    pytest.param(faults.broken(500), id="500"),
    pytest.param(faults.broken(502), id="502"),
    pytest.param(faults.page(503), id="503"),
    pytest.param(faults.broken(504), id="504"),
    pytest.param(faults.page(200), id="a page with 200"),
    pytest.param(faults.odd("[]"), id="a list"),
    pytest.param(faults.odd("null"), id="null"),
    pytest.param(faults.odd('{"id":'), id="half an answer"),
    pytest.param(faults.odd("[" * 100_000), id="a deep one"),
    pytest.param(faults.odd("x" * 3_000_000), id="a long one"),
    pytest.param(faults.cut(arrives=False), id="cut after it was read"),
]
NOT_DONE = [
    pytest.param(faults.precondition(), id="412"),
    pytest.param(Fault(412), id="412 with nothing"),
    pytest.param(faults.page(403), id="a page with 403"),
    pytest.param(faults.page(404), id="a page with 404"),
    pytest.param(faults.broken(403), id="403 ServiceError"),
    pytest.param(Fault(302, headers={"Location": "/elsewhere"}), id="a redirection"),
]


@pytest.mark.parametrize("fault", IN_DOUBT)
async def test_a_post_whose_answer_says_nothing_is_in_doubt_and_sent_once(
    messenger: TeamsMessenger, teams: FakeTeams, fault: Fault
) -> None:
    teams.will(fault, on="create")
    teams.will(fault, on="post")

    with pytest.raises(Unsure):
        await messenger.post(Channel(TOETSEN), card(SECRET), key="a")
    with pytest.raises(Unsure):
        await messenger.post(Person(LOTTE), card(SECRET), key="b")

    assert (teams.asked.count("create"), teams.asked.count("post")) == (2, 1)


@pytest.mark.parametrize("fault", IN_DOUBT)
async def test_what_can_be_done_twice_without_harm_is_never_in_doubt(
    messenger: TeamsMessenger, teams: FakeTeams, fault: Fault
) -> None:
    handle = await messenger.post(Channel(TOETSEN), card("voor"), key="a")
    teams.will(*[fault] * 3, on="update")
    teams.will(fault, on="create")

    with pytest.raises(Unreachable):
        await messenger.update(handle, card("na"))
    with pytest.raises(Unreachable):
        await messenger.post(Person(LOTTE), card("hallo"), key="b")


@pytest.mark.parametrize("fault", NOT_DONE)
async def test_what_was_surely_not_done_can_be_tried_again(
    messenger: TeamsMessenger, teams: FakeTeams, fault: Fault
) -> None:
    teams.will(fault, on="create")

    with pytest.raises(Unreachable):
        await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert teams.asked.count("create") == 1


async def test_a_teams_that_says_nothing_is_in_doubt_after_a_while(
    teams: FakeTeams, references: Remembered, registration: Registration
) -> None:
    async with ClientSession(timeout=ClientTimeout(total=0.2)) as hasty:
        calls = Connector(hasty, Tokens(hasty, registration), registration)
        teams.will(faults.hang(), on="create")

        with pytest.raises(Unsure):
            await TeamsMessenger(calls, references, Invokes(), TENANT).post(Channel(TOETSEN), card("hallo"), key="a")


async def test_a_teams_that_is_not_there_was_surely_not_reached(
    messenger: TeamsMessenger, references: Remembered
) -> None:
    await references.keep(Reference(TOETSEN, "http://127.0.0.1:9/emea/", channel("toets")))

    with pytest.raises(Unreachable):
        await messenger.post(Channel(TOETSEN), card("hallo"), key="a")


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0", 1.0), (None, 30.0), ("soon", 30.0)])
async def test_a_teams_that_asks_to_wait_is_waited_for(
    messenger: TeamsMessenger, teams: FakeTeams, header: str | None, seconds: float
) -> None:
    handle = await messenger.post(Channel(TOETSEN), card("voor"), key="a")
    teams.will(faults.limited(header), on="create")
    teams.will(faults.limited(header), on="update")

    with pytest.raises(RateLimited) as post:
        await messenger.post(Channel(TOETSEN), card("hallo"), key="b")
    with pytest.raises(RateLimited) as update:
        await messenger.update(handle, card("na"))

    assert (post.value.retry_after, update.value.retry_after) == (seconds, seconds)
    assert (teams.asked.count("create"), teams.asked.count("update")) == (2, 1)


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (403, "BotNotInConversationRoster", Refusal.OUTSIDE),
        (404, "BotNotInConversationRoster", Refusal.OUTSIDE),
        (403, "NotEnoughPermissions", Refusal.OUTSIDE),
        (403, "ConversationBlockedByUser", Refusal.OUTSIDE),
        (403, "SomethingNew", Refusal.OUTSIDE),
        (404, "ConversationNotFound", Refusal.GONE),
        (404, "ActivityNotFoundInConversation", Refusal.GONE),
        (404, "SomethingNew", Refusal.GONE),
        (403, "BotDisabledByAdmin", Refusal.ACCESS),
        (403, "InvalidBotApiHost", Refusal.ACCESS),
        (413, "MessageSizeTooBig", Refusal.REFUSED),
        (400, "BadSyntax", Refusal.REFUSED),
        (405, "SomethingNew", Refusal.REFUSED),
    ],
)
async def test_a_refusal_in_a_channel_is_of_a_kind_that_somebody_can_act_on(
    messenger: TeamsMessenger, teams: FakeTeams, status: int, code: str, refusal: Refusal
) -> None:
    teams.will(faults.refused(status, code), on="create")

    with pytest.raises(Misconfigured, match=code) as refused:
        await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert refused.value.refusal is refusal


async def test_a_registration_that_the_connector_does_not_know_waits_for_a_person(
    messenger: TeamsMessenger, teams: FakeTeams
) -> None:
    teams.will(*[faults.refused(401, "BotNotRegistered")] * 2, on="create")

    with pytest.raises(Misconfigured, match="BotNotRegistered") as refused:
        await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert refused.value.refusal is Refusal.ACCESS


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("code", ["BadArgument", "ForbiddenOperationException", "SomethingNew"])
async def test_a_chat_that_cannot_be_opened_is_a_person_who_cannot_be_written_to(
    messenger: TeamsMessenger, teams: FakeTeams, status: int, code: str
) -> None:
    teams.will(faults.refused(status, code), on="create")

    with pytest.raises(Misconfigured) as refused:
        await messenger.post(Person(LOTTE), card("hallo"), key="a")

    assert refused.value.refusal is Refusal.PERSON


@pytest.mark.parametrize(("status", "refusal"), [(401, Refusal.ACCESS), (403, Refusal.OUTSIDE), (413, Refusal.REFUSED)])
async def test_a_refusal_without_a_word_is_told_by_its_status(
    messenger: TeamsMessenger, teams: FakeTeams, status: int, refusal: Refusal
) -> None:
    teams.will(Fault(status), Fault(status), on="create")

    with pytest.raises(Misconfigured, match=f"HTTP {status}") as refused:
        await messenger.post(Channel(TOETSEN), card("hallo"), key="a")

    assert refused.value.refusal is refusal


@pytest.mark.parametrize(
    "fault",
    [
        faults.refused(400, "BadSyntax", f"text may not be {SECRET}"),
        faults.refused(400, SECRET, SECRET),
        faults.refused(403, "MessageWritesBlocked", SECRET),
        faults.odd(f'{{"id": "{SECRET}'),
        Fault(500, f'"{SECRET}"'),
        Fault(403, json.dumps({"errorCode": 209, "message": f"MessageWritesBlocked {SECRET}"})),
    ],
)
async def test_what_an_error_says_never_quotes_what_was_written(
    messenger: TeamsMessenger, teams: FakeTeams, fault: Fault
) -> None:
    teams.will(fault, on="create")

    with pytest.raises(PlatformError) as error:
        await messenger.post(Channel(TOETSEN), card(SECRET), key="a")

    assert SECRET not in str(error.value)


async def test_a_post_that_arrived_without_a_word_about_it_is_not_posted_again(
    messenger: TeamsMessenger, teams: FakeTeams, world: World
) -> None:
    teams.will(Fault(202, arrives=True), on="create")

    await messenger.post(Channel(TOETSEN), card("eens"), key="a")

    assert [message.summary for message in world.messages] == ["eens"]


@given(st.integers(100, 599), st.binary(max_size=300), st.sampled_from([Unsure, Unreachable]))
def test_whatever_is_answered_has_a_decided_outcome(status: int, body: bytes, lost: type[PlatformError]) -> None:
    answer = Answer(status, {}, body)

    try:
        brought = told(answer, lost)
    except (Misconfigured, RateLimited, Unreachable, lost) as error:
        outcome: object = error
    else:
        outcome = brought

    assert isinstance(outcome, dict if status < 300 and not isinstance(outcome, lost) else PlatformError)
