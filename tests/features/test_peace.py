"""A person's own peace, as conversations: at most two unasked messages a week, in their hours, less for the silent."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.platforms.room.people import Channel
from tests.features.peace import NEXT_MONDAY, PULSE, STROKE, got, own_page, pulse, states, stroke
from tests.talk import CHANNEL, DIRECT, Talk


async def test_a_third_unasked_message_in_a_week_waits_and_comes_when_there_is_room(talk: Talk) -> None:
    await stroke(talk)
    await pulse(talk)
    await stroke(talk)
    early = got(talk, "lotte", STROKE)

    await talk.tick("2026-11-09 08:59 Europe/Amsterdam")
    before = got(talk, "lotte", STROKE)
    await talk.tick(NEXT_MONDAY)

    assert (early, before, got(talk, "lotte", STROKE)) == (1, 1, 2)
    assert got(talk, "lotte", PULSE) == 1


async def test_who_asks_everyone_is_asked_at_once_too_however_often(talk: Talk) -> None:
    for _ in range(3):
        await stroke(talk)

    assert got(talk, "karim", STROKE) == 3
    assert got(talk, "daan", STROKE) == 2


async def test_ones_own_page_says_what_waits_and_why_and_shows_it_on_request(talk: Talk) -> None:
    await stroke(talk)
    await pulse(talk)
    await stroke(talk)

    page = await own_page(talk, "lotte")
    await talk.tap("lotte", "1 nu tonen")
    shown = got(talk, "lotte", STROKE)
    await talk.say("lotte", "Een student bleef stil.", DIRECT)
    after = await own_page(talk, "lotte")
    await talk.tick(NEXT_MONDAY)

    assert f"1. {STROKE}. Nog geen mening. (vervalt donderdag 12 november)" in page
    assert "Je kreeg van mij al wat er in een week past. Dit komt op zijn vroegst maandag 9 november, 09:00." in page
    assert shown == 2
    assert "Je zag of hoorde" in talk.find("lotte", "raag 2 van 3").text
    assert "vasthoud" not in after
    assert got(talk, "lotte", STROKE) == 2


async def test_what_waits_for_someone_is_shown_to_nobody_else(talk: Talk) -> None:
    await stroke(talk)
    await pulse(talk)
    await stroke(talk)
    await own_page(talk, "lotte")
    waiting = talk.find("lotte", "vasthoud").buttons["1 nu tonen"]
    mine = talk.see("sanne")[-1]

    await talk.kring.room.tap("sanne", talk.find("sanne", "").id, waiting)
    await talk.kring.respond()

    assert "Dit is van iemand anders" in talk.newest("sanne")
    assert mine.id != talk.see("sanne")[-1].id
    assert not any("vasthoud" in seen.text for who in ("sanne", "karim") for seen in talk.see(who))
    assert got(talk, "sanne", STROKE) == 2


async def test_in_a_channel_what_is_shown_comes_in_private(talk: Talk) -> None:
    await stroke(talk)
    await pulse(talk)
    await stroke(talk)

    await talk.say("lotte", "/kring ik")
    await talk.tap("lotte", "1 nu tonen", where=CHANNEL)

    assert got(talk, "lotte", STROKE) == 2
    assert "in je directe berichten" in talk.newest("lotte", CHANNEL)
    assert not any(STROKE in seen.text for seen in talk.see("lotte", CHANNEL) if not seen.only_me)


async def test_several_that_wait_come_as_one_message_that_counts_as_one(talk: Talk) -> None:
    await stroke(talk)
    await stroke(talk)
    await talk.tick("2026-11-05 09:00 Europe/Amsterdam")
    await stroke(talk)
    await pulse(talk)

    await talk.tick(NEXT_MONDAY)
    merged = talk.find("lotte", "Ik bewaarde 2 berichten voor je")
    await talk.tap("lotte", "1 nu tonen")
    await talk.tap("lotte", "4 geeft energie")

    assert list(merged.buttons) == ["1 nu tonen", "2 nu tonen"]
    assert merged.text.index(PULSE) < merged.text.index(STROKE)  # a pulse matters more than other invitations
    assert got(talk, "lotte", "Ik bewaarde") == 1
    assert "Je antwoord telt mee" in talk.find("lotte", "Dank je").text
    await stroke(talk)
    assert got(talk, "lotte", STROKE) == 3  # the merged one took one place, and there was one more


async def test_a_message_that_was_shown_already_is_not_shown_again(talk: Talk) -> None:
    await stroke(talk)
    await stroke(talk)
    await stroke(talk)
    await own_page(talk, "lotte")

    for _ in range(2):
        await talk.tap("lotte", "1 nu tonen", on="vasthoud")

    assert got(talk, "lotte", STROKE) == 3
    assert "Deze knop doet niets meer" in talk.newest("lotte")


async def test_a_pulse_that_closed_while_it_was_held_back_is_dropped_and_erased(talk: Talk) -> None:
    await stroke(talk)
    await stroke(talk)
    await talk.say("lotte", "pauze tot 1 december", DIRECT)
    await pulse(talk)

    await talk.tick("2026-11-10 09:00 Europe/Amsterdam")

    assert got(talk, "lotte", PULSE) == 0
    assert "vasthoud" not in await own_page(talk, "lotte")
    assert ("held", True) not in await states(talk)
    assert ("dropped", True) not in await states(talk)
    assert ("dropped", False) in await states(talk)


async def test_in_the_evening_and_in_the_weekend_nobody_is_written_to_unasked(talk: Talk) -> None:
    await talk.tick("2026-11-06 18:00 Europe/Amsterdam")
    await stroke(talk)
    page = await own_page(talk, "lotte")

    await talk.tick("2026-11-09 07:59 Europe/Amsterdam")
    before = got(talk, "lotte", STROKE)
    await talk.tick("2026-11-09 08:00 Europe/Amsterdam")

    assert (
        "Het zijn je stille uren, of je werkt vandaag niet. Dit komt op zijn vroegst maandag 9 november, 08:00" in page
    )
    assert (before, got(talk, "lotte", STROKE)) == (0, 1)


@pytest.mark.parametrize(
    ("evening", "early", "morning"),
    [
        ("2027-03-27 23:00 Europe/Amsterdam", "2027-03-28T05:59+00:00", "2027-03-28T06:00+00:00"),
        ("2027-10-30 23:00 Europe/Amsterdam", "2027-10-31T06:59+00:00", "2027-10-31T07:00+00:00"),
    ],
    ids=["spring", "autumn"],
)
async def test_the_night_of_a_change_of_the_clock_is_quiet_until_eight_on_the_wall(
    talk: Talk, evening: str, early: str, morning: str
) -> None:
    await talk.say("lotte", "ik", DIRECT)
    await talk.tap("lotte", "Hoe vaak en wanneer")
    await talk.fill("lotte", quiet="22:00-8:00", days="ma t/m zo")
    await talk.tick(evening)
    await stroke(talk)

    seen = []
    for at in (early, morning):
        await talk.tick(f"{at[:10]} {at[11:16]} UTC")
        seen.append(got(talk, "lotte", STROKE))

    assert seen == [0, 1]


async def test_a_zone_of_ones_own_moves_ones_hours(talk: Talk) -> None:
    await talk.say("emily", "me", DIRECT)
    await talk.tap("emily", "Another time zone")
    await talk.fill("emily", timezone="America/New_York")

    await stroke(talk)
    before = len(talk.see("emily"))
    await talk.tick("2026-11-02 08:00 America/New_York")

    assert "Name one thing" not in talk.see("emily")[before - 1].text
    assert len(talk.see("emily")) == before + 1


async def test_two_unanswered_halve_four_stop_and_one_question_is_asked(talk: Talk) -> None:
    for _ in range(2):
        await stroke(talk)
    await talk.tick(timedelta(days=3))
    for _ in range(2):
        await stroke(
            talk
        )  # usually there would be room for both on Monday; now one goes each week, as one with the other
    counts = []
    for _ in range(6):
        await talk.tick(timedelta(days=7))
        await stroke(talk)
        counts.append(len(talk.see("joris")))

    questions = [seen for seen in talk.see("joris") if "Zal ik je voortaan met rust laten?" in seen.text]
    assert counts == [3, 4, 5, 5, 5, 5]
    assert len(questions) == 1
    assert list(questions[0].buttons) == ["Blijf sturen", "Stuur minder", "Alleen als ik erom vraag"]
    assert not any("met rust" in seen.text or "Joris" in seen.text for seen in talk.see("karim"))


async def silent(talk: Talk) -> None:
    """Let everyone but Karim be asked until the one question has come."""
    for _ in range(5):
        await stroke(talk)
        await talk.tick(timedelta(days=7))


@pytest.mark.parametrize(
    ("label", "answer", "how_often"),
    [
        ("Blijf sturen", "Goed, ik schrijf je weer", "hoogstens twee keer in zeven dagen"),
        ("Stuur minder", "hoogstens één keer", "hoogstens één keer in zeven dagen"),
        ("Alleen als ik erom vraag", "ik schrijf je niet meer uit mezelf", "alleen als jij erom vraagt"),
    ],
)
async def test_whoever_answers_the_question_gets_what_they_chose(
    talk: Talk, label: str, answer: str, how_often: str
) -> None:
    await silent(talk)

    await talk.tap("joris", label)

    assert answer in talk.newest("joris")
    assert f"Hoe vaak: {how_often}" in await own_page(talk, "joris")


async def test_whatever_someone_does_begins_the_count_anew(talk: Talk) -> None:
    await silent(talk)
    before = len(talk.see("joris"))
    await talk.tick(timedelta(days=7))
    quiet = len(talk.see("joris"))

    await talk.say("joris", "help", DIRECT)
    await stroke(talk)

    assert quiet == before
    assert STROKE in talk.newest("joris")


async def test_coming_and_going_is_no_answer(talk: Talk) -> None:
    await silent(talk)

    await talk.leave("joris")
    await talk.join("joris")
    greeted = len(talk.see("joris"))
    await stroke(talk)

    assert len(talk.see("joris")) == greeted


async def test_a_note_that_someone_else_took_up_while_it_waited_is_not_sent_any_more(talk: Talk) -> None:
    await stroke(talk)
    await stroke(talk)
    await talk.say("karim", "stop", DIRECT)
    await talk.say("karim", "hervat", DIRECT)
    await talk.join("noor")
    waited = got(talk, "sanne", "Noor Jansen is nieuw")

    await talk.tap("karim", "Ik zeg hallo")
    await talk.tick(timedelta(days=14))

    assert waited == 0
    assert not any("Noor" in seen.text for seen in talk.see("sanne"))
    assert ("dropped", False) in await states(talk)


async def test_a_welcome_comes_at_any_hour(talk: Talk) -> None:
    await talk.tick("2026-11-07 23:00 Europe/Amsterdam")

    await talk.join("noor")

    assert "Welkom bij Leerkring Eigentijds toetsen" in talk.newest("noor")
    assert got(talk, "sanne", "Noor Jansen is nieuw") == 0


async def test_whoever_left_gets_nothing_of_what_waited(talk: Talk) -> None:
    await talk.tick("2026-11-06 19:00 Europe/Amsterdam")
    await stroke(talk)

    await talk.leave("lotte")
    await talk.tick(NEXT_MONDAY)

    assert got(talk, "lotte", STROKE) == 0
    assert got(talk, "daan", STROKE) == 1


async def a_second_community(talk: Talk, *members: str) -> None:
    """Amina leads another one, with these people in it."""
    people = talk.kring.room.state.people
    people.open_channel(Channel("plein", "plein"))
    for who in ("amina", *members):
        people.enter("plein", who)
    await talk.kring.room.invite_kring("amina", "plein")
    await talk.kring.respond()
    await talk.say("amina", "/kring start", "plein")
    await talk.fill("amina", name="Plein", domain="Waar we over praten.", language="nl", timezone="Europe/Amsterdam")


async def stroke_there(talk: Talk) -> None:
    await talk.say("amina", "/kring reflectie", "plein")
    await talk.tap("amina", "Iedereen vragen", where="plein")


async def test_the_budget_is_one_over_all_communities_of_a_person(talk: Talk) -> None:
    await a_second_community(talk, "lotte")
    await stroke(talk)
    await stroke_there(talk)

    await stroke_there(talk)
    await pulse(talk)
    in_both, in_one = got(talk, "lotte", STROKE), got(talk, "daan", PULSE)
    await talk.tick(NEXT_MONDAY)

    assert (in_both, got(talk, "lotte", PULSE), in_one) == (2, 0, 1)
    assert got(talk, "lotte", STROKE) == 3
    merged_or_single = [seen.text for seen in talk.see("lotte") if "Plein" in seen.text]
    assert len(merged_or_single) == 2


async def test_what_waits_from_two_communities_comes_as_one_message(talk: Talk) -> None:
    await a_second_community(talk, "lotte")
    await talk.tick("2026-11-06 19:00 Europe/Amsterdam")
    await stroke(talk)
    await stroke_there(talk)

    await talk.tick("2026-11-09 08:00 Europe/Amsterdam")
    await talk.tap("lotte", "2 nu tonen")

    assert got(talk, "lotte", "Ik bewaarde 2 berichten voor je") == 1
    assert "Plein" in talk.newest("lotte")
    assert got(talk, "daan", STROKE) == 1


async def test_more_than_a_list_can_name_are_named_the_next_time(talk: Talk) -> None:
    await talk.tick("2026-11-06 19:00 Europe/Amsterdam")
    for _ in range(12):
        await stroke(talk)

    page = await own_page(talk, "lotte")
    await talk.tick("2026-11-09 08:00 Europe/Amsterdam")
    first = got(talk, "lotte", "Ik bewaarde")
    await talk.tick("2026-11-10 08:00 Europe/Amsterdam")

    merged = [seen for seen in talk.see("lotte") if seen.text.startswith("Ik bewaarde")]
    assert "En nog 2." in page
    assert first == 1
    assert [len(seen.buttons) for seen in merged] == [10, 2]


async def test_a_community_that_kring_was_taken_out_of_says_nothing_any_more(talk: Talk) -> None:
    await a_second_community(talk, "lotte")
    await talk.tick("2026-11-06 19:00 Europe/Amsterdam")
    await stroke_there(talk)
    await stroke(talk)
    async with talk.kring.store.begin() as work:
        await work.run(sa.text("update community set left_at = '2026-11-06 19:00:00' where conversation = 'plein'"))

    await talk.tick("2026-11-09 08:00 Europe/Amsterdam")

    assert got(talk, "lotte", STROKE) == 1
    assert not any("Plein" in seen.text for seen in talk.see("lotte"))
