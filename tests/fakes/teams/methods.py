"""The operations of the Bot Connector that Kring uses, each with what the real one refuses.

Source: learn.microsoft.com, "Bot Connector REST API", and "Status code responses" of messages in bot conversations.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.fakes.teams import checks
from tests.fakes.teams.world import BOT, Blocked, Conversation, Did, Json, Message, Refused, Team, User, World

LEAST, MOST, USUAL = 50, 500, 200
"""Members on a page; what is asked beyond these is brought back to them, without a word."""
THREAD = ";messageid="


@dataclass(frozen=True)
class Asked:
    """One call: ids from the address, what stands behind it, and the body."""

    conversation: str = ""
    id: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    page: int = MOST


Answer = tuple[int, Json | None]
Method = Callable[[World, Asked], Answer]


def create(world: World, asked: Asked) -> Answer:
    """Open the personal chat with someone, or a thread in a channel with its first message."""
    body = asked.body
    channel = body.get("channelData", {}).get("channel", {}).get("id")
    if channel:
        return _thread(world, channel, body)
    if body.get("isGroup") or len(body.get("members", ())) != 1:
        raise Refused(400, "BadSyntax", "Incorrect conversation creation parameters")
    tenant = body.get("tenantId") or body.get("channelData", {}).get("tenant", {}).get("id")
    if tenant != world.tenant:
        raise Refused(403, "Forbidden", "The bot is not of this tenant")
    person = world.user_of(str(body["members"][0].get("id")))
    if person is None or body["members"][0]["id"] == person.aad:
        raise Refused(400, "BadArgument", "Failed to decrypt pairwise id")
    _check_known(world, person)
    return 201, {"id": world.personal(person.name).id}


def post(world: World, asked: Asked) -> Answer:
    """Write in a conversation: with `;messageid=`, or in answer to a message, in its thread."""
    place, root = _writable(world, asked.conversation)
    if asked.id:
        root = root or _root(world, place, asked.id)
    _check(asked.body)
    if asked.body["type"] == "typing":
        return 201, {"id": world.new_id()}
    return 201, _written(world, place, root, asked.body)


def update(world: World, asked: Asked) -> Answer:
    """Put something else in the place of a message; what one person saw instead of it is over."""
    message = _own(world, asked)
    _check(asked.body)
    _fill(message, asked.body)
    message.views.clear()
    message.edited += 1
    world.log.append(Did("update", message.conversation, message.id))
    return 200, {"id": message.id}


def delete(world: World, asked: Asked) -> Answer:
    """Take a message away."""
    message = _own(world, asked)
    message.deleted = True
    world.log.append(Did("delete", message.conversation, message.id))
    return 200, None


def members(world: World, asked: Asked) -> Answer:
    """Tell who is in a conversation, a page at a time."""
    place = _readable(world, asked.conversation)
    begin, size = _where(asked.query.get("continuationToken", "")), int(asked.query.get("pageSize") or USUAL)
    end = begin + min(max(size, LEAST), MOST, asked.page)
    everyone = world.members(place)
    told: Json = {"members": [told_member(world.users[name]) for name in everyone[begin:end]]}
    if end < len(everyone):
        told["continuationToken"] = b64encode(str(end).encode()).decode()
    return 200, told


def member(world: World, asked: Asked) -> Answer:
    """Tell of one person in a conversation."""
    place = _readable(world, asked.conversation)
    person = world.user_of(asked.id)
    if person is None or person.name not in world.members(place):
        raise Refused(404, "MemberNotFoundInConversation", "Member not found in conversation")
    return 200, told_member(person)


def team(world: World, asked: Asked) -> Answer:
    """Tell how a team is called."""
    found = _team(world, asked.conversation)
    return 200, {"id": found.id, "name": found.name, "aadGroupId": found.group}


def channels(world: World, asked: Asked) -> Answer:
    """List the channels of a team; General comes without a name (Bot Framework, fetch the channel list)."""
    found = _team(world, asked.conversation)
    names = [(one.id, None if one.id == found.id else one.name) for one in world.channels(found) if not one.own]
    return 200, {"conversations": [{"id": one_id, "name": name} for one_id, name in names]}


def _team(world: World, asked: str) -> Team:
    found = world.teams.get(asked)
    if found is None or found.deleted:
        raise Refused(404, "TeamNotFound", "Team not found.")
    if not found.has_bot:
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    return found


def told_member(person: User) -> Json:
    """A member as Teams tells of them: no language, no time zone."""
    given, _, family = person.shown.partition(" ")
    address = f"{person.name}@example.org"
    return {
        "id": person.id, "aadObjectId": person.aad, "objectId": person.aad, "name": person.shown, "givenName": given,
        "surname": family, "email": address, "userPrincipalName": address, "tenantId": person.tenant,
        "userRole": "guest" if person.guest else "user",
    }  # fmt: skip


METHODS: Mapping[str, Method] = {
    "create": create, "post": post, "update": update, "delete": delete, "members": members, "member": member,
    "team": team, "channels": channels,
}  # fmt: skip


def _place(world: World, asked: str) -> tuple[Conversation, str | None]:
    """Find a conversation, and the root of the thread that its id names."""
    conversation, _, root = asked.partition(THREAD)
    place = world.conversations.get(conversation)
    gone = place is None or place.deleted or (place.team is not None and world.teams[place.team].deleted)
    if place is None or gone:
        raise Refused(404, "ConversationNotFound", "Conversation not found.")
    if root and place.kind != "channel":
        raise Refused(400, "BadArgument", "Only a channel has threads")
    if root and not any((one.conversation, one.id, one.root) == (place.id, root, None) for one in world.messages):
        raise Refused(404, "ConversationNotFound", "Conversation not found.")
    return place, root or None


def _check_in(world: World, place: Conversation) -> None:
    if not world.has_bot(place):
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def _readable(world: World, asked: str) -> Conversation:
    """Find a conversation whose members may be read."""
    place, _root = _place(world, asked)
    _check_in(world, place)
    if place.hidden:
        raise Refused(403, "NotEnoughPermissions", "Not enough permissions to perform this operation.")
    return place


def _writable(world: World, asked: str) -> tuple[Conversation, str | None]:
    place, root = _place(world, asked)
    _check_in(world, place)
    if place.blocked:
        raise Refused(403, "ConversationBlockedByUser", "User blocked the conversation with the bot.")
    if place.uninstalled or (place.team and world.teams[place.team].archived):
        raise Blocked
    return place, root


def _check_known(world: World, person: User) -> None:
    """Only who shares a team or a chat with the bot, or has it, can be written to."""
    if f"a:1{person.name}" in world.conversations:
        return
    shared = [one for one in world.conversations.values() if world.has_bot(one) and one.kind != "personal"]
    if not any(person.name in world.members(one) for one in shared):
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def _check(body: Json) -> None:
    if checks.too_big(body):
        raise Refused(413, "MessageSizeTooBig", "Message size too large.")
    wrong = checks.activity(body)
    if wrong:
        raise Refused(400, "BadSyntax", "; ".join(wrong))


def _thread(world: World, channel: str, body: Json) -> Answer:
    place, root = _writable(world, channel)
    first = body.get("activity")
    if place.kind != "channel" or root or not body.get("isGroup") or not isinstance(first, dict):
        raise Refused(400, "BadSyntax", "Incorrect conversation creation parameters")
    _check(first)
    told = _written(world, place, None, first)
    return 201, {"id": f"{place.id}{THREAD}{told.get('id')}", "activityId": told.get("id")}


def _written(world: World, place: Conversation, root: str | None, body: Json) -> Json:
    """Write it down. Text and card together are split in two, of which Teams then tells no id."""
    both = bool(body.get("text") and body.get("attachments"))
    parts = [{**body, "attachments": []}, {**body, "text": ""}] if both else [body]
    last = ""
    for part in parts:
        message = Message(place.id, world.new_id(), BOT, root=root)
        _fill(message, part)
        world.messages.append(message)
        world.log.append(Did("reply" if root else "post", place.id, message.id))
        last = message.id
    return {} if both else {"id": last}


def _fill(message: Message, body: Json) -> None:
    message.text, message.summary = body.get("text") or "", body.get("summary") or ""
    message.card = next((one["content"] for one in body.get("attachments") or ()), None)
    message.activity = body


def _own(world: World, asked: Asked) -> Message:
    """Find a message of Kring's own, in the thread that the address names."""
    place, root = _writable(world, asked.conversation)
    message = world.message(place.id, asked.id)
    if (root or message.id) != (message.root or message.id):
        raise Refused(404, "ActivityNotFoundInConversation", "Activity not found.")
    if message.user != BOT:
        raise Refused(403, "Forbidden", "Not a message of the bot")
    return message


def _root(world: World, place: Conversation, message_id: str) -> str | None:
    message = world.message(place.id, message_id)
    return (message.root or message.id) if place.kind == "channel" else None


def _where(token: str) -> int:
    try:
        return int(b64decode(token)) if token else 0
    except ValueError as error:
        raise Refused(400, "BadArgument", "Not a continuation token") from error
