"""Every kind of payload, delivered four times and out of order: one row, one effect, none lost; and any rubbish."""

import asyncio
import os
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from tests.fakes.slack.ways import Answered
from tests.fakes.slack.world import User
from tests.platforms.slack.conftest import Logs
from tests.platforms.slack.living import BOT, CHANNEL, House, furnished, living, set_up, words
from tests.platforms.slack.test_inbound import READ, recorded, spoiled

LONG = os.environ.get("KRING_HYPOTHESIS") == "long"
NOBODYS = sorted(name for name, made in READ.items() if made and name.startswith(("stranger", "bot", "changed_b")))
GRID = sorted(name for name, made in READ.items() if made and name.startswith("grid"))
KEPT = sorted(name for name, made in READ.items() if made and name not in {*NOBODYS, *GRID})


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path) as house:
        furnished(house.slack)
        yield house


async def deliver(house: House, payload: dict[str, Any], retry: int = 0) -> Answered:
    """Deliver a payload the way of its kind."""
    way = house.hand.way
    if "event" in payload:
        return await way.event(payload, retry)
    return await (way.command if "command" in payload else way.interaction)(payload)


async def kept(house: House) -> int:
    """How many rows the inbox holds, worked or not."""
    async with house.kring.store.begin() as work:
        return int((await work.connection.exec_driver_sql("select count(*) from inbox")).scalar_one())


def ours(payload: dict[str, Any]) -> dict[str, Any]:
    """The same with people and a channel that are there."""
    swapped: dict[str, Any] = _swapped(_swapped(payload, "U1", "lotte"), "UGUEST", "bram")
    return swapped


def _swapped(part: Any, old: str, new: str) -> Any:  # noqa: ANN401 - any part of a payload
    if isinstance(part, dict):
        return {key: _swapped(value, old, new) for key, value in part.items()}
    if isinstance(part, list):
        return [_swapped(value, old, new) for value in part]
    return new if part == old else part


async def flooded(house: House, names: list[str]) -> int:
    """Deliver these four times and out of order, and the first time is not the last; return how many they are."""
    named = [{**ours(recorded(name)), "trigger_id": f"1.{name}"} for name in names]
    once = [{**one, "event_id": f"Ev{number}"} if "event" in one else one for number, one in enumerate(named)]
    deliveries = [(one, retry) for one in once for retry in range(4)]
    random.Random(7).shuffle(deliveries)  # noqa: S311 - an order, not a secret
    for begin in range(0, len(deliveries), 8):
        some = deliveries[begin : begin + 8]
        answers = await asyncio.gather(*(deliver(house, one, retry) for one, retry in some))
        assert {answer.status for answer in answers} <= {200, 503}  # 503: who is in the channel is being looked up
    again = [await deliver(house, one, 3) for one in once]
    assert {answer.status for answer in again} == {200}
    return len(once)


async def test_every_kind_four_times_and_out_of_order_is_kept_once(house: House) -> None:
    many = await flooded(house, KEPT)

    assert await kept(house) <= many
    await house.kring.respond()
    assert (await house.kring.measures())["inbox_waiting"] == 0


async def test_what_comes_of_an_organisation_that_let_kring_in_is_kept_once(house: House) -> None:
    place = house.place()
    place.enterprise, place.org_wide = "E1", True
    place.add_user(User("W1", "Wil", team="T2"))

    many = await flooded(house, GRID)

    assert await kept(house) == many
    await house.kring.respond()
    assert (await house.kring.measures())["inbox_waiting"] == 0


async def test_of_bots_and_of_people_of_elsewhere_nothing_is_kept_however_often_it_comes(house: House) -> None:
    house.place().add_user(User("USTRANGE", "Vreemd", stranger=True))
    house.place().add_user(User("UBOT2", "Robot", is_bot=True))

    assert await flooded(house, NOBODYS) == 5

    assert await kept(house) == 0


async def test_a_redelivered_gesture_has_one_effect(house: House) -> None:
    await set_up(house)
    place = house.place()
    tap = house.hand.tapped(place, "sanne", house.find("sanne", "", label="Check-in plannen"), "Check-in plannen")

    for _ in range(4):
        await house.done(house.hand.way.interaction(tap))

    assert len(place.modals["sanne"]) == 1


async def test_what_was_acknowledged_is_answered_after_the_process_was_killed(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        slack = house.slack
        furnished(slack)
        await set_up(house)
        await house.hand.join(house.place(), "noor", CHANNEL)
        # Copied while it runs and before the event was worked: what a killed process leaves behind.
        left = shutil.copytree(tmp_path, tmp_path.with_name("left"), ignore=shutil.ignore_patterns("*.lock"))
        joined = house.hand.told[-1]
        async with living(left, slack=slack) as again:
            await again.hand.way.event(joined, 1)
            await again.kring.respond()

            seen = [one for one in again.place().seen("noor") if one.user == BOT]
            assert len(seen) == 1
            assert "Welkom" in words(seen[0])


async def test_what_could_not_be_kept_is_not_acknowledged_and_kept_the_next_time(
    house: House, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = ours(recorded("command"))

    async def refuse(*_: object, **__: object) -> None:
        raise StoreError

    with monkeypatch.context() as down:
        down.setattr(type(house.kring.dispatcher), "receive", refuse)
        first = await deliver(house, payload)
    second = await deliver(house, payload)

    assert (first.status, second.status) == (503, 200)
    assert "slack.held" in [entry["event"] for entry in logs]
    assert await kept(house) == 1


class Fuzzed:
    """A house that is delivered to from outside its loop."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop, logs: Logs) -> None:
        self._house, self._loop, self._logs = house, loop, logs

    def deliver(self, payload: dict[str, Any]) -> int:
        """Deliver a payload, and say what was answered."""
        return self._loop.run_until_complete(deliver(self._house, payload)).status

    def told(self) -> str:
        """All that was logged since the last time."""
        told = str(self._logs)
        self._logs.clear()
        return told


@pytest.fixture
def fuzzed(tmp_path: Path, logs: Logs) -> Iterator[Fuzzed]:
    with asyncio.Runner() as runner:
        opened = living(tmp_path)
        house = runner.run(opened.__aenter__())
        furnished(house.slack)
        yield Fuzzed(house, runner.get_loop(), logs)
        runner.run(opened.__aexit__(None, None, None))


@settings(max_examples=10_000 if LONG else 250, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_payload_is_an_error_and_no_word_of_it_is_logged(fuzzed: Fuzzed, data: st.DataObject) -> None:
    payload = data.draw(spoiled())

    status = fuzzed.deliver(payload)

    assert status < 500
    assert "Peerfeedback" not in fuzzed.told()
    assert "mondelinge" not in fuzzed.told()
