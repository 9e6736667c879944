"""What Teams tells an app: activities as they really look. Pure: what happened is in the world already.

Source: the payloads in learn.microsoft.com, "Conversation events in your Teams bot", "Messages in bot conversations",
"Dialogs in bots" and "Universal Action Model".
"""

import html
import uuid
from dataclasses import dataclass

from tests.fakes.teams.methods import THREAD
from tests.fakes.teams.world import BOT, NAME, Conversation, Json, Message, Team, User, World

MENTION = f"<at>{NAME}</at>"


@dataclass(frozen=True)
class Teller:
    """Makes activities of one world, which say that they are answered at `service_url`."""

    world: World
    service_url: str

    def activity(self, kind: str, person: User | None = None, **more: object) -> Json:
        """What every activity has."""
        number = next(self.world.numbers)
        told: Json = {
            "type": kind, "id": f"f:{uuid.uuid5(uuid.NAMESPACE_OID, str(number))}", "channelId": "msteams",
            "timestamp": f"2026-11-02T08:00:00.{number % 1000:03}Z", "serviceUrl": self.service_url,
            "recipient": {"id": BOT, "name": NAME}, "channelData": {"tenant": {"id": self.world.tenant}},
        }  # fmt: skip
        if person:
            told["from"] = {"id": person.id, "aadObjectId": person.aad}
            if person.tenant != self.world.tenant and self.world.tells_tenants:
                told["from"]["tenantId"] = person.tenant
        return told | more

    def gesture(self, kind: str, person: User, place: Conversation, root: str | None = None, **more: object) -> Json:
        """What someone does in a conversation, with what their client says of them."""
        told = self.activity(kind, person, conversation=self.conversation(place, root))
        told["from"]["name"] = person.shown
        told["localTimezone"], told["locale"] = person.timezone, person.locale
        told["entities"] = [{
            "type": "clientInfo", "locale": person.locale, "country": person.locale[-2:], "platform": "Windows",
            "timezone": person.timezone,
        }]  # fmt: skip
        told["channelData"] |= self.channel_data(place)
        return told | more

    def conversation(self, place: Conversation, root: str | None = None) -> Json:
        """A conversation as activities name it."""
        told: Json = {"conversationType": place.kind, "tenantId": self.world.tenant}
        told["id"] = f"{place.id}{THREAD}{root}" if root and place.kind == "channel" else place.id
        return told | ({} if place.kind == "personal" else {"isGroup": True})

    def named(self, place: Conversation) -> Json:
        """A conversation as the activities of an installation name it: a channel has its name, General none."""
        named = place.kind == "channel" and place.id != place.team
        return self.conversation(place) | ({"name": place.name} if named else {})

    def channel_data(self, place: Conversation, **more: object) -> Json:
        """What only Teams says: of which channel and team something is."""
        told: Json = {"tenant": {"id": self.world.tenant}}
        if place.team:
            kind = {"type": place.type} if place.own else {}
            told |= {
                "teamsChannelId": place.id, "teamsTeamId": place.team,
                "channel": {"id": place.id, **kind}, "team": {"id": place.team},
            }  # fmt: skip
        return told | more

    def said(self, message: Message, person: User, place: Conversation) -> Json:
        """A message; `@Kring` in it is a mention."""
        mentions = "@" + NAME in message.text
        told = self.gesture(
            "message", person, place, message.root or message.id, id=message.id, textFormat="plain",
            text=message.text.replace(f"@{NAME}", MENTION) + ("\n" if mentions else ""),
            attachments=[{"contentType": "text/html", "content": _page(message.text)}],
        )  # fmt: skip
        if mentions:
            told["entities"].insert(0, {"type": "mention", "text": MENTION, "mentioned": {"id": BOT, "name": NAME}})
        return told

    def of_team(self, event: str, person: User | None, team: Team, **more: object) -> Json:
        """Something that happened to a team, or in it: the conversation is then the team."""
        place = self.world.conversations[team.id]
        told = self.activity("conversationUpdate", person, conversation=self.conversation(place))
        told["channelData"] |= {"team": self.team(team), "eventType": event}
        return told | more

    def of_channel(self, event: str, person: User | None, place: Conversation) -> Json:
        """Something that happened to a channel: the conversation is the team all the same."""
        team = self.world.teams[place.team or ""]
        told = self.of_team(event, person, team)
        kind = {"type": place.type} if place.own else {}
        told["channelData"]["channel"] = {"id": place.id, "name": place.name, **kind}
        return told

    def team(self, team: Team) -> Json:
        """A team as events of it tell of it."""
        return {"id": team.id, "name": team.name, "aadGroupId": team.group}

    def installed(self, action: str, person: User, place: Conversation, selected: Conversation | None = None) -> Json:
        """Kring was installed somewhere, or thrown out."""
        told = self.gesture("installationUpdate", person, place, action=action)
        told["conversation"] = self.named(place)
        del told["from"]["name"]
        told["channelData"] |= self.source(selected)
        if place.team:
            told["channelData"]["team"] = self.team(self.world.teams[place.team])
        return told

    def source(self, selected: Conversation | None) -> Json:
        """Where an app was added from, and the channel that was chosen then."""
        chosen = {"settings": {"selectedChannel": {"id": selected.id}}} if selected else {}
        return {"source": {"name": "message"}, **chosen}

    def invoke(
        self, name: str, person: User, place: Conversation, root: str | None, value: Json, card: str = ""
    ) -> Json:
        """A gesture that is answered in the response; `card` is the message that the button was on."""
        told = self.gesture("invoke", person, place, root, name=name, value=value)
        told["channelData"] |= {"source": {"name": "message"}}
        return told | ({"replyToId": card} if card else {})


def accounts(*people: User) -> list[Json]:
    """People as events of members tell of them: without a name."""
    return [{"id": person.id, "aadObjectId": person.aad} for person in people]


def _page(text: str) -> str:
    """A message as it is in HTML, which Teams sends beside it."""
    mention = f'<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">{NAME}</span>'
    return f"<div><div>{html.escape(text).replace('@' + NAME, mention)}</div>\n</div>"
