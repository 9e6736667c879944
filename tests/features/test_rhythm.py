"""What recurs is steered in a conversation: skipped, moved, paused, and taken along to another zone."""

from datetime import timedelta

import pytest

from tests.storage.rows import run
from tests.talk import CHANNEL, DIRECT, Talk

QUESTION = "Wat probeerde je?"


async def planned(talk: Talk, when: str = "elke dinsdag 9:00", **values: str) -> None:
    await talk.say("sanne", "check-in nieuw", DIRECT)
    await talk.tap("sanne", "Formulier openen")
    await talk.fill("sanne", question=QUESTION, when=when, **values)
    await talk.tap("sanne", "Klopt, zet maar aan")


def asked(talk: Talk) -> int:
    """How often the question was put to the channel."""
    return len([seen for seen in talk.see("lotte", CHANNEL) if QUESTION in seen.text and not seen.thread])


async def choose(talk: Talk, button: str, when: str) -> None:
    """Go to what recurs, and take one of the next times."""
    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", button)
    await talk.tap("sanne", when)


async def move(talk: Talk, when: str, on: str, time: str = "14:00") -> dict[str, str]:
    """Move one of the next times, and return what was refused of it."""
    await choose(talk, "Een keer verplaatsen", when)
    return dict((await talk.fill("sanne", on=on, time=time)).fields)


async def pause_until(talk: Talk, on: str) -> dict[str, str]:
    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "Pauzeren tot een dag")
    return dict((await talk.fill("sanne", on=on)).fields)


async def sleep_until(talk: Talk, later: timedelta) -> None:
    """Let time pass while Kring is down, and start it."""
    talk.clock.move(talk.clock.now() + later)
    await talk.kring.settle()


async def test_another_zone_takes_what_recurs_along_at_the_same_time_on_the_wall(talk: Talk) -> None:
    await planned(talk)
    await talk.say("sanne", "start", DIRECT)
    await talk.tap("sanne", "Formulier openen")
    await talk.fill("sanne", timezone="America/New_York")
    said = talk.newest("sanne")

    await talk.tick("2026-11-03 14:59 Europe/Amsterdam")
    before = asked(talk)
    await talk.tick("2026-11-03 09:00 America/New_York")

    assert "op dezelfde kloktijd in America/New_York" in said
    assert (before, asked(talk)) == (0, 1)


async def test_another_zone_in_which_the_time_has_passed_already_asks_at_once_and_only_once(talk: Talk) -> None:
    await planned(talk)
    await talk.tick("2026-11-03 08:00 Europe/Amsterdam")
    await talk.say("sanne", "start", DIRECT)
    await talk.tap("sanne", "Formulier openen")

    await talk.fill("sanne", timezone="Asia/Tokyo")
    at_once = asked(talk)
    await talk.tick("2026-11-03 23:00 Europe/Amsterdam")

    assert (at_once, asked(talk)) == (1, 1)


async def test_several_times_that_were_slept_through_are_told_in_one_note(talk: Talk) -> None:
    await planned(talk)

    await sleep_until(talk, timedelta(weeks=3, days=3))

    notes = [seen.text for seen in talk.see("karim") if "niet gesteld" in seen.text]
    assert len(notes) == 1
    assert "van dinsdag 3 november, 09:00 tot dinsdag 24 november, 09:00" in notes[0]
    assert "4 keer" in notes[0]
    assert asked(talk) == 0


async def test_of_several_times_the_last_is_still_asked_within_a_day_and_the_note_says_so(talk: Talk) -> None:
    await planned(talk)

    await sleep_until(talk, timedelta(weeks=1, days=1, hours=6))

    notes = [seen.text for seen in talk.see("karim") if "niet gesteld" in seen.text]
    assert len(notes) == 1
    assert "Ik was er niet op dinsdag 3 november, 09:00" in notes[0]
    assert "heb ik hem wel gesteld" in notes[0]
    assert asked(talk) == 1


