"""What one person has before them: everything the page shows, and nothing they may not see."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import StoreError
from bot.platforms.room import inbound
from bot.platforms.room.forms import OpenForm
from bot.platforms.room.people import Channel, Person
from bot.platforms.room.state import RoomState
from bot.platforms.room.talk import SHOWN, Message

DIRECT = "direct"  # one's own conversation with Kring, whoever one is


@dataclass(frozen=True, slots=True)
class Door:
    """A way into a conversation; `latest` is the id of the last message there by someone else, 0 for none."""

    conversation: str
    name: str
    latest: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A person on the page: whether they are in the channel, and their direct conversation with Kring."""

    person: Person
    present: bool
    direct: Door


@dataclass(frozen=True, slots=True)
class Line:
    """A message with its writer, None for Kring, and what became of it in its thread."""

    message: Message
    author: Person | None
    replies: int
    replied_at: datetime | None


@dataclass(frozen=True, slots=True)
class View:
    """The room through one person's eyes: `present` where they may write, `seated` in the channel itself."""

    me: Person
    conversation: str
    channel: Channel | None
    present: bool
    seats: tuple[Seat, ...]
    seated: bool
    channels: tuple[Door, ...]
    direct: Door
    talk: tuple[Line, ...]
    shortened: bool
    root: Line | None
    replies: tuple[Line, ...]
    form: OpenForm | None
    held: int
    companions: bool
    version: str


def view(state: RoomState, person: str, conversation: str, thread: str | None) -> View:
    """Look at a conversation as someone; raises `StoreError` in a room that is not furnished yet."""
    me, channel = _me(state, person), _channel(state, person, conversation)
    place = channel.id if channel else inbound.direct(me.id)
    home = channel or state.people.channels()[0]
    present = state.people.members(home.id)
    talk = state.talk.said(place, me.id)
    root = _root(state, me, place, thread)
    return View(
        me=me,
        conversation=place,
        channel=channel,
        present=me.id in present or channel is None,
        seats=tuple(Seat(one, one.id in present, _door(state, one)) for one in state.people.all()),
        seated=me.id in present,
        channels=tuple(Door(one.id, one.name, state.talk.latest(one.id, me.id)) for one in state.people.channels()),
        direct=_door(state, me),
        talk=tuple(_line(state, me, message) for message in talk),
        shortened=len(talk) == SHOWN,
        root=_line(state, me, root) if root else None,
        replies=tuple(_line(state, me, reply) for reply in state.talk.replies(root.id, me.id)) if root else (),
        form=state.forms.get(me.id),
        held=state.outgoing.held(me.id),
        companions=state.settings.companions,
        version=state.version,
    )


def _me(state: RoomState, person: str) -> Person:
    everyone = state.people.all()
    if not everyone or not state.people.channels():
        raise StoreError("the room is not furnished yet")
    return state.people.get(person) or everyone[0]


def _channel(state: RoomState, person: str, conversation: str) -> Channel | None:
    """The channel that was asked for, or else the first; None for one's direct conversation with Kring."""
    if conversation in {DIRECT, inbound.direct(person)} and state.people.get(person):
        return None
    return state.people.channel(conversation) or state.people.channels()[0]


def _root(state: RoomState, me: Person, place: str, thread: str | None) -> Message | None:
    found = state.talk.get(int(thread)) if thread and thread.isdecimal() else None
    fits = found is not None and found.conversation == place and found.root is None and found.seen_by(me.id)
    return found if fits else None


def _door(state: RoomState, person: Person) -> Door:
    place = inbound.direct(person.id)
    return Door(place, person.name, state.talk.latest(place, person.id))


def _line(state: RoomState, me: Person, message: Message) -> Line:
    replies = state.talk.replies(message.id, me.id) if message.root is None else ()
    return Line(message, state.people.get(message.author), len(replies), replies[-1].at if replies else None)
