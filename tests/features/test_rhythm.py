"""What recurs is steered in a conversation: skipped, moved, paused, and taken along to another zone."""

from datetime import timedelta

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
