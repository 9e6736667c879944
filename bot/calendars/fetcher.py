"""Fetching a link that somebody typed, without becoming their way into the network that Kring runs in.

Only https to public addresses. A host is looked up once for each hop, every address it has must be public, and the
connection goes to the address that was looked at: a name that means something else a moment later changes nothing.
No cookies, no proxy from the environment, no packed content (1 MB of it could be 1 GB), and nothing of the link in
a log or an error.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.chat.ports import NotFetched
from bot.domain.free_calendar import Trouble, calendar_link, host_of

MOST_BYTES = 1_000_000  # chosen: the year of a whole university is a tenth of it
MOST_REDIRECTS = 3
WITHIN = 10.0  # seconds, all hops together
_CHUNK = 65_536
_MOVED = frozenset({301, 302, 303, 307, 308})
_OK, _SERVER_FAILED, _BUSY = 200, 500, 429
_HEADERS = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "identity", "User-Agent": "Kring"}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Private(OSError):
    """A host has an address that is not public."""


class PublicResolver(AbstractResolver):
    """Looks up hosts, and refuses those with any address that is not public."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host for the connection to go to."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        if not all(is_public(str(place[0])) for *_, place in found):
            raise _Private
        return [_result(host, port, entry) for entry in found]

    async def close(self) -> None:
        """Hold on to nothing."""


def _result(host: str, port: int, entry: tuple[Any, ...]) -> ResolveResult:
    family, _, proto, _, place = entry
    return ResolveResult(
        hostname=host, host=place[0], port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
    )


def is_public(address: str) -> bool:
    """Tell whether an address belongs to the open internet: no loopback, private, link-local, metadata or group one.

    An address that wraps another (IPv4 in IPv6) is judged by the one inside.
    """
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = _wrapped(found)
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in (inside or found,))


def _wrapped(address: Address) -> ipaddress.IPv4Address | None:
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class WebFetcher:
    """The web, as far as it may be read."""

    def __init__(self, *, trusted: Collection[str] = (), within: float = WITHIN) -> None:
        """Read public https only; `trusted` is for tests: origins, as `http://127.0.0.1:80`, that are read too."""
        self._trusted: Final = frozenset(trusted)
        self._within: Final = within

    async def fetch(self, link: str) -> bytes:
        """Return what stands at a link; see `Fetcher`."""
        try:
            async with asyncio.timeout(self._within), self._session() as session:
                return await self._follow(session, link)
        except (TimeoutError, ValueError, OSError, aiohttp.ClientError) as error:
            private = isinstance(error, _Private) or isinstance(error.__cause__, _Private)
            # Nothing of `error` goes on: its message has the link in it, and with that perhaps a token.
            raise NotFetched(Trouble.NOT_ALLOWED if private else Trouble.UNREACHABLE) from None

    @staticmethod
    def _session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=PublicResolver(), use_dns_cache=False, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers=_HEADERS,
            trust_env=False,
        )

    async def _follow(self, session: aiohttp.ClientSession, link: str) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            async with session.get(self._allowed(link), allow_redirects=False) as response:
                if response.status not in _MOVED:
                    return await _body(response)
                link = urljoin(link, response.headers.get("Location", ""))
        raise NotFetched(Trouble.UNREACHABLE)

    def _allowed(self, link: str) -> str:
        """Judge a hop before anything is sent. The client itself asks no resolver about a host that is an address."""
        parts = urlsplit(link)
        if f"{parts.scheme}://{parts.netloc}" in self._trusted:
            return link
        allowed = calendar_link(link)
        host = host_of(allowed) if allowed else ""
        if allowed is None or (_is_address(host) and not is_public(host)):
            raise NotFetched(Trouble.NOT_ALLOWED)
        return allowed


def _is_address(host: str) -> bool:
    """Tell whether a client would take a host for an address: by its letters, since 127.1 and 2130706433 are too."""
    return ":" in host or not any(letter.isalpha() for letter in host.rpartition(".")[2])


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if response.status != _OK:
        passing = response.status >= _SERVER_FAILED or response.status == _BUSY
        raise NotFetched(Trouble.UNREACHABLE if passing else Trouble.GONE)
    read = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        read += chunk
        if len(read) > MOST_BYTES:
            raise NotFetched(Trouble.TOO_LARGE)
    return bytes(read)
