"""The loopback platform keeps the promises of a real one, and breaks those that it is told to break."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from bot.chat.messages import Channel
from bot.errors import PlatformError, RateLimited, Unreachable, Unsure
from tests.contracts.messenger import MessengerContract, card
from tests.faults.loopback.messenger import LoopbackMessenger
from tests.faults.loopback.process import Loopback, calling, loopback
from tests.faults.waiting import until
from tests.project.sizes import ROOT

PLACES = ["plaza", "dm:lotte", "dm:daan"]


@dataclass
class LoopbackSide:
    """The platform, looked at from the other side."""

    platform: Loopback
    messenger: LoopbackMessenger
    recognises: bool
    channel: str = "plaza"
    person: str = "lotte"
    other: str = "daan"

    async def seen(self, person: str, conversation: str | None = None) -> list[str]:
        self.platform.posts.clear()
        await self.platform.look()
        here = [post for post in self.platform.posts if post["conversation"] == (conversation or f"dm:{person}")]
        return [post["text"] for post in here if post["only_for"] in (None, person)]

    async def gesture(self, person: str) -> str:
        return str((await self.platform.ask("/gesture", {"person": person}))["trigger"])

    async def form_before(self, person: str) -> str | None:
        await self.platform.look()
        return self.platform.forms.get(person)


@pytest.fixture(scope="module")
def platform_address() -> Iterator[str]:
    program = [sys.executable, "-m", "tests.faults.loopback.server"]
    with subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
async def side(request: pytest.FixtureRequest, platform_address: str) -> AsyncIterator[LoopbackSide]:
    """Look at one that can be asked, unless the test class has it otherwise."""
    known = getattr(request.cls, "known", True)
    async with calling(platform_address) as platform, LoopbackMessenger(platform_address, can_find=known) as messenger:
        await platform.behave(places=PLACES, recognises=known, answers=known)
        yield LoopbackSide(platform, messenger, known)


class TestTheLoopbackPlatform(MessengerContract):
    known = True


class TestTheLoopbackPlatformThatCannotBeAsked(MessengerContract):
    known = False


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("limited", RateLimited, []),
        ("refused", Unsure, []),
        ("dropped", Unsure, []),
        ("broken", Unsure, ["hallo"]),
        ("cut", Unsure, ["hallo"]),
    ],
)
async def test_what_goes_wrong_is_told_as_a_platform_would_and_has_happened_or_not(
    side: LoopbackSide, fault: str, error: type[PlatformError], said: list[str]
) -> None:
    await side.platform.behave(script=[fault])

    with pytest.raises(error):
        await side.messenger.post(Channel("plaza"), card("hallo"), key="a")

    assert await side.seen("lotte", "plaza") == said
    assert side.platform.counts == {fault: 1}


async def test_who_speaks_before_the_wait_is_over_is_counted_as_impatient(side: LoopbackSide) -> None:
    await side.platform.behave(script=["limited"], retry_after=60.0)

    for _ in range(2):
        with pytest.raises(RateLimited):
            await side.messenger.post(Channel("plaza"), card("hallo"), key="a")
    await side.messenger.post(Channel("elsewhere"), card("hallo"), key="b")

    assert await side.seen("lotte", "plaza") == []
    assert side.platform.counts == {"limited": 1, "impatient": 1}


async def test_who_speaks_faster_than_a_conversation_can_hear_is_counted_as_hasty(side: LoopbackSide) -> None:
    await side.platform.behave(pace=60.0, burst=2)

    outcomes = [await _outcome(side, key) for key in "abc"]

    assert outcomes == ["posted", "posted", "RateLimited"]
    assert await side.seen("lotte", "plaza") == ["hallo", "hallo"]
    assert side.platform.counts == {"hasty": 1}


async def _outcome(side: LoopbackSide, key: str) -> str:
    try:
        await side.messenger.post(Channel("plaza"), card("hallo"), key=key)
    except PlatformError as error:
        return type(error).__name__
    return "posted"


async def test_where_nobody_listens_nothing_was_posted() -> None:
    async with loopback() as gone:
        address = gone.address

    async with LoopbackMessenger(address, can_find=True) as messenger:
        with pytest.raises(Unreachable):
            await messenger.post(Channel("plaza"), card("hallo"), key="a")


async def test_the_platform_ends_when_whoever_started_it_is_gone() -> None:
    program = "import asyncio, sys; from tests.faults.loopback.process import loopback\n"
    program += (
        "async def run():\n async with loopback() as p:\n  print(p.address, flush=True); await asyncio.sleep(60)\n"
    )
    program += "asyncio.run(run())"
    parent = await _python(program)
    assert parent.stdout is not None
    address = (await parent.stdout.readline()).decode().strip()

    parent.kill()
    await parent.wait()

    port = int(address.rstrip("/").rpartition(":")[2])
    async with asyncio.timeout(10):
        await until(lambda: _gone(port), pause=0.01)


async def _python(program: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )


async def _gone(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    await writer.wait_closed()
    return False
