"""Every kind of activity, delivered four times and out of order: one row, one effect, none lost; and any rubbish."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.reference import Reference
from bot.platforms.teams.registration import Registration
from storage.db import Store
from storage.references import References
from tests.fakes.teams.issuer import PASSWORD
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID, TENANT
from tests.platforms.teams.conftest import Logs
from tests.platforms.teams.entering import Door, Inbox, entered
from tests.platforms.teams.living import House, living
from tests.platforms.teams.test_inbound import CHANNEL, GENERAL, READ, recorded, spoiled
from tests.storage.rows import NOW

LONG = os.environ.get("KRING_HYPOTHESIS") == "long"
KNOWN = (CHANNEL, GENERAL)
NOWHERE = {"form_in_private", "form_of_an_old_client", "removed_personally"}
"""What is about a place that lotte is not in, in this pretend Teams, and what only erases."""
WORDS = ("Lotte", "Peerfeedback", "mondelinge", "energie 4", "agenda")


@asynccontextmanager
async def opened_on(store: Store) -> AsyncIterator[Door]:
    """An entrance where two channels of the team are known."""
    async with FakeTeams.started() as teams:
        registration = Registration(
            APP_ID, PASSWORD, TENANT, metadata_url=teams.metadata_url, token_url=teams.token_url
        )
        kept = References(store, "teams", TENANT)
        for channel in KNOWN:
            await kept.keep(Reference(channel, teams.service_url, GENERAL, name="Toetsen"), at=NOW)
        async with entered(teams, registration, kept, Inbox()) as door:
            yield door


@pytest.fixture
async def door(sqlite_store: Store) -> AsyncIterator[Door]:
    async with opened_on(sqlite_store) as door:
        yield door


def ours(activity: dict[str, Any], teams: FakeTeams) -> dict[str, Any]:
    """The same, from this Teams."""
    return {**activity, "serviceUrl": teams.service_url}


async def test_every_kind_four_times_and_out_of_order_is_kept_once(door: Door) -> None:
    names = [name for name, made in READ.items() if made and name not in NOWHERE]
    once = [ours(recorded(name), door.teams) | {"id": f"f:{name}"} for name in names]
    told = [len(KNOWN) if team else 1 for name in names for *_, team in READ[name]]
    expected = sum(told) - 2  # an installation leaves out the channel that it is in
    deliveries = [one for one in once for _ in range(4)]
    random.Random(7).shuffle(deliveries)  # noqa: S311 - an order, not a secret

    for begin in range(0, len(deliveries), 8):
        answers = await asyncio.gather(*(door.hand.again(one) for one in deliveries[begin : begin + 8]))
        assert {answer.status for answer in answers} == {200}

    assert len(door.inbox.events) == len({event.id for event in door.inbox.events}) == expected


async def worked(folder: Path, times: int) -> tuple[int, int, float]:
    """Have all of Kring given every kind so often, out of order; count what was kept, what was said and what waits."""
    async with living(folder) as house:
        kept = References(house.kring.store, "teams", TENANT)
        for channel in KNOWN:
            await kept.keep(Reference(channel, house.teams.service_url, GENERAL, name="Toetsen"), at=NOW)
        names = sorted(name for name, made in READ.items() if made and name not in NOWHERE)
        random.Random(7).shuffle(names)  # noqa: S311 - an order, not a secret
        once = [ours(recorded(name), house.teams) | {"id": f"f:{name}"} for name in names]

        async def flood() -> None:
            for begin in range(0, len(once), 4):
                some = [one for one in once[begin : begin + 4] for _ in range(times)]
                answers = await asyncio.gather(*(house.hand.again(one) for one in some))
                assert {answer.status for answer in answers} == {200}

        await house.done(flood())
        async with house.kring.store.begin() as work:
            rows = [
                (await work.connection.exec_driver_sql(f"select count(*) from {table}")).scalar_one()  # noqa: S608
                for table in ("inbox", "delivery")
            ]
        return rows[0], rows[1], (await house.kring.measures())["inbox_waiting"]


async def test_every_kind_four_times_has_the_effect_of_once(tmp_path: Path) -> None:
    once = await worked(tmp_path, 1)

    again = tmp_path / "again"
    again.mkdir()
    often = await worked(again, 4)

    assert often == once
    assert once[0] >= len(READ) // 2
    assert once[2] == 0


class Fuzzed:
    """All of Kring, delivered to from outside its loop."""

    def __init__(self, house: House, runner: asyncio.Runner, logs: Logs) -> None:
        self._house, self._runner, self._logs = house, runner, logs

    def deliver(self, activity: dict[str, Any]) -> int:
        """Deliver an activity, have it worked, and say what was answered."""
        return self.send(json.dumps(ours(activity, self._house.teams)).encode())

    def send(self, body: bytes) -> int:
        """Send a body of any kind."""
        way = self._house.hand.way
        return self._runner.run(self._house.done(way.send(body, way.headers()))).status

    def told(self) -> str:
        """All that was logged since the last time."""
        told = str(self._logs)
        self._logs.clear()
        return told


@pytest.fixture
def fuzzed(tmp_path: Path, logs: Logs) -> Iterator[Fuzzed]:
    with asyncio.Runner() as runner:
        opening = living(tmp_path)
        yield Fuzzed(runner.run(opening.__aenter__()), runner, logs)
        runner.run(opening.__aexit__(None, None, None))


@settings(max_examples=10_000 if LONG else 250, deadline=None, suppress_health_check=list(HealthCheck))
@given(activity=spoiled())
def test_no_activity_is_an_error_and_no_word_of_it_is_logged(fuzzed: Fuzzed, activity: dict[str, Any]) -> None:
    status = fuzzed.deliver(activity)

    told = fuzzed.told()
    assert status < 500 or status == 501  # an invoke that Kring does not know
    assert [word for word in WORDS if word in told] == []


@settings(max_examples=1000 if LONG else 50, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_body_is_an_error(fuzzed: Fuzzed, body: bytes) -> None:
    assert fuzzed.send(body) in {200, 400}
