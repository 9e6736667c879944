"""Deliveries over Teams, by the real sender: what becomes of each on a bad day."""

from dataclasses import dataclass

import pytest

from bot.delivery.sender import Sender
from bot.platforms.teams.messenger import TeamsMessenger
from storage.db import Store
from tests.fakes.clock import StandingClock
from tests.fakes.teams import faults
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import TENANT, World, channel
from tests.platforms.office import AnyOffice
from tests.storage.rows import NOW

TOETSEN = channel("toetsen")
ADDRESS = f'{{"conversation": "{TOETSEN}", "kind": "channel"}}'


@dataclass
class Office(AnyOffice):
    """A sender with a pretend Teams behind it."""

    world: World

    def said(self) -> list[str]:
        """What is read in the channel."""
        return [message.summary for message in self.world.seen("lotte", TOETSEN)]


@pytest.fixture
def office(sqlite_store: Store, world: World, messenger: TeamsMessenger) -> Office:
    where = {"platform": "teams", "workspace": TENANT, "lane": f"teams:{TENANT}:{TOETSEN}", "address": ADDRESS}
    return Office(sqlite_store, Sender(sqlite_store, {"teams": messenger}, StandingClock(NOW)), where, world)


async def test_what_is_in_doubt_is_said_again_since_teams_cannot_be_asked(office: Office, teams: FakeTeams) -> None:
    teams.will(faults.cut(arrives=False), on="create")
    number = await office.put("hallo")

    await office.try_once(number)
    in_doubt = await office.state(number)
    await office.try_once(number)

    assert in_doubt == ("unknown", "outcome unknown")
    assert await office.state(number) == ("sent", "")
    assert office.said() == ["hallo"]


async def test_what_had_better_be_lost_than_said_twice_is_lost(office: Office, teams: FakeTeams) -> None:
    teams.will(faults.cut(arrives=True), on="create")
    number = await office.put("hallo", repeat=False)

    await office.try_once(number)
    await office.try_once(number)

    assert await office.state(number) == ("dead", "unsure")
    assert office.said() == ["hallo"]


async def test_a_limit_keeps_the_channel_quiet_for_as_long_as_told(office: Office, teams: FakeTeams) -> None:
    teams.will(faults.limited("7"), on="create")
    number = await office.put("hallo")

    wait = await office.try_once(number)
    again = (await office.sender([number]))[number]

    assert wait == 7
    assert 5 < again <= 7
    assert teams.asked.count("create") == 1


async def test_a_channel_that_was_deleted_before_it_was_sent_is_given_up_with_its_reason(office: Office) -> None:
    number = await office.put("hallo")
    office.world.conversations[TOETSEN].deleted = True

    await office.try_once(number)

    assert await office.state(number) == ("dead", "gone")


async def test_a_person_who_blocked_kring_is_given_up_with_its_reason(office: Office) -> None:
    number = await office.put("hallo", address='{"user_id": "29:1lotte", "kind": "person"}')
    office.world.personal("lotte").blocked = True

    await office.try_once(number)

    assert await office.state(number) == ("dead", "person")


async def test_a_password_that_ended_waits_until_it_is_mended(office: Office, teams: FakeTeams) -> None:
    number = await office.put("hallo")
    teams.will(faults.Fault(401, '{"error": "invalid_client"}'), on="token")
    await office.try_once(number)
    waiting = await office.state(number)

    await office.try_once(number)

    assert waiting == ("pending", "access")
    assert office.said() == ["hallo"]


async def test_a_delivery_for_another_tenant_does_not_go_over_this_registration(
    office: Office, teams: FakeTeams
) -> None:
    number = await office.put("hallo", workspace="another")

    await office.try_once(number)

    assert await office.state(number) == ("pending", "access")
    assert teams.asked == []