async def test_the_next_five_times_are_shown_in_words(talk: Talk) -> None:
    await planned(talk)

    await talk.say("sanne", "ritme", DIRECT)

    days = ("3 november", "10 november", "17 november", "24 november", "1 december")
    assert "\n".join(f"dinsdag {day}, 09:00" for day in days) in talk.newest("sanne")


async def test_one_of_several_is_opened_by_its_number(talk: Talk) -> None:
    await planned(talk)
    await planned(talk, "elke donderdag 14:00")

    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "2 aanpassen")

    assert "donderdag 5 november, 14:00" in talk.newest("sanne")
    assert "dinsdag 3 november" not in talk.newest("sanne")


async def test_a_time_that_is_skipped_is_not_asked_and_stays_in_the_list(talk: Talk) -> None:
    await planned(talk)

    await choose(talk, "Een keer overslaan", "dinsdag 10 november, 09:00")
    said = talk.newest("sanne")
    await talk.tick("2026-11-18 09:00 Europe/Amsterdam")

    assert "Ik sla dinsdag 10 november, 09:00 over" in said
    assert "dinsdag 10 november, 09:00: overgeslagen\ndinsdag 17 november, 09:00" in said
    assert asked(talk) == 2


async def test_a_time_that_was_skipped_already_cannot_be_chosen_again(talk: Talk) -> None:
    await planned(talk)
    await choose(talk, "Een keer overslaan", "dinsdag 3 november, 09:00")

    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "Een keer overslaan")

    assert "dinsdag 3 november, 09:00" not in talk.see("sanne")[-1].buttons


async def test_a_time_is_moved_across_a_change_of_the_clocks_and_asked_once_there(talk: Talk) -> None:
    await talk.tick("2027-03-25 10:00 Europe/Amsterdam")
    await planned(talk)

    refused = await move(talk, "dinsdag 30 maart, 09:00", "2027-03-28", "9:00")
    said = talk.newest("sanne")
    await talk.tick("2027-03-28 08:59 Europe/Amsterdam")
    early = asked(talk)
    await talk.tick("2027-03-28 09:00 Europe/Amsterdam")
    there = asked(talk)
    await talk.tick("2027-04-05 09:00 Europe/Amsterdam")

    assert refused == {}
    assert "Verplaatst van dinsdag 30 maart, 09:00 naar zondag 28 maart, 09:00" in said
    assert "zondag 28 maart, 09:00 (verplaatst van dinsdag 30 maart, 09:00)\ndinsdag 6 april, 09:00" in said
    assert (early, there, asked(talk)) == (0, 1, 1)


@pytest.mark.parametrize(
    ("on", "time", "problem"),
    [
        ("2027-03-28", "2:30", "In Europe/Amsterdam slaat de klok dat moment over"),
        ("2027-03-24", "9:00", "Kies een moment dat nog komt"),
        ("2027-04-07", "9:00", "Die komt op dinsdag 6 april, 09:00"),
        ("2027-03-30", "9:00", "Kies een andere dag"),
        ("30 maart", "9:00", "Schrijf een datum als"),
    ],
)
async def test_a_time_cannot_be_moved_to_just_anywhere(talk: Talk, on: str, time: str, problem: str) -> None:
    await talk.tick("2027-03-25 10:00 Europe/Amsterdam")
    await planned(talk)

    refused = await move(talk, "dinsdag 30 maart, 09:00", on, time)

    assert problem in refused["on"]


@pytest.mark.parametrize("time", ["25:00", "straks", "9:00 en 10:00"])
async def test_a_time_that_cannot_be_read_is_refused(talk: Talk, time: str) -> None:
    await planned(talk)

    refused = await move(talk, "dinsdag 3 november, 09:00", "2026-11-04", time)

    assert "bijvoorbeeld 14:30" in refused["time"]


@pytest.mark.parametrize("time", ["14:30", "half drie", "14.30 uur"])
async def test_a_time_of_day_may_be_written_in_words(talk: Talk, time: str) -> None:
    await planned(talk)

    await move(talk, "dinsdag 3 november, 09:00", "2026-11-04", time)

    assert "naar woensdag 4 november, 14:30" in talk.newest("sanne")


