"""A pulse in a community of any size: everyone is asked once, some at a time."""

from datetime import timedelta

import pytest

from storage import people, timers
from tests.storage.rows import look, run
from tests.talk import DIRECT, Talk

ASKED = "Hoeveel energie geeft"


async def open_pulse(talk: Talk) -> None:
    await talk.say("sanne", "energie", DIRECT)
    await talk.tap("sanne", "Peiling openen")
    await talk.tap("sanne", "Toch peilen")


async def asked(talk: Talk) -> list[str]:
    keys = await look(
        talk.kring.store, "select dedupe_key from delivery where dedupe_key like 'energy:%:ask:%' order by id"
    )
    return [row[0] for row in keys]


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 50])
async def test_everyone_is_asked_once_in_slices_of_any_size(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(people, "SLICE", at_a_time)
    members = await look(talk.kring.store, "select id from member where left_at is null order by id")

    await open_pulse(talk)

    assert await asked(talk) == [f"energy:1:ask:{number}" for (number,) in members]
    assert ASKED in talk.newest("daan")
    assert await look(talk.kring.store, "select kind from timer") == [("energy.close",)]


async def test_who_comes_while_the_others_are_being_asked_is_not_asked(talk: Talk) -> None:
    await open_pulse(talk)
    before = await asked(talk)
    await talk.tick(timedelta(seconds=1))

    await talk.join("noor")
    await _ask_on(talk)

    assert before == await asked(talk)
    assert not any(ASKED in seen.text for seen in talk.see("noor"))


async def _ask_on(talk: Talk) -> None:
    """Have the clock go round once more, as after a slice."""
    async with talk.kring.store.begin() as work:
        await timers.ring_now(work, "energy.ask", 1, community_id=1, now=talk.clock.now())
    await talk.kring.respond()


async def test_a_pulse_that_was_closed_meanwhile_asks_nobody_more(talk: Talk) -> None:
    await open_pulse(talk)
    before = await asked(talk)
    await talk.tick("2026-11-29 09:00 Europe/Amsterdam")
    await run(talk.kring.store, "delete from delivery")

    await _ask_on(talk)

    assert len(before) > 1
    assert await asked(talk) == []
