"""Many workspaces, each let in over OAuth: install, use, install again, remove; and no key in clear in the store."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar, DummyCookieJar

from bot.platforms.slack import oauth
from bot.platforms.slack.installing import SCOPES
from tests.fakes.slack.world import BOT
from tests.platforms.slack.living import CHANNEL, House, furnished, living, set_up, words

OPEN: dict[str, Any] = {"slack_bot_token": None, "slack_client_id": "1.1", "slack_client_secret": "app-secret"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path, public_url="http://localhost", **OPEN) as house:
        yield house


async def install(house: House, team: str) -> tuple[int, str]:
    """Let Kring into a workspace, as an administrator's browser does it: to Slack, yes, and back."""
    jar = CookieJar(unsafe=True)
    async with ClientSession(cookie_jar=jar) as browser:
        async with browser.get(f"{house.address}{oauth.INSTALL}", allow_redirects=False) as begun:
            there = begun.headers["Location"]
        async with browser.get(f"{there}&team={team}", allow_redirects=False) as agreed:
            back = urlsplit(agreed.headers["Location"])
        async with browser.get(f"{house.address}{back.path}?{back.query}") as done:
            return done.status, await done.text()


async def kept(house: House) -> list[str]:
    async with house.kring.store.begin() as work:
        rows = await work.connection.exec_driver_sql("select workspace from installation order by workspace")
        return list(rows.scalars())


async def test_two_workspaces_are_let_in_used_let_in_again_and_left(house: House, tmp_path: Path) -> None:
    for team in ("T1", "T2"):
        furnished(house.slack, team)
        status, page = await install(house, team)
        assert (status, "Kring mag erin" in page) == (200, True)
        await set_up(house, team)
    tokens = [house.place(team).token for team in ("T1", "T2")]

    status, _ = await install(house, "T1")
    again = house.place().token
    await house.done(house.hand.command(house.place(), "sanne", CHANNEL, "help"))
    assert status == 200
    assert again not in tokens
    assert "Leerkring" in words(house.find("sanne", "Reflecteren", CHANNEL))
    assert await kept(house) == ["T1", "T2"]
    assert in_clear(tmp_path, [*tokens, again]) == []

    await house.done(house.hand.uninstall(house.place("T2")))
    assert await kept(house) == ["T1"]
    async with house.kring.store.begin() as work:
        silent = await work.connection.exec_driver_sql("select workspace from community where left_at is not null")
        assert list(silent.scalars()) == ["T2"]


def in_clear(folder: Path, secrets: list[str | None]) -> list[str]:
    """The secrets that can be read in a dump of the store, or in its files."""
    with sqlite3.connect(folder / "kring.db") as connection:
        dump = "\n".join(connection.iterdump()).encode()
    connection.close()
    raw = b"".join(file.read_bytes() for file in folder.glob("kring.db*"))
    return [secret for secret in secrets if secret and (secret.encode() in dump or secret.encode() in raw)]


async def test_an_organisation_is_let_in_as_a_whole_with_one_key(house: House, tmp_path: Path) -> None:
    place = furnished(house.slack)
    place.enterprise, place.org_wide = "E1", True

    await install(house, "T1")
    await set_up(house)

    assert await kept(house) == ["E1"]
    assert in_clear(tmp_path, [place.token]) == []
    async with house.kring.store.begin() as work:
        named = await work.connection.exec_driver_sql("select workspace from community")
        assert list(named.scalars()) == ["E1/T1"]


async def test_what_happens_in_one_workspace_stays_there(house: House) -> None:
    for team in ("T1", "T2"):
        furnished(house.slack, team)
        await install(house, team)
        await set_up(house, team)

    await house.done(house.hand.join(house.place("T2"), "noor", CHANNEL))

    assert "Noor Jansen is nieuw" in house.at("T2").newest("sanne")
    assert "Noor" not in house.newest("sanne")
    assert not [one for one in house.place("T1").seen("noor") if one.user == BOT]


async def test_late_news_of_an_earlier_removal_does_not_erase_a_newer_key(house: House) -> None:
    furnished(house.slack)
    await install(house, "T1")
    old = {"type": "app_uninstalled"}

    await house.done(house.hand.way.event({
        "type": "event_callback", "team_id": "T1", "event_id": "EvOld", "event_time": 1_600_000_000, "event": old,
        "authorizations": [{"team_id": "T1", "user_id": BOT, "is_bot": True}],
    }))  # fmt: skip

    assert await kept(house) == ["T1"]


async def test_slack_is_asked_for_the_scopes_that_kring_uses_and_no_others(house: House) -> None:
    async with ClientSession() as browser, browser.get(
        f"{house.address}{oauth.INSTALL}", allow_redirects=False
    ) as begun:  # fmt: skip
        asked = parse_qs(urlsplit(begun.headers["Location"]).query)
        cookie = begun.cookies[oauth.COOKIE]

    assert asked["scope"] == [",".join(SCOPES)]
    assert asked["redirect_uri"] == ["http://localhost/slack/oauth_redirect"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/slack")


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=1.a.b", "?code=x&state=\u00e9", "?state=9.9.9"])
async def test_who_comes_back_without_having_begun_is_let_in_nowhere(house: House, query: str) -> None:
    async with ClientSession(cookie_jar=DummyCookieJar()) as browser, browser.get(
        f"{house.address}{oauth.REDIRECT}{query}"
    ) as answer:  # fmt: skip
        assert answer.status == 400
        assert "Begin opnieuw" in await answer.text()

    assert house.slack.asked == []


async def begun_elsewhere(house: House, *, cookie: bool, code: str) -> int:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True) if cookie else DummyCookieJar()) as browser:
        async with browser.get(f"{house.address}{oauth.INSTALL}", allow_redirects=False) as begun:
            state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
        query = {"state": state, **({"code": code} if code else {})}
        async with browser.get(f"{house.address}{oauth.REDIRECT}", params=query) as answer:
            return answer.status


@pytest.mark.parametrize(
    ("cookie", "code", "status"),
    [(False, "x", 400), (True, "", 200), (True, "used", 502)],
    ids=["another browser", "said no", "a code that is good no more"],
)
async def test_another_ending_keeps_nothing(house: House, *, cookie: bool, code: str, status: int) -> None:
    assert await begun_elsewhere(house, cookie=cookie, code=code) == status
    assert await kept(house) == []


async def test_a_state_is_good_for_ten_minutes() -> None:
    now = [1000.0]
    access = oauth.OAuth("1.1", "s", "http://localhost", "http://slack", "secret")
    doorway = oauth.Doorway(access, None, None, None, lambda: now[0])  # type: ignore[arg-type]  # nothing of it is used
    state = doorway._state("1000.x")

    fresh = doorway._is_ours(state, state)
    now[0] += oauth.LASTS + 1

    assert fresh
    assert not doorway._is_ours(state, state)
