"""Where an organisation lets its machines out through a proxy only, Kring goes through it, but never to itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import ClientSession

from bot.domain.reference import Reference
from bot.errors import Unreachable
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.proxies import proxy_for
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens
from bot.platforms.teams.validation import Keys
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import channel

FAR = "https://smba.example/emea/"
HELLO = {"type": "message", "text": "hallo"}


@dataclass
class Proxy:
    """A proxy that lets nobody through, and remembers who asked."""

    address: str = ""
    asked: list[str] = field(default_factory=list)

    async def turn_away(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Refuse one."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b" HTTP", 1)[0].decode())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    proxy = Proxy()
    server = await asyncio.start_server(proxy.turn_away, "127.0.0.1", 0)
    proxy.address = "http://{}:{}".format(*server.sockets[0].getsockname())
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy.address)
    for name in ("https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield proxy
    server.close()
    await server.wait_closed()


async def test_a_reply_goes_through_the_proxy_and_was_not_sent_where_that_refuses(
    proxy: Proxy, session: ClientSession, registration: Registration
) -> None:
    tokens = Tokens(session, registration)
    calls = Connector(session, tokens, registration, pauses=())

    with pytest.raises(Unreachable):
        await calls.send(Reference(channel("toetsen"), FAR), HELLO)

    assert proxy.asked == ["CONNECT smba.example:443"]


async def test_tokens_and_keys_are_fetched_through_the_proxy(
    proxy: Proxy, session: ClientSession, registration: Registration
) -> None:
    far = replace(registration, token_url="https://login.example/token", metadata_url="https://keys.example/openid")
    keys = Keys(session, far.metadata_url)

    with pytest.raises(Unreachable):
        await Tokens(session, far).current()
    await keys.refresh()

    assert proxy.asked == ["CONNECT login.example:443", "CONNECT keys.example:443"]
    assert not keys.known


async def test_what_is_on_this_machine_is_called_directly(proxy: Proxy, calls: Connector, teams: FakeTeams) -> None:
    posted = await calls.start(Reference(channel("toetsen"), teams.service_url, channel("toets")), HELLO)

    assert posted
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("address", "goes"),
    [
        (FAR, True),
        ("https://smba.inside.example/", False),
        ("https://127.0.0.1:9/", False),
        ("http://localhost/", False),
    ],
)
def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, address: str, *, goes: bool) -> None:
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "inside.example")

    assert proxy_for(address) == ("http://127.0.0.1:9" if goes else None)


def test_without_a_proxy_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert proxy_for(FAR) is None
