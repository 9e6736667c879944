"""What an operator is told of the queues: nothing when all is well, and what is stuck when it is."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import inbox, lanes, operating, queue, timers
from storage.db import Store
from storage.inbox import Arrival
from tests.storage.rows import a_community, a_delivery, a_rhythm, put

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)


async def told(store: Store) -> dict[str, int]:
    """What is stuck, and how much of it."""
    async with store.begin() as work:
        return {what: many for what, many in asdict(await operating.stuck(work)).items() if many}


async def test_nothing_is_stuck_in_a_store_in_which_all_is_well(store: Store) -> None:
    await put(
        store,
        a_delivery("sent", state="sent", not_before=LONG_AGO),
        a_delivery("later", not_before=NEVER),
        a_delivery("leased", state="sending", not_before=LONG_AGO, lease_until=9e9),
    )

    assert await told(store) == {}


@pytest.mark.parametrize(
    ("what", "chosen"),
    [
        ("overdue", {"state": "pending"}),
        ("overdue", {"state": "unknown"}),
        ("abandoned", {"state": "sending", "lease_until": 1.0}),
        ("dead", {"state": "dead"}),
    ],
)
async def test_a_delivery_that_is_stuck_is_counted_once(store: Store, what: str, chosen: dict[str, Any]) -> None:
    await put(store, a_delivery("stuck", not_before=LONG_AGO, **chosen))

    assert await told(store) == {what: 1}


async def test_a_conversation_that_is_kept_quiet_long_is_counted_and_what_waits_for_it_is_not(store: Store) -> None:
    await put(store, a_delivery("waits", not_before=LONG_AGO, lane="quiet"))
    async with store.begin() as work:
        await lanes.block(work, {"quiet": 3600.0, "soon": 60.0})

    assert await told(store) == {"blocked": 1}


async def test_an_event_that_nobody_works_is_counted(store: Store) -> None:
    async with store.begin() as work:
        await inbox.keep(work, [Arrival("fake", "w", "event", b"{}", LONG_AGO)])

    assert await told(store) == {"events": 1}


async def test_a_clock_that_does_not_ring_is_seen_by_what_it_left(store: Store) -> None:
    community = await a_community(store)
    await a_rhythm(store, community, next_at=LONG_AGO, state="active")
    await a_rhythm(store, community, next_at=LONG_AGO, state="paused")
    async with store.begin() as work:
        await timers.set_timer(work, "tea.due", 1, community_id=community, due_at=LONG_AGO)

    assert await told(store) == {"unrung": 2}


async def test_a_job_that_nobody_begins_or_ends_is_counted(postgres_store: Store) -> None:
    async with postgres_store.begin() as work:
        await work.connection.exec_driver_sql(
            "insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at) values"
            " ('prompts', 'offer', 'todo', '2026-01-01'), ('prompts', 'offer', 'doing', '2026-01-01')"
        )

    assert await told(postgres_store) == {"jobs": 2}


async def test_the_measures_say_how_much_and_how_old(store: Store) -> None:
    now = LONG_AGO + timedelta(minutes=1)
    await put(
        store,
        a_delivery("reply", urgent=True, not_before=LONG_AGO),
        a_delivery("prompt", not_before=now - timedelta(seconds=5), attempts=2),
        a_delivery("later", not_before=NEVER),
        a_delivery("sent", state="sent", not_before=LONG_AGO),
    )
    async with store.begin() as work:
        await lanes.block(work, {"quiet": 60.0})
        found = await operating.measure(work, now)

    assert {name: value for name, value in found.items() if value} == {
        "deliveries_pending": 3,
        "deliveries_sent": 1,
        "deliveries_tried_again": 1,
        "lanes_blocked": 1,
        "age_replies_seconds": 60,
        "age_prompts_seconds": 5,
    }


async def test_the_measures_count_jobs(postgres_store: Store) -> None:
    async with postgres_store.begin() as work:
        await work.connection.exec_driver_sql(
            "insert into procrastinate_jobs (queue_name, task_name) values ('prompts', 'offer')"
        )
        found = await operating.measure(work, LONG_AGO)
        counted = await queue.count_jobs(work)

    assert found["jobs_prompts_todo"] == 1
    assert counted == {("prompts", "todo"): 1}
