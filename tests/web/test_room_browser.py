"""The room in a browser: by keyboard, as news comes in, and for everyone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.platforms.room.app import Room
from tests.platforms.room.pretend import EVERYTHING, PretendKring
from tests.web.browser import faults
from tests.web.conftest import Client

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]

WIDE, NARROW = (1280, 800), (360, 740)


def address(client: Client, query: str = "") -> str:
    return f"{client.make_url('/')}{query}"


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    # Without motion, so that no colour is measured while it is on its way to another.
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield context
    await context.close()


async def opened(context: BrowserContext, client: Client, query: str = "") -> Page:
    page = await context.new_page()
    await page.goto(address(client, query))
    return page


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("size", "places"),
    [
        (WIDE, ["?as=lotte&thread={root}"]),
        (NARROW, ["?as=noor&show=people", "?as=lotte&thread={root}", "?as=sanne&in=direct"]),
    ],
    ids=["wide", "narrow"],
)
async def test_axe_finds_nothing_in_light_or_dark(
    context: BrowserContext,
    client: Client,
    kring: PretendKring,
    size: tuple[int, int],
    places: list[str],
    language: str,
) -> None:
    root = await kring.ask()
    await kring.under(root, "In de draad.")
    page = await context.new_page()
    await page.set_viewport_size({"width": size[0], "height": size[1]})

    for place in places:
        await page.emulate_media(color_scheme="light")
        await page.goto(address(client, f"{place.format(root=root.message)}&lang={language}"))
        assert await faults(page) == []
        # Nothing sticks out: nobody has to scroll sideways.
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.emulate_media(color_scheme="dark")
        assert await faults(page, "color-contrast") == []


async def test_axe_finds_nothing_in_a_refused_form_or_a_card_with_everything(
    context: BrowserContext, client: Client, kring: PretendKring, room: Room
) -> None:
    await kring.messenger.update(await kring.ask(), EVERYTHING)
    page = await opened(context, client, "?as=daan")
    assert await faults(page) == []
    await room.say("daan", "toetsen", "/kring form")
    await page.get_by_role("dialog").get_by_role("button", name="Verstuur").click()

    await expect(page.get_by_role("textbox", name="Wat leerde je?")).to_be_focused()
    await expect(page.get_by_text("Vul hier iets in.")).to_be_visible()
    assert await faults(page) == []


async def test_news_comes_in_and_leaves_what_one_is_typing_alone(
    context: BrowserContext, client: Client, room: Room
) -> None:
    page = await opened(context, client, "?as=lotte")
    writing = page.get_by_label("Bericht aan #toetsen")
    await writing.fill("Ik was net aan het")

    await room.say("daan", "toetsen", "Nieuws!")

    await expect(page.get_by_text("Nieuws!")).to_be_visible()
    await expect(writing).to_be_focused()
    assert await writing.input_value() == "Ik was net aan het"


async def test_with_the_keyboard_only_one_answers_in_a_form(
    context: BrowserContext, client: Client, kring: PretendKring
) -> None:
    page = await opened(context, client, "?as=lotte")
    await page.get_by_label("Bericht aan #toetsen").focus()
    await page.keyboard.type("/kring form")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Wat leerde je?")).to_be_focused()

    await page.keyboard.type("Dat het kan.")
    for _ in range(8):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.matches('dialog button.primary')"):
            break
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_label("Bericht aan #toetsen")).to_be_focused()
    assert getattr(kring.heard[-1].body, "values", {})["answer"] == "Dat het kan."


async def test_escape_closes_a_form(context: BrowserContext, client: Client, room: Room) -> None:
    page = await opened(context, client, "?as=lotte")
    await room.say("lotte", "toetsen", "/kring form")
    await expect(page.get_by_role("dialog")).to_be_visible()

    await page.keyboard.press("Escape")

    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert room.view("lotte", "toetsen").form is None


async def test_the_first_tab_stop_leads_past_everything_to_the_talk(context: BrowserContext, client: Client) -> None:
    page = await opened(context, client)

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await expect(page.locator("#talk")).to_be_focused()


async def test_an_unread_direct_message_is_marked_until_it_was_read(context: BrowserContext, client: Client) -> None:
    page = await opened(context, client, "?as=sanne")
    unread = page.get_by_role("link", name="Kring (nieuw bericht)")
    await expect(unread).to_be_visible()

    await unread.click()

    await expect(page.get_by_role("link", name="Kring (nieuw bericht)")).to_have_count(0)
    await expect(page.get_by_text("Welkom! Fijn dat je er bent.")).to_be_visible()


async def test_without_a_script_everything_still_works(browser: Browser, client: Client, kring: PretendKring) -> None:
    await kring.ask()
    context = await browser.new_context(java_script_enabled=False)
    page = await opened(context, client, "?as=lotte")

    await page.get_by_label("Bericht aan #toetsen").fill("Zonder script")
    await page.get_by_role("button", name="Verstuur").click()
    await expect(page.get_by_text("Zonder script")).to_be_visible()
    await page.get_by_role("button", name="Antwoord", exact=True).click()
    await page.get_by_role("textbox", name="Wat leerde je?").fill("Dat het kan.")
    await page.get_by_role("dialog").get_by_role("button", name="Verstuur").click()

    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("link", name="Kring", exact=True).click()
    await expect(page.get_by_text("Bewaard.")).to_be_visible()
    await context.close()
