"""A furnished room with a pretend Kring behind it."""

from collections.abc import Iterator, Mapping

import pytest

from bot.chat.prompts import Prompts
from bot.platforms.room import demo
from bot.platforms.room.app import Room
from bot.platforms.room.state import RoomState
from tests.platforms.room.pretend import PretendKring


@pytest.fixture
def state() -> Iterator[RoomState]:
    state = RoomState(":memory:")
    yield state
    state.close()


@pytest.fixture
def kring(state: RoomState) -> PretendKring:
    return PretendKring(state)


@pytest.fixture
def words() -> Mapping[str, str]:
    return Prompts().voice("nl")("room/demo").labels


@pytest.fixture
async def room(state: RoomState, kring: PretendKring, words: Mapping[str, str]) -> Room:
    room = Room(state, kring.clock, kring)
    await demo.begin(room, kring.clock, words)
    kring.heard.clear()
    return room
