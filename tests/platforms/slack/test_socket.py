"""Socket Mode: lines that are cut, lines that say nothing, and what was not kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.kring import Kring
from bot.platforms.slack.socket import Socket
from bot.platforms.slack.workplace import Slack
from tests.fakes.slack.ways import SocketWay
from tests.platforms.slack.conftest import Logs
from tests.platforms.slack.living import CHANNEL, House, furnished, living


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path, socket=True) as house:
        furnished(house.slack)
        await connected(house)
        yield house


async def connected(house: House, count: int = 1) -> None:
    """Wait until Slack was asked for a connection so many times, and the last is open."""
    async with asyncio.timeout(5):
        while house.slack.asked.count("apps.connections.open") < count or not house.slack.sockets.open:  # noqa: ASYNC110 - what is waited for is on the other side of a socket
            await asyncio.sleep(0.01)


def socket_of(kring: Kring) -> Socket:
    platform = kring.platforms[0]
    assert isinstance(platform, Slack)
    assert platform._socket
    return platform._socket


@asynccontextmanager
async def running(socket: Socket) -> AsyncIterator["asyncio.Task[None]"]:
    """Run a socket beside the test."""
    task = asyncio.create_task(socket.run())
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, TimeoutError):
        await task


async def test_a_command_over_the_socket_is_kept_once_however_often_it_comes(house: House) -> None:
    place = house.place()
    payload = {
        "team_id": place.id, "channel_id": CHANNEL, "channel_name": "toetsen", "user_id": "lotte", "command": "/kring",
        "text": "help", "trigger_id": "1.1.a",
    }  # fmt: skip

    for _ in range(4):
        await house.hand.way.command(payload)

    assert (await house.kring.measures())["inbox_waiting"] == 1


async def test_a_new_line_is_taken_when_slack_asks_for_that(house: House) -> None:
    await house.slack.sockets.disconnect()
    await connected(house, 2)

    answer = await house.hand.command(house.place(), "lotte", CHANNEL, "help")

    assert answer.status == 200


async def test_a_line_that_says_nothing_is_given_up_for_a_new_one(house: House, logs: Logs) -> None:
    socket = Socket(socket_of(house.kring)._app, "xapp-1", silence=0.05)

    async with running(socket):
        await connected(house, 3)

    assert "slack.socket.silent" in [entry["event"] for entry in logs]


async def test_a_line_that_is_not_greeted_is_an_error_for_who_supervises(house: House) -> None:
    socket = Socket(socket_of(house.kring)._app, "xapp-wrong", greeting=0.05)

    async with running(socket) as task:
        with pytest.raises(TimeoutError):
            await task


async def test_kring_is_ready_when_the_line_is_there(house: House) -> None:
    async with asyncio.timeout(5):
        while await house.kring.problems():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    unconnected = Socket(socket_of(house.kring)._app, "xapp-1")
    platform = house.kring.platforms[0]
    assert isinstance(platform, Slack)
    platform._socket = unconnected

    assert await house.kring.problems() == {"slack": "no connection"}


async def test_what_could_not_be_kept_is_not_acknowledged_over_the_socket(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise StoreError

    monkeypatch.setattr(type(house.kring.dispatcher), "receive", refuse)
    house.hand.way = SocketWay(house.slack, seconds=0.3)

    with pytest.raises(TimeoutError):
        await house.hand.command(house.place(), "lotte", CHANNEL, "help")
