"""People in the pretend Slack: what they do is done there, and told to the app as Slack tells it."""

import html

from tests.fakes.slack.methods import told_user
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, Way
from tests.fakes.slack.world import BOT, Json, Message, Modal, Workspace


class Hand:
    """Does things as someone; `told` keeps every event, so that it can be delivered again."""

    def __init__(self, slack: FakeSlack, way: Way) -> None:
        self.slack, self.way = slack, way
        self.told: list[Json] = []

    async def event(self, place: Workspace, **event: object) -> Answered:
        """Tell of an event."""
        number = next(self.slack.world.numbers)
        payload = {
            "token": "x", "team_id": place.id, "api_app_id": "A1", "type": "event_callback",
            "event_id": f"Ev{number}", "event_time": 1795500000 + number, "event": event,
            "authorizations": [
                {"enterprise_id": place.enterprise, "team_id": place.id, "user_id": BOT, "is_bot": True,
                 "is_enterprise_install": place.org_wide},
            ],
        }  # fmt: skip
        self.told.append(payload)
        return await self.way.event(payload)

    async def again(self, payload: Json, retry: int = 1) -> Answered:
        """Deliver an event once more."""
        return await self.way.event(payload, retry)

    async def say(self, place: Workspace, user: str, text: str, channel: str = "", thread: str = "") -> Answered:
        """Write in a conversation, with Kring itself where no channel is named; in a channel `@Kring` mentions it."""
        where = place.channels[channel] if channel else place.direct(user)
        written = html.escape(text, quote=False).replace("@Kring", f"<@{BOT}>")
        message = Message(where.id, self.slack.world.ts(), user, written, thread_ts=thread or None)
        place.messages.append(message)
        kind = {"channel_type": "im" if where.direct else "group" if where.is_private else "channel"}
        if thread:
            kind["parent_user_id"] = place.message(where.id, thread).user
        answer = await self.event(place, **_said(message), **kind)
        if f"<@{BOT}>" in written and not where.direct:
            answer = await self.event(place, **{**_said(message), "type": "app_mention"})
        return answer

    async def command(self, place: Workspace, user: str, channel: str, text: str) -> Answered:
        """Type `/kring` and this; an empty channel is the direct conversation with Kring."""
        where = place.channels[channel] if channel else place.direct(user)
        trigger = self.slack.world.trigger(place.id, user)
        payload = {
            "token": "x", "team_id": place.id, "team_domain": "x", "channel_id": where.id,
            "channel_name": where.shown_name, "user_id": user, "user_name": user,
            "command": "/kring", "text": text, "api_app_id": "A1",
            "is_enterprise_install": str(place.org_wide).lower(),
            **({"enterprise_id": place.enterprise} if place.enterprise else {}),
            "response_url": f"{self.slack.url}/hooks/none", "trigger_id": trigger.id,
        }  # fmt: skip
        return await self.way.command(payload)

    async def tap(self, place: Workspace, user: str, message: Message, label: str) -> Answered:
        """Tap the button, or choose the option, with this label."""
        return await self.way.interaction(self.tapped(place, user, message, label))

    def tapped(self, place: Workspace, user: str, message: Message, label: str) -> Json:
        """What Slack sends of a tap."""
        trigger = self.slack.world.trigger(place.id, user)
        where = place.channels[message.channel]
        container = {
            "type": "message", "message_ts": message.ts, "channel_id": message.channel,
            "is_ephemeral": message.only_for is not None,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        }  # fmt: skip
        shown = {} if message.only_for else {"message": message.shown()}
        return self._interaction(place, user, "block_actions") | shown | {
            "trigger_id": trigger.id,
            "container": container,
            "channel": {"id": where.id, "name": where.shown_name},
            "response_url": self.slack.hook(place.id, message),
            "actions": [_acted(message.blocks, label, f"{trigger.id}.0")],
        }  # fmt: skip

    async def submit(self, place: Workspace, user: str, values: dict[str, str]) -> Answered:
        """Fill in the modal that lies on top, by the names of its inputs, and send it."""
        modal = place.modal(user)
        assert modal, f"no modal lies before {user}"
        answer = await self.way.interaction(self.submitted(place, user, modal, values))
        self._close(place, user, modal, answer)
        return answer

    def submitted(self, place: Workspace, user: str, modal: Modal, values: dict[str, str]) -> Json:
        """What Slack sends of a modal that was filled in."""
        state = {
            block["block_id"]: _filled(block, values) for block in modal.view["blocks"] if block["type"] == "input"
        }
        view = {**modal.view, "id": modal.id, "team_id": place.id, "hash": "1.x", "state": {"values": state}}
        trigger = self.slack.world.trigger(place.id, user)
        told = self._interaction(place, user, "view_submission")
        if place.org_wide:
            told["team"] = None  # recorded: of which workspace it is, only the view says
        return told | {"trigger_id": trigger.id, "view": view, "response_urls": []}

    def _close(self, place: Workspace, user: str, modal: Modal, answer: Answered) -> None:
        """Do with a modal what the app answered; one without an answer in time stays."""
        if answer.status != 200:
            return
        match answer.body.get("response_action"):
            case "errors":
                modal.errors = answer.body["errors"]
                known = {block.get("block_id") for block in modal.view["blocks"] if block["type"] == "input"}
                assert modal.errors.keys() <= known, "an error for an input that is not there"
            case "update":
                modal.view = answer.body["view"]
            case "clear":
                place.modals[user].clear()
            case _:
                place.modals[user].remove(modal)

    def _interaction(self, place: Workspace, user: str, kind: str) -> Json:
        return {
            "type": kind, "token": "x", "api_app_id": "A1", "team": {"id": place.id, "domain": "x"},
            "enterprise": {"id": place.enterprise} if place.enterprise else None,
            "is_enterprise_install": place.org_wide,
            "user": {"id": user, "username": user, "name": user, "team_id": place.id},
        }  # fmt: skip

    async def join(self, place: Workspace, user: str, channel: str) -> Answered:
        """Come into a channel; as BOT, Kring is invited."""
        place.channels[channel].members.append(user)
        kind = "G" if place.channels[channel].is_private else "C"
        return await self.event(
            place, type="member_joined_channel", user=user, channel=channel, channel_type=kind, team=place.id,
            **({"inviter": "lotte"} if user == BOT else {}),
        )  # fmt: skip

    async def leave(self, place: Workspace, user: str, channel: str) -> Answered:
        """Go out of a channel; Kring itself hears that it is out from another event than of others."""
        place.channels[channel].members.remove(user)
        if user == BOT:
            kind = "group_left" if place.channels[channel].is_private else "channel_left"
            return await self.event(place, type=kind, channel=channel, actor_id="lotte")
        return await self.event(place, type="member_left_channel", user=user, channel=channel, team=place.id)

    async def open_home(self, place: Workspace, user: str) -> Answered:
        """Open Kring's home tab."""
        where = place.direct(user)
        return await self.event(place, type="app_home_opened", user=user, channel=where.id, tab="home")

    async def change(self, place: Workspace, user: str, **more: object) -> Answered:
        """Change someone's profile: `tz`, `locale`, `name`, `deleted`."""
        for name, value in more.items():
            setattr(place.users[user], name, value)
        place.users[user].updated += 1
        return await self.event(place, type="user_change", user=told_user(place, place.users[user]))

    async def archive(self, place: Workspace, channel: str) -> Answered:
        """Archive a channel."""
        place.channels[channel].is_archived = True
        return await self.event(place, type="channel_archive", channel=channel, user="lotte")

    async def uninstall(self, place: Workspace) -> Answered:
        """Throw Kring out of the workspace: two events, in no order that anyone promises."""
        place.revoked = "account_inactive"
        await self.event(place, type="tokens_revoked", tokens={"oauth": [], "bot": [BOT]})
        return await self.event(place, type="app_uninstalled")


