"""The tables of the queue are made and migrated with ours, and somebody else's are left alone."""

from collections.abc import AsyncIterator

import pytest

from bot.errors import ConfigError
from storage import queue, schema
from storage.db import Store
from storage.schema import SchemaState
from tests.conftest import Postgres, opened
from tests.storage.rows import look, look_one, run

pytestmark = pytest.mark.xdist_group("postgres")
FIRST = "03.04.00_01_pre_add_retry_failed_job_procedure"


@pytest.fixture
async def empty(postgres: Postgres) -> AsyncIterator[Store]:
    name = postgres.create()
    store = opened(postgres.url(name))
    yield store
    await store.close()
    postgres.drop(name)


async def at(store: Store, step: str) -> None:
    """Say that the tables are at a step."""
    await run(store, f"comment on table procrastinate_jobs is 'kring: {step}'")


async def test_a_new_store_has_the_tables_of_the_procrastinate_that_is_installed(postgres_store: Store) -> None:
    async with postgres_store.begin() as work:
        assert await queue.step(work) == queue.steps()[-1]

    assert await schema.state(postgres_store) is SchemaState.CURRENT


async def test_tables_of_an_older_procrastinate_are_brought_up_to_date(postgres_store: Store) -> None:
    await run(postgres_store, "drop function procrastinate_retry_job_v2")
    await at(postgres_store, "03.04.00_01_pre_add_retry_failed_job_procedure")
    before = await schema.state(postgres_store)
    later = [step for step in queue.steps() if step > FIRST]

    await schema.migrate(postgres_store)

    assert before is SchemaState.BEHIND
    assert later
    assert await schema.state(postgres_store) is SchemaState.CURRENT


async def test_tables_of_a_newer_procrastinate_are_refused(postgres_store: Store) -> None:
    await at(postgres_store, "99.00.00_01_of_the_future")

    with pytest.raises(ConfigError, match="newer Kring"):
        await schema.migrate(postgres_store)


async def test_tables_that_somebody_else_made_are_refused_and_left_alone(empty: Store) -> None:
    await run(empty, "create table procrastinate_jobs (id int)")

    with pytest.raises(ConfigError, match="another program"):
        await schema.migrate(empty)

    assert await look(empty, "select * from procrastinate_jobs") == []
    assert await look_one(empty, "select to_regclass('delivery') is null")