async def test_a_second_time_is_not_moved_before_the_first(talk: Talk) -> None:
    await planned(talk)

    refused = await move(talk, "dinsdag 10 november, 09:00", "2026-11-03", "8:00")

    assert "Die komt op dinsdag 3 november, 09:00" in refused["on"]


async def test_a_time_that_was_moved_is_not_moved_again_by_an_old_button(talk: Talk) -> None:
    await planned(talk)
    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "Een keer verplaatsen")
    old = talk.find("sanne", "Welke keer verplaats ik?")
    await move(talk, "dinsdag 3 november, 09:00", "2026-11-04")

    await talk.kring.room.tap("sanne", old.id, old.buttons["dinsdag 3 november, 09:00"])
    await talk.kring.respond()

    assert "Hij komt nu op woensdag 4 november, 14:00" in talk.newest("sanne")


async def test_a_pause_until_a_day_ends_by_itself_also_while_kring_was_down(talk: Talk) -> None:
    await planned(talk)

    refused = await pause_until(talk, "2026-11-12")
    said = talk.newest("sanne")
    await talk.tick("2026-11-11 09:00 Europe/Amsterdam")
    quiet = asked(talk)
    await sleep_until(talk, timedelta(days=6, hours=2))

    assert refused == {}
    assert "Vanaf donderdag 12 november gaat het vanzelf verder" in said
    assert "gepauzeerd tot donderdag 12 november" in said
    assert "dinsdag 17 november, 09:00" in said
    assert (quiet, asked(talk)) == (0, 1)
    await talk.say("sanne", "ritme", DIRECT)
    assert "gepauzeerd" not in talk.newest("sanne")


async def test_a_pause_until_a_day_can_be_ended_early(talk: Talk) -> None:
    await planned(talk)
    await pause_until(talk, "2026-12-24")

    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "Hervatten")
    said = talk.newest("sanne")
    await talk.tick("2026-11-03 09:00 Europe/Amsterdam")

    assert "De volgende keer is dinsdag 3 november, 09:00" in said
    assert asked(talk) == 1


@pytest.mark.parametrize(
    ("on", "problem"),
    [("2026-11-02", "Kies een dag na vandaag"), ("2027-01-01", "komt er geen keer meer"), ("x", "2027-01-31")],
)
async def test_a_pause_cannot_end_in_the_past_nor_after_the_last_time(talk: Talk, on: str, problem: str) -> None:
    await planned(talk, until="2026-12-31")

    refused = await pause_until(talk, on)

    assert problem in refused["on"]


async def test_a_pause_without_an_end_lasts_until_it_is_resumed(talk: Talk) -> None:
    await planned(talk)
    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "Pauzeren")
    await talk.say("sanne", "check-in", DIRECT)
    paused = talk.newest("sanne")
    await talk.tick(timedelta(days=30))
    quiet = asked(talk)

    await talk.say("sanne", "ritme", DIRECT)
    await talk.tap("sanne", "Hervatten")
    await talk.tick(timedelta(days=7))

    assert "nu gepauzeerd" in paused
    assert (quiet, asked(talk)) == (0, 1)


async def test_what_was_stopped_is_listed_no_more(talk: Talk) -> None:
    await planned(talk)
    await talk.say("sanne", "check-in", DIRECT)
    await talk.tap("sanne", "Stoppen")

    await talk.say("sanne", "ritme", DIRECT)

    assert "Er komt nog niets terug" in talk.newest("sanne")


async def test_a_check_in_begins_on_the_day_that_was_chosen_and_a_change_remembers_it(talk: Talk) -> None:
    dates = {"start": "2026-11-05", "until": "2026-12-31"}
    await talk.say("sanne", "check-in nieuw", DIRECT)
    await talk.tap("sanne", "Formulier openen")
    await talk.fill("sanne", question=QUESTION, when="om de week op dinsdag 9:00", **dates)
    preview = talk.newest("sanne")
    await talk.tap("sanne", "Aanpassen")
    form = talk.form("sanne")

    assert "dinsdag 10 november, 09:00\ndinsdag 24 november, 09:00" in preview
    assert form
    initial = {part["name"]: part["initial"] for part in form.form["inputs"]}
    assert {name: initial[name] for name in dates} == dates