def _said(message: Message) -> Json:
    told = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts, "channel": message.channel}
    return told | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _acted(blocks: list[Json], label: str, ts: str) -> Json:
    for block in blocks:
        for element in block.get("elements", ()):
            common = {"block_id": block.get("block_id", "b"), "action_id": element.get("action_id"), "action_ts": ts}
            if element.get("type") == "button" and element["text"]["text"] == label:
                return {"type": "button", "text": element["text"], "value": element["value"], **common}
            for option in element.get("options", ()):
                if option["text"]["text"] == label:
                    return {"type": "static_select", "selected_option": option, **common}
    raise AssertionError(f"nothing to tap is called {label}")


def _filled(block: Json, values: dict[str, str]) -> Json:
    element = block["element"]
    name = block["block_id"].partition(".")[2]
    kind, action = element["type"], element["action_id"]
    if kind == "static_select":
        chosen = [one for one in element["options"] if one["value"] == values.get(name)]
        option = chosen[0] if chosen else None if name in values else element.get("initial_option")
        return {action: {"type": kind, "selected_option": option}}
    if kind == "datepicker":
        return {action: {"type": kind, "selected_date": values.get(name) or element.get("initial_date")}}
    return {action: {"type": kind, "value": values.get(name, element.get("initial_value")) or None}}
