"""The step to exceptions that are occurrences: what was called off, paused or late before it is so after it."""

from collections.abc import AsyncIterator

import pytest

from storage import coming, rhythms, schema
from storage.db import Store
from storage.occurrences import Reason
from tests.conftest import opened
from tests.storage.rows import at_step, look, run

BEFORE = "0003"
RHYTHM = (
    "insert into rhythm (id, community_id, kind, rrule, start_local, timezone, grace_seconds, state, skip_slots, "
    "next_local, next_at) values (:id, 1, 'tea', 'FREQ=WEEKLY;BYDAY=TU', '2026-11-03T09:00', 'Europe/Amsterdam', 60, "
    ":state, :skips, '2026-11-10T09:00', '2026-11-10 08:00:00')"
)
OCCURRENCE = (
    "insert into occurrence (rhythm_id, local_slot, due_at, state) "
    "values (:rhythm, :slot, '2026-11-03 08:00:00', :state)"
)


@pytest.fixture
async def old(empty_url: str) -> AsyncIterator[Store]:
    """A store as the first release left it."""
    store = opened(empty_url)
    await at_step(store, BEFORE)
    await run(
        store,
        "insert into community (id, platform, workspace, conversation, name, domain, language, timezone, created_at) "
        "values (1, 'fake', 'w', 'plaza', 'Plaza', '', 'nl', 'Europe/Amsterdam', '2026-11-01 08:00:00')",
    )
    yield store
    await store.close()


async def test_what_was_called_off_is_skipped_after_the_step_and_nothing_else_is(old: Store) -> None:
    await run(old, RHYTHM, id=1, state="active", skips='["2026-11-03T09:00", "2026-11-10T09:00"]')
    await run(old, OCCURRENCE, rhythm=1, slot="2026-11-03T09:00", state="skipped")

    await schema.migrate(old)

    async with old.begin() as work:
        rhythm = await rhythms.get(work, 1)
        assert rhythm
        times = await coming.of(work, rhythm, 2)
    assert [(one.local, one.skipped) for one in times] == [
        ("2026-11-10T09:00", Reason.CALLED_OFF),
        ("2026-11-17T09:00", None),
    ]
    assert await look(old, "select local_slot, state, reason from occurrence order by local_slot") == [
        ("2026-11-03T09:00", "skipped", "called_off"),
        ("2026-11-10T09:00", "skipped", "called_off"),
    ]


async def test_what_was_paused_aims_at_nothing_after_the_step(old: Store) -> None:
    for number, state in enumerate(("active", "paused", "draft", "ended"), start=1):
        await run(old, RHYTHM, id=number, state=state, skips="[]")

    await schema.migrate(old)

    aims = await look(old, "select state, next_local from rhythm where next_at is not null")
    assert aims == [("active", "2026-11-10T09:00")]
    assert await look(old, "select distinct catch_up from rhythm") == [("latest",)]


async def test_what_was_late_and_not_said_is_said_after_the_step(old: Store) -> None:
    await run(old, RHYTHM, id=1, state="active", skips="[]")
    await run(old, OCCURRENCE, rhythm=1, slot="2026-10-27T09:00", state="late")
    await run(old, OCCURRENCE, rhythm=1, slot="2026-11-03T09:00", state="late")

    await schema.migrate(old)

    assert await look(old, "select kind, community_id, subject_id, arg from timer") == [("tea.late", 1, 1, "")]
