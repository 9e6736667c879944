"""One transaction: kept as a whole or not at all, and what the store says when it cannot be used."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import Conflict, StoreError
from storage import people
from storage.db import Store, UnitOfWork
from tests.conftest import Postgres, opened
from tests.storage.rows import failing, look_one, run

MOMENTS = 30  # a tenth of a millisecond apart: from before the first statement to after the commit
COUNT = "select count(*) from person"


async def _meet(work: UnitOfWork, user_id: str = "lotte") -> None:
    await people.known(work, platform="fake", workspace="w", user_id=user_id)


async def test_what_was_done_in_a_unit_of_work_is_kept(store: Store) -> None:
    async with store.begin() as work:
        await _meet(work)

    assert await look_one(store, COUNT) == 1


async def test_a_unit_of_work_begins_with_its_first_statement_and_one_without_asks_nothing(sqlite_store: Store) -> None:
    asked: list[str] = []
    async with sqlite_store.begin() as work:
        raw = await work.connection.get_raw_connection()
        assert raw.driver_connection
        await raw.driver_connection.visit(lambda file: file.set_trace_callback(asked.append))

    async with sqlite_store.begin():
        pass
    async with failing(sqlite_store):
        pass
    async with sqlite_store.begin() as work:
        await work.run(sa.text("select 1"))
        await work.run(sa.text("select 2"))

    assert asked == ["COMMIT", "BEGIN IMMEDIATE", "select 1", "select 2", "COMMIT"]


async def test_nothing_of_a_unit_of_work_that_failed_is_kept(store: Store) -> None:
    async with failing(store) as work:
        await _meet(work)

    assert await look_one(store, COUNT) == 0


async def test_nothing_of_a_unit_of_work_that_was_cancelled_is_kept_and_the_next_one_goes_on(store: Store) -> None:
    met, never = asyncio.Event(), asyncio.Event()

    async def meet_and_wait() -> None:
        async with store.begin() as work:
            await _meet(work)
            met.set()
            await never.wait()

    task = asyncio.create_task(meet_and_wait())
    await met.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert await look_one(store, COUNT) == 0


async def test_a_unit_of_work_may_be_cancelled_at_any_moment(store: Store) -> None:
    async def meet(user_id: str) -> None:
        async with store.begin() as work:
            await _meet(work, user_id)

    for moment in range(MOMENTS):
        task = asyncio.create_task(meet(f"someone {moment}"))
        await asyncio.wait({task}, timeout=moment / 10_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await meet("lotte")

    assert await look_one(store, "select count(*) from person where user_id = 'lotte'") == 1


async def test_what_waits_for_the_commit_is_called_after_it(store: Store) -> None:
    called: list[str] = []

    async with store.begin() as work:
        work.on_commit(lambda: called.append("committed"))
        await _meet(work)
        during = list(called)

    assert during == []
    assert called == ["committed"]


async def test_what_waits_for_a_commit_that_never_came_is_not_called(store: Store) -> None:
    called: list[str] = []

    async with failing(store) as work:
        work.on_commit(lambda: called.append("committed"))

    assert called == []


async def test_a_rule_of_the_schema_that_is_broken_is_not_taken_for_a_store_that_is_gone(store: Store) -> None:
    async with store.begin() as work:
        await _meet(work)

    with pytest.raises(Conflict):
        await run(
            store, "insert into person (id, platform, workspace, user_id, name) values (9, 'fake', 'w', 'lotte', '')"
        )


async def test_a_sqlite_store_in_a_folder_that_is_not_there_is_an_error_of_the_store(tmp_path: Path) -> None:
    store = opened(f"sqlite:///{tmp_path / 'nowhere' / 'kring.db'}")

    with pytest.raises(StoreError, match="unable to open"):
        await look_one(store, COUNT)

    await _let_go(store)


async def test_a_file_that_is_no_database_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "kring.db").write_bytes(b"something else altogether " * 100)
    store = opened(f"sqlite:///{tmp_path / 'kring.db'}")

    with pytest.raises(StoreError, match="not a database"):
        await look_one(store, COUNT)

    await _let_go(store)


async def test_a_sqlite_store_that_someone_else_keeps_locked_is_an_error_of_the_store(
    sqlite_store: Store, sqlite_url: str
) -> None:
    await run(sqlite_store, "pragma busy_timeout = 0")

    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="locked"):
            await look_one(sqlite_store, COUNT)

    assert await look_one(sqlite_store, COUNT) == 0


async def test_a_sqlite_store_that_is_full_is_an_error_of_the_store_and_keeps_what_it_had(sqlite_store: Store) -> None:
    async with sqlite_store.begin() as work:
        await _meet(work)
    await run(sqlite_store, "pragma max_page_count = 1")

    async def meet_too_many() -> None:
        async with sqlite_store.begin() as work:
            for number in range(200):
                await _meet(work, f"someone {number}")

    with pytest.raises(StoreError, match="full"):
        await meet_too_many()

    assert await look_one(sqlite_store, COUNT) == 1


@pytest.mark.xdist_group("postgres")
async def test_a_postgresql_that_cuts_the_line_is_an_error_of_the_store_and_nothing_of_the_unit_is_kept(
    postgres_store: Store,
) -> None:
    called: list[str] = []

    async def meet_and_be_cut() -> None:
        async with postgres_store.begin() as work:
            work.on_commit(lambda: called.append("committed"))
            await _meet(work)
            await _cut(postgres_store, await _line(work))

    with pytest.raises(StoreError):
        await meet_and_be_cut()

    assert called == []
    assert await look_one(postgres_store, COUNT) == 0


@pytest.mark.xdist_group("postgres")
async def test_a_postgresql_database_that_is_gone_is_an_error_of_the_store(postgres: Postgres) -> None:
    name = postgres.create()
    store = opened(postgres.url(name))
    await run(store, "select 1")
    postgres.drop(name)

    with pytest.raises(StoreError, match="does not exist"):
        await run(store, "select 1")

    await store.close()


async def _let_go(store: Store) -> None:
    """Close a store that never opened, and see that no thread of it stays behind."""
    await store.close()
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


async def _line(work: UnitOfWork) -> int:
    return int((await work.run(sa.text("select pg_backend_pid()"))).scalar_one())


async def _cut(store: Store, line: int) -> None:
    await run(store, "select pg_terminate_backend(:line, 5000)", line=line)
