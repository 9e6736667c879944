"""What was there before people had a budget of their own is there after it, and nothing waits."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from storage import schema
from storage.db import Store
from tests.conftest import opened
from tests.storage.rows import at_step, look


@pytest.fixture
async def before(empty_url: str) -> AsyncIterator[Store]:
    store = opened(empty_url)
    await at_step(store, "0001")
    yield store
    await store.close()


async def test_people_and_deliveries_are_carried_over(before: Store) -> None:
    async with before.begin() as work:
        await work.run(
            sa.text("insert into person (platform, workspace, user_id, name) values ('room', 'w', 'noor', 'Noor')")
        )
        columns = "dedupe_key, platform, workspace, lane, act, address, state, reason, attempts, lease_until"
        times = "created_at, not_before, expires_at"
        at = "'2026-11-02 08:00:00'"
        await work.run(
            sa.text(
                f"insert into delivery ({columns}, {times}) "  # noqa: S608 - names of our own
                f"values ('a', 'room', 'w', 'l', 'post', '', 'pending', '', 0, 0, {at}, {at}, {at})"
            )
        )

    await schema.migrate(before)

    chosen = "select name, message_budget, quiet_hours, working_days, paused_until_on, unanswered from person"
    assert await look(before, chosen) == [("Noor", None, None, None, None, 0)]
    assert [bool(repeat) for (repeat,) in await look(before, "select repeat from delivery")] == [True]
    assert await look(before, "select * from nudge") == []
