"""The way from Kring into the room."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.chat.cards import Card, Form
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Clock, Handle, Target, Under
from bot.errors import Misconfigured, Refusal, StoreError, Unreachable
from bot.platforms.room import render
from bot.platforms.room.inbound import direct
from bot.platforms.room.people import KRING
from bot.platforms.room.state import RoomState
from bot.platforms.room.talk import Draft, Message


class RoomMessenger:
    """The room as a platform. It recognises every key, so nothing is ever posted twice."""

    platform = "room"
    pace = 0.0
    cap = 0.0
    can_find = True

    def __init__(self, state: RoomState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def at(self, workspace: str) -> "RoomMessenger":  # noqa: ARG002 - there is one room
        """Return itself."""
        return self

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:
        """Post a card once per key.

        Raises:
            Misconfigured: no such channel or person, or the card is larger than the room shows.
            Unreachable: the room's file refused; nothing was posted.

        """
        with _translated():
            draft = self._draft(to, card, key)
            return _handle(self._state.talk.add(draft, self._clock.now()))

    async def update(self, at: Handle, card: Card) -> None:
        """Put another card in the place of one of Kring's; errors as with `post`."""
        with _translated():
            message = self._message(at)
            if not message.from_kring:
                raise Misconfigured(f"message {at.message} is not Kring's")
            self._state.talk.replace(message.id, render.card(card), self._clock.now())

    async def open_form(self, trigger: str, form: Form) -> None:
        """Lay a form before whoever made the gesture; `Misconfigured` where the room knows no such gesture."""
        with _translated():
            gesture = self._state.outgoing.by_trigger(trigger)
            if gesture is None:
                raise Misconfigured(f"no gesture has the trigger {trigger}")
            self._state.forms.open(gesture.user.id, trigger, render.form(form))

    async def find(self, to: Target, key: str) -> Handle | None:  # noqa: ARG002 - a key is known in the whole room
        """Look up whether the post with this key is there."""
        with _translated():
            message = self._state.talk.find(key)
            return _handle(message) if message else None

    def _draft(self, to: Target, card: Card, key: str) -> Draft:
        content = render.card(card)
        match to:
            case Channel():
                return Draft(self._channel(to.conversation), KRING, content, key=key)
            case Person():
                return Draft(direct(self._person(to.user_id)), KRING, content, key=key)
            case Whisper():
                return self._whisper(to, content, key)
            case Home():
                raise Misconfigured("the room has no pages of one's own")
            case Under():
                root = self._message(to.root)
                return Draft(root.conversation, KRING, content, root=root.root or root.id, key=key)

    def _whisper(self, to: Whisper, content: render.Json, key: str) -> Draft:
        root = self._message(Handle(to.conversation, to.thread)) if to.thread else None
        return Draft(
            self._channel(to.conversation),
            KRING,
            content,
            root=(root.root or root.id) if root else None,
            only_for=self._person(to.user_id),
            key=key,
        )

    def _channel(self, channel: str) -> str:
        if KRING not in self._state.people.members(channel):
            raise Misconfigured(f"Kring is in no channel {channel}", Refusal.OUTSIDE)
        return channel

    def _person(self, person: str) -> str:
        if self._state.people.get(person) is None:
            raise Misconfigured(f"there is nobody called {person} in the room", Refusal.PERSON)
        return person

    def _message(self, at: Handle) -> Message:
        found = self._state.talk.get(int(at.message)) if at.message.isdecimal() else None
        if found is None or found.conversation != at.conversation:
            raise Misconfigured(f"there is no message {at.message} in {at.conversation}")
        return found


@contextmanager
def _translated() -> Iterator[None]:
    """Say in the language of chat what went wrong at this edge."""
    try:
        yield
    except ValueError as error:
        raise Misconfigured(str(error)) from error
    except StoreError as error:
        raise Unreachable(str(error)) from error


def _handle(message: Message) -> Handle:
    return Handle(message.conversation, str(message.id))
