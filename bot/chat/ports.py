"""What a platform must be able to do, and what it may count on. Fakes and real ones pass the same contract suite."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.chat.cards import Card, Form
from bot.chat.events import Event
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.domain.free_calendar import Trouble
from bot.errors import KringError


class Clock(Protocol):
    """The time that schedules obey. Tests and the room move it; nothing else reads the machine's clock for them."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Handle:
    """Where a message ended up: the platform's ids."""

    conversation: str
    message: str


@dataclass(frozen=True, slots=True)
class Under:
    """A place under a message that is already there."""

    root: Handle


Target = Channel | Person | Whisper | Home | Under


class Messenger(Protocol):
    """The way out to one platform. Raises only `PlatformError` and its kinds."""

    platform: str
    pace: float
    """Seconds between two messages to one conversation."""
    cap: float
    """Messages a second to one workspace, for what nobody waits for; 0 for no cap."""
    can_find: bool
    """Whether `find` can tell what became of a post whose outcome is unknown."""

    def at(self, workspace: str) -> "Messenger":
        """Return the way into one workspace: the messenger itself where there is only one."""
        ...

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:
        """Post a card once per `key` where the platform can recognise it, and say where it ended up."""
        ...

    async def update(self, at: Handle, card: Card) -> None:
        """Put another card in the place of one that was posted; twice the same is harmless."""
        ...

    async def open_form(self, trigger: str, form: Form) -> None:
        """Show a form to whoever made the gesture that `trigger` belongs to."""
        ...

    async def find(self, to: Target, key: str) -> Handle | None:
        """Look up whether the post with this key is there."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an event: `fields` says per input of a form why it was refused, in the member's language.

    `follows` says whether something is on its way that belongs where the gesture was made: a form, another card in the
    place of the one that was tapped, or words in a channel for their eyes only. False where nobody waited for it.
    """

    new: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)
    follows: bool = False


class Intake(Protocol):
    """The way in: the event is safe when this returns."""

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:
        """Keep the event and have it worked; wait at most `wait` seconds for what became of it.

        Raises `StoreError` when the event could not be kept: the platform must then not acknowledge it.
        """
        ...


class NotFetched(KringError):
    """A link could not be read; `trouble` says why, and nothing here holds the link itself."""

    def __init__(self, trouble: Trouble) -> None:
        """Say which of the decided troubles it was."""
        super().__init__(trouble.value)
        self.trouble = trouble


class Fetcher(Protocol):
    """The way to what others publish on the web. Raises only `NotFetched`."""

    async def fetch(self, link: str) -> bytes:
        """Return what stands at a link, within limits of time and size, and from public addresses only."""
        ...
