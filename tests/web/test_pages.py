"""The pages that anybody may read, and that app stores link to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser

from bot.chat.prompts import LANGUAGES, Prompts
from bot.web.pages import Pages
from tests.web.browser import faults
from tests.web.conftest import Client

PAGES = ("about", "privacy", "terms")
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def public(tmp_path: Path) -> AsyncIterator[Client]:
    """The pages of an organisation that has terms of its own."""
    own = tmp_path / "en" / "pages" / "terms.md.j2"
    own.parent.mkdir(parents=True)
    own.write_text("{% block title %}Our rules <1>{% endblock %}{% block body %}As always.{% endblock %}", "utf-8")
    app = web.Application()
    Pages(Prompts(tmp_path), "nl").attach(app)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_speaks_the_language_that_is_asked_for_and_else_the_house_s(public: Client, page: str) -> None:
    shown = {asked: await public.get(f"/{page}{asked}") for asked in ("", "?lang=nl", "?lang=en", "?lang=xx")}

    texts = {asked: await response.text() for asked, response in shown.items()}
    assert [response.status for response in shown.values()] == [200] * 4
    assert texts[""] == texts["?lang=nl"] == texts["?lang=xx"]
    assert '<html lang="nl">' in texts[""]
    assert '<html lang="en">' in texts["?lang=en"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pages_lead_to_each_other_and_nowhere_else(public: Client, language: str) -> None:
    text = await (await public.get(f"/privacy?lang={language}")).text()

    assert all(f'href="/{page}?lang={language}"' in text for page in PAGES)
    assert "http" not in text
    assert text.count("<li>") > len(PAGES) + 1


async def test_words_of_ones_own_are_shown_as_text(public: Client) -> None:
    text = await (await public.get("/terms?lang=en")).text()

    assert "<h1>Our rules &lt;1&gt;</h1>" in text
    assert "As always." in text


async def test_a_page_lets_nothing_in_and_another_one_is_not_there(public: Client) -> None:
    page, style, other = [await public.get(path) for path in ("/about", "/static/page.css", "/imprint")]

    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert style.content_type == "text/css"
    assert (style.status, other.status) == (200, 404)


@pytest.mark.xdist_group("chromium")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
async def test_axe_finds_nothing_in_light_or_dark_on_a_narrow_screen(
    public: Client, browser: Browser, page: str, language: str
) -> None:
    tab = await browser.new_page(viewport={"width": 360, "height": 740})

    for scheme in ("light", "dark"):
        await tab.emulate_media(color_scheme=scheme)
        await tab.goto(str(public.make_url(f"/{page}?lang={language}")))
        assert await faults(tab) == []
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await tab.close()
