"""What the other side remembers: people, talk, open forms, events under way, the hour, and who plays along.

An event and the message that caused it are kept in one transaction (`with state.transaction()`), given to Kring, and
then acknowledged; whatever was not acknowledged is given again after a restart, as a real platform does.
"""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from bot.platforms.room.forms import Forms
from bot.platforms.room.outgoing import Outgoing
from bot.platforms.room.people import People
from bot.platforms.room.tables import Database
from bot.platforms.room.talk import Talk


class Settings:
    """The few things that are one value each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def companions(self) -> bool:
        """Whether the others answer by themselves."""
        return self._get("companions", "off") == "on"

    def play_along(self, *, on: bool) -> None:
        """Let the others answer by themselves, or not."""
        self._set("companions", "on" if on else "off")

    @property
    def visitor(self) -> str | None:
        """Whom the visitor plays, as far as a page was ever opened."""
        return self._get("visitor", "") or None

    def play_as(self, person: str) -> None:
        """Keep whom the visitor plays."""
        if person != self.visitor:
            self._set("visitor", person)

    @property
    def offset(self) -> timedelta:
        """How far the room's time is ahead of the machine's."""
        return timedelta(seconds=float(self._get("offset_seconds", "0")))

    def move_to(self, offset: timedelta) -> None:
        """Keep how far the room's time is ahead."""
        self._set("offset_seconds", str(offset.total_seconds()))

    def _get(self, name: str, default: str) -> str:
        row = self._database.row("select value from setting where name = ?", name)
        return str(row["value"]) if row else default

    def _set(self, name: str, value: str) -> None:
        self._database.write("insert or replace into setting values (?, ?)", name, value)


class RoomState:
    """Everything the room remembers, in one SQLite file."""

    def __init__(self, path: str) -> None:
        """Open the file, or `:memory:` for a room that is forgotten.

        Raises:
            ConfigError: the file is no database, or a newer Kring wrote it.

        """
        self._database = Database(path)
        self.people = People(self._database)
        self.talk = Talk(self._database)
        self.forms = Forms(self._database)
        self.outgoing = Outgoing(self._database)
        self.settings = Settings(self._database)

    def transaction(self) -> AbstractContextManager[None]:
        """Keep all that is written inside, or nothing; `StoreError` when the file refuses."""
        return self._database.transaction()

    @property
    def version(self) -> str:
        """Another word after every change."""
        return self._database.version

    async def changed(self, after: str) -> str:
        """Wait until the version is another one than `after`, and return it."""
        return await self._database.changed(after)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


class RoomClock:
    """The machine's time, moved forward as far as the room's visitor asked for, and still so after a restart."""

    def __init__(self, state: RoomState) -> None:
        self._settings = state.settings
        self._offset = state.settings.offset

    def now(self) -> datetime:
        """Return the present instant in the room, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def move(self, to: datetime) -> None:
        """Make it `to`, an aware instant; time never goes back, so an earlier one changes nothing."""
        ahead = to - self.now()
        if ahead > timedelta(0):
            self._offset += ahead
            self._settings.move_to(self._offset)
