"""Free days in conversation: holidays chosen, periods by hand, and a calendar that is previewed before it counts."""

from datetime import date, timedelta

import pytest

from bot.domain.free_calendar import MOST_CALENDARS, Trouble
from bot.features.freedays.handlers import MOST_BY_HAND
from storage import free_days
from tests.calendars.files import EXAMS, calendar, days, event
from tests.fakes.fetcher import ShelfFetcher
from tests.talk import CHANNEL, DIRECT, Talk

LINK = "https://rooster.example.org/jaar.ics?token=sesame"
LECTURE = event("UID:1", "SUMMARY:College", "DTSTART:20261110T140000Z", "DTEND:20261110T150000Z", "RRULE:FREQ=WEEKLY")
YEAR = calendar(
    EXAMS,
    LECTURE,
    *(days(f"Vrij {n}", f"202702{n:02}") for n in range(1, 12, 2)),
    days("Kerstreces", "20261221", "20270104"),
)


@pytest.fixture
def shelf(talk: Talk) -> ShelfFetcher:
    shelf = ShelfFetcher({LINK: YEAR})
    talk.kring.calendars.fetcher = shelf
    return shelf


async def opened(talk: Talk, button: str) -> None:
    await talk.say("sanne", "vrije dagen", DIRECT)
    await talk.tap("sanne", button)
    if talk.form("sanne") is None:
        await talk.tap("sanne", "Formulier openen")


async def choose(talk: Talk, **values: str) -> None:
    await opened(talk, "Feestdagen en schoolvakanties")
    await talk.fill("sanne", **values)


async def add(talk: Talk, **values: str) -> dict[str, str]:
    await opened(talk, "Periode toevoegen")
    return dict((await talk.fill("sanne", **values)).fields)


async def give(talk: Talk, link: str = LINK, name: str = "") -> dict[str, str]:
    await opened(talk, "Kalender toevoegen")
    return dict((await talk.fill("sanne", link=link, name=name)).fields)


async def look(talk: Talk) -> None:
    """What the running parts do: calendars are read, and the clock rings."""
    await talk.kring.calendars.drain()
    await talk.kring.settle()


async def name_on(talk: Talk, on: str) -> str | None:
    async with talk.kring.store.begin() as work:
        return (await free_days.of(work, 1)).name_on(date.fromisoformat(on))


async def overview(talk: Talk) -> str:
    await talk.say("sanne", "vrije dagen", DIRECT)
    return talk.newest("sanne")


async def test_who_begins_has_no_free_days_and_three_ways_to_get_them(talk: Talk) -> None:
    await talk.say("sanne", "/kring vrije dagen")

    seen = talk.find("sanne", "Er zijn nog geen vrije dagen", CHANNEL)

    assert list(seen.buttons) == ["Feestdagen en schoolvakanties", "Periode toevoegen", "Kalender toevoegen"]
    assert seen.only_me


@pytest.mark.parametrize("words", ["vrije dagen", "vakantie", "free days", "holidays"])
async def test_only_facilitators_look_at_free_days(talk: Talk, words: str) -> None:
    await talk.say("lotte", f"/kring {words}")

    assert "facilitator" in talk.newest("lotte", CHANNEL)


async def test_a_country_and_a_region_are_chosen_and_shown_with_what_is_coming(talk: Talk) -> None:
    await choose(talk, country="NL", region="Midden")

    seen = talk.newest("sanne")
    assert "Feestdagen: Nederland" in seen
    assert "Schoolvakanties: regio Midden, bekend tot en met 31 dec 2030" in seen
    assert "19 dec 2026 – 3 jan 2027: Kerstvakantie" in seen
    assert await name_on(talk, "2027-04-27") == "Meivakantie"


async def test_a_choice_can_be_taken_back(talk: Talk) -> None:
    await choose(talk, country="NL", region="Midden")

    await choose(talk, country="none", region="none")

    assert "Er zijn nog geen vrije dagen" in talk.newest("sanne")
    assert await name_on(talk, "2026-12-25") is None


async def test_a_region_that_is_not_offered_is_refused(talk: Talk) -> None:
    await opened(talk, "Feestdagen en schoolvakanties")

    receipt = await talk.fill("sanne", country="XX", region="Oost")

    assert set(receipt.fields) == {"country", "region"}


