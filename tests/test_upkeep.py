"""The doctor on stuck work: each kind is named, with what to do."""

import re
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bot import upkeep
from bot.config import Settings
from storage import inbox, lanes, timers
from storage.db import Store
from storage.inbox import Arrival
from tests.conftest import SECRET
from tests.storage.rows import a_community, a_delivery, put

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def noted(store: Store) -> dict[str, str]:
    """What the doctor has to say, by what it is about."""
    settings = Settings(_env_file=None, database_url=store.url, secret_key=SecretStr(SECRET), port=0)
    return {finding.what: finding.problem for finding in await upkeep.examine(settings) if finding.problem}


async def test_the_doctor_finds_nothing_stuck_in_a_new_store(store: Store) -> None:
    found = await noted(store)

    assert found == {}


async def test_the_doctor_names_each_kind_of_stuck_work_with_a_remedy(store: Store) -> None:
    await put(
        store,
        a_delivery("dead", state="dead"),
        a_delivery("overdue", not_before=LONG_AGO),
        a_delivery("half", state="sending", lease_until=1.0, not_before=LONG_AGO, lane="other"),
    )
    community = await a_community(store)
    async with store.begin() as work:
        await inbox.keep(work, [Arrival("fake", "w", "event", b"{}", LONG_AGO)])
        await timers.set_timer(work, "tea.due", 1, community_id=community, due_at=LONG_AGO)
        await lanes.block(work, {"quiet": 3600.0})

    found = await noted(store)

    stuck = ("deliveries", "waiting deliveries", "half-sent deliveries", "quiet conversations", "events", "clock")
    assert set(stuck) <= found.keys()
    assert all(re.match(r"1 .*(log|kring run|platform asked)", found[what]) for what in stuck)


@pytest.mark.xdist_group("postgres")
async def test_the_doctor_finds_a_queue_that_is_behind(postgres_store: Store) -> None:
    async with postgres_store.begin() as work:
        await work.connection.exec_driver_sql("drop function procrastinate_retry_job_v2")
        await work.connection.exec_driver_sql(
            "comment on table procrastinate_jobs is 'kring: 03.04.00_01_pre_add_retry_failed_job_procedure'"
        )

    found = await noted(postgres_store)

    assert found["schema"] == "behind; run `kring migrate`"
