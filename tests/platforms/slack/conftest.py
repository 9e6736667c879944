"""A pretend Slack with a workspace in it, and Kring's way into that."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, ClientTimeout

from bot.platforms.slack import clients
from bot.platforms.slack.messenger import SlackMessenger
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import Workspace

SHORT = ClientTimeout(total=0.3)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack.started() as slack:
        yield slack


@pytest.fixture
def place(slack: FakeSlack) -> Workspace:
    return slack.workspace()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with clients.session() as session:
        yield session


@pytest.fixture
def messenger(slack: FakeSlack, place: Workspace, session: ClientSession) -> SlackMessenger:
    one = clients.OneWorkspace(clients.client(place.token or "", session, slack.api_url))
    return SlackMessenger(one).at(place.id)