async def test_a_period_is_added_shown_and_taken_out_again(talk: Talk) -> None:
    await add(talk, name="Rustweek", first="2026-11-16", last="2026-11-20")
    added = talk.newest("sanne")
    shown = await overview(talk)
    free = await name_on(talk, "2026-11-18")

    await talk.tap("sanne", "Rustweek, 16–20 nov 2026")
    removed = talk.newest("sanne")
    await talk.tap("sanne", "Rustweek, 16–20 nov 2026")

    assert "Rustweek, 16–20 nov 2026. Dan stel ik geen vragen." in added
    assert "16–20 nov 2026: Rustweek" in shown
    assert free == "Rustweek"
    assert "Rustweek is geen vrije periode meer." in removed
    assert await name_on(talk, "2026-11-18") is None
    assert "niets meer" in talk.newest("sanne")


async def test_a_period_of_one_day_needs_no_last_day(talk: Talk) -> None:
    await add(talk, name="Heidag", first="2026-11-16")

    assert "Heidag, 16 nov 2026." in talk.newest("sanne")


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"name": "", "first": "2026-11-16"}, {"name"}),
        ({"name": "x" * 81, "first": "2026-11-16"}, {"name"}),
        ({"name": "Heidag", "first": ""}, {"first"}),
        ({"name": "Heidag", "first": "maandag"}, {"first"}),
        ({"name": "Heidag", "first": "2026-11-16", "last": "2026-11-15"}, {"last"}),
        ({"name": "Heidag", "first": "2026-11-16", "last": "2027-11-18"}, {"last"}),
        ({"name": "", "first": "x", "last": "y"}, {"name", "first", "last"}),
    ],
)
async def test_a_period_that_cannot_be_is_refused_per_input(
    talk: Talk, values: dict[str, str], refused: set[str]
) -> None:
    assert set(await add(talk, **values)) == refused
    assert "Er zijn nog geen vrije dagen" in await overview(talk)


async def test_there_is_room_for_so_many_periods(talk: Talk) -> None:
    for number in range(MOST_BY_HAND):
        await add(talk, name=f"Heidag {number}", first="2026-11-16")

    await talk.say("sanne", "vrije dagen", DIRECT)
    await talk.tap("sanne", "Periode toevoegen")

    assert f"hoogstens {MOST_BY_HAND} eigen periodes" in talk.newest("sanne")


async def test_a_calendar_is_previewed_and_counts_once_it_is_confirmed(talk: Talk, shelf: ShelfFetcher) -> None:
    await give(talk)
    reading = talk.newest("sanne")
    await look(talk)
    preview = talk.newest("sanne")
    before = await name_on(talk, "2026-12-24")
    await talk.tap("sanne", "Klopt, houd ze vrij")

    assert "Ik haal hem op bij rooster.example.org." in reading
    assert "In Jaarkalender (rooster.example.org) lees ik 7 vrije periodes, samen 20 dagen: 21 dec 2026" in preview
    assert "De eerste 5:\n21 dec 2026 – 3 jan 2027: Kerstreces\n1 feb 2027: Vrij 1" in preview
    assert "1 kortere afspraak telt niet mee." in preview
    assert before is None
    assert await name_on(talk, "2026-12-24") == "Kerstreces"
    assert "De dagen uit Jaarkalender zijn vrij." in talk.newest("sanne")
    assert "Kalender Jaarkalender (rooster.example.org)" in await overview(talk)


async def test_only_the_host_of_a_link_is_ever_shown(talk: Talk, shelf: ShelfFetcher) -> None:
    await give(talk)
    await look(talk)
    await talk.tap("sanne", "Klopt, houd ze vrij")
    await overview(talk)

    assert [seen.text for seen in talk.see("sanne") if "sesame" in seen.text] == []


async def test_a_calendar_that_was_not_what_was_meant_is_forgotten(talk: Talk, shelf: ShelfFetcher) -> None:
    await give(talk)
    await look(talk)

    await talk.tap("sanne", "Laat maar")

    assert "De kalender en de link zijn weg." in talk.newest("sanne")
    assert "Er zijn nog geen vrije dagen" in await overview(talk)


async def test_a_preview_can_be_looked_at_again_and_is_confirmed_once(talk: Talk, shelf: ShelfFetcher) -> None:
    await give(talk, name="Ons jaar")
    await look(talk)
    shown = await overview(talk)
    await talk.tap("sanne", "Bekijken: Ons jaar")
    again = talk.newest("sanne")
    previews = [seen for seen in talk.see("sanne") if seen.buttons.get("Klopt, houd ze vrij")]
    await talk.kring.room.tap("sanne", previews[0].id, previews[0].buttons["Klopt, houd ze vrij"])
    await talk.kring.room.tap("sanne", previews[1].id, previews[1].buttons["Laat maar"])
    await talk.kring.respond()

    assert "Kalender Ons jaar (rooster.example.org): telt pas mee als je bevestigt" in shown
    assert "In Ons jaar (rooster.example.org) lees ik 7 vrije periodes" in again
    assert "niets meer" in talk.newest("sanne")
    assert await name_on(talk, "2026-12-24") == "Kerstreces"


