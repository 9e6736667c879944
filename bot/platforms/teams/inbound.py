"""The activities of Teams as events. Nothing is looked up here and nothing fails: what was not meant for Kring is none.

The rules, each with a recorded activity in `tests/recorded/teams/`:

- In a channel and a group chat a message counts that begins with a mention of Kring; in the middle of a sentence people
  speak of Kring, not to it. Teams hands over no others. Under a message of Kring's that asks for words, these may be
  the answer: the dispatcher knows.
- **Kring is installed** by `installationUpdate`. Teams also tells that its bot is a new member, in an order that nobody
  promises, and sometimes not at all (BotFramework-Services issues 169 and 294): that is not a second invitation. Only
  where a private or shared channel lets it in (`channelMemberAdded`) there is no installation to speak of.
  An app that was merely renewed (`add-upgrade`) is no invitation. It is in the channel that was chosen then
  (`settings.selectedChannel`), and the team's other channels that it knew go on.
- Who has Kring for themselves did not always ask for that: an administrator's policy gives it to everybody at once, and
  Microsoft says nowhere how to tell the two apart. So it is none, nothing is kept, and Kring speaks when spoken to.
- Kring is taken out by either; what is said twice is told once.
- Who comes to a team or leaves it does so in all its channels, except those with members of their own.
- An event gets a digest of the conversation and the activity's id, which says nothing outside of it, and stays the same
  when it is delivered again. Where the activity has none it is a digest of all that it says.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from bot.chat.events import (
    Archived,
    Body,
    Commanded,
    Event,
    Invited,
    Joined,
    Left,
    Place,
    Removed,
    Renamed,
    Restored,
    Said,
    Submitted,
    Tapped,
    User,
)
from bot.chat.payloads import Payload, every, identity, part, text
from bot.domain.reference import Reference
from bot.platforms.teams import blocks, forms, words
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.scene import Scene, is_person, person, scene

Way = Literal["", "execute", "fetch", "submit", "chat"]
GESTURES = (Said, Commanded, Tapped, Submitted)
NOBODY = User("", "")
_ANYWHERE = Place("")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an activity says, before anything was looked up.

    With a `team` it happened in every channel of that team that is known, except in `place`. `way` is how a gesture
    came in, which says how it is answered; `sent` is the form that was filled in.
    """

    user: User
    place: Place
    body: Body
    id: str = ""
    way: Way = ""
    team: str = ""
    sent: forms.Sent | None = None


Drafts = Iterator[Draft]


def read(activity: Payload, us: Registration) -> tuple[Draft, ...]:
    """Read an activity of any kind; nothing for what was not meant for Kring."""
    where, reader = scene(activity), READERS.get(text(activity, "type"))
    if reader is None or not where.conversation:
        return ()
    base = _identified(activity, where)
    drafts = tuple(reader(activity, where, us)) if base else ()
    return tuple(replace(one, id=digest(base, str(number))) for number, one in enumerate(drafts))


def digest(*parts: str) -> str:
    """Make one id of several."""
    return hashlib.blake2b("|".join(parts).encode(), digest_size=16).hexdigest()


def _identified(activity: Payload, where: Scene) -> str:
    """Say which activity it is; empty where that cannot be said."""
    number = identity(activity, "id")
    with suppress(RecursionError):
        return digest(where.conversation, number or json.dumps(activity, sort_keys=True))
    return ""


# ---------------------------------------------------------------- what people say


def _message(activity: Payload, where: Scene, us: Registration) -> Drafts:
    """Read what a person typed to Kring, or sent with a button of an old client, which makes a message of it."""
    user = person(activity, us.tenant)
    if user is None:
        return
    data, written = part(activity, "value"), text(activity, "text")
    if blocks.OURS in data or (data and not written):
        yield from _gesture(activity, where, user, data, "chat")
        return
    behind = words.called(activity, frozenset({us.bot_id, identity(activity, "recipient", "id")}))
    if where.direct:
        yield Draft(user, where.place(), Said(words.readable(written) if behind is None else behind))
    elif behind is not None:
        root = where.under(identity(activity, "id"))
        yield Draft(user, where.place(root), Commanded(behind))


def _invoke(activity: Payload, where: Scene, us: Registration) -> Drafts:
    user, known = person(activity, us.tenant), INVOKES.get(text(activity, "name"))
    if user is not None and known:
        way, path = known
        yield from _gesture(activity, where, user, part(activity, *path), way)


def _gesture(activity: Payload, where: Scene, user: User, data: Payload, way: Way) -> Drafts:
    """Read a tap, or a form that was filled in."""
    with suppress(ValueError, RecursionError):  # none of our forms
        sent = forms.sent(data)
        place, given = _clean(sent.place), forms.values_of(data, sent.form)
        # A form in a chat of its own may belong elsewhere; every other one belongs to where it was shown.
        if place.conversation == where.conversation or (sent.way is forms.Way.CHAT and where.direct):
            body = Submitted(sent.action, {name: text(given, name) for name in given})
            yield Draft(user, place, body, way=way, sent=replace(sent, place=place))
        return
    action, card = blocks.action_of(data), identity(activity, "replyToId")
    if action is not None:
        root = where.under(card)
        message = f"{root}/{card}" if root and card else card or None
        message = None if blocks.is_own(data) else message
        yield Draft(user, where.place(root), Tapped(action, message), way=way)


