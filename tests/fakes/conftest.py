"""A pretend Teams, a bot that calls it, and an app that hears from it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.sides import App, Bot
from tests.fakes.teams.ways import Way
from tests.fakes.teams.world import World
from tests.serving import served


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    async with FakeTeams.started() as teams:
        yield teams


@pytest.fixture
def world(teams: FakeTeams) -> World:
    return teams.world


@pytest.fixture
async def bot(teams: FakeTeams) -> Bot:
    bot = Bot(teams)
    await bot.login()
    return bot


@pytest.fixture
async def app() -> AsyncIterator[tuple[App, str]]:
    app = App()
    application = web.Application()
    application.router.add_post("/api/messages", app.messages)
    async with served(application) as address:
        yield app, f"{address}/api/messages"


@pytest.fixture
def kring(app: tuple[App, str]) -> App:
    return app[0]


@pytest.fixture
def hand(teams: FakeTeams, app: tuple[App, str]) -> Hand:
    return Hand(teams, Way(app[1], teams))
