"""The engine for both databases, and the unit of work: one transaction, committed at the edge only.

SQLite: WAL, `synchronous=FULL` (what was acknowledged is on the disk), one connection, `BEGIN IMMEDIATE`, freed pages
overwritten. PostgreSQL: psycopg, a pool. One clock for leases and lanes: the database's (`epoch`), since replicas
differ.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.errors import Conflict, StoreError
from storage import driver
from storage.sealed import Vault

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON")


class epoch(GenericFunction[float]):  # noqa: N801 - the name of the SQL function
    """The database's clock, in seconds since 1970."""

    type = sa.Float()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _epoch_sqlite(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(epoch, "postgresql")
def _epoch_postgresql(*_: object, **__: object) -> str:
    return "extract(epoch from clock_timestamp())::float8"


def async_url(url: str) -> str:
    """Name the driver: aiosqlite or psycopg."""
    return url.replace("sqlite://", "sqlite+aiosqlite://", 1).replace("postgresql://", "postgresql+psycopg://", 1)


def sqlite_file(url: str) -> Path | None:
    """Return the file behind a SQLite URL; None for PostgreSQL and for a store in memory."""
    parsed = sa.make_url(url)
    inside = parsed.database
    return Path(inside) if parsed.get_backend_name() == "sqlite" and inside and inside != ":memory:" else None


def table_of(model: type[SQLModel]) -> sa.Table:
    """Return the table of a model, for Core."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def insert_into(dialect: str, table: type[SQLModel]) -> Any:  # noqa: ANN401 - two with the same extras, no common type
    """Insert with `on_conflict_do_nothing` and `on_conflict_do_update`, in the SQL of a database."""
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415

    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


class UnitOfWork:
    """One transaction: the connection, the vault, and what must happen once it is committed."""

    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        """Work on `connection`, which is in a transaction; `vault` seals what members wrote."""
        self.connection = connection
        self.vault = vault
        self.committed: list[Callable[[], None]] = []
        self.rings = False
        self._session: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        """The ORM in this transaction, made when it is first asked for: most units of work do without."""
        if self._session is None:
            self._session = AsyncSession(self.connection, expire_on_commit=False)
        return self._session

    async def run(
        self, statement: sa.Executable, values: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None
    ) -> sa.CursorResult[Any]:
        """Execute Core, after what the session has still to write.

        `values` are for the statement's own parameters; a list of them executes it once for each.
        """
        await self.flush()
        return await self.connection.execute(statement, values)

    async def flush(self) -> None:
        """Write what the session has still to write."""
        if self._session is not None:
            await self._session.flush()

    async def close(self) -> None:
        """Let go of the session; the transaction is not its to end."""
        if self._session is not None:
            await self._session.close()

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call this after the commit, never when it fails."""
        self.committed.append(call)

    def ring(self) -> None:
        """Have whoever looks at the clock look at once when this is committed: something is due now."""
        self.rings = True

    @property
    def dialect(self) -> str:
        """The SQL that the database at hand speaks: `sqlite` or `postgresql`."""
        return self.connection.dialect.name

    def insert(self, table: type[SQLModel]) -> Any:  # noqa: ANN401 - as `insert_into`
        """Insert with `on_conflict_do_nothing` and `on_conflict_do_update`, for the database at hand."""
        return insert_into(self.dialect, table)


class Store:
    """The database."""

    def __init__(self, url: str, vault: Vault) -> None:
        """Open lazily; nothing is read before the first unit of work."""
        self.url = url
        self.vault = vault
        self.engine = _engine(url)
        self.bells: list[Callable[[], None]] = []
        """Whom to call when something that is due at once was committed; see `UnitOfWork.ring`."""

    @property
    def replicated(self) -> bool:
        """Whether several processes can work on it at once."""
        return not self.url.startswith("sqlite")

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work: committed at the end, rolled back on any error.

        Raises:
            StoreError: the database is gone, full, locked or read-only; nothing of this unit was kept.
            Conflict: a row that must be there once was written by someone else meanwhile; nothing was kept.

        """
        try:
            async with self.engine.begin() as connection:
                work = UnitOfWork(connection, self.vault)
                try:
                    yield work
                    await work.flush()
                finally:
                    await work.close()
        except DBAPIError as error:
            if isinstance(error, sa.exc.ProgrammingError | sa.exc.DataError):
                raise
            if isinstance(error, sa.exc.IntegrityError):
                raise Conflict(_reason(error)) from error
            raise StoreError(_reason(error)) from error
        except sa.exc.TimeoutError as error:
            raise StoreError("no connection came free in time") from error
        for call in (*work.committed, *(self.bells if work.rings else ())):
            call()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(async_url(url), pool_size=10, pool_pre_ping=True)
    engine = create_async_engine(
        async_url(url),
        async_creator=driver.opener(sa.make_url(url).database or ":memory:"),
        poolclass=sa.pool.AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_reset_on_return=None,  # every unit of work ends in a commit or a rollback of its own
    )
    sa.event.listen(engine.sync_engine, "connect", _prepare)
    sa.event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    connection.isolation_level = None  # the driver's implicit BEGIN would be a deferred one
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()  # nobody else does, and its thread would stay behind
        raise


def _begin_immediate(connection: sa.Connection) -> None:
    """Begin with the first statement: a deferred transaction could not go from reading to writing."""
    connection.connection.driver_connection.begin()  # type: ignore[union-attr] # `driver.OneVisit`


def _reason(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0] if error.orig else type(error).__name__
