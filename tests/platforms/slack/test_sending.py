"""Deliveries over Slack, by the real sender: what becomes of each on a bad day, and that nobody sees anything twice."""

from dataclasses import dataclass

import pytest

from bot.delivery.sender import Sender
from bot.platforms.slack.messenger import SlackMessenger
from storage.db import Store
from tests.fakes.clock import StandingClock
from tests.fakes.slack import faults
from tests.fakes.slack.faults import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import Workspace
from tests.platforms.office import AnyOffice
from tests.storage.rows import NOW

ADDRESS = '{"conversation": "C1", "kind": "channel"}'


@dataclass
class Office(AnyOffice):
    """A sender with a pretend Slack behind it."""

    place: Workspace

    def said(self) -> list[str]:
        """What is read in the channel."""
        return [message.text for message in self.place.seen("lotte", "C1")]


@pytest.fixture
def office(sqlite_store: Store, place: Workspace, messenger: SlackMessenger) -> Office:
    where = {"platform": "slack", "workspace": "T1", "lane": "slack:T1:C1", "address": ADDRESS}
    return Office(sqlite_store, Sender(sqlite_store, {"slack": messenger}, StandingClock(NOW)), where, place)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.cut(arrives=True), id="cut after it was posted"),
        pytest.param(faults.cut(arrives=False), id="cut before"),
        pytest.param(faults.broken(arrives=True), id="500 after it was posted"),
        pytest.param(faults.page(arrives=False), id="a page instead"),
    ],
)
async def test_what_is_in_doubt_is_looked_for_and_seen_once(office: Office, slack: FakeSlack, fault: Fault) -> None:
    slack.will(fault, on="chat.postMessage")
    number = await office.put("hallo")

    await office.try_once(number)
    in_doubt = await office.state(number)
    await office.try_once(number)

    assert in_doubt == ("unknown", "outcome unknown")
    assert await office.state(number) == ("sent", "")
    assert office.said() == ["hallo"]


async def test_a_limit_keeps_the_channel_quiet_for_as_long_as_told(office: Office, slack: FakeSlack) -> None:
    slack.will(faults.limited("7"), on="chat.postMessage")
    number = await office.put("hallo")

    wait = await office.try_once(number)
    again = (await office.sender([number]))[number]

    assert wait == 7
    assert 5 < again <= 7
    assert slack.asked.count("chat.postMessage") == 1


async def test_a_channel_archived_before_it_was_sent_is_given_up_with_its_reason(office: Office) -> None:
    number = await office.put("hallo")
    office.place.channels["C1"].is_archived = True

    await office.try_once(number)

    assert await office.state(number) == ("dead", "gone")


async def test_a_person_who_left_is_given_up_with_its_reason(office: Office) -> None:
    number = await office.put("hallo", address='{"user_id": "lotte", "kind": "person"}')
    office.place.user("lotte").deleted = True

    await office.try_once(number)

    assert await office.state(number) == ("dead", "person")


async def test_a_revoked_token_waits_until_it_is_mended(office: Office) -> None:
    number = await office.put("hallo")
    office.place.revoked = "token_revoked"
    await office.try_once(number)
    waiting = await office.state(number)

    office.place.revoked = None
    await office.try_once(number)

    assert waiting == ("pending", "access")
    assert office.said() == ["hallo"]


async def test_a_delivery_for_another_workspace_does_not_go_over_this_ones_token(
    office: Office, slack: FakeSlack
) -> None:
    other = slack.workspace("T2")
    number = await office.put("hallo", workspace="T2")

    await office.try_once(number)

    assert await office.state(number) == ("pending", "access")
    assert not office.said()
    assert not other.messages
