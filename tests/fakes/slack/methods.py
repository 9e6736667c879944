"""The methods of the Web API that Kring uses, each with what real Slack refuses."""

import uuid
from collections.abc import Callable, Mapping

from tests.fakes.slack import checks
from tests.fakes.slack.world import BOT, Channel, Json, Message, Modal, Refused, User, Workspace, World

Method = Callable[[World, Workspace, Json], Json]
PAGE = 100


def need(place: Workspace, scope: str) -> None:
    """Refuse what the token may not do."""
    if scope not in place.scopes:
        raise Refused("missing_scope", needed=scope, provided=",".join(sorted(place.scopes)))


def auth_test(_world: World, place: Workspace, _args: Json) -> Json:
    """Say whose the token is: a workspace's, or for one that an organisation gave the organisation's."""
    own = place.enterprise if place.org_wide else place.id
    return {"team_id": own, "team": own, "user_id": BOT, "bot_id": f"B{BOT}", "url": "https://x.slack.com/",
            "enterprise_id": place.enterprise, "is_enterprise_install": place.org_wide}  # fmt: skip


def post_message(world: World, place: Workspace, args: Json) -> Json:
    need(place, "chat:write")
    channel = _writable(place, args.get("channel", ""))
    message = _message(world, place, args, channel)
    place.messages.append(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.shown()}


def post_ephemeral(world: World, place: Workspace, args: Json) -> Json:
    need(place, "chat:write")
    channel = _writable(place, args.get("channel", ""))
    if args.get("user") not in channel.members:
        raise Refused("user_not_in_channel")
    message = _message(world, place, args, channel)
    message.only_for = args["user"]
    place.messages.append(message)
    return {"message_ts": message.ts}


def update(_world: World, place: Workspace, args: Json) -> Json:
    need(place, "chat:write")
    _writable(place, args.get("channel", ""))
    message = place.message(args["channel"], args.get("ts", ""))
    if message.user != BOT:
        raise Refused("cant_update_message")
    _check(args)
    message.text, message.blocks = args.get("text", ""), args.get("blocks", [])
    message.edited += 1
    return {"channel": message.channel, "ts": message.ts, "text": message.text}


def conversations_open(_world: World, place: Workspace, args: Json) -> Json:
    need(place, "im:write")
    user = place.users.get(str(args.get("users", "")))
    if user is None:
        raise Refused("user_not_found")
    if user.deleted:
        raise Refused("user_disabled")
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    return {"channel": {"id": place.direct(user.id).id}}


def history(_world: World, place: Workspace, args: Json) -> Json:
    channel = _readable(place, args.get("channel", ""), "history")
    here = [one for one in place.messages if one.channel == channel.id and not one.only_for and not one.thread_ts]
    return _page(list(reversed(here)), args)


def replies(_world: World, place: Workspace, args: Json) -> Json:
    channel = _readable(place, args.get("channel", ""), "history")
    root = place.message(channel.id, args.get("ts", ""))
    below = [
        one for one in place.messages if (one.channel, one.thread_ts, one.only_for) == (root.channel, root.ts, None)
    ]
    return _page([root, *below], args)


def conversations_info(_world: World, place: Workspace, args: Json) -> Json:
    return {"channel": told_channel(_readable(place, args.get("channel", ""), "read"))}


def conversations_members(_world: World, place: Workspace, args: Json) -> Json:
    channel = _readable(place, args.get("channel", ""), "read")
    return {"members": channel.members, "response_metadata": {"next_cursor": ""}}


def users_info(_world: World, place: Workspace, args: Json) -> Json:
    need(place, "users:read")
    user = place.users.get(args.get("user", ""))
    if user is None:
        raise Refused("user_not_found")
    return {"user": told_user(place, user)}


def users_list(_world: World, place: Workspace, args: Json) -> Json:
    need(place, "users:read")
    if place.org_wide and args.get("team_id") != place.id:
        raise Refused("missing_argument")  # whose people, the key of an organisation does not say
    return {
        "members": [told_user(place, user) for user in place.users.values()],
        "response_metadata": {"next_cursor": ""},
    }


