"""What the room remembers, and what it does when Kring cannot take something."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import ConfigError, StoreError
from bot.platforms.room.app import Room
from bot.platforms.room.people import Person
from bot.platforms.room.state import RoomClock, RoomState
from tests.platforms.room.pretend import PretendKring

PERSON = Person("lotte", "Lotte Visser", "nl", "Europe/Amsterdam")


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    first = RoomState(str(tmp_path / "room.db"))
    first.people.add(PERSON)
    first.settings.play_along(on=True)
    first.settings.move_to(timedelta(days=3))
    first.close()

    second = RoomState(str(tmp_path / "room.db"))

    assert second.people.all() == (PERSON,)
    assert second.settings.companions
    assert second.settings.offset == timedelta(days=3)
    second.close()


def test_time_moves_forward_only_and_stays_moved(state: RoomState) -> None:
    clock = RoomClock(state)
    before = clock.now()

    clock.move(before + timedelta(weeks=1))
    clock.move(before)

    assert clock.now() >= before + timedelta(weeks=1)
    assert RoomClock(state).now() >= before + timedelta(weeks=1)


def test_a_file_of_a_newer_kring_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()

    with pytest.raises(ConfigError, match="newer"):
        RoomState(str(path))


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    path.write_text("Dit is geen database, maar een boodschappenlijst. " * 40)

    with pytest.raises(ConfigError, match="cannot be read"):
        RoomState(str(path))


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        RoomState(str(tmp_path / "nowhere" / "room.db"))


def test_what_was_written_before_something_went_wrong_is_not_kept(state: RoomState) -> None:
    def halfway() -> None:
        with state.transaction():
            state.people.add(PERSON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        halfway()

    assert state.people.all() == ()


def test_a_write_that_the_file_refuses_is_a_store_error(state: RoomState) -> None:
    state.people.add(PERSON)

    with pytest.raises(StoreError):
        state.people.add(PERSON)


async def test_a_change_wakes_whoever_waits_for_it(state: RoomState) -> None:
    before = state.version
    waiting = asyncio.create_task(state.changed(before))
    await asyncio.sleep(0)

    state.people.add(PERSON)

    assert await asyncio.wait_for(waiting, 1) == state.version != before


async def test_what_kring_cannot_take_is_kept_in_order_and_said_kindly(room: Room, kring: PretendKring) -> None:
    kring.down = True
    await room.say("lotte", "dm:lotte", "eerst")
    await room.say("lotte", "dm:lotte", "daarna")
    held = room.view("lotte", "direct").held

    kring.down = False
    await room.redeliver()

    assert held == 2
    assert [event.place.conversation for event in kring.heard] == ["dm:lotte", "dm:lotte"]
    assert [getattr(event.body, "text", "") for event in kring.heard] == ["eerst", "daarna"]
    assert room.view("lotte", "direct").held == 0


async def test_a_form_that_kring_cannot_take_is_out_of_sight_until_it_was_worked(
    room: Room, kring: PretendKring
) -> None:
    await room.say("daan", "toetsen", "/kring form")
    form = room.view("daan", "toetsen").form
    assert form
    kring.down = True
    await room.submit("daan", form.trigger, {"answer": ""})
    assert room.view("daan", "toetsen").form is None

    kring.down = False
    await room.redeliver()

    again = room.view("daan", "toetsen").form
    assert again
    assert again.errors == {"answer": "Vul hier iets in."}


async def test_what_was_not_acknowledged_is_given_again_after_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "room.db")
    state = RoomState(path)
    state.people.add(PERSON)
    kring = PretendKring(state, down=True)
    await Room(state, kring.clock, kring).say("lotte", "dm:lotte", "Hoi", event_id="one")
    state.close()

    state = RoomState(path)
    kring = PretendKring(state)
    await Room(state, kring.clock, kring).redeliver()

    assert [event.id for event in kring.heard] == ["one"]
    state.close()