@pytest.mark.parametrize(
    ("when", "start", "problem"),
    [
        ("elke dinsdag 9:00", "9999-12-31", "2027-01-31"),
        ("elke dinsdag 9:00", "gisteren", "2027-01-31"),
        ("morgen om 9:00", "2026-12-01", "geen enkele keer"),
    ],
)
async def test_a_check_in_cannot_begin_on_just_any_day(talk: Talk, when: str, start: str, problem: str) -> None:
    await talk.say("sanne", "check-in nieuw", DIRECT)
    await talk.tap("sanne", "Formulier openen")

    refused = await talk.fill("sanne", question=QUESTION, when=when, start=start)

    assert problem in refused.fields["start"]


async def test_a_check_in_that_begins_on_a_day_that_has_passed_begins_now(talk: Talk) -> None:
    await planned(talk, start="2026-10-01")

    await talk.tick("2026-11-03 09:00 Europe/Amsterdam")

    assert asked(talk) == 1


async def dutch_holidays(talk: Talk) -> None:
    await run(talk.kring.store, "insert into free_choice (community_id, country) values (1, 'NL')")


async def test_a_free_day_is_skipped_with_its_name_in_the_list(talk: Talk) -> None:
    await dutch_holidays(talk)
    await talk.tick("2026-12-22 10:00 Europe/Amsterdam")
    await planned(talk, "elke vrijdag 9:00")

    await talk.say("sanne", "ritme", DIRECT)

    assert "vrijdag 25 december, 09:00: overgeslagen, Eerste kerstdag" in talk.newest("sanne")
    assert "vrijdag 1 januari, 09:00: overgeslagen, Nieuwjaarsdag\nvrijdag 8 januari, 09:00" in talk.newest("sanne")


async def test_free_days_in_a_row_are_said_once_to_the_facilitators_and_nothing_is_asked(talk: Talk) -> None:
    await dutch_holidays(talk)
    await talk.tick("2026-12-22 10:00 Europe/Amsterdam")
    await planned(talk, "elke vrijdag 9:00")

    await talk.tick("2026-12-25 09:00 Europe/Amsterdam")
    said = talk.newest("karim")
    await talk.tick("2027-01-07 09:00 Europe/Amsterdam")
    quiet = asked(talk)
    await talk.tick("2027-01-08 09:00 Europe/Amsterdam")

    assert "Op vrijdag 25 december vraag ik niets: Eerste kerstdag" in said
    assert "De volgende keer is vrijdag 8 januari, 09:00" in said
    assert len([seen for seen in talk.see("karim") if "vraag ik niets" in seen.text]) == 1
    assert not any("vraag ik niets" in seen.text for seen in talk.see("lotte") + talk.see("lotte", CHANNEL))
    assert (quiet, asked(talk)) == (0, 1)


async def test_after_a_sleep_the_latest_is_the_latest_that_was_not_free_and_an_old_free_day_is_not_said(
    talk: Talk,
) -> None:
    await dutch_holidays(talk)
    await talk.tick("2026-12-24 08:00 Europe/Amsterdam")
    await planned(talk, "elke dag 9:00")

    await sleep_until(talk, timedelta(days=1, hours=1))
    then, on_christmas = asked(talk), [seen.text for seen in talk.see("karim") if "vraag ik niets" in seen.text]
    await sleep_until(talk, timedelta(days=4))

    assert (then, asked(talk)) == (1, 2)
    assert len(on_christmas) == 1
    assert len([seen for seen in talk.see("karim") if "vraag ik niets" in seen.text]) == 1


async def test_a_time_may_be_moved_to_a_free_day_on_purpose(talk: Talk) -> None:
    await dutch_holidays(talk)
    await talk.tick("2026-12-22 10:00 Europe/Amsterdam")
    await planned(talk, "elke woensdag 9:00")

    await move(talk, "woensdag 23 december, 09:00", "2026-12-25")
    await talk.tick("2026-12-25 14:00 Europe/Amsterdam")

    assert asked(talk) == 1