def views_open(world: World, place: Workspace, args: Json) -> Json:
    trigger = world.triggers.get(args.get("trigger_id", ""))
    if trigger is None or trigger.team != place.id:
        raise Refused("invalid_trigger_id")
    if trigger.expired:
        raise Refused("expired_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    _check_view(args["view"], "modal")
    trigger.used = True
    modal = Modal(f"V{next(world.numbers)}", args["view"])
    place.modals.setdefault(trigger.user, []).append(modal)
    return {"view": {"id": modal.id, **modal.view}}


def views_update(_world: World, place: Workspace, args: Json) -> Json:
    _check_view(args["view"], "modal")
    for modal in (one for stack in place.modals.values() for one in stack):
        if modal.id == args.get("view_id"):
            modal.view = args["view"]
            return {"view": {"id": modal.id, **modal.view}}
    raise Refused("not_found")


def views_publish(_world: World, place: Workspace, args: Json) -> Json:
    if args.get("user_id") not in place.users:
        raise Refused("user_not_found")
    _check_view(args["view"], "home")
    place.homes[args["user_id"]] = args["view"]
    return {"view": args["view"]}


def told_user(place: Workspace, user: User) -> Json:
    """A user as Slack tells of them."""
    return {
        "id": user.id,
        "team_id": "TELSEWHERE" if user.stranger else user.team or place.id,
        "name": user.id,
        "real_name": user.name,
        "profile": {"display_name": user.name, "real_name": user.name},
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_restricted": user.guest,
        "is_ultra_restricted": False,
        "is_stranger": user.stranger,
        "locale": user.locale,
        "tz": user.tz,
        "updated": user.updated,
        **_of_organisation(place, user),
    }


def _of_organisation(place: Workspace, user: User) -> Json:
    if not place.enterprise or user.stranger:
        return {}
    teams = sorted({place.id, user.team or place.id})
    return {"enterprise_user": {"id": user.id, "enterprise_id": place.enterprise, "teams": teams}}


def told_channel(channel: Channel) -> Json:
    """A conversation as Slack tells of it."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.direct and not channel.is_private,
        "is_group": channel.is_private,
        "is_im": channel.direct is not None,
        "is_private": channel.is_private or channel.direct is not None,
        "is_archived": channel.is_archived,
        "is_member": BOT in channel.members,
        "num_members": len(channel.members),
        **({"user": channel.direct} if channel.direct else {}),
    }


METHODS: Mapping[str, Method] = {
    "auth.test": auth_test,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
    "conversations.history": history,
    "conversations.info": conversations_info,
    "conversations.members": conversations_members,
    "conversations.open": conversations_open,
    "conversations.replies": replies,
    "users.info": users_info,
    "users.list": users_list,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.update": views_update,
}


def _readable(place: Workspace, channel_id: str, what: str) -> Channel:
    channel = place.channels.get(channel_id)
    if channel is None or (channel.is_private and BOT not in channel.members):
        raise Refused("channel_not_found")
    need(place, channel.scope(what))
    if what == "history" and BOT not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _writable(place: Workspace, channel_id: str) -> Channel:
    channel = place.channels.get(channel_id)
    if channel is None or (channel.is_private and BOT not in channel.members):
        raise Refused("channel_not_found")
    if channel.is_archived:
        raise Refused("is_archived")
    if BOT not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _message(world: World, place: Workspace, args: Json, channel: Channel) -> Message:
    _check(args)
    root = args.get("thread_ts")
    return Message(
        channel=channel.id,
        ts=world.ts(),
        user=BOT,
        text=args.get("text", ""),
        blocks=args.get("blocks", []),
        thread_ts=_root(place, channel, root) if root else None,
        metadata=args.get("metadata"),
        client_msg_id=args.get("client_msg_id"),
        arguments=args,
    )


def _root(place: Workspace, channel: Channel, ts: str) -> str:
    """A reply to a reply stands under the same root; one to nothing is a thread of its own."""
    known = [one for one in place.messages if (one.channel, one.ts) == (channel.id, ts)]
    return (known[0].thread_ts or ts) if known else ts


def _check(args: Json) -> None:
    if not args.get("text") and not args.get("blocks"):
        raise Refused("no_text")
    if len(args.get("text", "")) > 40_000:
        raise Refused("msg_too_long")
    _check_extras(args)
    wrong = checks.blocks(args.get("blocks", []))
    if "msg_blocks_too_long" in wrong:
        raise Refused("msg_blocks_too_long")
    if wrong:
        raise Refused("invalid_blocks", response_metadata={"messages": wrong})


def _check_extras(args: Json) -> None:
    if "client_msg_id" in args:
        try:
            uuid.UUID(args["client_msg_id"])
        except ValueError as error:
            raise Refused("invalid_arguments") from error
    metadata = args.get("metadata", {"event_type": "x", "event_payload": {}})
    if not (metadata.get("event_type") and isinstance(metadata.get("event_payload"), dict)):
        raise Refused("invalid_metadata_format")


def _check_view(view: Json, kind: str) -> None:
    wrong = checks.view(view)
    if view["type"] != kind or wrong:
        raise Refused("invalid_arguments", response_metadata={"messages": wrong})


def _page(messages: list[Message], args: Json) -> Json:
    begin, size = int(args.get("cursor") or 0), int(args.get("limit") or PAGE)
    shown = messages[begin : begin + size]
    more = str(begin + size) if begin + size < len(messages) else ""
    with_metadata = str(args.get("include_all_metadata", "")).lower() in {"1", "true"}
    return {
        "messages": [one.shown(metadata=with_metadata) for one in shown],
        "has_more": bool(more),
        "response_metadata": {"next_cursor": more},
    }
