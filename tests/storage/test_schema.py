"""The schema: migrations make exactly the tables of the models, and a store that is not ours is refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.errors import ConfigError
from storage import queue, schema, tables
from storage.db import Store
from storage.schema import SchemaState
from tests.conftest import opened
from tests.storage.rows import look, look_one, run


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Store]:
    store = opened(empty_url)
    yield store
    await store.close()


async def test_migrating_an_empty_store_makes_exactly_the_tables_of_the_models(empty: Store) -> None:
    await schema.migrate(empty)

    async with empty.engine.begin() as connection:
        assert await connection.run_sync(_differences) == []
        assert await connection.run_sync(_tables) == {*tables.metadata.tables, "alembic_version"}


async def test_a_store_is_empty_before_its_first_migration_and_current_after_it(empty: Store) -> None:
    before = await schema.state(empty)

    await schema.migrate(empty)

    assert before is SchemaState.EMPTY
    assert await schema.state(empty) is SchemaState.CURRENT


async def test_migrating_twice_is_harmless(empty: Store) -> None:
    await schema.migrate(empty)
    await schema.check_key(empty)

    await schema.migrate(empty)

    assert await schema.state(empty) is SchemaState.CURRENT
    assert await look_one(empty, "select count(*) from seal") == 1


async def test_the_tables_of_a_pulse_keep_no_order_of_arrival_on_sqlite(sqlite_store: Store) -> None:
    made = dict(await look(sqlite_store, "select name, sql from sqlite_master where type = 'table'"))

    rowless = {name for name, statement in made.items() if "WITHOUT ROWID" in statement}

    assert rowless == {"energy_pulse_score", "energy_pulse_voter"}


async def test_a_store_that_was_written_by_a_newer_kring_is_refused_and_left_as_it_is(store: Store) -> None:
    await run(store, "update alembic_version set version_num = '9999'")

    with pytest.raises(ConfigError, match="newer Kring"):
        await schema.migrate(store)

    assert await schema.state(store) is SchemaState.NEWER


async def test_a_store_opens_with_the_key_that_it_was_written_with(store: Store, store_url: str) -> None:
    await schema.check_key(store)
    again = opened(store_url)

    await schema.check_key(again)

    await again.close()


async def test_a_store_that_was_written_with_another_key_is_refused(store: Store, store_url: str) -> None:
    await schema.check_key(store)
    stranger = opened(store_url, secret="another secret of thirty-two characters")

    with pytest.raises(ConfigError, match="KRING_SECRET_KEY: is not the key"):
        await schema.check_key(stranger)

    await stranger.close()


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
@pytest.mark.xdist_group("postgres")
async def test_two_processes_that_start_at_once_on_an_empty_store_migrate_it_once(empty_url: str) -> None:
    both = [opened(empty_url), opened(empty_url)]

    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(_ready(store) for store in both), return_exceptions=True)
        await asyncio.gather(*(store.close() for store in both))

    assert outcomes == [SchemaState.CURRENT] * 2


async def _ready(store: Store) -> SchemaState:
    await schema.migrate(store)
    await schema.check_key(store)
    return await schema.state(store)


def _differences(connection: sa.Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": queue.ours})
    return list(compare_metadata(context, tables.metadata))


def _tables(connection: sa.Connection) -> set[str]:
    return {name for name in sa.inspect(connection).get_table_names() if not name.startswith(queue.PREFIX)}
