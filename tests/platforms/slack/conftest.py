"""A pretend Slack with a workspace in it, and Kring's way into that."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Misconfigured, Refusal
from bot.platforms.slack import clients
from bot.platforms.slack.answers import asked
from bot.platforms.slack.messenger import SlackMessenger
from tests.conftest import Logs
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import Workspace


class OneWorkspace:
    """The client of a single token, for the workspace that the token belongs to and for no other."""

    def __init__(self, one: AsyncWebClient) -> None:
        """Slack is asked once whose token it is, as soon as that matters."""
        self._one = one
        self._own: frozenset[str] = frozenset()

    async def of(self, workspace: str) -> AsyncWebClient:
        """Return the client; the errors are those of any call to Slack."""
        if not self._own:
            told = await asked(self._one.auth_test(), lasting=False)
            self._own = frozenset(str(told[name]) for name in ("team_id", "enterprise_id") if told.get(name))
        if workspace not in self._own:
            raise Misconfigured("the token is another workspace's", Refusal.ACCESS)
        return self._one


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
    one = OneWorkspace(clients.client(place.token or "", session, slack.api_url))
    return SlackMessenger(one).at(place.id)


__all__ = ["Logs"]
