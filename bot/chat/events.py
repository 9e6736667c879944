"""What comes in: one shape for every platform, made by its `inbound.py`, kept in the inbox until it was worked.

Only what was addressed to Kring on purpose becomes an event: a command, a tap, a form, a direct message, a reply in one
of Kring's threads. Other talk never gets this far.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.chat.actions import Action


@dataclass(frozen=True, slots=True)
class User:
    """A person as the platform knows them; `language` (nl, en) and `timezone` (IANA) where it says.

    The name is empty where the platform did not say it in time. What nobody in particular did has a user without an id.
    """

    id: str
    name: str
    language: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened; `message` is the platform's id of the thread's root, in a thread."""

    conversation: str
    name: str = ""
    direct: bool = False
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """Kring was added to a channel; `members` were there already."""

    members: tuple[User, ...] = ()
    kind: Literal["invited"] = "invited"


@dataclass(frozen=True, slots=True)
class Removed:
    """Kring was taken out of a channel."""

    kind: Literal["removed"] = "removed"


@dataclass(frozen=True, slots=True)
class Renamed:
    """The channel has another name, which stands in the place; nobody in particular did it."""

    kind: Literal["renamed"] = "renamed"


@dataclass(frozen=True, slots=True)
class Archived:
    """The channel was archived or deleted: nobody can write in it."""

    kind: Literal["archived"] = "archived"


@dataclass(frozen=True, slots=True)
class Restored:
    """The channel was taken out of the archive; or, `invited`, it has Kring again with the whole that it is part of."""

    invited: bool = False
    kind: Literal["restored"] = "restored"


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """Kring was taken out of the workspace, at `at`; nobody in particular did it, and nobody can be told."""

    at: datetime
    kind: Literal["uninstalled"] = "uninstalled"


@dataclass(frozen=True, slots=True)
class Changed:
    """The platform says something else of the user than before; `active` is false when the account was switched off."""

    active: bool = True
    kind: Literal["changed"] = "changed"


@dataclass(frozen=True, slots=True)
class Opened:
    """The user looks at their own page of Kring, where the platform has one."""

    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Joined:
    """The user joined the channel."""

    kind: Literal["joined"] = "joined"


@dataclass(frozen=True, slots=True)
class Left:
    """The user left the channel."""

    kind: Literal["left"] = "left"


@dataclass(frozen=True, slots=True)
class Said:
    """The user wrote to Kring, or under one of its messages."""

    text: str
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class Commanded:
    """The user called Kring by its command or its name; `text` is what came behind it."""

    text: str
    kind: Literal["commanded"] = "commanded"


@dataclass(frozen=True, slots=True)
class Tapped:
    """The user tapped a button; `message` is the platform's id of the card it was on."""

    action: Action
    message: str | None = None
    kind: Literal["tapped"] = "tapped"


@dataclass(frozen=True, slots=True)
class Submitted:
    """The user filled in a form."""

    action: Action
    values: dict[str, str] = field(default_factory=dict)
    kind: Literal["submitted"] = "submitted"


InChannel = Invited | Removed | Renamed | Archived | Restored | Joined | Left
Body = Annotated[
    InChannel | Uninstalled | Changed | Opened | Said | Commanded | Tapped | Submitted,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `id` is the platform's own and makes a redelivery recognisable.

    `trigger` is what a platform wants back to open a form, where the gesture allows one.
    """

    id: str
    platform: str
    workspace: str
    user: User
    place: Place
    body: Body
    trigger: str | None = None


_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def pack(event: Event) -> bytes:
    """Write an event as JSON, for the inbox."""
    return _EVENT.dump_json(event)


def unpack(data: bytes) -> Event:
    """Read an event back."""
    return _EVENT.validate_json(data)
