"""A pretend Teams, and Kring's way into it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.domain.reference import Reference
from bot.platforms.teams import connector
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.invokes import Invokes
from bot.platforms.teams.messenger import TeamsMessenger
from bot.platforms.teams.references import Remembered
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from storage.db import Store
from storage.references import References
from tests.conftest import Logs
from tests.fakes.teams.issuer import PASSWORD
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID, TENANT, World
from tests.storage.rows import NOW


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    async with FakeTeams.started() as teams:
        yield teams


@pytest.fixture
def world(teams: FakeTeams) -> World:
    return teams.world


@pytest.fixture
def registration(teams: FakeTeams) -> Registration:
    return Registration(APP_ID, PASSWORD, TENANT, metadata_url=teams.metadata_url, token_url=teams.token_url)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with connector.session() as session:
        yield session


@pytest.fixture
def tokens(session: ClientSession, registration: Registration) -> Tokens:
    return Tokens(session, registration)


@pytest.fixture
def calls(session: ClientSession, tokens: Tokens, registration: Registration) -> Connector:
    """All calls of the connector, without a wait between two tries."""
    return Connector(session, tokens, registration, pauses=(0.0, 0.0))


@pytest.fixture
async def kept(sqlite_store: Store, teams: FakeTeams) -> References:
    """Where references are kept; of the channels of the team something was heard."""
    kept = References(sqlite_store, "teams", TENANT)
    for place in teams.world.conversations.values():
        await kept.keep(Reference(place.id, teams.service_url, place.team or "", name=place.name), at=NOW)
    return kept


@pytest.fixture
def references(kept: References) -> Remembered:
    return Remembered(kept, lambda: NOW)


@pytest.fixture
async def invokes() -> Invokes:
    return Invokes()


@pytest.fixture
def messenger(calls: Connector, references: Remembered, invokes: Invokes) -> TeamsMessenger:
    return TeamsMessenger(calls, references, invokes, TENANT)


__all__ = ["Logs"]
