"""What someone does in the room, as an event; or no event at all, where it was not addressed to Kring."""

import re

from bot.chat.events import Body, Commanded, Event, Place, Said
from bot.platforms.room.people import Channel, Person
from bot.platforms.room.talk import Message

WORKSPACE = "room"
_CALL = re.compile(r"\s*(?P<call>/kring|@kring)(?!\S)[:,]?(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_DIRECT = "dm:"


def direct(person: str) -> str:
    """The conversation of one person with Kring."""
    return f"{_DIRECT}{person}"


def is_direct(conversation: str) -> bool:
    """Whether it is somebody's conversation with Kring."""
    return conversation.startswith(_DIRECT)


def place(conversation: str, channel: Channel | None, root: Message | None = None) -> Place:
    """Where something happens."""
    return Place(
        conversation,
        name=channel.name if channel else "",
        direct=channel is None,
        message=str(root.id) if root else None,
    )


def typed(text: str, where: Place, root: Message | None) -> Body | None:
    """What typed words are to Kring; None for talk between people, which it never sees."""
    called = _CALL.fullmatch(text)
    if called:
        return Commanded(called["rest"].strip())
    if where.direct or (root is not None and root.from_kring):
        return Said(text.strip())
    return None


def is_private(text: str) -> bool:
    """Whether others in a channel do not see it: a slash command, as in Slack; calling Kring by name is for all."""
    called = _CALL.fullmatch(text)
    return called is not None and called["call"].startswith("/")


def event(event_id: str, person: Person, where: Place, body: Body) -> Event:
    """Make the event; its trigger is given when it is kept."""
    return Event(event_id, "room", WORKSPACE, person.user(), where, body)
