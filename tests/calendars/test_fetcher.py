"""Fetching with distrust: only public addresses, hop by hop, little and soon; and never a word about the link."""

import asyncio
import gzip
import socket
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.calendars.fetcher import MOST_BYTES, MOST_REDIRECTS, WebFetcher, is_public
from bot.chat.ports import NotFetched
from bot.domain.free_calendar import Trouble
from tests.calendars.conftest import Answer, Site
from tests.calendars.files import EXAMS, calendar

SECRET = "token=sesame"


async def trouble(fetcher: WebFetcher, link: str) -> Trouble:
    with pytest.raises(NotFetched) as caught:
        await fetcher.fetch(link)
    error = caught.value
    told = f"{error!r} {error} {error.__cause__!r}"
    assert SECRET not in told
    return error.trouble


@pytest.fixture
def fetcher(site: Site) -> WebFetcher:
    return WebFetcher(trusted=[site.origin])


async def test_what_stands_at_a_link_is_returned(site: Site, fetcher: WebFetcher) -> None:
    assert await fetcher.fetch(f"{site.origin}/jaar.ics?{SECRET}") == calendar(EXAMS)


async def test_it_says_who_asks_and_wants_nothing_packed(site: Site, fetcher: WebFetcher) -> None:
    await fetcher.fetch(f"{site.origin}/jaar.ics")

    (last,) = site.asked
    assert last.headers["Accept-Encoding"] == "identity"
    assert last.headers["User-Agent"] == "Kring"


async def test_it_keeps_no_cookies() -> None:
    async with WebFetcher._session() as session:
        # A look inside: a jar would not take a cookie from an address like this machine's anyway.
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_it_follows_a_link_that_has_moved(site: Site, fetcher: WebFetcher, status: int) -> None:
    link = site.moved("/old", "/jaar.ics", status)

    assert await fetcher.fetch(link) == calendar(EXAMS)


async def test_it_follows_only_so_far(site: Site, fetcher: WebFetcher) -> None:
    for hop in range(MOST_REDIRECTS + 1):
        site.moved(f"/{hop}", f"/{hop + 1}" if hop < MOST_REDIRECTS else "/jaar.ics")

    assert await fetcher.fetch(f"{site.origin}/1") == calendar(EXAMS)
    assert await trouble(fetcher, f"{site.origin}/0?{SECRET}") is Trouble.UNREACHABLE


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "file:///etc/passwd",
        "https://example.org:8443/",
        "http://example.org/",
        "https://noor:secret@example.org/",
    ],
)
async def test_nothing_leads_inside_neither_a_link_nor_where_it_moved_to(
    site: Site, fetcher: WebFetcher, inside: str
) -> None:
    link = site.moved("/old", inside)

    assert await trouble(WebFetcher(), f"{inside}?{SECRET}") is Trouble.NOT_ALLOWED
    assert await trouble(fetcher, link) is Trouble.NOT_ALLOWED


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::6810:84e5", True),
        ("64:ff9b::93.184.215.14", True),
        ("::ffff:93.184.215.14", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104 - refused, not bound to
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("example.org", False),
    ],
)
def test_an_address_is_public_or_it_is_not(address: str, *, public: bool) -> None:
    assert is_public(address) is public


def lookups(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names mean these addresses, another list each time; return the names that were looked up."""
    asked: list[str] = []
    left = iter(answers)

    async def getaddrinfo(_loop: object, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(left)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


async def test_a_host_with_one_private_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lookups(monkeypatch, ["93.184.215.14", "10.0.0.1"])

    assert await trouble(WebFetcher(), f"https://rooster.example.org/?{SECRET}") is Trouble.NOT_ALLOWED


async def test_the_connection_goes_to_the_address_that_was_judged_and_no_name_is_asked_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = lookups(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    went: list[str] = []

    async def connect(addr_infos: list[tuple[Any, ...]], **_: object) -> socket.socket:
        went.extend(str(entry[4][0]) for entry in addr_infos)
        raise OSError

    monkeypatch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", connect)

    assert await trouble(WebFetcher(), f"https://rooster.example.org/?{SECRET}") is Trouble.UNREACHABLE
    assert went == ["93.184.215.14"]
    assert asked == ["rooster.example.org"]


async def test_a_host_that_nobody_knows_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)

    assert await trouble(WebFetcher(), f"https://rooster.example.org/?{SECRET}") is Trouble.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, Trouble.GONE), (403, Trouble.GONE), (404, Trouble.GONE), (410, Trouble.GONE), (204, Trouble.GONE),
     (429, Trouble.UNREACHABLE), (500, Trouble.UNREACHABLE), (503, Trouble.UNREACHABLE)],
)  # fmt: skip
async def test_a_server_that_says_no_is_told_from_one_that_fails(
    site: Site, fetcher: WebFetcher, status: int, expected: Trouble
) -> None:
    link = site.serve("/refused", status=status)

    assert await trouble(fetcher, f"{link}?{SECRET}") is expected


async def test_a_megabyte_is_the_most(site: Site, fetcher: WebFetcher) -> None:
    most = site.serve("/most", b"x" * MOST_BYTES)
    more = site.serve("/more", b"x" * (MOST_BYTES + 1))

    assert len(await fetcher.fetch(most)) == MOST_BYTES
    assert await trouble(fetcher, more) is Trouble.TOO_LARGE


async def test_what_has_no_end_is_left_at_a_megabyte(site: Site, fetcher: WebFetcher) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    assert await trouble(fetcher, site.put("/endless", endless)) is Trouble.TOO_LARGE


async def test_what_is_packed_all_the_same_is_not_unpacked(site: Site, fetcher: WebFetcher) -> None:
    packed = gzip.compress(b"0" * 50_000_000)
    link = site.serve("/packed", packed, headers={"Content-Encoding": "gzip"})

    assert await fetcher.fetch(link) == packed


async def test_who_is_too_slow_is_not_waited_for(site: Site, never: Answer) -> None:
    hasty = WebFetcher(trusted=[site.origin], within=0.2)

    assert await trouble(hasty, site.put("/slow", never)) is Trouble.UNREACHABLE


async def test_a_line_that_is_cut_is_unreachable(site: Site, fetcher: WebFetcher) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.close()
        return web.Response()

    assert await trouble(fetcher, site.put("/cut", cut)) is Trouble.UNREACHABLE


async def test_a_server_that_moves_nowhere_is_unreachable(site: Site, fetcher: WebFetcher) -> None:
    link = site.serve("/nowhere", status=302)

    assert await trouble(fetcher, link) is Trouble.UNREACHABLE
