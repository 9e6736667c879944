"""The room's page on loopback, with a pretend Kring behind it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.chat.prompts import Prompts
from bot.platforms.room import demo
from bot.platforms.room.app import Room
from bot.platforms.room.state import RoomState
from bot.web.room import RoomPage
from tests.platforms.room.pretend import PretendKring
from tests.web.browser import browser

__all__ = ["browser"]

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def state() -> Iterator[RoomState]:
    state = RoomState(":memory:")
    yield state
    state.close()


@pytest.fixture
def kring(state: RoomState) -> PretendKring:
    return PretendKring(state)


@pytest_asyncio.fixture(loop_scope="session")
async def room(state: RoomState, kring: PretendKring) -> Room:
    room = Room(state, kring.clock, kring)
    await demo.begin(room, kring.clock, Prompts().voice("nl")("room/demo").labels)
    return room


@pytest_asyncio.fixture(loop_scope="session")
async def client(room: Room, kring: PretendKring) -> AsyncIterator[Client]:
    app = web.Application()
    RoomPage(room, kring.clock, Prompts(), host="127.0.0.1", settle=0).attach(app)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client
