"""The schema of the store: what step it is at, bringing it to the current one, and whether it can be opened at all."""

import re
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.errors import ConfigError, KringError
from storage import queue
from storage.db import Store, UnitOfWork, table_of

MIGRATIONS = Path(__file__).parent / "migrations"
_CANARY = b"kring"
_LOCK = 5_746_464  # any number of our own


class SchemaState(StrEnum):
    """How a store compares with this Kring."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


class Seal(SQLModel, table=True):
    """One row, sealed: tells whether the key is the one that this store was written with."""

    __tablename__ = "seal"

    id: int = Field(default=1, primary_key=True)
    canary: bytes


def steps() -> list[str]:
    """List the migrations by number, oldest first: `0001`, `0002`, ..."""
    names = (file.name for file in (MIGRATIONS / "versions").glob("*.py"))
    return sorted(found[0] for name in names if (found := re.match(r"\d{4}", name)))


async def state(store: Store) -> SchemaState:
    """Say at what step the store is; raises `StoreError` for a store that cannot be read."""
    async with store.begin() as work:
        found = await _revision(work)
        beside = await queue.step(work) if found and store.replicated else None
    if found is None:
        return SchemaState.EMPTY
    if found not in steps() or (beside and beside not in queue.steps()):
        return SchemaState.NEWER
    current = found == steps()[-1] and (beside == queue.steps()[-1] or not store.replicated)
    return SchemaState.CURRENT if current else SchemaState.BEHIND


async def _revision(work: UnitOfWork) -> str | None:
    if not await work.connection.run_sync(lambda sync: sa.inspect(sync).has_table("alembic_version")):
        return None
    found: str | None = (await work.run(sa.text("select version_num from alembic_version"))).scalar()
    return found


async def migrate(store: Store) -> None:
    """Bring the store to the current step.

    Raises:
        ConfigError: it was written by a newer Kring.

    """
    now = await state(store)
    if now is SchemaState.NEWER:
        raise ConfigError(
            "KRING_DATABASE_URL",
            "this store was written by a newer Kring. Install that version, or put back a backup of before.",
            "the version you ran last",
        )
    if now is not SchemaState.CURRENT:
        async with store.engine.begin() as connection:
            await connection.run_sync(_upgrade)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and needed only when there is something to do
    from alembic.config import Config  # noqa: PLC0415

    if connection.dialect.name == "postgresql":  # of processes that start at once, one migrates and the others wait
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "postgresql":
        queue.upgrade(connection)


async def check_key(store: Store) -> None:
    """Make sure that what is sealed can be opened with this key.

    Raises:
        ConfigError: the store was written with another `KRING_SECRET_KEY`.

    """
    async with store.begin() as work:
        first = work.insert(Seal).values(id=1, canary=work.vault.seal(_CANARY))
        await work.run(first.on_conflict_do_nothing())
        row = (await work.run(sa.select(table_of(Seal).c.canary))).scalar_one()
    try:
        store.vault.open(row)
    except KringError as error:
        raise ConfigError(
            "KRING_SECRET_KEY",
            "is not the key that this store was written with, so nothing in it could be read.",
            "the key you used before; beside an SQLite store it is in the file with the ending .key",
        ) from error
