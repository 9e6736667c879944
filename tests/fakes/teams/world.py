"""What is in the pretend Teams: one tenant with people, teams, channels, chats, messages and dialogs."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["channel", "groupChat", "personal"]
Type = Literal["standard", "private", "shared"]
APP_ID = "5e1f0c0d-0000-4000-8000-00000000c1c1"
BOT = f"28:{APP_ID}"
NAME = "Kring"
TENANT = "7e4a4470-0000-4000-8000-000000000001"
ELSEWHERE = "7e4a4470-0000-4000-8000-000000000002"
WRONG = "Something went wrong. Please try again."


def identifier(name: str) -> str:
    """An Entra id that is always the same for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


class Refused(Exception):
    """The connector says no: a status, a code, and words."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code = status, code
        self.answer: Json = {"error": {"code": code, "message": message or code}}


class Blocked(Refused):
    """The connector says no in the other shape that Teams knows: a person took the app out.

    Source: learn.microsoft.com, proactive messages, "Understand who blocked, muted, or uninstalled a bot".
    """

    def __init__(self) -> None:
        super().__init__(403, "MessageWritesBlocked")
        told = '{\r\n  "subCode": "MessageWritesBlocked",\r\n  "details": "Thread is blocked from message writes."\r\n}'
        self.answer = {"errorCode": 209, "message": told}


@dataclass
class User:
    """Someone; tests say `name`, Teams says `id`. One of another tenant is in a channel that is shared."""

    name: str
    shown: str
    locale: str = "nl-NL"
    timezone: str = "Europe/Amsterdam"
    guest: bool = False
    tenant: str = TENANT

    @property
    def id(self) -> str:
        """Who they are to this bot."""
        return f"29:1{self.name}"

    @property
    def aad(self) -> str:
        """Who they are in Entra."""
        return identifier(self.name)


@dataclass
class Conversation:
    """A channel, a group chat, or the personal chat of one person with Kring.

    The members of a standard channel are those of its team. In a standard channel Kring is where its team has
    it, else where `has_bot` says so. Of one that is `hidden` the bot may not read the members.
    """

    id: str
    kind: Kind
    name: str = ""
    members: list[str] = field(default_factory=list)
    team: str | None = None
    type: Type = "standard"
    hidden: bool = False
    deleted: bool = False
    has_bot: bool = False
    blocked: bool = False
    uninstalled: bool = False

    @property
    def own(self) -> bool:
        """Whether it is a channel with members of its own."""
        return self.type != "standard"


@dataclass
class Team:
    """A team; its id is that of the channel General, as in Teams."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    has_bot: bool = False
    archived: bool = False
    deleted: bool = False

    @property
    def group(self) -> str:
        """The Microsoft 365 group behind it."""
        return identifier(self.id)


@dataclass
class Message:
    """What was posted; `views` is what one person sees instead, after a tap of theirs, until it is updated."""

    conversation: str
    id: str
    user: str
    text: str = ""
    root: str | None = None
    card: Json | None = None
    summary: str = ""
    views: dict[str, Json] = field(default_factory=dict)
    edited: int = 0
    deleted: bool = False
    activity: Json = field(default_factory=dict)

    def card_for(self, name: str) -> Json | None:
        """The card as this person sees it."""
        return self.views.get(name, self.card)

    def shown(self, name: str) -> Json:
        """The message as this person sees it."""
        return {"id": self.id, "root": self.root, "user": self.user, "text": self.text, "card": self.card_for(name)}


@dataclass
class Dialog:
    """A dialog before someone: its title, its card, and where the button was."""

    title: str
    card: Json
    conversation: str
    root: str | None


@dataclass(frozen=True)
class Did:
    """One thing that the bot did: `post`, `reply`, `update` or `delete`."""

    what: str
    conversation: str
    message: str


