"""The room's own SQLite file: its tables, its one way to write, and the bell that says something changed.

Kept apart from Kring's store on purpose: the room plays the platform on the other side, and a platform remembers what
it accepted whatever happens to Kring. Calls do not leave the event loop's thread: one visitor, a few rows at a time.
"""

import asyncio
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.errors import ConfigError, StoreError

SCHEMA_VERSION = 1
_SETTING = "KRING_DATABASE_URL"  # the room's file lies beside the store, so this is what a person can change
_EXAMPLE = "a folder without that file."
_SCHEMA = (
    """create table person (id text primary key, seat integer not null, name text not null, language text not null,
        timezone text not null, facilitator integer not null)""",
    "create table channel (id text primary key, name text not null)",
    "create table membership (channel text not null, person text not null, primary key (channel, person))",
    """create table message (id integer primary key autoincrement, conversation text not null, root integer,
        author text not null, only_for text, payload text not null, key text unique,
        at text not null, edited_at text)""",
    "create index message_place on message (conversation, root)",
    """create table form (person text primary key, trigger text not null, form text not null, answers text not null,
        errors text not null, sent text)""",
    """create table outgoing (id integer primary key, event_id text not null unique, person text not null,
        trigger text unique, event text not null, acked integer not null default 0,
        tries integer not null default 0)""",
    "create index outgoing_waiting on outgoing (acked) where acked = 0",
    "create table setting (name text primary key, value text not null)",
    f"pragma user_version = {SCHEMA_VERSION}",
)


class Database:
    """One connection to the room's file; `version` is another word after every write that was kept."""

    def __init__(self, path: str) -> None:
        """Open the file, or `:memory:`, and make the tables where there are none.

        Raises:
            ConfigError: the file is no database, or a newer Kring wrote it.

        """
        self._boot = secrets.token_hex(4)
        self._writes = 0
        self._depth = 0
        self._bell = asyncio.Event()
        self._connection = _connect(path)

    @property
    def version(self) -> str:
        """What a page compares to know whether it is still of today."""
        return f"{self._boot}-{self._writes}"

    async def changed(self, after: str) -> str:
        """Wait until the version is another one than `after`, and return it."""
        while self.version == after:
            await self._bell.wait()
        return self.version

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written inside, or nothing; one inside another is part of it.

        Raises:
            StoreError: the file refuses: a full disk, or another process that holds it.

        """
        if self._depth:
            yield
            return
        try:
            self._connection.execute("begin immediate")
            with self._inside():
                yield
            self._connection.execute("commit")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            if isinstance(error, sqlite3.Error):
                raise StoreError(str(error)) from error
            raise
        self._ring()

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Read; a row can be asked by the name of its column."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(str(error)) from error

    def row(self, sql: str, *values: object) -> Any:  # noqa: ANN401 - a row of whatever was asked for
        """Read the first row, or None."""
        return next(iter(self.rows(sql, *values)), None)

    def write(self, sql: str, *values: object) -> int:
        """Write, in the transaction around it or in one of its own; return the id of a new row."""
        with self.transaction():
            return self._connection.execute(sql, values).lastrowid or 0

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def _ring(self) -> None:
        self._writes += 1
        self._bell.set()
        self._bell = asyncio.Event()


def _connect(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    except sqlite3.Error as error:
        raise ConfigError(_SETTING, f"the room's file {path} cannot be opened ({error}).", _EXAMPLE) from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise ConfigError(_SETTING, f"the room's file {path} cannot be read ({error}).", _EXAMPLE) from error
    except ConfigError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    """Set up the connection, and the tables in an empty file."""
    connection.row_factory = sqlite3.Row
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    found = connection.execute("pragma user_version").fetchone()[0]
    if found > SCHEMA_VERSION:
        raise ConfigError(_SETTING, f"the room's file {path} was written by a newer Kring.", _EXAMPLE)
    if found == 0:
        connection.execute("begin immediate")
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute("commit")
