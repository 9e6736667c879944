"""What a person chooses about their own peace: a pause, a stop, their hours and days, and less."""

from datetime import timedelta

import pytest

from tests.features.peace import STROKE, got, own_page, stroke
from tests.talk import CHANNEL, DIRECT, Talk


async def test_a_pause_holds_everything_back_and_ends_by_itself(talk: Talk) -> None:
    await talk.say("lotte", "pauze tot donderdag", DIRECT)
    said = talk.newest("lotte")
    await stroke(talk)
    page = await own_page(talk, "lotte")

    await talk.tick("2026-11-04 23:00 Europe/Amsterdam")
    before = got(talk, "lotte", STROKE)
    await talk.tick("2026-11-05 08:00 Europe/Amsterdam")

    assert "Pauze tot donderdag 5 november" in said
    assert "Je hebt pauze. Dit komt op zijn vroegst donderdag 5 november, 08:00." in page
    assert (before, got(talk, "lotte", STROKE)) == (0, 1)
    assert "pauze tot" not in await own_page(talk, "lotte")


async def test_a_pause_is_moved_and_ended(talk: Talk) -> None:
    await talk.say("lotte", "/kring pauze")
    two_weeks = talk.newest("lotte", CHANNEL)
    await talk.tap("lotte", "Andere datum", where=CHANNEL)
    refused = await talk.fill("lotte", until="2026-11-02")
    await talk.fill("lotte", until="2026-12-01")
    moved = talk.newest("lotte", CHANNEL)
    await stroke(talk)
    held = got(talk, "lotte", STROKE)
    await talk.tap("lotte", "Toch geen pauze", where=CHANNEL)
    await talk.tick(timedelta(minutes=1))

    assert "Pauze tot maandag 16 november" in two_weeks
    assert "Die datum begrijp ik niet" in refused.fields["until"] or "Schrijf een dag" in refused.fields["until"]
    assert "Pauze tot dinsdag 1 december" in moved
    assert (held, got(talk, "lotte", STROKE)) == (0, 1)


async def test_what_one_does_oneself_is_answered_in_a_pause_too(talk: Talk) -> None:
    await talk.say("lotte", "pauze", DIRECT)

    await talk.say("lotte", "reflectie", DIRECT)
    await talk.tap("lotte", "Voor mezelf beginnen")

    assert STROKE in talk.newest("lotte")


async def test_a_pause_works_in_the_middle_of_a_question_and_words_that_look_like_it_stay_an_answer(talk: Talk) -> None:
    await stroke(talk)

    await talk.say("lotte", "pauze tot 3 maart", DIRECT)
    paused = talk.newest("lotte")
    await talk.say("daan", "Pauze nemen hielp de groep.", DIRECT)

    assert "Pauze tot woensdag 3 maart" in paused
    assert "raag 2 van 3" in talk.newest("daan")


async def test_a_date_that_is_none_is_refused_with_an_example(talk: Talk) -> None:
    await talk.say("lotte", "pauze tot sint-juttemis", DIRECT)

    assert "Die datum begrijp ik niet" in talk.newest("lotte")


@pytest.mark.parametrize(("said", "where"), [("stop", DIRECT), ("/kring stop", CHANNEL)])
async def test_stop_stops_at_once_and_what_one_asks_still_works(talk: Talk, said: str, where: str) -> None:
    await stroke(talk)
    await talk.say("lotte", said, where)
    answer = talk.newest("lotte", where)
    await talk.tick(timedelta(days=14))
    await stroke(talk)

    page = await own_page(talk, "lotte")

    assert "ik schrijf je niet meer uit mezelf" in answer
    assert got(talk, "lotte", STROKE) == 1
    assert "Je koos: alleen als ik erom vraag." in page


async def test_after_stop_typed_words_are_no_answer_any_more_and_hervat_begins_again(talk: Talk) -> None:
    await stroke(talk)
    await talk.say("lotte", "stop", DIRECT)
    await talk.say("lotte", "Een student bleef stil.", DIRECT)
    talked = talk.newest("lotte")
    await talk.say("lotte", "hervat", DIRECT)
    await talk.tick(timedelta(days=7))
    await stroke(talk)

    assert "Dat woord ken ik niet" in talked
    assert got(talk, "lotte", STROKE) == 2


async def test_hours_days_and_budget_are_chosen_and_refused_with_an_example(talk: Talk) -> None:
    await talk.say("lotte", "ik", DIRECT)
    await talk.tap("lotte", "Hoe vaak en wanneer")

    refused = await talk.fill("lotte", quiet="'s nachts", days="ooit")
    taken = await talk.fill("lotte", budget="1", quiet="", days="ma di do")

    assert set(refused.fields) == {"quiet", "days"}
    assert not taken.fields
    page = talk.newest("lotte")
    assert "hoogstens één keer" in page
    assert "Stille uren: geen" in page
    assert "maandag, dinsdag, donderdag" in page
    await stroke(talk)
    await stroke(talk)
    assert got(talk, "lotte", STROKE) == 1
