"""Where an activity happened, by whom, and how that conversation is reached: what all kinds of activities say alike.

- The conversation of a channel message ends in `;messageid=` and the id of the message that its thread begins with,
  also when the message begins the thread itself: then the two ids are the same.
- A team has the id of its channel General. That one is called after the team, the others have names of their own.
- Private and shared channels have members of their own, so what happens to their team says nothing of them: they are
  kept without a group. Source: learn.microsoft.com, "Apps for shared and private channels".
- Somebody of another organisation (a shared channel, a federated chat) says so in `tenantId`; nothing of them is kept.
"""

from dataclasses import dataclass

from bot.chat.events import Place, User
from bot.chat.payloads import Payload, every, identity, part, text
from bot.domain.calendar import zone_name
from bot.domain.reference import Reference

CHANNEL = "msteams"
_BOT = "28:"  # every app's id in conversations; people's begin with 29:
_THREAD = ";messageid="
_APART = frozenset({"private", "shared"})  # types of channels with members of their own
_LANGUAGES = frozenset({"nl", "en"})


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happened: `thread` is the message that the thread begins with, `own` a channel with its own members.

    `shared` is one that others than our own organisation may be in.
    """

    conversation: str
    service_url: str
    kind: str = ""
    thread: str = ""
    team: str = ""
    channel: str = ""
    name: str = ""
    own: bool = False
    shared: bool = False

    @property
    def direct(self) -> bool:
        """Whether it is the chat of one person with Kring."""
        return self.kind == "personal"

    def under(self, message: str) -> str | None:
        """The message that another one stands under; None where that begins its thread itself, or there is none."""
        return self.thread if self.thread not in {"", message} else None

    def place(self, message: str | None = None) -> Place:
        """The place, as events name it."""
        return Place(self.conversation, "" if self.direct else self.name, self.direct, message)

    def reference(self, user_id: str) -> Reference:
        """How it is reached."""
        group = "" if self.own or self.direct else self.team
        return Reference(self.conversation, self.service_url, group, user_id if self.direct else "", self.place().name)


def scene(activity: Payload) -> Scene:
    """Read where an activity happened; the conversation is empty where it does not say."""
    data = part(activity, "channelData")
    whole = identity(part(data, "settings", "selectedChannel"), "id") or identity(activity, "conversation", "id")
    conversation, _, thread = whole.partition(_THREAD)
    team, channel = identity(data, "team", "id"), identity(data, "channel", "id")
    kind = text(data, "channel", "type").lower()
    return Scene(
        conversation,
        text(activity, "serviceUrl"),
        text(activity, "conversation", "conversationType"),
        thread,
        team,
        channel,
        _name(activity, conversation),
        kind in _APART,
        kind == "shared",
    )


def _name(activity: Payload, conversation: str) -> str:
    """How the conversation is called, where that is said."""
    data = part(activity, "channelData")
    of_channel = text(data, "channel", "name") if identity(data, "channel", "id") == conversation else ""
    of_team = text(data, "team", "name") if identity(data, "team", "id") == conversation else ""
    return of_channel or of_team or text(activity, "conversation", "name")


def tenant(activity: Payload) -> str:
    """Say whose Teams it is; the conversation says so as well, but not always."""
    return text(activity, "channelData", "tenant", "id") or text(activity, "conversation", "tenantId")


def person(activity: Payload, own_tenant: str) -> User | None:
    """Read who did it, with what their client says of language and zone; None for bots, strangers and nobody."""
    account = part(activity, "from")
    if not is_person(account, own_tenant):
        return None
    client = next((one for one in every(activity, "entities") if text(one, "type") == "clientInfo"), {})
    language, _, _ = (text(activity, "locale") or text(client, "locale")).lower().partition("-")
    zone = zone_name(text(activity, "localTimezone") or text(client, "timezone"))
    return User(identity(account, "id"), text(account, "name"), language if language in _LANGUAGES else None, zone)


def is_person(account: Payload, own_tenant: str) -> bool:
    """Whether an account is somebody of our own organisation, guests among them."""
    user_id, elsewhere = identity(account, "id"), text(account, "tenantId") not in {"", own_tenant}
    return bool(user_id) and not user_id.startswith(_BOT) and text(account, "role") != "bot" and not elsewhere
