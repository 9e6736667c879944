"""Who is on the other side: the people, the channels, and who is in which."""

from dataclasses import dataclass
from typing import Any

from bot.chat.events import User
from bot.platforms.room.tables import Database

KRING = "kring"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in the room; `facilitator` only says so on the page, Kring decides for itself."""

    id: str
    name: str
    language: str
    timezone: str
    facilitator: bool = False

    def user(self) -> User:
        """As Kring is told about them."""
        return User(self.id, self.name, self.language, self.timezone)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, and its name without the number sign."""

    id: str
    name: str


class People:
    """The people and where they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: Person) -> None:
        """Seat someone, after those who are there."""
        self._database.write(
            "insert into person select ?, count(*), ?, ?, ?, ? from person",
            person.id,
            person.name,
            person.language,
            person.timezone,
            int(person.facilitator),
        )

    def all(self) -> tuple[Person, ...]:
        """Everyone, in the order in which they were seated."""
        return tuple(_person(row) for row in self._database.rows("select * from person order by seat"))

    def get(self, person: str) -> Person | None:
        """Someone by id."""
        row = self._database.row("select * from person where id = ?", person)
        return _person(row) if row else None

    def open_channel(self, channel: Channel) -> None:
        """Make a channel."""
        self._database.write("insert into channel values (?, ?)", channel.id, channel.name)

    def channels(self) -> tuple[Channel, ...]:
        """Every channel, by name."""
        rows = self._database.rows("select id, name from channel order by name")
        return tuple(Channel(row["id"], row["name"]) for row in rows)

    def channel(self, channel: str) -> Channel | None:
        """A channel by id."""
        return next((found for found in self.channels() if found.id == channel), None)

    def enter(self, channel: str, person: str) -> None:
        """Put someone, or Kring, in a channel."""
        self._database.write("insert or ignore into membership values (?, ?)", channel, person)

    def exit(self, channel: str, person: str) -> None:
        """Take someone out of a channel."""
        self._database.write("delete from membership where channel = ? and person = ?", channel, person)

    def members(self, channel: str) -> frozenset[str]:
        """The ids of who is in a channel, Kring's too."""
        rows = self._database.rows("select person from membership where channel = ?", channel)
        return frozenset(row["person"] for row in rows)


def _person(row: Any) -> Person:  # noqa: ANN401 - a row of the table
    return Person(row["id"], row["name"], row["language"], row["timezone"], bool(row["facilitator"]))
