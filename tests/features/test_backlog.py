"""Events that an earlier life, or another process, took in and did not finish."""

from typing import Any

import pytest

from bot.chat import events
from bot.chat.events import Commanded, Event, Place, User
from bot.errors import Conflict
from storage import inbox, operating, people, pulses
from storage.inbox import Arrival
from tests.storage.rows import look_one
from tests.talk import DIRECT, Talk

MANY = 120  # more than two looks through the inbox hold


def energy(number: int) -> Event:
    place = Place("dm:lotte", direct=True)
    return Event(f"left {number}", "room", "room", User("lotte", "Lotte Visser"), place, Commanded("energie 4"))


async def kept(talk: Talk, *left: Event, sequence: str = "") -> list[int]:
    """Put events in the inbox as somebody else does who then dies."""
    async with talk.kring.store.begin() as work:
        now = talk.clock.now()
        rows = [Arrival("room", "room", one.id, events.pack(one), now, sequence) for one in left]
        return [row for row in await inbox.keep(work, rows) if row is not None]


async def waiting(talk: Talk) -> float:
    async with talk.kring.store.begin() as work:
        return (await operating.measure(work, talk.clock.now()))["inbox_waiting"]


async def test_a_backlog_of_any_length_is_worked_in_one_go(talk: Talk) -> None:
    await kept(talk, *(energy(number) for number in range(MANY)))
    talk.kring.dispatcher._swept_at = float("-inf")

    await talk.kring.dispatcher.drain()

    assert await waiting(talk) == 0


async def test_what_another_process_left_behind_is_rescued_once(talk: Talk) -> None:
    rows = await kept(talk, energy(1), energy(2))

    offered_again = [await talk.kring.dispatcher.rescue(rows), await talk.kring.dispatcher.rescue(rows)]

    assert offered_again == [{}, {}]
    assert await waiting(talk) == 0
    assert await look_one(talk.kring.store, "select count(*) from energy_note") == 2


async def test_a_rescue_leaves_what_is_not_at_its_turn_and_asks_for_it_again(talk: Talk) -> None:
    first, second = await kept(talk, energy(1), energy(2), sequence="lotte")

    too_early = await talk.kring.dispatcher.rescue([second])
    await talk.kring.dispatcher.rescue([first])
    in_turn = await talk.kring.dispatcher.rescue([second])

    assert list(too_early) == [second]
    assert in_turn == {}
    assert await waiting(talk) == 0


async def test_an_event_is_tried_again_when_somebody_else_wrote_the_same_at_that_moment(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflicts = [Conflict("person"), Conflict("person")]

    async def known(*given: Any, **more: Any) -> people.Person:  # noqa: ANN401 - handed on
        if conflicts:
            raise conflicts.pop()
        return await really(*given, **more)

    really = people.known
    monkeypatch.setattr(people, "known", known)

    await talk.say("lotte", "energie 4", where=DIRECT)

    assert conflicts == []
    assert await look_one(talk.kring.store, "select count(*) from energy_note") == 1


async def test_a_conflict_that_stays_is_a_failure_with_a_reference_and_stops_nobody(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = pulses.log

    async def log(*given: Any, **more: Any) -> None:  # noqa: ANN401 - handed on
        await really(*given, **more)
        raise Conflict("energy_note")

    monkeypatch.setattr(pulses, "log", log)

    await talk.say("lotte", "energie 4", where=DIRECT)

    assert await waiting(talk) == 0
    assert talk.see("lotte", DIRECT)[-1].text.count("code") == 1
    assert await look_one(talk.kring.store, "select count(*) from energy_note") == 0
