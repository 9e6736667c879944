"""Two processes of Kring on one PostgreSQL: one takes the gesture, and its answer is sent by the other.

The response that is open in the first cannot show it then. It goes the way that always works, once: a message in the
personal chat, or another card in the place of the one that was tapped, for everyone.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.teams import gestures
from tests.fakes.teams import taps
from tests.fakes.teams.ways import Answered
from tests.fakes.teams.world import Message
from tests.platforms.teams.living import CHANNEL, House, furnished, living, set_up

pytestmark = pytest.mark.xdist_group("postgres")
QUESTION = "Hoe vol zit je week?"


@dataclass
class Two:
    """The process that hears everything, and the one that sends."""

    hears: House
    sends: House

    async def done(self, gesture: Coroutine[Any, Any, Answered]) -> Answered:
        """Have a gesture worked by the one, and what follows from it sent by the other."""
        task = asyncio.create_task(gesture)
        while not task.done():
            await asyncio.sleep(0.001)
            await self._work()
        await self._work()
        return task.result()

    async def _work(self) -> None:
        await self.hears.kring.dispatcher.drain()
        await self.sends.kring.respond()


@pytest.fixture
async def two(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        hears = await stack.enter_async_context(living(tmp_path, database_url=postgres_url))
        furnished(hears.teams)
        await set_up(hears)
        await hears.done(hears.hand.say("sanne", "@Kring check-in nieuw", CHANNEL))
        await hears.done(hears.hand.submit("sanne", {"question": QUESTION, "when": "elke dinsdag 9:00"}))
        sends = await stack.enter_async_context(living(tmp_path, teams=hears.teams, database_url=postgres_url))
        monkeypatch.setattr(gestures, "WINDOW", 0.5)
        yield Two(hears, sends)


async def test_another_card_in_the_place_of_one_that_was_tapped_is_put_there_once_for_everyone(two: Two) -> None:
    card, before = two.hears.find("sanne", "Klopt dit?"), len(two.hears.world.messages)

    answer = await two.done(two.hears.hand.tap("sanne", card, "Klopt, zet maar aan"))

    assert (answer.status, answer.body["value"]) == (200, "Dat is aangekomen.")
    assert "De check-in staat aan" in two.hears.said("sanne")[0]
    assert (card.edited, len(two.hears.world.messages)) == (1, before)


async def test_what_only_one_person_may_see_is_in_their_personal_chat_once(two: Two) -> None:
    asked = await planned(two)

    answer = await two.done(two.hears.hand.tap("amina", asked, "Deze keer niet"))

    assert (answer.status, answer.body["value"]) == (200, "Dat is aangekomen.")
    assert [said for said in two.hears.said("amina") if "deze keer sla je over" in said] == two.hears.said("amina")
    assert len(two.hears.said("amina")) == 1


async def test_a_form_is_in_the_personal_chat_once_and_is_taken_there(two: Two) -> None:
    asked = await planned(two)

    answer = await two.done(two.hears.hand.tap("amina", asked, "Antwoord geven"))
    forms = [one for one in two.hears.seen("amina") if taps.inputs(one.card or {})]
    await two.done(two.hears.hand.submit("amina", {"text": "Vol."}, forms[0]))

    assert (answer.status, answer.body) == (200, {"task": {"type": "message", "value": "Dat is aangekomen."}})
    assert len(forms) == 1
    assert forms[0].deleted
    assert two.hears.has("daan", "Amina Yildiz schrijft", CHANNEL)
    assert sum("je antwoord telt mee" in said for said in two.hears.said("amina")) == 1


async def planned(two: Two) -> Message:
    """Turn the check-in on, and have it asked."""
    house = two.hears
    await two.done(house.hand.tap("sanne", house.find("sanne", "Klopt dit?"), "Klopt, zet maar aan"))
    await two.done(house.hand.say("sanne", "@Kring check-in nu", CHANNEL))
    return house.find("amina", QUESTION, CHANNEL)
