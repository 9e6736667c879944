"""The world outside Kring, which goes on whatever happens to the process: the people, what they did, and the time.

People remember in a file of their own how far they are. What someone did and got no answer to is done again, the same
gesture with the same id, as a browser or a platform does.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never

from tests.fakes.clock import START, StandingClock, moment
from tests.play import PLAY, Fill, Join, Say, Step, Tap, Tick
from tests.talk import CHANNEL, DIRECT, Talk, talking

Gesture = tuple[str, list[Any]]


class KeptClock(StandingClock):
    """A clock that stands still, also while nobody looks at it."""

    def __init__(self, file: Path) -> None:
        super().__init__(datetime.fromisoformat(file.read_text()) if file.exists() else START)
        self._file = file

    def move(self, to: datetime) -> None:
        super().move(to)
        write(self._file, self.now().isoformat())


class Memory:
    """How far the play is, and the gesture that was made and not yet answered."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.done: int = 0
        self.under_way: Gesture | None = None
        if file.exists():
            self.done, self.under_way = json.loads(file.read_text())

    def keep(self, done: int, under_way: Gesture | None = None) -> None:
        self.done, self.under_way = done, under_way
        write(self._file, json.dumps([done, under_way]))


async def live(folder: Path) -> None:
    """Open Kring in a folder and go on with the play from where the world stands, to its end."""
    memory = Memory(folder / "world.json")
    async with talking(folder, KeptClock(folder / "clock")) as talk:
        await talk.kring.settle()
        for number in range(memory.done, len(PLAY)):
            gesture = memory.under_way or _meant(talk, PLAY[number])
            memory.keep(number, gesture)
            await _make(talk, gesture, f"play:{number}")
            memory.keep(number + 1)


def _meant(talk: Talk, step: Step) -> Gesture:
    """Look at the room and decide what exactly to do there."""
    match step:
        case Join(who):
            return "join", [who, CHANNEL]
        case Say(who, text, where, under):
            place = f"dm:{who}" if where == DIRECT else where
            return "say", [who, place, text, talk.find(who, under, where).id if under else None]
        case Tap(who, label, on, where):
            message = talk.find(who, on, where, button=label)
            return "tap", [who, message.id, message.buttons[label]]
        case Fill(who, values):
            form = talk.form(who)
            assert form is not None, f"no form lies open before {who}"
            given = {part["name"]: part["initial"] for part in form.form["inputs"]}
            return "submit", [who, form.trigger, {**given, **values}]
        case Tick(to):
            return "tick", [moment(to).isoformat()]
        case _:
            assert_never(step)


async def _make(talk: Talk, gesture: Gesture, event_id: str) -> None:
    what, given = gesture
    if what == "tick":
        await talk.tick(datetime.fromisoformat(given[0]))
        return
    await talk.answered(getattr(talk.kring.room, what)(*given, event_id=event_id))
    await talk.kring.respond()


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text)
    os.replace(new, file)  # noqa: PTH105 - as short as it gets
