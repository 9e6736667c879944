"""Every moment at which a process can die with consequences: around each commit that wrote something, and each send.

Watched from outside, at the level of SQLite and of the messenger: nothing in Kring knows of it. A moment has a name
that is the same in every life: what was written, without what is random in it.
"""

import functools
import hashlib
import re
import sqlite3
from collections.abc import Callable
from typing import Any

from bot.platforms.room.messenger import RoomMessenger

Meet = Callable[[str], None]
AGAIN = "again"  # met when something is posted that is there already, so that only the platform prevents a double
_SENDS = ("post", "update", "open_form")
_WRITES = re.compile(r"\s*(insert|update|delete|create|alter|drop|replace)\b", re.IGNORECASE)
_RANDOM = re.compile(r"x'[0-9a-f]*'|'[0-9a-f]{32}'", re.IGNORECASE)  # what is sealed, and tokens


class Watch:
    """Whom to tell, and whether the messenger is at work: what it commits then is the send itself."""

    meet: Meet
    sending = False


class Watched(sqlite3.Connection):
    """A connection that tells before and after each commit what it kept."""

    watch: Watch

    def __init__(self, database: object, **options: Any) -> None:  # noqa: ANN401 - as sqlite3 has it
        super().__init__(str(database), **options)
        self._what = "room" if str(database).endswith(".room.db") else "store"
        self._written: list[str] = []
        self.set_trace_callback(self._note)

    def commit(self) -> None:
        """Commit as SQLAlchemy does."""
        self._around(super().commit)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as sqlite3 has it
        """Execute; the room commits this way."""
        if sql != "commit":
            return super().execute(sql, *values)
        self._around(functools.partial(super().execute, sql))
        return self.cursor()

    def _note(self, statement: str) -> None:
        if _WRITES.match(statement):
            self._written.append(statement)
        elif statement.lower().startswith("rollback"):
            self._written.clear()

    def _around(self, commit: Callable[[], object]) -> None:
        written, self._written = self._written, []
        if not written or self.watch.sending:
            commit()
            return
        # In any order: the rows of a pulse are shuffled on purpose.
        words = sorted(re.findall(r"[\w.:+-]+", _RANDOM.sub("", " ".join(written))))
        name = f"commit {self._what} {_digest(words)}"
        self.watch.meet(f"before {name}")
        commit()
        self.watch.meet(f"after {name}")


def watch(meet: Meet) -> None:
    """Call `meet` at every boundary of this process, from now on and until it ends."""
    Watched.watch = Watch()
    Watched.watch.meet = meet
    sqlite3.connect = functools.partial(sqlite3.connect, factory=Watched)  # type: ignore[assignment]
    for name in _SENDS:
        setattr(RoomMessenger, name, _watched(name, getattr(RoomMessenger, name), Watched.watch))


def _watched(name: str, send: Any, watch: Watch) -> Any:  # noqa: ANN401 - any of the three methods
    async def around(self: RoomMessenger, *args: object, **options: Any) -> object:  # noqa: ANN401 - idem
        if name == "post" and self._state.talk.find(options["key"]):
            watch.meet(f"{AGAIN} {options['key']}")
        called = f"{name} {_digest(args, options)}"
        watch.meet(f"before {called}")
        watch.sending = True
        try:
            return await send(self, *args, **options)
        finally:
            watch.sending = False
            watch.meet(f"after {called}")

    return around


def _digest(*what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]
