"""Conversations as tests: `say`, `tap`, `fill`, `tick`, `see`, over the whole program and the room as its platform."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.chat.ports import Receipt
from bot.config import Settings
from bot.main import LivingRoom, opened
from bot.platforms.room.forms import OpenForm
from bot.platforms.room.talk import Message, Payload
from bot.platforms.room.views import View
from tests.fakes.clock import StandingClock, moment

T = TypeVar("T")
CHANNEL = "toetsen"
DIRECT = "direct"


@dataclass
class Seen:
    """A message as a person reads it."""

    id: str
    text: str
    buttons: dict[str, str]
    thread: str | None
    only_me: bool
    author: str


class Talk:
    """A community in the room that is being talked with. After every gesture everything that is due is done."""

    def __init__(self, kring: LivingRoom, clock: StandingClock) -> None:
        self.kring = kring
        self.clock = clock

    async def say(self, who: str, text: str, where: str = CHANNEL, *, under: str | None = None) -> None:
        """Type something; `under` is a part of the text of the message whose thread it goes in."""
        place = f"dm:{who}" if where == DIRECT else where
        root = self.find(who, under, where).id if under else None
        await self.kring.room.say(who, place, text, thread=root)
        await self.kring.respond()

    async def tap(self, who: str, label: str, on: str = "", where: str = DIRECT) -> None:
        """Tap the newest button with this label, on a message that says `on`."""
        message = self.find(who, on, where, button=label)
        await self.kring.room.tap(who, message.id, message.buttons[label])
        await self.kring.respond()

    async def fill(self, who: str, **values: str) -> Receipt:
        """Fill in the form that lies open and send it."""
        form = self.form(who)
        assert form is not None, f"no form lies open before {who}"
        given = {**{part["name"]: part["initial"] for part in form.form["inputs"]}, **values}
        receipt = await self.answered(self.kring.room.submit(who, form.trigger, given))
        await self.kring.respond()
        return receipt

    async def answered(self, gesture: Coroutine[None, None, T]) -> T:
        """Work the inbox while a gesture waits for what Kring thinks of it."""
        task = asyncio.create_task(gesture)
        while not task.done():
            await asyncio.sleep(0)
            await self.kring.dispatcher.drain()
        return task.result()

    async def tick(self, to: str | timedelta | datetime) -> None:
        """Move time: to "2026-03-29 09:00 Europe/Amsterdam", or on by a while."""
        target = self.clock.now() + to if isinstance(to, timedelta) else moment(to) if isinstance(to, str) else to
        await self.kring.machine.advance(target)

    async def join(self, who: str) -> None:
        """Come into the channel."""
        await self.kring.room.join(who, CHANNEL)
        await self.kring.respond()

    async def leave(self, who: str) -> None:
        """Go out of the channel."""
        await self.kring.room.leave(who, CHANNEL)
        await self.kring.respond()

    def form(self, who: str) -> OpenForm | None:
        """Return the form that lies open before someone."""
        return self.view(who, CHANNEL).form

    def view(self, who: str, where: str, thread: str | None = None) -> View:
        """Look at the room through someone's eyes."""
        return self.kring.room.view(who, where, thread)

    def see(self, who: str, where: str = DIRECT) -> list[Seen]:
        """Read everything Kring said somewhere, threads included, oldest first."""
        talk = self.view(who, where).talk
        lines = [line.message for line in talk]
        for root in (line.message for line in talk if line.replies):
            lines += [reply.message for reply in self.view(who, where, str(root.id)).replies]
        return [_seen(line) for line in sorted(lines, key=lambda line: line.id) if line.from_kring]

    def find(self, who: str, text: str | None, where: str = DIRECT, button: str | None = None) -> Seen:
        """Return the newest message of Kring that says this and has this button."""
        seen = self.see(who, where)
        for message in reversed(seen):
            if (text or "") in message.text and (button is None or button in message.buttons):
                return message
        raise AssertionError(f"{who} sees no {text!r} with {button!r} in {where}: {[one.text for one in seen]}")

    def newest(self, who: str, where: str = DIRECT) -> str:
        """Return the text of the newest message."""
        return self.see(who, where)[-1].text


def _seen(message: Message) -> Seen:
    card = message.payload
    buttons = {
        button["label"]: button["action"]
        for node in card["nodes"]
        for button in (*node.get("buttons", ()), *node.get("options", ()))
    }
    root = str(message.root) if message.root else None
    return Seen(str(message.id), _text(card), buttons, root, message.only_for is not None, message.author)


def _text(card: Payload) -> str:
    parts = [card["title"] or ""]
    for node in card["nodes"]:
        for block in node.get("blocks", ()):
            parts += ["".join(span["text"] for span in spans) for spans in block.get("items", [block.get("spans", ())])]
    return "\n".join(part for part in parts if part)


def settings(folder: Path, **chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Settings for a test: a store of its own where no other is chosen, nothing from the environment."""
    own = {"database_url": f"sqlite:///{folder / 'kring.db'}"}
    return Settings(_env_file=None, **(own | chosen))


@asynccontextmanager
async def talking(folder: Path, clock: StandingClock | None = None) -> AsyncIterator[Talk]:
    """Open Kring in a folder, with the demonstration in the room."""
    clock = clock or StandingClock()
    async with opened(settings(folder), clock=clock) as kring:
        talk = Talk(kring, clock)
        await talk.answered(kring.begin_demo())
        await kring.respond()
        yield talk
