"""The demonstration begins once, however often it is begun."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from bot.chat.actions import Action
from bot.chat.events import Event, Invited, Submitted
from bot.chat.ports import Receipt
from bot.platforms.room import demo
from bot.platforms.room.app import Room
from bot.platforms.room.state import RoomState
from tests.platforms.room.pretend import PretendKring


class KilledError(Exception):
    """The process was ended here."""


class Mortal(RoomState):
    """A room whose process ends at the n-th write."""

    def __init__(self, path: str, lives: int) -> None:
        super().__init__(path)
        real, left = self._database.write, [lives]

        def write(sql: str, *values: object) -> int:
            left[0] -= 1
            if left[0] < 0:
                raise KilledError
            return real(sql, *values)

        self._database.write = write  # type: ignore[method-assign] # the one place where everything is written


async def test_seven_are_in_the_channel_and_noor_is_not_yet(room: Room) -> None:
    seats = room.view("sanne", "toetsen").seats

    assert [seat.person.id for seat in seats if not seat.present] == ["noor"]
    assert len(seats) == 8


async def test_sanne_invites_kring_and_sets_it_up(words: Mapping[str, str]) -> None:
    state = RoomState(":memory:")
    kring = PretendKring(state)

    await demo.begin(Room(state, kring.clock, kring), kring.clock, words)

    invited, set_up = kring.heard
    assert isinstance(invited.body, Invited)
    assert len(invited.body.members) == 7
    assert isinstance(set_up.body, Submitted)
    assert set_up.body.action == Action("setup.save")
    assert set_up.body.values == {
        "name": "Leerkring Eigentijds toetsen",
        "domain": words["domain"],
        "language": "nl",
        "timezone": "Europe/Amsterdam",
        "partner": "karim",
    }
    assert {event.user.id for event in kring.heard} == {"sanne"}
    assert {event.place.conversation for event in kring.heard} == {"toetsen"}
    state.close()


async def test_a_second_start_repeats_nothing(room: Room, kring: PretendKring, words: Mapping[str, str]) -> None:
    before = room.view("sanne", "toetsen").talk

    await demo.begin(room, kring.clock, words)

    assert room.view("sanne", "toetsen").talk == before
    assert kring.heard == []


@pytest.mark.parametrize("lives", range(0, 48, 3))
async def test_killed_anywhere_it_goes_on_where_it_stopped(
    tmp_path: Path, words: Mapping[str, str], lives: int
) -> None:
    path = str(tmp_path / "room.db")
    heard: list[Event] = []
    doomed = Mortal(path, lives)
    kring = PretendKring(doomed, heard=heard)
    with suppress(KilledError):
        await demo.begin(Room(doomed, kring.clock, kring), kring.clock, words)
    doomed.close()

    state = RoomState(path)
    kring = PretendKring(state, heard=heard)
    room = Room(state, kring.clock, kring)
    await demo.begin(room, kring.clock, words)

    assert [event.id for event in heard] == ["demo:invite", "demo:setup"]
    notes = [line.message.payload.get("what") for line in room.view("lotte", "toetsen").talk]
    assert notes == [None, None, None, "invited"]
    assert len(room.view("sanne", "direct").talk) == 1
    state.close()


async def test_a_kring_that_is_down_is_told_later(words: Mapping[str, str]) -> None:
    state = RoomState(":memory:")
    kring = PretendKring(state, down=True)
    room = Room(state, kring.clock, kring)
    await demo.begin(room, kring.clock, words)

    kring.down = False
    assert await kring.receive(kring_event(room)) == Receipt()
    kring.heard.clear()
    await room.redeliver()

    assert [event.id for event in kring.heard] == ["demo:invite", "demo:setup"]
    state.close()


def kring_event(room: Room) -> Event:
    """The event that waits first."""
    return room.state.outgoing.waiting()[0].event
