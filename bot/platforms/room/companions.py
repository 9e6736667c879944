"""The others answer by themselves: the people whom the visitor does not play react to Kring, through the same gestures.

What they do follows from the actions on a card, their words from `room/voices`. It is the same every time: the dice are
thrown with the message and the person. Every gesture has an id of its own, so nobody answers one question twice, also
not after a restart. Some do not answer at all, as happens.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from bot.chat.actions import Action, decode
from bot.errors import StoreError, UserError
from bot.log import get_logger
from bot.platforms.room import inbound, render
from bot.platforms.room.app import Room
from bot.platforms.room.forms import OpenForm
from bot.platforms.room.people import KRING, Person
from bot.platforms.room.talk import Message

Words = Callable[[str], Mapping[str, str]]
CHOSEN = (
    ("energy.answer",),
    ("checkin.choose",),
    ("reflection.outcome",),
    ("reflection.preview", "reflection.keep"),
    ("reflection.share", "reflection.keep"),
    ("welcome.hello",),
    ("me.show",),
)
"""Where a tap says it all: a card with the first of these actions gets one of its buttons with any of them tapped."""
WORDED = {"checkin.open": "checkin.answer", "reflection.write": "reflection.answer"}
"""Where words are asked: a card with this action gets a line found under the other name, typed or in the form."""
_SILENT = 7  # one in so many does not answer
_THROW = 1000  # more than there are buttons or lines
_MOOD = (3, 4, 2, 3, 4, 3, 1)  # which of five scores, 0 the lowest, is picked how often
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One person and one question on one card."""

    person: Person
    message: Message
    actions: tuple[Action, ...]

    @property
    def id(self) -> str:
        """The same for the same question to the same person; another when the card asks something else."""
        asked = crc32(" ".join(action.encode() for action in self.actions).encode())
        return f"companion:{self.message.id}:{asked:08x}:{self.person.id}"

    def dice(self, sides: int, throw: str = "") -> int:
        """A number from 0 to `sides`, without it."""
        return crc32(f"{self.message.id}:{self.person.id}:{throw}".encode()) % sides


class Companions:
    """The people who play along while that is switched on."""

    def __init__(self, room: Room, words: Words) -> None:
        """`words` gives the labels of `room/voices` in a language: `checkin.answer.1`, `checkin.answer.2`, ..."""
        self._room = room
        self._state = room.state
        self._words = words

    async def run(self) -> None:
        """Answer whenever something changed, until cancelled."""
        version = ""
        while True:
            version = await self._state.changed(version)
            try:
                await self.answer()
            except (StoreError, UserError) as error:
                log.warning("room.companions.held", problem=type(error).__name__)

    async def answer(self) -> None:
        """Let everyone do what they have to do at this moment, once."""
        if not self._state.settings.companions:
            return
        for turn in tuple(self._turns()):
            await self._take(turn)
        for form in self._state.forms.all():
            await self._fill(form)

    def _turns(self) -> Iterator[_Turn]:
        for message in self._state.talk.by_kring():
            found = [decode(text) for text in sorted(render.actions(message.payload))]
            actions = tuple(action for action in found if action is not None)
            for person in self._addressed(message) if actions else ():
                turn = _Turn(person, message, actions)
                if turn.dice(_SILENT) and not self._done(turn):
                    yield turn

    def _addressed(self, message: Message) -> Iterator[Person]:
        """Whom a card speaks to, without the visitor."""
        members = self._state.people.members(message.conversation) - {KRING}
        for person in self._state.people.all():
            here = message.conversation == inbound.direct(person.id) or person.id in members
            if here and message.seen_by(person.id) and person.id != self._room.visitor:
                yield person

    def _done(self, turn: _Turn) -> bool:
        return self._state.outgoing.known(turn.id)

    async def _take(self, turn: _Turn) -> None:
        for names in CHOSEN:
            if any(action.name == names[0] for action in turn.actions):
                await self._tap(turn, _picked(turn, [action for action in turn.actions if action.name in names]))
                return
        asked = next((action for action in turn.actions if action.name in WORDED), None)
        if asked is not None:
            await self._answer_in_words(turn, asked)

    async def _answer_in_words(self, turn: _Turn, asked: Action) -> None:
        """Half of them open the form, the others just type."""
        if turn.dice(2, "form"):
            await self._tap(turn, asked)
            return
        line = self._line(turn.person, WORDED[asked.name], asked.arg, str(turn.message.id))
        if line:
            where = turn.message
            thread = None if inbound.is_direct(where.conversation) else str(where.root or where.id)
            await self._room.say(turn.person.id, where.conversation, line, thread, turn.id)

    async def _tap(self, turn: _Turn, action: Action) -> None:
        await self._room.tap(turn.person.id, str(turn.message.id), action.encode(), turn.id)

    async def _fill(self, form: OpenForm) -> None:
        """Fill in a form that one of their own taps opened; close it where they would not know what to say."""
        opened = self._state.outgoing.by_trigger(form.trigger)
        person = self._state.people.get(form.person)
        if opened is None or person is None or not opened.id.startswith("companion:"):
            return
        throw = crc32(opened.id.encode())
        action = decode(form.form["action"])
        card = getattr(opened.body, "message", None)
        line = self._line(person, action.name, action.arg, str(card)) if action else ""
        answers = {part["name"]: _filled(part, line, throw) for part in form.form["inputs"]}
        receipt = await self._room.submit(person.id, form.trigger, answers, f"{opened.id}:form") if line else None
        if receipt is None or receipt.fields:
            await self._room.dismiss_form(person.id, form.trigger)

    def _line(self, person: Person, name: str, arg: str, card: str) -> str:
        """One of the lines under `name.arg`, or else under the name, in their language; or nothing.

        Under one card everyone has another line, as long as there are enough.
        """
        words, seats = self._words(person.language), self._state.people.all()
        for wanted in (f"{name}.{arg}", name):
            lines = [words[key] for key in sorted(words) if key.rpartition(".")[0] == wanted]
            if lines:
                return lines[(crc32(card.encode()) + seats.index(person)) % len(lines)]
        return ""


def _picked(turn: _Turn, actions: Sequence[Action]) -> Action:
    """One of several buttons; with five of them, the middle and upper ones more often."""
    throw = turn.dice(_THROW, "picked")
    return actions[_MOOD[throw % len(_MOOD)]] if len(actions) > max(_MOOD) else actions[throw % len(actions)]


def _filled(part: Mapping[str, Any], line: str, throw: int) -> str:
    if part["kind"] == "choice" and part["options"]:
        return str(part["options"][throw % len(part["options"])][0])
    return str(part["initial"]) if part["kind"] == "date" or not part["required"] else line