@dataclass
class World:
    """The tenant, everything in it, and what people were told by their client."""

    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    dialogs: dict[str, Dialog] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    log: list[Did] = field(default_factory=list)
    tenant: str = TENANT
    tells_tenants: bool = True
    """Whether an activity says of which tenant someone is, who is of another one; the roster always does."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_id(self) -> str:
        """The id of a next message: the time in milliseconds, as Teams has it."""
        return f"17955{next(self.numbers):08}"

    def add_user(self, user: User) -> User:
        """Let someone into the tenant."""
        self.users[user.name] = user
        return user

    def add_team(self, key: str, *members: str, name: str = "") -> Team:
        """Make a team with these members; its id, and that of General, is `channel(key)`."""
        team = Team(channel(key), name or key, list(members))
        self.teams[team.id] = team
        self.conversations[team.id] = Conversation(team.id, "channel", "General", team=team.id)
        return team

    def add_channel(self, team: Team, key: str, *members: str, name: str = "", kind: Type = "standard") -> Conversation:
        """Make a channel in a team; only a private or shared one has members of its own."""
        made = Conversation(channel(key), "channel", name or key, list(members), team=team.id, type=kind)
        self.conversations[made.id] = made
        return made

    def add_chat(self, key: str, *members: str, name: str = "") -> Conversation:
        """Make a group chat."""
        made = Conversation(f"19:{identifier(key).replace('-', '')}@thread.v2", "groupChat", name, list(members))
        self.conversations[made.id] = made
        return made

    def personal(self, name: str) -> Conversation:
        """The personal chat of someone with Kring."""
        found = Conversation(f"a:1{name}", "personal", members=[name])
        return self.conversations.setdefault(found.id, found)

    def user_of(self, user_id: str) -> User | None:
        """Who has this id, of Teams or of Entra."""
        return next((one for one in self.users.values() if user_id in {one.id, one.aad}), None)

    def members(self, conversation: Conversation) -> list[str]:
        """Who is in a conversation; the roster of Teams tells of no bots."""
        if conversation.team is None or conversation.own:
            return conversation.members
        return self.teams[conversation.team].members

    def has_bot(self, conversation: Conversation) -> bool:
        """Whether Kring may write there at all."""
        if conversation.kind == "personal":
            return True
        if conversation.team is None or conversation.own:
            return conversation.has_bot
        return self.teams[conversation.team].has_bot

    def channels(self, team: Team) -> list[Conversation]:
        """The channels of a team that are there."""
        return [one for one in self.conversations.values() if one.team == team.id and not one.deleted]

    def message(self, conversation: str, message_id: str) -> Message:
        """A message that is in a conversation and was not deleted."""
        for message in self.messages:
            if (message.conversation, message.id, message.deleted) == (conversation, message_id, False):
                return message
        raise Refused(404, "ActivityNotFoundInConversation", "Activity not found.")

    def seen(self, name: str, conversation: str = "") -> list[Message]:
        """What someone sees in a conversation, each thread under its root; empty is their personal chat."""
        place = self.conversations.get(conversation or f"a:1{name}")
        if place is None or name not in self.members(place):
            return []
        here = [one for one in self.messages if one.conversation == place.id and not one.deleted]
        return sorted(here, key=lambda one: (one.root or one.id, one.id))

    def notice(self, name: str, text: str) -> None:
        """Let someone's client say something, beside all messages."""
        self.notices.setdefault(name, []).append(text)


def channel(key: str) -> str:
    """The id of the channel, or of the team, that tests call this."""
    return f"19:{identifier(key).replace('-', '')}@thread.tacv2"


def furnished() -> World:
    """A tenant: lotte and daan in the team `toets`, with its channels General and `toetsen`; Kring is installed."""
    world = World()
    for name in ("lotte", "daan"):
        world.add_user(User(name, name.title()))
    team = world.add_team("toets", "lotte", "daan", name="Team Toetsing")
    team.has_bot = True
    world.add_channel(team, "toetsen", name="Toetsen")
    return world
