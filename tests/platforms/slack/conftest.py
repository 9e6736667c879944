"""A pretend Slack with a workspace in it, and Kring's way into that."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from aiohttp import ClientSession, ClientTimeout
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.platforms.slack import clients
from bot.platforms.slack.messenger import SlackMessenger
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import Workspace

Logs = list[EventDict]
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


@pytest.fixture
def logs() -> Iterator[Logs]:
    """Everything that is logged, from the least on."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with capture_logs() as entries:
        yield entries
    structlog.configure(wrapper_class=before)
