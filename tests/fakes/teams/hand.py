"""People in the pretend Teams: what they do is done there, and told to the app as Teams tells it."""

from collections.abc import Mapping
from dataclasses import replace

from tests.fakes.teams import answers, taps
from tests.fakes.teams.changes import Changes
from tests.fakes.teams.taps import Client
from tests.fakes.teams.ways import UNTOLD, Answered
from tests.fakes.teams.world import NAME, WRONG, Conversation, Dialog, Json, Message, User


class Hand(Changes):
    """Does things as someone; `told` keeps every activity, so that it can be delivered again.

    `client` is what people have before them. Conversations are given by their ids; empty is the personal chat.
    """

    client = Client()

    async def say(self, who: str, text: str, where: str = "", thread: str = "") -> Answered:
        """Write, in a thread when one is named; outside a personal chat Kring hears it only when `@Kring` is in it."""
        person, place = self.world.users[who], self.place(who, where)
        message = Message(place.id, self.world.new_id(), person.id, text, root=thread or None)
        self.world.messages.append(message)
        if place.kind != "personal" and f"@{NAME}" not in text:
            return UNTOLD
        return await self.tell(self.teller.said(message, person, place))

    async def edit(self, who: str, message: Message, text: str) -> Answered:
        """Write one's own message anew."""
        return await self._changed(who, message, text, "messageUpdate", "editMessage")

    async def delete(self, who: str, message: Message) -> Answered:
        """Take one's own message away."""
        message.deleted = True
        return await self._changed(who, message, "", "messageDelete", "softDeleteMessage")

    async def react(self, who: str, message: Message, kind: str = "like", *, added: bool = True) -> Answered:
        """Put a reaction on a message of Kring, or take it off."""
        person, place = self.world.users[who], self.world.conversations[message.conversation]
        told = self.teller.gesture(
            "messageReaction", person, place, message.root or message.id, replyToId=message.id,
            **{"reactionsAdded" if added else "reactionsRemoved": [{"type": kind}]},
        )  # fmt: skip
        return await self.tell(told)

    async def block(self, who: str, *, blocked: bool = True) -> None:
        """Block Kring, of which Teams tells it nothing, or let it in again."""
        self.world.personal(who).blocked = blocked

    async def tap(self, who: str, message: Message, label: str, **values: str) -> Answered:
        """Tap the button with this label, or choose what is called so and tap the button behind it."""
        card = message.card_for(who) or {}
        choice = {} if self.client.shows(card, label) else taps.chosen(card, label)
        action = self.client.button(card, taps.behind(card, label) if choice else label)
        written = taps.filled(card, action, {**choice, **values})
        return await self._acted(self.world.users[who], message, action, written)

    async def submit(
        self, who: str, values: Mapping[str, str], message: Message | None = None, label: str = ""
    ) -> Answered:
        """Fill in what lies before someone, a dialog or else a card with inputs, and send it."""
        lies = self.world.dialogs.get(who)
        if lies is not None and not taps.inputs(lies.card):
            del self.world.dialogs[who]  # nothing to fill in: it was read, and closed
        elif lies is not None and message is None:
            return await self._sent(who, lies, values, label)
        message = message or self.form_card(who, values)
        card = message.card_for(who) or {}
        action = self.client.button(card, label) if label else self.client.sender(card)
        return await self._acted(self.world.users[who], message, action, taps.filled(card, action, values))

    def form_card(self, who: str, values: Mapping[str, str]) -> Message:
        """The newest card with these inputs before someone; one that lies there in place of a card goes first."""
        here = [one for place in self.world.conversations for one in self.world.seen(who, place)]
        for one in sorted(here, key=lambda one: (who in one.views, one.id), reverse=True):
            ids = [part["id"] for part in taps.inputs(one.card_for(who) or {})]
            if ids and all(any(part == name or part.endswith(f".{name}") for part in ids) for name in values):
                return one
        raise AssertionError(f"no form with {list(values)} lies before {who}")

    def wrong(self, who: str) -> bool:
        """Whether the newest thing that someone's client said is that something went wrong."""
        return self.world.notices.get(who, [""])[-1] == WRONG

    async def _sent(self, who: str, lies: Dialog, values: Mapping[str, str], label: str) -> Answered:
        action = self.client.button(lies.card, label) if label else self.client.sender(lies.card)
        assert action["type"] == "Action.Submit", "a dialog is sent by an Action.Submit"
        data = taps.merged(action, taps.filled(lies.card, action, values))
        place = self.world.conversations[lies.conversation]
        value = {"data": data, "context": {"theme": "default"}}
        person = self.world.users[who]
        answered = await self._asked(self.teller.invoke("task/submit", person, place, lies.root, value))
        answers.dialog(self.world, who, place, lies.root, answered)
        return answered

    async def _acted(self, person: User, message: Message, action: Json, written: Mapping[str, str]) -> Answered:
        assert action["type"] in {"Action.Execute", "Action.Submit"}, f"a tap on an {action['type']} tells nobody"
        place, root = self.world.conversations[message.conversation], message.root or message.id
        data = taps.merged(action, written)
        fetches = isinstance(data, dict) and data.get("msteams") == {"type": "task/fetch"}
        if action["type"] == "Action.Execute":
            value: Json = {"action": {**_said(action), "data": data}, "trigger": "manual"}
            told = self.teller.invoke("adaptiveCard/action", person, place, root, value, message.id)
            answered = await self._asked(told)
            answers.executed(self.world, person.name, message, answered)
        elif fetches and self.client.dialogs:
            value = {"data": data, "context": {"theme": "default"}}
            answered = await self._asked(self.teller.invoke("task/fetch", person, place, root, value, message.id))
            answers.dialog(self.world, person.name, place, root, answered)
        else:
            answered = await self._submitted(person, message, place, data)
        return answered

    async def _submitted(self, person: User, message: Message, place: Conversation, data: object) -> Answered:
        """An Action.Submit without more is a message that has a value and no text."""
        told = self.teller.gesture("message", person, place, message.root or message.id, id=self.world.new_id())
        told["channelData"] |= {"source": {"name": "message"}, "legacy": {"replyToId": f"1:{message.id}"}}
        return await self.tell(told | {"value": data, "replyToId": message.id})

    async def _asked(self, told: Json) -> Answered:
        """Deliver what is answered in the response; who does not answer in time is a gateway timeout to the client."""
        try:
            return await self.tell(told)
        except TimeoutError:
            return Answered(504)

    async def _changed(self, who: str, message: Message, text: str, kind: str, event: str) -> Answered:
        person, place = self.world.users[who], self.world.conversations[message.conversation]
        message.text = text
        mentioned = f"@{NAME}" in text
        told = self.teller.said(replace(message), person, place) | {"type": kind}
        told["channelData"]["eventType"] = event
        if kind == "messageDelete":
            del told["attachments"]
        return await self.tell(told) if mentioned or place.kind == "personal" or not text else UNTOLD


def _said(action: Json) -> Json:
    return {name: action[name] for name in ("type", "id", "title", "verb") if name in action}
