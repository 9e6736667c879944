"""The whole program on a free port of loopback, and people who use it through its page as people do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from bot.log import Tally
from bot.main import LivingRoom, opened
from tests.fakes.clock import StandingClock
from tests.serving import served
from tests.talk import Talk, settings


@dataclass(frozen=True, slots=True)
class House:
    """Kring at work: its address, and the same house without a page in front of it."""

    address: str
    talk: Talk


@asynccontextmanager
async def living(folder: Path) -> AsyncIterator[House]:
    """Run everything that `kring run` runs, on a clock that only the page's own buttons move."""
    clock = StandingClock()
    async with opened(settings(folder), clock=clock) as kring:
        async with served(kring.web(Tally()), patience=1) as address:
            kring.start()
            await kring.begin_demo()
            yield House(f"{address}/", await _settled(kring, clock))
        await kring.stop()


async def _settled(kring: LivingRoom, clock: StandingClock) -> Talk:
    await kring.respond()
    return Talk(kring, clock)


class Visitor:
    """Someone at the page, who finds everything by what it is called."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.doors = page.get_by_role("navigation", name="Gesprekken en mensen")
        self.messages = page.get_by_role("log", name=re.compile("^Berichten in"))
        self.replies = page.get_by_role("log", name="Antwoorden in de draad")
        self.dialog = page.get_by_role("dialog")

    async def become(self, name: str) -> None:
        """Look through someone else's eyes, at the same kind of place."""
        await self.doors.get_by_role("link", name=name).click()
        await expect(self.doors.get_by_role("link", name=f"{name} jij")).to_have_attribute("aria-current", "true")

    async def go_to_kring(self) -> None:
        """Open one's own conversation with Kring."""
        await self.doors.get_by_role("link", name=re.compile("^Kring")).click()
        await expect(self.page.get_by_role("heading", name="Kring", exact=True)).to_be_visible()

    async def go_to_channel(self) -> None:
        """Open the channel."""
        await self.doors.get_by_role("link", name=re.compile("^toetsen")).click()
        await expect(self.page.get_by_role("heading", name="toetsen", exact=True)).to_be_visible()

    async def open_thread(self, title: str) -> None:
        """Open the thread under the card with this title."""
        await self.message(title).get_by_role("link", name=re.compile("draad|antwoord")).click()
        await expect(self.replies).to_be_visible()

    async def write(self, text: str) -> None:
        """Type to everyone, or to Kring, and press Enter."""
        writing = self.page.get_by_label(re.compile("^Bericht aan"))
        await writing.fill(text)
        await writing.press("Enter")
        await expect(writing).to_have_value("")

    async def reply(self, text: str) -> None:
        """Type in the thread and press Enter."""
        writing = self.page.get_by_label("Antwoord in deze draad")
        await writing.fill(text)
        await writing.press("Enter")
        await expect(self.replies.get_by_text(text, exact=True)).to_be_visible()

    async def tap(self, label: str, on: str = "") -> None:
        """Tap the newest button of this name, on the card with that title."""
        where = self.message(on) if on else self.messages
        await where.get_by_role("button", name=label, exact=True).last.click()

    async def answer_away(self, label: str, on: str) -> None:
        """Tap a button of a card that has another title from then on."""
        await expect(self.message(on)).to_be_visible()
        cards = await self.cards(on).count()
        await self.tap(label, on)
        await expect(self.cards(on)).to_have_count(cards - 1)

    async def fill(self, submit: str, **answers: str) -> None:
        """Fill in the open form, input by input, and send it."""
        for label, answer in answers.items():
            await self.dialog.get_by_label(re.compile(label)).fill(answer)
        await self.dialog.get_by_role("button", name=submit).click()
        await expect(self.dialog).to_have_count(0)

    async def ahead(self, button: str, until: str) -> None:
        """Move time with one of the page's buttons, and see that it has become this day and hour."""
        await self.page.get_by_role("button", name=re.compile(f"^{button}")).click()
        await expect(self.page.get_by_role("form", name="De tijd in de kamer")).to_contain_text(f"Het is hier {until}")

    async def sees(self, *texts: str) -> None:
        """See each of these in the conversation."""
        for text in texts:
            await expect(self.messages.get_by_text(text).last).to_be_visible()

    def message(self, title: str) -> Locator:
        """The newest message whose card has this title."""
        return self.cards(title).last

    def cards(self, title: str) -> Locator:
        """The messages whose cards have this title."""
        heading = self.page.get_by_role("heading", name=title)
        return self.messages.get_by_role("article").filter(has=heading)
