"""The platform as Kring sees it: a way out over Slack's own SDK, and a webhook to come in by."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import ClientSession, TCPConnector, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat import text
from bot.chat.cards import Card, Form
from bot.chat.events import unpack
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Handle, Intake, Messenger, Target, Under
from bot.chat.prompts import Habits
from bot.errors import Misconfigured
from bot.kring import Part

NAME = "loopback"
PACE = 1.0  # as Slack has it: a message a second to one conversation


@asynccontextmanager
async def calling(address: str) -> AsyncIterator[AsyncWebClient]:
    """Open the SDK's client as Kring uses it: one session for everything, and nothing repeated behind our back."""
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        base = f"{address}/api/"
        yield AsyncWebClient(token="xoxb-bench", base_url=base, session=session, retry_handlers=[])


def message(channel: str, words: str, key: str) -> dict[str, Any]:
    """Say what a post to Slack consists of; who has no Kring sends the same."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": words}}]
    meta = {"event_type": "kring", "event_payload": {"key": key}}
    return {"channel": channel, "text": words[:150], "blocks": blocks, "metadata": meta}


@dataclass(slots=True)
class SlackMessenger:
    """Posts, which is all that the bench asks of it."""

    client: AsyncWebClient
    cap: float = 0.0
    platform: str = NAME
    pace: float = PACE
    can_find: bool = False

    def at(self, workspace: str) -> Self:  # noqa: ARG002 - it has one workspace
        """Return itself."""
        return self

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:
        """Post a card as text."""
        answer = await self.client.chat_postMessage(**message(_channel(to), text.render(card), key))
        return Handle(str(answer["channel"]), str(answer["ts"]))

    async def update(self, at: Handle, card: Card) -> None:
        """Put another text in its place."""
        await self.client.chat_update(channel=at.conversation, ts=at.message, text=text.render(card))

    async def open_form(self, trigger: str, form: Form) -> None:  # noqa: ARG002 - as the port asks
        """Refuse: there are no forms here."""
        raise Misconfigured("no forms here")

    async def find(self, to: Target, key: str) -> Handle | None:  # noqa: ARG002 - idem
        """Find nothing: it cannot be asked."""
        return None


def _channel(to: Target) -> str:
    match to:
        case Person(user_id) | Home(user_id):
            return user_id
        case Channel(conversation) | Whisper(conversation):
            return conversation
        case Under(root):
            return root.conversation


@dataclass(slots=True)
class Loopback:
    """The platform: what comes in is acknowledged when it is safe."""

    messenger: Messenger
    intake: Intake
    habits: Habits = field(default_factory=Habits)

    def parts(self) -> Mapping[str, Part]:
        """Nothing runs for it."""
        return {}

    async def redeliver(self) -> None:
        """Offer nothing again."""

    def trouble(self) -> str:
        """Say nothing: whether it is called, only the platform knows."""
        return ""

    def attach(self, app: web.Application) -> None:
        """Take events."""
        app.router.add_post("/events", self.take)

    async def take(self, request: web.Request) -> web.Response:
        """Keep an event."""
        await self.intake.receive(unpack(await request.read()))
        return web.Response()
