"""Slack's payloads as events. Nothing is looked up here and nothing fails: what was not meant for Kring is None.

The rules, each with a recorded payload in `tests/recorded/slack/`:

- Of a channel only three things are read: a mention of Kring that begins a message, what is written under a message of
  Kring's own, and who comes and goes. Slack sends every message of a channel that Kring is in; the others are dropped
  here, before anything keeps them. An edit is not a new gesture.
- A reply in a direct message with Kring is a direct message, in a thread or not.
- Bots are never members, and their messages are never events, Kring's own least of all.
- Guests (`is_restricted`, `is_ultra_restricted`) were let into a channel by their hosts, and take part like everyone.
- People of another organisation (Slack Connect) are no members and nothing of them is kept: Kring was let in by one
  organisation, which cannot say yes for another. In an organisation that let Kring in as a whole (Enterprise Grid,
  `is_enterprise_install`) everyone of it belongs; in a single workspace of one only who is in that workspace.
- An event keeps Slack's own id. Commands, taps and forms have none; there the `trigger_id` is one, which is made for
  one gesture and stays the same when it is delivered again. It is kept as a digest, since it also opens forms.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.chat.actions import Action, decode
from bot.chat.events import (
    Archived,
    Body,
    Changed,
    Commanded,
    Invited,
    Joined,
    Left,
    Opened,
    Place,
    Removed,
    Renamed,
    Restored,
    Said,
    Submitted,
    Tapped,
    Uninstalled,
)
from bot.chat.payloads import Payload, first, identity, part, text
from bot.platforms.slack import forms
from bot.platforms.slack.words import NameOf, called, readable

_TYPED = frozenset({"", "file_share", "me_message", "thread_broadcast"})  # subtypes of messages that a person typed
_NAMELESS = frozenset({"directmessage", "privategroup"})  # what stands in a command for a name that Slack withholds


@dataclass(frozen=True, slots=True)
class Draft:
    """What a payload says, before anyone was looked up.

    `user` is an id, empty where nobody in particular did it; `name` is what Slack calls them in passing; `profile` is
    what it says of them at length; `team` is the workspace or organisation that they are said to be of.
    """

    user: str
    place: Place
    body: Body
    id: str = ""
    name: str = ""
    trigger: str = ""
    team: str = ""
    profile: Payload | None = None


def workspace(body: Payload, enterprise: str, *, org_wide: bool, team: str = "") -> str:
    """Name the workspace that a payload is of, as in `installing`; empty where it does not say.

    `enterprise`, `org_wide` and `team` are what Bolt makes of it, who knows where each kind of payload says so.
    """
    found = team or identity(body, "team_id") or identity(body, "event", "team") or identity(body, "context_team_id")
    if found.startswith("E"):
        found = identity(body, "context_team_id")
    if not org_wide:
        return found
    return f"{enterprise}/{found}" if enterprise and found else ""


def read(body: Payload, bot_user: str, name_of: NameOf) -> Draft | None:
    """Read a payload of any kind; None for what was not meant for Kring."""
    kind = text(body, "type")
    if kind == "event_callback":
        return _event(body, bot_user, name_of)
    if "command" in body:
        return _gesture(body, _command(body, name_of))
    reader = _GESTURES.get(kind)
    return _gesture(body, reader(body)) if reader else None


# ---------------------------------------------------------------- events


def _event(body: Payload, bot_user: str, name_of: NameOf) -> Draft | None:
    event = part(body, "event")
    reader = EVENTS.get(text(event, "type"))
    draft = reader(event, bot_user) if reader else None
    number = identity(body, "event_id")
    if draft is None or not number:
        return None
    if isinstance(draft.body, Said | Commanded):
        draft = replace(draft, body=replace(draft.body, text=readable(draft.body.text, name_of).strip()))
    if isinstance(draft.body, Uninstalled):
        at = _moment(body.get("event_time"))
        return replace(draft, id=number, body=Uninstalled(at)) if at else None
    return replace(draft, id=number, team=identity(event, "user_team") or identity(event, "team"))


def _message(event: Payload, bot_user: str) -> Draft | None:
    """Read what a person typed to Kring in private, or under one of its messages."""
    user, channel, written = identity(event, "user"), identity(event, "channel"), text(event, "text")
    if text(event, "subtype") not in _TYPED or event.get("bot_id") or user in {"", bot_user} or not channel:
        return None
    behind = called(written, bot_user)
    if text(event, "channel_type") == "im":
        return Draft(user, Place(channel, direct=True), Said(written if behind is None else behind))
    root = identity(event, "thread_ts")
    if behind is None and root and identity(event, "parent_user_id") == bot_user:
        return Draft(user, Place(channel, message=root), Said(written))
    return None


def _mention(event: Payload, bot_user: str) -> Draft | None:
    """Read a mention that begins a message; in the middle of a sentence people speak of Kring, not to it."""
    user, channel = identity(event, "user"), identity(event, "channel")
    behind = called(text(event, "text"), bot_user)
    if behind is None or "edited" in event or event.get("bot_id") or user in {"", bot_user} or not channel:
        return None
    return Draft(user, Place(channel, message=identity(event, "thread_ts") or None), Commanded(behind))


def _joined(event: Payload, bot_user: str) -> Draft | None:
    """Read who came in; for Kring itself, who brought it, which may be nobody that Slack names."""
    user, channel = identity(event, "user"), identity(event, "channel")
    if not user or not channel:
        return None
    if user == bot_user:
        return Draft(identity(event, "inviter"), Place(channel), Invited())
    return Draft(user, Place(channel), Joined())


def _left(event: Payload, bot_user: str) -> Draft | None:
    user, channel = identity(event, "user"), identity(event, "channel")
    if not user or not channel:
        return None
    return Draft("", Place(channel), Removed()) if user == bot_user else Draft(user, Place(channel), Left())


def _of_channel(body: Body) -> Callable[[Payload, str], Draft | None]:
    """Read what happened to a channel, whoever did it."""

    def read_channel(event: Payload, _bot_user: str) -> Draft | None:
        channel = identity(event, "channel") or identity(event, "channel", "id")
        return Draft("", Place(channel, name=text(event, "channel", "name")), body) if channel else None

    return read_channel


def _changed(event: Payload, _bot_user: str) -> Draft | None:
    profile = part(event, "user")
    user = identity(profile, "id")
    changed = Changed(active=profile.get("deleted") is not True)
    return Draft(user, Place("", direct=True), changed, profile=profile) if user else None


def _opened(event: Payload, _bot_user: str) -> Draft | None:
    user = identity(event, "user")
    return Draft(user, _home(user), Opened()) if user and text(event, "tab") == "home" else None


def _uninstalled(_event: Payload, _bot_user: str) -> Draft | None:
    return Draft("", Place(""), Uninstalled(datetime.min.replace(tzinfo=UTC)))


def _revoked(event: Payload, bot_user: str) -> Draft | None:
    """Read that Kring's own key was taken back; keys of single people it has none."""
    return _uninstalled(event, bot_user) if part(event, "tokens").get("bot") else None


