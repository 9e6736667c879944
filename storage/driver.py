"""aiosqlite with one visit to its thread a statement instead of four (cursor, execute, fetch, close).

Every visit costs about 0.1 ms of CPU in the event loop, and a message that is sent passes some thirty statements: this
halves what the store costs. SQLAlchemy is given it as the connection of its aiosqlite dialect.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite

T = TypeVar("T")
Parameters = Sequence[Any]


class OneVisit(aiosqlite.Connection):
    """A connection whose cursors run, fetch and close in one visit, and which begins with the first of them."""

    _begins = False

    def cursor(self) -> "Cursor":  # type: ignore[override] # the part of a cursor that SQLAlchemy uses
        """Return a cursor; nothing is asked of the thread yet."""
        return Cursor(self)

    def begin(self) -> None:
        """Have the next statement begin a transaction, which then is alone in writing; nothing is asked of it yet."""
        self._begins = True

    async def visit(self, run: Callable[[sqlite3.Connection], T]) -> T:
        """Run something on the thread, in a transaction."""
        begins, self._begins = self._begins, False

        def visit() -> T:
            if begins:
                self._conn.execute("BEGIN IMMEDIATE").close()
            return run(self._conn)

        done: T = await self._execute(visit)  # type: ignore[no-untyped-call]
        return done

    async def commit(self) -> None:
        """Commit; where nothing was asked since `begin`, there is nothing to visit the thread for."""
        if not self._over():
            await super().commit()

    async def rollback(self) -> None:
        """Roll back, likewise."""
        if not self._over():
            await super().rollback()

    def _over(self) -> bool:
        """Say whether the transaction ends before it has begun."""
        begins, self._begins = self._begins, False
        return begins


class Cursor:
    """What SQLAlchemy asks of a cursor: the rows are there as soon as the statement has run."""

    arraysize = 1

    def __init__(self, connection: OneVisit) -> None:
        """Run on `connection`."""
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        """Be there; there is nothing to open."""
        return self

    async def execute(self, statement: str, parameters: Parameters = ()) -> None:
        """Run one statement and fetch its rows."""
        await self._visit(lambda raw: raw.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Parameters]) -> None:
        """Run one statement for each of the parameters."""
        await self._visit(lambda raw: raw.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Let go of the rows."""
        self._rows = []

    async def _visit(self, run: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        def visit(raw: sqlite3.Connection) -> None:
            done = run(raw)
            self.description = done.description
            self._rows = done.fetchall() if done.description else []
            self.rowcount, self.lastrowid = done.rowcount, done.lastrowid
            done.close()

        await self._connection.visit(visit)


def opener(database: str) -> Callable[[], Awaitable[OneVisit]]:
    """Return what opens a connection to a file, for `create_async_engine(async_creator=...)`."""

    async def connect() -> OneVisit:
        # SQLAlchemy sets the isolation level from another thread than the connection's own.
        connection = OneVisit(lambda: sqlite3.connect(database, check_same_thread=False), 64)
        # As SQLAlchemy does: a forgotten connection must not hold the process.
        connection._thread.daemon = True  # noqa: SLF001
        opening = asyncio.ensure_future(_opened(connection))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # aiosqlite forgets what its thread is opening at that moment; let it open, and close it then.
            opening.add_done_callback(lambda _: connection.stop())
            raise

    return connect


async def _opened(connection: OneVisit) -> OneVisit:
    await connection
    return connection