def _clean(place: Place) -> Place:
    """Read a place that was in a client's hands, like anything that comes from outside."""
    told = {"conversation": place.conversation, "name": place.name, "message": place.message}
    return Place(identity(told, "conversation"), text(told, "name"), place.direct, identity(told, "message") or None)


INVOKES: Mapping[str, tuple[Way, tuple[str, ...]]] = {
    "adaptiveCard/action": ("execute", ("value", "action", "data")),
    "task/fetch": ("fetch", ("value", "data")),
    "task/submit": ("submit", ("value", "data")),
}
"""The invokes that are answered, how, and where what was tapped carries its data."""


# ---------------------------------------------------------------- who comes and goes


def _installation(activity: Payload, where: Scene, us: Registration) -> Drafts:
    action = text(activity, "action").lower()
    if action.startswith("remove"):
        yield from _removed(where, "" if where.own else where.team)
    user = person(activity, us.tenant)
    if action != "add" or user is None or where.direct:
        return
    yield Draft(user, where.place(), Invited())
    if where.team and not where.own:
        yield Draft(NOBODY, where.place(), Restored(invited=True), team=where.team)


def _removed(where: Scene, team: str) -> Drafts:
    yield Draft(NOBODY, _ANYWHERE if team else where.place(), Removed(), team=team)


def _update(activity: Payload, where: Scene, us: Registration) -> Drafts:
    """Read what changed in a conversation: its members, or itself."""
    event = text(activity, "channelData", "eventType").casefold()
    if where.direct:
        return
    if event.startswith("channel") and where.channel:
        where = replace(where, conversation=where.channel, name=text(activity, "channelData", "channel", "name"))
    yield from _members(activity, where, us, event)
    change = _CHANGES.get(event)
    if change is not None:
        everywhere = event.startswith("team") and not isinstance(change, Renamed)
        yield Draft(NOBODY, _ANYWHERE if everywhere else where.place(), change, team=where.team if everywhere else "")
    if where.kind == "groupChat" and text(activity, "topicName"):
        yield Draft(NOBODY, replace(where.place(), name=text(activity, "topicName")), Renamed())


def _members(activity: Payload, where: Scene, us: Registration, event: str) -> Drafts:
    team = "" if event.startswith("channel") or where.own else where.team
    ours = {us.bot_id, identity(activity, "recipient", "id")}
    added, removed = list(every(activity, "membersAdded")), list(every(activity, "membersRemoved"))
    if event == "channelmemberadded" and any(identity(one, "id") in ours for one in added):
        user = person(activity, us.tenant)
        yield from [Draft(user, where.place(), Invited())] if user else []
    if any(identity(one, "id") in ours for one in removed):
        yield from _removed(where, team)
    if text(activity, "channelData", "membershipSource", "tenantId") not in {"", us.tenant}:
        return
    place = _ANYWHERE if team else where.place()
    for body, accounts in ((Joined(), added), (Left(), removed)):
        for account in accounts:
            if is_person(account, us.tenant):
                yield Draft(User(identity(account, "id"), text(account, "name")), place, body, team=team)


_CHANGES: Mapping[str, Renamed | Archived | Restored] = {
    "channeldeleted": Archived(),
    "channelrenamed": Renamed(),
    "channelrestored": Restored(),
    "teamarchived": Archived(),
    "teamdeleted": Archived(),
    "teamharddeleted": Archived(),
    "teamrenamed": Renamed(),
    "teamrestored": Restored(),
    "teamunarchived": Restored(),
}
"""What the types of events do to a channel, or to all of a team. A team's own name is that of its channel General."""

READERS: Mapping[str, Callable[[Payload, Scene, Registration], Drafts]] = {
    "conversationUpdate": _update,
    "installationUpdate": _installation,
    "invoke": _invoke,
    "message": _message,
}
"""The types of activities that are read; all others are tolerated."""


# ---------------------------------------------------------------- as events


def event(us: Registration, draft: Draft) -> Event:
    """Make the event, with what is needed to open a form where the gesture allows one."""
    trigger = None
    if isinstance(draft.body, GESTURES):
        answers = draft.way not in {"", "chat"} and not (draft.sent and draft.sent.way is forms.Way.CHAT)
        trigger = forms.Trigger(draft.id if answers else "", draft.place, draft.user.id).encode()
    return Event(draft.id, "teams", us.tenant, draft.user, draft.place, draft.body, trigger)


def called(place: Place, known: Reference | None) -> Place:
    """Call a place by the name that it is known by, where the activity does not say one."""
    if known is None or place.name or place.conversation != known.conversation:
        return place
    return replace(place, name=known.name)