EVENTS: Mapping[str, Callable[[Payload, str], Draft | None]] = {
    "app_home_opened": _opened,
    "app_mention": _mention,
    "app_uninstalled": _uninstalled,
    "channel_archive": _of_channel(Archived()),
    "channel_deleted": _of_channel(Archived()),
    "channel_left": _of_channel(Removed()),
    "channel_rename": _of_channel(Renamed()),
    "channel_unarchive": _of_channel(Restored()),
    "group_archive": _of_channel(Archived()),
    "group_deleted": _of_channel(Archived()),
    "group_left": _of_channel(Removed()),
    "group_rename": _of_channel(Renamed()),
    "group_unarchive": _of_channel(Restored()),
    "member_joined_channel": _joined,
    "member_left_channel": _left,
    "message": _message,
    "tokens_revoked": _revoked,
    "user_change": _changed,
}
"""The types of events that are read, by the name that Slack gives them in the payload."""


# ---------------------------------------------------------------- commands, taps, forms


def _gesture(body: Payload, draft: Draft | None) -> Draft | None:
    """Give a gesture its identity, and what opens a form in answer to it."""
    if draft is None or not draft.user:
        return None
    trigger = text(body, "trigger_id")
    named = trigger or json.dumps(body, sort_keys=True, default=str)
    number = hashlib.blake2b(named.encode(), digest_size=16).hexdigest()
    opens = forms.Trigger(trigger, draft.place).encode() if trigger else ""
    team = identity(body, "user", "team_id") or draft.team
    return replace(draft, id=f"{draft.body.kind}:{number}", trigger=opens, team=team)


