"""What Kring must be told: kept with what caused it, sent until it was taken, and remembered after that."""

from dataclasses import dataclass, replace
from typing import Any

from bot.chat.events import Event, Submitted, pack, unpack
from bot.platforms.room.tables import Database


@dataclass(frozen=True, slots=True)
class Parcel:
    """An event under way."""

    number: int
    event: Event


class Outgoing:
    """The events of the room, in order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, event_id: str) -> bool:
        """Whether a gesture with this id was made before."""
        return self._database.row("select 1 from outgoing where event_id = ?", event_id) is not None

    def add(self, event: Event, *, opens: bool) -> Event:
        """Keep an event; where it `opens` the way for a form, it leaves with a trigger, `person:number`."""
        with self._database.transaction():
            number = self._database.row("select coalesce(max(id), 0) + 1 as next from outgoing")["next"]
            event = replace(event, trigger=f"{event.user.id}:{number}" if opens else None)
            self._database.write(
                "insert into outgoing (id, event_id, person, trigger, event) values (?, ?, ?, ?, ?)",
                number,
                event.id,
                event.user.id,
                event.trigger,
                pack(event).decode(),
            )
        return event

    def waiting(self) -> tuple[Parcel, ...]:
        """What was not taken yet, oldest first."""
        rows = self._database.rows("select * from outgoing where acked = 0 order by id")
        return tuple(_parcel(row) for row in rows)

    def ack(self, number: int) -> None:
        """Remember that it was taken."""
        self._database.write("update outgoing set acked = 1 where id = ?", number)

    def put_off(self) -> None:
        """Remember that what waits was tried in vain."""
        self._database.write("update outgoing set tries = tries + 1 where acked = 0")

    def held(self, person: str) -> int:
        """How much of this person's was tried in vain so far."""
        row = self._database.row(
            "select count(*) as held from outgoing where acked = 0 and tries > 0 and person = ?", person
        )
        return int(row["held"])

    def by_trigger(self, trigger: str) -> Event | None:
        """The gesture that a trigger belongs to."""
        row = self._database.row("select * from outgoing where trigger = ?", trigger)
        return _parcel(row).event if row else None


def opens_form(event: Event) -> bool:
    """Whether a platform would allow a form in answer: to a tap, and to a command, not to plain talk."""
    return event.body.kind in {"tapped", "commanded"}


def takes_answer(event: Event) -> bool:
    """Whether someone is looking at a form until this was worked."""
    return isinstance(event.body, Submitted)


def _parcel(row: Any) -> Parcel:  # noqa: ANN401 - a row of the table
    return Parcel(row["id"], unpack(row["event"].encode()))
