"""What goes out: handlers return these, the edge makes deliveries of them, in the transaction of the handler.

A post has a `key`: the name by which it is posted once, found again, updated, and used as the root of a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.chat.actions import Action
from bot.chat.cards import Card, Form
from bot.domain.message_budget import Importance


@dataclass(frozen=True, slots=True)
class Channel:
    """Everyone in a channel."""

    conversation: str
    kind: Literal["channel"] = "channel"


@dataclass(frozen=True, slots=True)
class Thread:
    """Under a message of Kring's own: the post whose key is `root`."""

    conversation: str
    root: str
    kind: Literal["thread"] = "thread"


@dataclass(frozen=True, slots=True)
class Person:
    """One person, in a direct message."""

    user_id: str
    kind: Literal["person"] = "person"


@dataclass(frozen=True, slots=True)
class Whisper:
    """One person, in a channel, seen by nobody else; may vanish, so never for what matters."""

    conversation: str
    user_id: str
    thread: str | None = None
    kind: Literal["whisper"] = "whisper"


@dataclass(frozen=True, slots=True)
class Home:
    """One person's own page, which shows the last card that was put on it; only for who opened such a page."""

    user_id: str
    kind: Literal["home"] = "home"


Address = Annotated[Channel | Thread | Person | Whisper | Home, Field(discriminator="kind")]
ADDRESS: TypeAdapter[Address] = TypeAdapter(Address)


@dataclass(frozen=True, slots=True)
class Post:
    """A new message; `replies` is the action that takes what is typed in its thread, or next, in a direct message.

    `nudge` says how important a direct message is that nobody asked for by a gesture: it goes within the person's
    message budget and hours, else it waits, at most as long as it `lasts`. None is a message that someone asked for, a
    welcome, or one to more than one person. `once` is a message that had better be lost than said twice, and
    `missed` says whether the facilitators hear of it when it does not arrive.
    """

    to: Address
    card: Card
    key: str
    replies: Action | None = None
    lasts: timedelta = timedelta(days=1)
    missed: bool = True
    nudge: Importance | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to who asked, where they asked; in a channel only they see it."""

    card: Card


@dataclass(frozen=True, slots=True)
class Replace:
    """Another card in place of the one that was tapped; where none was, a reply."""

    card: Card


@dataclass(frozen=True, slots=True)
class Update:
    """Another card in place of the post whose key is `of`.

    While that post is held back it is dropped instead: what was settled meanwhile needs nobody's attention.
    """

    of: str
    card: Card


@dataclass(frozen=True, slots=True)
class Release:
    """The posts with these keys, which were held back: now."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """A form; `again` is the action that opens it, offered as a button where the platform can't open one at once."""

    form: Form
    again: Action


Answer = Post | Reply | Replace | Update | Release | Open
Answers = Sequence[Answer]