@pytest.mark.parametrize("page", [b"<!doctype html>", Trouble.GONE, Trouble.NOT_ALLOWED, Trouble.UNREACHABLE])
async def test_a_link_that_does_not_work_is_said_and_forgotten(
    talk: Talk, shelf: ShelfFetcher, page: bytes | Trouble
) -> None:
    shelf.pages[LINK] = page
    await give(talk)

    await look(talk)

    assert "Bij rooster.example.org ging het mis" in talk.newest("sanne")
    assert list(talk.find("sanne", "Bij rooster").buttons) == ["Nog een keer proberen"]
    assert "Er zijn nog geen vrije dagen" in await overview(talk)


@pytest.mark.parametrize("link", ["", "http://rooster.example.org/", "https://a:b@rooster.example.org/", "rooster"])
async def test_a_link_that_may_not_be_followed_is_refused_in_the_form(talk: Talk, link: str) -> None:
    assert set(await give(talk, link)) == {"link"}
    assert "Er zijn nog geen vrije dagen" in await overview(talk)


async def test_a_calendar_is_read_again_every_week(talk: Talk, shelf: ShelfFetcher) -> None:
    await give(talk)
    await look(talk)
    await talk.tap("sanne", "Klopt, houd ze vrij")
    shelf.pages[LINK] = calendar(days("Rustweek", "20261207", "20261212"))

    await talk.tick(timedelta(days=7))
    await look(talk)

    assert await name_on(talk, "2026-12-24") is None
    assert await name_on(talk, "2026-12-10") == "Rustweek"
    assert "De dagen uit Jaarkalender zijn vrij." in talk.newest("sanne")


async def test_a_calendar_that_is_lost_stays_free_and_is_told_to_every_facilitator_once(
    talk: Talk, shelf: ShelfFetcher
) -> None:
    await give(talk)
    await look(talk)
    await talk.tap("sanne", "Klopt, houd ze vrij")
    shelf.pages[LINK] = Trouble.GONE

    for pause in (7, 1, 1, 7, 7):
        await talk.tick(timedelta(days=pause))
        await look(talk)

    lost = {who: [seen for seen in talk.see(who) if "kon ik 3 keer achter elkaar niet lezen" in seen.text]
            for who in ("sanne", "karim", "lotte")}  # fmt: skip
    assert {who: len(seen) for who, seen in lost.items()} == {"sanne": 1, "karim": 1, "lotte": 0}
    assert await name_on(talk, "2026-12-24") == "Kerstreces"
    assert "de laatste keer niet gelezen, de site geeft de kalender niet" in await overview(talk)


async def test_a_calendar_is_taken_out_with_its_days(talk: Talk, shelf: ShelfFetcher) -> None:
    await give(talk, name="Ons jaar")
    await look(talk)
    await talk.tap("sanne", "Klopt, houd ze vrij")
    await overview(talk)

    await talk.tap("sanne", "Ons jaar (kalender)")
    asked, still = talk.newest("sanne"), await name_on(talk, "2026-12-24")
    await talk.tap("sanne", "Ja, haal weg")

    assert "De dagen uit Ons jaar (rooster.example.org) zijn dan niet meer vrij" in asked
    assert still == "Kerstreces"
    assert "De dagen uit Ons jaar zijn niet meer vrij" in talk.newest("sanne")
    assert await name_on(talk, "2026-12-24") is None


async def test_there_is_room_for_so_many_calendars(talk: Talk, shelf: ShelfFetcher) -> None:
    for _ in range(MOST_CALENDARS):
        await give(talk)

    await talk.say("sanne", "vrije dagen", DIRECT)
    await talk.tap("sanne", "Kalender toevoegen")

    assert f"hoogstens {MOST_CALENDARS} kalenders" in talk.newest("sanne")


async def test_a_calendar_that_was_removed_before_the_clock_rings_is_told_to_nobody(
    talk: Talk, shelf: ShelfFetcher
) -> None:
    await give(talk)
    await talk.kring.calendars.drain()
    await talk.say("sanne", "vrije dagen", DIRECT)
    await talk.tap("sanne", "Jaarkalender (kalender)")
    await talk.tap("sanne", "Ja, haal weg")

    await look(talk)

    assert "niet meer vrij" in talk.newest("sanne")
