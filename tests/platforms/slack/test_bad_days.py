"""What becomes of a call on each of Slack's bad days: a decided outcome, and nothing posted twice by ourselves."""

import pytest
from aiohttp import ClientSession, ClientTimeout

from bot.chat.messages import Channel, Person
from bot.chat.ports import Handle
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, Unreachable, Unsure
from bot.platforms.slack import clients
from bot.platforms.slack.messenger import SlackMessenger
from tests.contracts.messenger import card
from tests.fakes.slack import faults
from tests.fakes.slack.faults import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import Workspace
from tests.platforms.slack.conftest import OneWorkspace

SECRET = "wat Lotte schreef"
IN_DOUBT = [
    pytest.param(faults.broken(500), id="500"),
    pytest.param(faults.broken(503), id="503"),
    pytest.param(faults.page(502), id="a page"),
    pytest.param(faults.page(200), id="a page with 200"),
    pytest.param(faults.odd("[]"), id="a list"),
    pytest.param(faults.odd("null"), id="null"),
    pytest.param(faults.odd('{"ok":'), id="half an answer"),
    pytest.param(faults.odd("ok", "text/plain"), id="text"),
    pytest.param(faults.cut(), id="cut after it was read"),
    pytest.param(faults.refused("fatal_error"), id="fatal_error"),
    pytest.param(faults.refused("duplicate_message_not_found"), id="duplicate_message_not_found"),
]


@pytest.mark.parametrize("fault", IN_DOUBT)
async def test_a_post_whose_answer_says_nothing_is_in_doubt_and_sent_once(
    messenger: SlackMessenger, slack: FakeSlack, fault: Fault
) -> None:
    slack.will(fault, on="chat.postMessage")

    with pytest.raises(Unsure):
        await messenger.post(Channel("C1"), card(SECRET), key="a")

    assert slack.asked.count("chat.postMessage") == 1


@pytest.mark.parametrize("fault", [faults.cut(arrives=True), faults.broken(arrives=True), faults.page(arrives=True)])
async def test_a_post_that_arrived_all_the_same_is_found(
    messenger: SlackMessenger, slack: FakeSlack, place: Workspace, fault: Fault
) -> None:
    slack.will(fault, on="chat.postMessage")
    with pytest.raises(Unsure):
        await messenger.post(Channel("C1"), card("eens"), key="a")

    found = await messenger.find(Channel("C1"), "a")

    assert found == Handle("C1", place.messages[0].ts)


async def test_a_slack_that_says_nothing_is_not_waited_for_longer_than_a_lease(slack: FakeSlack) -> None:
    token = slack.workspace().token or ""
    async with ClientSession(timeout=ClientTimeout(total=0.2)) as hasty:
        messenger = SlackMessenger(OneWorkspace(clients.client(token, hasty, slack.api_url)), "T1")
        slack.will(faults.hang(), on="chat.postMessage")

        with pytest.raises(Unsure):
            await messenger.post(Channel("C1"), card("hallo"), key="a")

    assert (clients.TIMEOUT.total or 0) * 3 < 30


async def test_a_slack_that_is_not_there_was_surely_not_reached(messenger: SlackMessenger, slack: FakeSlack) -> None:
    await messenger.post(Channel("C1"), card("hallo"), key="a")
    client = await messenger._clients.of("T1")
    client.base_url = "http://127.0.0.1:9/api/"

    with pytest.raises(Unreachable):
        await messenger.post(Channel("C1"), card("hallo"), key="b")


@pytest.mark.parametrize("fault", IN_DOUBT)
async def test_what_can_be_done_twice_without_harm_is_never_in_doubt(
    messenger: SlackMessenger, slack: FakeSlack, fault: Fault
) -> None:
    handle = await messenger.post(Channel("C1"), card("voor"), key="a")
    for method in ("chat.update", "conversations.open", "conversations.history"):
        slack.will(fault, fault, on=method)  # aiohttp itself asks a second time where a GET is cut

    with pytest.raises(Unreachable):
        await messenger.update(handle, card("na"))
    with pytest.raises(Unreachable):
        await messenger.post(Person("lotte"), card("hallo"), key="b")
    with pytest.raises(Unreachable):
        await messenger.find(Channel("C1"), "a")


@pytest.mark.parametrize("fault", [faults.page(403), faults.page(404), faults.refused("request_timeout")])
async def test_what_something_in_between_refuses_can_be_tried_again(
    messenger: SlackMessenger, slack: FakeSlack, fault: Fault
) -> None:
    slack.will(fault, on="chat.postMessage")

    with pytest.raises(Unreachable):
        await messenger.post(Channel("C1"), card("hallo"), key="a")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2.0), ("0", 1.0), ("-5", 1.0), ("1.5", 1.5), ("99999999", 3600.0), ("nan", 30.0), ("inf", 30.0),
     ("Sun, 22 Nov 2026 08:00:00 GMT", 30.0), ("", 30.0), (None, 30.0)],
)  # fmt: skip
async def test_a_slack_that_asks_to_wait_is_waited_for(
    messenger: SlackMessenger, slack: FakeSlack, header: str | None, seconds: float
) -> None:
    slack.will(faults.limited(header), on="chat.postMessage")

    with pytest.raises(RateLimited) as limit:
        await messenger.post(Channel("C1"), card("hallo"), key="a")

    assert limit.value.retry_after == seconds
    assert slack.asked.count("chat.postMessage") == 1


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("not_in_channel", Refusal.OUTSIDE),
        ("is_archived", Refusal.GONE),
        ("user_disabled", Refusal.PERSON),
        ("cannot_dm_bot", Refusal.PERSON),
        ("invalid_auth", Refusal.ACCESS),
        ("token_revoked", Refusal.ACCESS),
        ("account_inactive", Refusal.ACCESS),
        ("restricted_action", Refusal.ACCESS),
        ("msg_too_long", Refusal.REFUSED),
        ("invalid_blocks", Refusal.REFUSED),
        ("something_new", Refusal.REFUSED),
    ],
)
async def test_a_refusal_is_of_a_kind_that_somebody_can_act_on(
    messenger: SlackMessenger, slack: FakeSlack, error: str, refusal: Refusal
) -> None:
    slack.will(faults.refused(error), on="chat.postMessage")

    with pytest.raises(Misconfigured, match=error) as refused:
        await messenger.post(Channel("C1"), card("hallo"), key="a")

    assert refused.value.refusal is refusal


@pytest.mark.parametrize(
    "fault",
    [
        faults.refused(
            "invalid_blocks", response_metadata={"messages": [f"bad [json-pointer:/blocks/0/text] {SECRET}"]}
        ),
        faults.refused(SECRET),
        faults.odd(f'{{"ok": "{SECRET}'),
        faults.odd(SECRET, "text/plain"),
        Fault(500, f'"{SECRET}"'),
    ],
)
async def test_what_an_error_says_never_quotes_what_was_written(
    messenger: SlackMessenger, slack: FakeSlack, fault: Fault
) -> None:
    slack.will(fault, on="chat.postMessage")

    with pytest.raises(PlatformError) as error:
        await messenger.post(Channel("C1"), card(SECRET), key="a")

    assert SECRET not in str(error.value)


async def test_where_a_layout_is_wrong_is_said(messenger: SlackMessenger, slack: FakeSlack) -> None:
    told = {"messages": ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]}
    slack.will(faults.refused("invalid_blocks", response_metadata=told), on="chat.postMessage")

    with pytest.raises(Misconfigured, match=r"^invalid_blocks /blocks/0/text/text$"):
        await messenger.post(Channel("C1"), card("hallo"), key="a")
