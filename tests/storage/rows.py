"""Rows to begin with, and a look into the tables behind the back of the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from storage import communities, deliveries, people, rhythms, schema
from storage.communities import Community
from storage.db import Store, UnitOfWork
from storage.people import key_of
from storage.rhythms import Rhythm

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)  # a Monday, nine o'clock in Amsterdam
WEEK = timedelta(weeks=1)


@asynccontextmanager
async def failing(store: Store) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work that fails at its end: nothing of it may be kept."""
    with suppress(LookupError):
        async with store.begin() as work:
            yield work
            raise LookupError


async def a_community(store: Store, conversation: str = "plaza") -> int:
    """Store a community that is set up."""
    row = Community(
        platform="fake",
        workspace="w",
        conversation=conversation,
        name="Plaza",
        language="nl",
        timezone="Europe/Amsterdam",
        created_at=NOW,
        set_up_at=NOW,
    )
    async with store.begin() as work:
        return key_of(await communities.add(work, row))


async def some_members(store: Store, count: int) -> list[int]:
    """Store a community with so many members, and return their ids."""
    community_id = await a_community(store)
    async with store.begin() as work:
        persons = [await people.known(work, platform="fake", workspace="w", user_id=f"u{n}") for n in range(count)]
        return [key_of(await people.join(work, community_id, key_of(person), at=NOW)) for person in persons]


async def a_rhythm(store: Store, community_id: int, **chosen: Any) -> int:  # noqa: ANN401 - whatever a column is
    """Store a rhythm; without more, every Tuesday at nine in Amsterdam, and four hours of grace."""
    row = {
        "community_id": community_id,
        "kind": "tea.due",
        "rrule": "FREQ=WEEKLY;BYDAY=TU",
        "start_local": "2026-11-03T09:00",
        "timezone": "Europe/Amsterdam",
        "grace_seconds": 4 * 3600,
    }
    async with store.begin() as work:
        rhythm = await rhythms.add(work, Rhythm(**{**row, **chosen}))
        if "state" not in chosen:
            await rhythms.resume(work, rhythm, now=NOW)
        return key_of(rhythm)


def a_delivery(key: str, **chosen: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a column is
    """Make a post that may be sent from now on, for a day."""
    row = {
        "dedupe_key": key,
        "community_id": None,
        "platform": "fake",
        "workspace": "w",
        "lane": "fake:w:plaza",
        "act": "post",
        "address": '{"conversation": "plaza", "kind": "channel"}',
        "target_key": None,
        "replies": None,
        "handle_conversation": None,
        "handle_message": None,
        "payload": b"sealed",
        "state": "pending",
        "urgent": False,
        "paced": False,
        "loss": "private",
        "reason": "",
        "attempts": 0,
        "lease_until": 0.0,
        "created_at": NOW,
        "not_before": NOW,
        "expires_at": NOW + timedelta(days=1),
    }
    return {**row, **chosen}


async def put(store: Store, *rows: dict[str, Any]) -> list[int]:
    """Store deliveries."""
    async with store.begin() as work:
        return await deliveries.add(work, rows)


async def at_step(store: Store, step: str) -> None:
    """Bring an empty store to an earlier step of the schema."""

    def to_step(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, step)

    async with store.engine.begin() as connection:
        await connection.run_sync(to_step)


async def run(store: Store, statement: str, **values: object) -> None:
    """Change something by hand."""
    async with store.begin() as work:
        await work.run(sa.text(statement).bindparams(**values))


async def look(store: Store, query: str, **values: object) -> list[tuple[Any, ...]]:
    """Read rows by hand."""
    async with store.begin() as work:
        return [tuple(row) for row in await work.run(sa.text(query).bindparams(**values))]


async def look_one(store: Store, query: str, **values: object) -> Any:  # noqa: ANN401 - whatever a column is
    """Read one value by hand."""
    (row,) = await look(store, query, **values)
    return row[0] if len(row) == 1 else row
