"""The queue of several processes: procrastinate's own tables beside ours, in PostgreSQL.

They are made and migrated from the files that procrastinate ships, which are read here and not imported: the library
itself stays in `bot/delivery`. It keeps no record of how far its tables are, so we keep one, as the comment on the
table of jobs. A job is a hint and the row is the truth: what is asked here is which rows have no job, and which jobs
nobody works on any more.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.errors import ConfigError
from storage.db import UnitOfWork, epoch, table_of
from storage.deliveries import OPEN, Delivery
from storage.inbox import InboxRow, InboxState

PREFIX = "procrastinate_"
LONGEST_WAIT = 900.0
"""Seconds within which a job comes up again, whatever it waits for: clocks may be moved meanwhile. Chosen."""
_MARK = "kring: "
_IN_JOBS = sa.text("""
    select jsonb_array_elements(args -> 'ids')::bigint as id from procrastinate_jobs
    where queue_name = :line and status in ('todo', 'doing')
    and coalesce(scheduled_at, now()) <= clock_timestamp() + make_interval(secs => :longest)
""").bindparams(longest=LONGEST_WAIT)
_LEFT = sa.text("""
    select id from procrastinate_jobs where status = 'doing' and id in
    (select job_id from procrastinate_events where type = 'started'
     group by job_id having max(at) < now() - make_interval(secs => :longest))
""").bindparams(longest=LONGEST_WAIT)
_COUNT = sa.text("select queue_name, status::text, count(*) as jobs from procrastinate_jobs group by 1, 2")
_OVERDUE = sa.text("""
    select count(*) from procrastinate_jobs job where status = 'todo'
    and coalesce(scheduled_at, (select min(at) from procrastinate_events where job_id = job.id))
        < now() - make_interval(secs => :seconds)
""")
_STALLED = sa.text("""
    select count(*) from procrastinate_jobs job left join procrastinate_workers worker on worker.id = job.worker_id
    where status = 'doing' and coalesce(last_heartbeat, '-infinity') < now() - make_interval(secs => :seconds)
""")
_d, _i = table_of(Delivery).c, table_of(InboxRow).c


@cache
def _files() -> Path:
    found = find_spec("procrastinate")
    if found is None or not found.submodule_search_locations:
        raise ConfigError(
            "KRING_DATABASE_URL", "PostgreSQL needs the package procrastinate: install Kring again.", "make setup"
        )
    return Path(found.submodule_search_locations[0]) / "sql"


@cache
def steps() -> list[str]:
    """List procrastinate's migrations by name, which begins with its version, oldest first."""
    return sorted(file.stem for file in (_files() / "migrations").glob("*.sql"))


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell Alembic which tables are of our making."""
    return not (kind == "table" and name and name.startswith(PREFIX))


async def step(work: UnitOfWork) -> str | None:
    """Say how far the tables are: the name of the last migration.

    None without tables, and empty when they were not made by us.
    """
    return await work.connection.run_sync(_step)


def _step(connection: sa.Connection) -> str | None:
    query = "select obj_description(to_regclass('procrastinate_jobs')), to_regclass('procrastinate_jobs') is not null"
    comment, there = connection.execute(sa.text(query)).one()
    return str(comment or "").removeprefix(_MARK) if there else None


def upgrade(connection: sa.Connection) -> None:
    """Bring the tables to the step of the procrastinate that is installed, in the caller's transaction.

    Raises:
        ConfigError: the tables are there and are not ours.

    """
    now = _step(connection)
    if now == "":
        raise ConfigError(
            "KRING_DATABASE_URL",
            "another program keeps its procrastinate jobs in this database. Give Kring a database of its own.",
            "postgresql://kring:secret@localhost/kring",
        )
    if now is None:
        _execute(connection, _files() / "schema.sql")
    else:
        for name in [name for name in steps() if name > now]:
            _execute(connection, _files() / "migrations" / f"{name}.sql")
    if now != steps()[-1]:
        connection.exec_driver_sql(f"comment on table procrastinate_jobs is '{_MARK}{steps()[-1]}'")


def _execute(connection: sa.Connection, file: Path) -> None:
    cursor = connection.connection.cursor()  # the driver's own: a file of many statements goes without parameters
    cursor.execute(file.read_text(encoding="utf-8"))
    cursor.close()


async def clock(work: UnitOfWork) -> float:
    """Read the database's clock, by which jobs come up."""
    return float((await work.run(sa.select(epoch()))).scalar_one())


async def deliveries_without_job(work: UnitOfWork, now: datetime, *, urgent: bool, line: str, limit: int) -> list[int]:
    """List deliveries that may be sent and that nobody will be offered."""
    mine = (_d.state.in_(OPEN), _d.urgent == urgent, _d.not_before <= now, _d.lease_until <= epoch())
    return await _without_job(work, sa.select(_d.id).where(*mine), _d.id, line, limit)


async def events_without_job(work: UnitOfWork, *, line: str, limit: int) -> list[int]:
    """List events that were taken in, are not worked yet, and that nobody will be offered."""
    waiting = sa.select(_i.id).where(_i.state == InboxState.RECEIVED)
    return await _without_job(work, waiting, _i.id, line, limit)


async def _without_job(
    work: UnitOfWork, rows: sa.Select[Any], number: sa.ColumnElement[Any], line: str, limit: int
) -> list[int]:
    held = _IN_JOBS.bindparams(line=line).columns(sa.column("id", sa.BigInteger)).subquery()
    query = rows.where(number.not_in(sa.select(held.c.id))).order_by(number).limit(limit)
    return list((await work.run(query)).scalars())


async def left_behind(work: UnitOfWork) -> list[int]:
    """List jobs that were begun so long ago that nobody can be working them, though their worker lives."""
    return list((await work.run(_LEFT)).scalars())


async def count_jobs(work: UnitOfWork) -> dict[tuple[str, str], int]:
    """Count jobs by queue and state."""
    return {(row.queue_name, row.status): int(row.jobs) for row in await work.run(_COUNT)}


@dataclass(frozen=True, slots=True)
class StuckJobs:
    """How many jobs nobody has begun in time, and how many nobody works on any more."""

    overdue: int
    stalled: int


async def stuck(work: UnitOfWork, seconds: float) -> StuckJobs:
    """Count the jobs that wait, or whose worker has been silent, for longer than so many seconds."""
    counts = [int((await work.run(query.bindparams(seconds=seconds))).scalar_one()) for query in (_OVERDUE, _STALLED)]
    return StuckJobs(*counts)