def _command(body: Payload, name_of: NameOf) -> Draft | None:
    channel, name = identity(body, "channel_id"), text(body, "channel_name")
    if not channel:
        return None
    place = Place(channel, "" if name in _NAMELESS else name, direct=_is_direct(channel))
    typed = readable(text(body, "text"), name_of).strip()
    return Draft(identity(body, "user_id"), place, Commanded(typed), name=text(body, "user_name"))


def _tapped(body: Payload) -> Draft | None:
    tapped = first(body, "actions")
    action = decode(text(tapped, "value") or text(tapped, "selected_option", "value"))
    user, container = identity(body, "user", "id"), part(body, "container")
    if action is None:
        return None
    channel, message = identity(container, "channel_id"), identity(container, "message_ts")
    if not channel or not message:
        return _by(body, _home(user), Tapped(action))
    root = identity(container, "thread_ts")
    under = root if root not in {"", message} else None
    place = Place(channel, _channel_name(body), _is_direct(channel), under)
    # What only one person sees has no message that could be changed; it has an address of its own instead.
    handle = text(body, "response_url") if container.get("is_ephemeral") is True else message
    return _by(body, place, Tapped(action, handle or None))


def _submitted(body: Payload) -> Draft | None:
    with suppress(ValueError, TypeError, AttributeError, RecursionError):  # a form that is not one of ours
        sent = forms.sent(part(body, "view"))
        values = forms.values_of(part(body, "view", "state"))
        clean = {name: text(values, name) for name in values}
        return _by(body, sent.place, Submitted(sent.action, clean))
    return None


def _shortcut(body: Payload) -> Draft | None:
    """Read a shortcut, on a message or not: its `callback_id` is an action, as on a button."""
    action: Action | None = decode(text(body, "callback_id"))
    channel = identity(body, "channel", "id")
    if action is None:
        return None
    if not channel:
        return _by(body, _home(identity(body, "user", "id")), Tapped(action))
    root = identity(body, "message", "thread_ts") or identity(body, "message_ts")
    return _by(body, Place(channel, _channel_name(body), _is_direct(channel), root or None), Tapped(action))


_GESTURES: Mapping[str, Callable[[Payload], Draft | None]] = {
    "block_actions": _tapped,
    "message_action": _shortcut,
    "shortcut": _shortcut,
    "view_submission": _submitted,
}


def _by(body: Payload, place: Place, done: Body) -> Draft:
    user = part(body, "user")
    return Draft(identity(user, "id"), place, done, name=text(user, "name") or text(user, "username"))


def _channel_name(body: Payload) -> str:
    name = text(body, "channel", "name")
    return "" if name in _NAMELESS else name


def _home(user: str) -> Place:
    """Someone's own page: what is answered there goes to them in private."""
    return Place(f"home:{user}", direct=True)


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _moment(seconds: object) -> datetime | None:
    if not isinstance(seconds, int | float):
        return None
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(seconds, UTC)
    return None
