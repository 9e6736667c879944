"""The turn: botbuilder's adapter, context and dispatch around our listener.

What stays of the SDK is the pipeline (`BotAdapter.run_pipeline`, with middleware where somebody adds it), the
`TurnContext`, and the dispatch of `TeamsActivityHandler` over the kinds of activities. What is done otherwise here,
each measured or reproduced with 4.17.1:

- `Activity().deserialize` takes 0.15 ms for a message and 8 ms for a thousand new members, and fails on dates that it
  cannot read. The envelope is filled with what the dispatch looks at (0.002 ms); the rest rides along as it came, in
  `additional_properties`, and is read by `inbound`.
- The stock `CloudAdapter.process` answers 500 to every invoke with a body (it serialises twice).
- The stock dispatch asks Teams for every new member, one request each, and deserialises what it hands on. Here each
  kind of activity has one way: to the listener. Kinds that Kring does not use never reach it.
- An invoke that is not known is answered 501, as the SDK does.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Never

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity

from bot.chat.payloads import Payload, text
from bot.platforms.teams.inbound import INVOKES
from bot.platforms.teams.listening import Listener


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int = HTTPStatus.OK
    body: Payload | None = None


class Dispatch(TeamsActivityHandler):  # type: ignore[misc]  # ships no types
    """Takes every kind of activity that Kring uses to the listener; the SDK tolerates the others."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Hear what somebody typed, or sent with a button."""
        await self._listener.hear(_payload(turn_context))

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Hear who came and went, and what became of a channel."""
        await self._listener.hear(_payload(turn_context))

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """Hear that Kring was installed, or taken out."""
        await self._listener.hear(_payload(turn_context))

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        """Hear a gesture that is answered at once; the response is put where the adapter looks for it."""
        response = InvokeResponse(status=HTTPStatus.NOT_IMPLEMENTED)
        if turn_context.activity.name in INVOKES:
            response = InvokeResponse(status=HTTPStatus.OK, body=await self._listener.hear(_payload(turn_context)))
        turn_context.turn_state[Adapter.RESPONSE] = response

    async def on_event_activity(self, turn_context: TurnContext) -> None:
        """Let meetings and read receipts pass."""

    async def on_message_update_activity(self, turn_context: TurnContext) -> None:
        """Let edits pass: an edit is not a new gesture."""

    async def on_message_delete_activity(self, turn_context: TurnContext) -> None:
        """Let what was taken back pass."""


class Adapter(BotAdapter):  # type: ignore[misc]  # as above
    """Takes one activity through the pipeline, and brings back what an invoke is answered with."""

    RESPONSE = BotAdapter._INVOKE_RESPONSE_KEY  # noqa: SLF001 - the name has no public one

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._dispatch = Dispatch(listener)

    async def process(self, payload: Payload) -> Answer:
        """Work one activity; errors are those of the listener."""
        turn = TurnContext(self, _envelope(payload))
        await self.run_pipeline(turn, self._dispatch.on_turn)
        response = turn.turn_state.get(self.RESPONSE)
        return Answer(int(response.status), response.body) if response else Answer()

    async def send_activities(self, *_: object) -> Never:
        """Refuse: what goes out is a delivery, and goes through the messenger."""
        raise TypeError("a turn sends nothing by itself: return answers from a handler")

    update_activity = delete_activity = send_activities


def _envelope(payload: Payload) -> Activity:
    activity = Activity(type=text(payload, "type"), name=text(payload, "name"), channel_id=text(payload, "channelId"))
    activity.additional_properties = payload
    return activity


def _payload(turn_context: TurnContext) -> Payload:
    found: Payload = turn_context.activity.additional_properties
    return found
