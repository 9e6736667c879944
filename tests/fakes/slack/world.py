"""What is in the pretend Slack: workspaces with people, channels, messages, modals and home tabs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]
BOT = "UKRING"
SCOPES = frozenset({
    "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "groups:history",
    "groups:read", "im:history", "im:read", "im:write", "users:read",
})  # fmt: skip


class Refused(Exception):
    """Slack says no: `ok: false` with this error, and what goes with it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


@dataclass
class User:
    """Someone in a workspace; `stranger` comes from another one, over Slack Connect.

    `team` is where somebody is at home in an organisation, when that is another workspace of it.
    """

    id: str
    name: str
    locale: str = "nl-NL"
    tz: str = "Europe/Amsterdam"
    is_bot: bool = False
    deleted: bool = False
    guest: bool = False
    stranger: bool = False
    team: str = ""
    updated: int = 1795500000


@dataclass
class Channel:
    """A conversation: a channel, or the direct one between Kring and `direct`."""

    id: str
    name: str = ""
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    direct: str | None = None

    @property
    def shown_name(self) -> str:
        """What a payload calls it."""
        return "directmessage" if self.direct else self.name

    def scope(self, what: str) -> str:
        """The scope that something asks of this kind of conversation."""
        return f"{'im' if self.direct else 'groups' if self.is_private else 'channels'}:{what}"


@dataclass
class Message:
    """What was posted; `only_for` is who sees it, where that is one person in a channel."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    only_for: str | None = None
    metadata: Json | None = None
    client_msg_id: str | None = None
    edited: int = 0
    arguments: Json = field(default_factory=dict)

    def shown(self, *, metadata: bool = False) -> Json:
        """The message as Slack tells it."""
        told: Json = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text, "blocks": self.blocks}
        if self.user == BOT:
            told["bot_id"] = f"B{BOT}"
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if metadata and self.metadata:
            told["metadata"] = self.metadata
        return told


@dataclass
class Modal:
    """A modal before someone, with what was said of its inputs when it was sent."""

    id: str
    view: Json
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class Trigger:
    """A gesture that may be answered with a modal."""

    id: str
    team: str
    user: str
    expired: bool = False
    used: bool = False


@dataclass
class Workspace:
    """One workspace with Kring installed, or not (no `token`).

    `enterprise` is the organisation (Enterprise Grid) that it is of; `org_wide` says that Kring was let in by that one.
    """

    id: str
    token: str | None
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    revoked: str | None = None
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    modals: dict[str, list[Modal]] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    enterprise: str | None = None
    org_wide: bool = False

    def user(self, user_id: str) -> User:
        """Someone."""
        return self.users[user_id]

    def add_user(self, user: User) -> User:
        """Let someone in."""
        self.users[user.id] = user
        return user

    def add_channel(self, channel_id: str, *members: str, name: str = "", is_private: bool = False) -> Channel:
        """Open a channel with these members."""
        channel = self.channels[channel_id] = Channel(channel_id, name, list(members), is_private)
        return channel

    def direct(self, user_id: str) -> Channel:
        """The direct conversation between someone and Kring."""
        channel = Channel(f"D{user_id}", members=[user_id, BOT], direct=user_id)
        return self.channels.setdefault(channel.id, channel)

    def message(self, channel: str, ts: str) -> Message:
        """A message that is in a conversation for all to see."""
        for message in self.messages:
            if (message.channel, message.ts, message.only_for) == (channel, ts, None):
                return message
        raise Refused("message_not_found")

    def seen(self, user_id: str, channel: str | None = None) -> list[Message]:
        """What someone sees in a conversation, each thread under its root; None is the direct one with Kring."""
        place = channel or f"D{user_id}"
        if user_id not in self.channels.get(place, Channel(place)).members:
            return []
        here = [one for one in self.messages if one.channel == place and one.only_for in (None, user_id)]
        return sorted(here, key=lambda one: (float(one.thread_ts or one.ts), float(one.ts)))

    def modal(self, user_id: str) -> Modal | None:
        """The modal that lies on top before someone."""
        stack = self.modals.get(user_id)
        return stack[-1] if stack else None


@dataclass
class World:
    """All workspaces, and what is counted over them."""

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    app_token: str = "xapp-1"
    client_id: str = "1.1"
    client_secret: str = "app-secret"
    codes: dict[str, str] = field(default_factory=dict)
    hooks: dict[str, tuple[str, Message, int]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def ts(self) -> str:
        """The time of a next message, as Slack writes it."""
        return f"17955{next(self.numbers):05}.000100"

    def trigger(self, team: str, user: str) -> Trigger:
        """Note a gesture that may be answered with a modal."""
        trigger = Trigger(f"{next(self.numbers)}.trigger", team, user)
        self.triggers[trigger.id] = trigger
        return trigger

    def workspace(self, team: str = "T1", token: str | None = None) -> Workspace:
        """Furnish a workspace: lotte and daan in C1 (toetsen), with Kring."""
        made = Workspace(team, token or f"xoxb-{team}")
        made.add_user(User(BOT, "Kring", is_bot=True))
        for person in ("lotte", "daan"):
            made.add_user(User(person, person.title()))
        made.add_channel("C1", BOT, "lotte", "daan", name="toetsen")
        self.workspaces[team] = made
        return made
