"""The main job in a browser: from a new face to the energy picture, on the whole program, by what things are called."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.platforms.room import app
from tests.play import LABELS, QUESTION
from tests.talk import CHANNEL, DIRECT
from tests.web.browser import faults
from tests.web.living import House, Visitor, living

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]

WIDE, NARROW = (1280, 800), (390, 844)
REFLECTION = ("Een student bleef stil.", "Niemand vroeg door.", "Ik vraag één keer door.")
ENERGY = "Hoeveel energie geeft"
FOUR = {"Sanne de Wit": 4, "Karim Bouzidi": 5, "Lotte Visser": 2, "Daan Smits": 3}


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    # Without motion, so that no colour is measured while it is on its way to another.
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


async def test_a_community_lives_its_main_job(house: House, page: Page) -> None:
    await page.goto(house.address)
    visitor = Visitor(page)

    await welcome(visitor)
    await check_in(visitor)
    await answers(visitor)
    await summary(visitor)
    await short_stroke(visitor)
    await look_back(visitor)
    await pulse(visitor, FOUR, "donderdag 19 november, 09:00")
    await visitor.sees("te weinig antwoorden om te tonen")
    await pulse(visitor, {**FOUR, "Noor Jansen": 4}, "donderdag 26 november, 09:00")
    await visitor.sees("Laag (1 of 2): 1. Midden (3): 1. Hoog (4 of 5): 3. Gemiddeld 3,6; 5 van de 8 antwoordden.")


async def welcome(visitor: Visitor) -> None:
    await visitor.become("Noor Jansen")
    await visitor.page.get_by_role("button", name="Kom in #toetsen").click()
    await expect(visitor.doors.get_by_role("link", name="Kring (nieuw bericht)")).to_be_visible()

    await visitor.go_to_kring()
    await visitor.sees("Welkom bij Leerkring Eigentijds toetsen", "Noor Jansen")
    for facilitator in ("Sanne de Wit", "Karim Bouzidi"):
        await visitor.become(facilitator)
        await visitor.sees("Noor Jansen is nieuw")
    await visitor.tap("Ik zeg hallo")
    await visitor.sees("jij zegt hallo tegen Noor Jansen")


async def check_in(visitor: Visitor) -> None:
    await visitor.become("Sanne de Wit")
    await visitor.go_to_channel()
    await visitor.write("/kring check-in nieuw")
    await visitor.fill("Toon wat je begrijpt", **{"Welke vraag": QUESTION, "Wanneer": "elke dinsdag 9:00"})
    await visitor.sees("elke dinsdag om 09:00")
    await visitor.tap("Klopt, zet maar aan")
    await visitor.sees("De check-in staat aan")

    await visitor.ahead("Naar wat er komt: dinsdag 3 november, 09:00", "dinsdag 3 november, 09:00")
    await expect(visitor.message(QUESTION).get_by_role("button", name="Antwoord geven")).to_be_visible()


async def answers(visitor: Visitor) -> None:
    await visitor.become("Lotte Visser")
    await visitor.open_thread(QUESTION)
    await visitor.reply("Peerfeedback met rubrics.")
    await expect(visitor.replies.get_by_text("1 antwoord: Lotte Visser.")).to_be_visible()

    await visitor.become("Daan Smits")
    await visitor.tap("Antwoord geven", on=QUESTION)
    await visitor.fill("Plaatsen", **{"Je antwoord": "Een mondelinge toets."})
    await expect(visitor.replies.get_by_text("Een mondelinge toets.", exact=True)).to_be_visible()

    await visitor.tap("Antwoord geven", on=QUESTION)
    await expect(visitor.dialog.get_by_label("Je antwoord")).to_have_value("Een mondelinge toets.")
    await visitor.fill("Plaatsen", **{"Je antwoord": "Een mondelinge toets, in duo's."})
    await expect(visitor.replies.get_by_text("Een mondelinge toets, in duo's.", exact=True)).to_be_visible()
    await expect(visitor.replies.get_by_text("Een mondelinge toets.", exact=True)).to_have_count(0)


async def summary(visitor: Visitor) -> None:
    await expect(visitor.replies.get_by_role("heading", name="Tussenstand")).to_have_count(1)

    await visitor.ahead("Naar wat er komt: donderdag 5 november, 09:00", "donderdag 5 november, 09:00")

    await expect(visitor.replies.get_by_role("heading", name="Samenvatting")).to_have_count(1)
    await expect(visitor.replies.get_by_text("2 antwoorden: Lotte Visser, Daan Smits.")).to_have_count(1)
    await expect(visitor.replies.get_by_role("heading", name="Tussenstand")).to_have_count(0)
    await visitor.sees("Deze check-in is gesloten. Er kwamen 2 antwoorden")
    await expect(visitor.page.get_by_role("button", name="Antwoord geven")).to_have_count(0)


async def short_stroke(visitor: Visitor) -> None:
    await visitor.become("Karim Bouzidi")
    await visitor.go_to_kring()
    await visitor.write("reflectie")
    await visitor.tap("Iedereen vragen")
    await visitor.sees("Iedereen is gevraagd")

    await visitor.become("Amina Yildiz")
    for number, words in enumerate(REFLECTION, start=1):
        await visitor.sees(f"raag {number} van 3.")
        await visitor.write(words)
    await visitor.tap("Laat zien wat ik deel")
    await visitor.sees("Zo zien de anderen het")
    await visitor.tap("Delen met de kring")
    await visitor.sees("Gedeeld, dank je")

    await visitor.become("Lotte Visser")
    await visitor.go_to_channel()
    await visitor.sees("Amina Yildiz deelt een kortslag", *REFLECTION)


async def look_back(visitor: Visitor) -> None:
    await visitor.ahead("een week", "donderdag 12 november, 09:00")
    await visitor.become("Amina Yildiz")
    await visitor.go_to_kring()

    await visitor.sees("Hoe ging het met je stap?", REFLECTION[-1])
    await visitor.tap("Half")
    await visitor.sees("Half gelukt")
    await visitor.write("Doorvragen kost moed.")
    await visitor.sees("De cirkel is rond")


async def pulse(visitor: Visitor, scores: dict[str, int], until: str) -> None:
    await visitor.go_to_kring()
    await visitor.become("Sanne de Wit")
    await visitor.write("energie")
    await visitor.tap("Peiling openen")
    await expect(visitor.messages.get_by_role("button", name="Peiling openen")).to_have_count(0)
    for name, score in scores.items():
        await visitor.become(name)
        await visitor.answer_away(LABELS[score], on=ENERGY)
    await visitor.ahead("een week", until)
    await visitor.go_to_channel()


async def asked(house: House) -> None:
    """Bring the community to an open check-in with an answer in its thread, and a reflection begun."""
    talk = house.talk
    await talk.join("noor")
    await talk.say("sanne", "/kring check-in nieuw")
    await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00")
    await talk.tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
    await talk.tick("2026-11-03 09:00 Europe/Amsterdam")
    await talk.say("lotte", "Peerfeedback met rubrics.", under=QUESTION)
    await talk.say("karim", "reflectie", DIRECT)
    await talk.tap("karim", "Iedereen vragen")


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on something."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"no Tab stop matches {selector}")


async def test_with_the_keyboard_only_one_answers_a_check_in(house: House, page: Page) -> None:
    await asked(house)
    await page.goto(f"{house.address}?as=daan")
    visitor = Visitor(page)

    await tab_to(page, "button[value^='checkin.open']")
    await page.keyboard.press("Enter")
    await expect(visitor.dialog.get_by_label("Je antwoord")).to_be_focused()
    await page.keyboard.type("Een mondelinge toets.")
    await tab_to(page, "dialog button.primary")
    await page.keyboard.press("Enter")

    await expect(visitor.dialog).to_have_count(0)
    await tab_to(page, "a.replies:not(.none)")
    await page.keyboard.press("Enter")
    await expect(visitor.replies.get_by_text("Een mondelinge toets.")).to_be_visible()


@pytest.mark.parametrize(
    ("size", "places"),
    [
        (WIDE, ["in=direct", "thread={root}"]),
        (NARROW, ["in=direct", "thread={root}", "show=talk"]),
    ],
    ids=["wide", "narrow"],
)
@pytest.mark.parametrize(("language", "who", "scheme"), [("nl", "daan", "light"), ("en", "emily", "dark")])
async def test_axe_finds_nothing_in_a_community_that_lives(
    house: House,
    page: Page,
    size: tuple[int, int],
    places: list[str],
    language: str,
    who: str,
    scheme: Literal["light", "dark"],
) -> None:
    await asked(house)
    root = house.talk.find(who, QUESTION, CHANNEL)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.emulate_media(color_scheme=scheme)

    for place in places:
        await page.goto(f"{house.address}?as={who}&lang={language}&{place.format(root=root.id)}")
        assert await faults(page) == []
        # Nothing sticks out: nobody has to scroll sideways.
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize(("language", "who"), [("nl", "daan"), ("en", "emily")])
async def test_axe_finds_nothing_in_a_form_that_was_refused(
    house: House, page: Page, size: tuple[int, int], language: str, who: str
) -> None:
    await asked(house)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.goto(f"{house.address}?as={who}&lang={language}")
    dialog = page.get_by_role("dialog")

    await page.get_by_role("button", name="Antwoord geven").last.click()
    await dialog.get_by_role("button").first.click()

    await expect(dialog.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_role("textbox")).to_be_focused()
    assert await faults(page) == []


async def test_a_form_stays_in_sight_while_kring_looks_at_it(
    house: House, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "PATIENCE", 30.0)  # a busy machine may take longer than a person waits
    await asked(house)
    await page.goto(f"{house.address}?as=daan")
    await page.get_by_role("button", name="Antwoord geven").last.click()
    form = page.get_by_role("dialog")
    await expect(form).to_be_visible()
    await form.evaluate("dialog => dialog.addEventListener('close', () => (window.wasClosed = true))")

    for _ in range(3):
        await form.get_by_role("button").first.click()
        await expect(form.get_by_role("textbox")).to_be_focused()

    assert not await page.evaluate("window.wasClosed")
