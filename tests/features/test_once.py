"""A question that is asked once, on a date: understood, shown, asked, and over."""

from datetime import timedelta

from tests.talk import CHANNEL, DIRECT, Talk

QUESTION = "Wie neemt wat mee?"


async def proposed(talk: Talk, when: str) -> None:
    await talk.say("sanne", "nieuwe check-in", DIRECT)
    await talk.tap("sanne", "Formulier openen")
    await talk.fill("sanne", question=QUESTION, when=when)


def asked(talk: Talk) -> int:
    return sum(QUESTION in seen.text for seen in talk.see("noor", CHANNEL) if not seen.thread)


async def test_a_question_for_one_date_is_shown_with_its_day_and_year_and_asked_a_single_time(talk: Talk) -> None:
    await proposed(talk, "5 november om 10 uur")
    preview = talk.newest("sanne")
    await talk.tap("sanne", "Klopt, zet maar aan")

    await talk.tick("2026-11-05 09:59 Europe/Amsterdam")
    before = asked(talk)
    await talk.tick("2026-11-05 10:00 Europe/Amsterdam")
    await talk.tick(timedelta(days=400))

    assert "eenmalig, op donderdag 5 november 2026 om 10:00" in preview
    assert "De eerstvolgende keer" in preview
    assert before == 0
    assert asked(talk) == 1


async def test_what_was_understood_stands_in_the_form_again_and_is_understood_again(talk: Talk) -> None:
    await proposed(talk, "overmorgen 9u30")
    first = talk.newest("sanne")

    await talk.tap("sanne", "Aanpassen")
    filled = talk.form("sanne")
    await talk.fill("sanne")

    assert "eenmalig, op " in str(filled)
    assert talk.newest("sanne") == first


async def test_a_date_that_is_over_is_refused_with_what_to_do(talk: Talk) -> None:
    await proposed(talk, "12 maart 2020 10:00")

    assert "Kies een moment dat nog komt" in str(talk.form("sanne"))
