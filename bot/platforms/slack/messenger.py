"""The way from Kring into Slack.

Every post carries a digest of its key as message metadata, by which it is found again, and a `client_msg_id` made of
the key, by which Slack may recognise a repeat; nowhere does Slack promise that, so nothing here counts on it.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Iterable

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.chat.cards import Card, Form
from bot.chat.fitting import fitting
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Handle, Target, Under
from bot.errors import Misconfigured, Refusal, Unreachable
from bot.log import get_logger
from bot.platforms.slack import forms, render
from bot.platforms.slack.answers import asked, replaced
from bot.platforms.slack.clients import Clients
from bot.platforms.slack.spans import Json

EVENT_TYPE = "kring"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "kring.slack.client_msg_id")
_LOOKED_AT = 100  # messages; what is in doubt was posted moments ago, and Slack shows some apps 15 at most
_PAGES = 5  # of a thread, which is read from its beginning
_ELSEWHERE = frozenset({Refusal.GONE, Refusal.OUTSIDE, Refusal.PERSON})
_USED = "exchanged_trigger_id"
_SILENT: Json = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}
Place = Channel | Person | Under
log = get_logger(__name__)


class SlackMessenger:
    """Slack as a platform: for one workspace, which `at` names."""

    platform = "slack"
    pace = 1.0  # docs.slack.dev, rate limits: chat.postMessage takes one message a second a channel
    cap = 4.0  # idem: "several hundred messages per minute" a workspace; 240 leaves room for what is awaited
    can_find = True

    def __init__(self, clients: Clients, workspace: str = "", direct: dict[tuple[str, str], str] | None = None) -> None:
        """Speak through these clients; `direct` remembers the direct conversations that were opened."""
        self._clients = clients
        self._workspace = workspace
        self._direct = {} if direct is None else direct

    def at(self, workspace: str) -> "SlackMessenger":
        """Return the way into one workspace."""
        return SlackMessenger(self._clients, workspace, self._direct)

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:
        """Post a card.

        Raises:
            PlatformError: of any kind; of `Unsure`, `find` tells later what became of it.

        """
        if isinstance(to, Home):
            await self.show_home(to.user_id, [card])
            return Handle(f"home:{to.user_id}", key)
        with fitting():
            content = render.message(card)
        client = await self._client()
        if isinstance(to, Whisper):
            return await self._whispered(client, to, content, key)
        return await self._posted(client, to, content, key)

    async def update(self, at: Handle, card: Card) -> None:
        """Put another card in the place of one of Kring's; an ephemeral message goes by its response_url.

        Raises:
            PlatformError: of any kind.

        """
        with fitting():
            content = render.message(card)
        client = await self._client()
        if _is_address(at.message):
            await _replace(client, at.message, content)
            return
        call = client.chat_update(channel=at.conversation, ts=at.message, parse="none", link_names=False, **content)
        await asked(call, lasting=False)

    async def open_form(self, trigger: str, form: Form) -> None:
        """Open a modal before whoever made the gesture; `trigger` is an encoded `forms.Trigger`.

        Raises:
            PlatformError: of any kind; a trigger that is over three seconds old is `Misconfigured`.

        """
        with fitting():
            gesture = forms.Trigger.decode(trigger)
            view = forms.view_of(form, gesture.place)
        client = await self._client()
        try:
            await asked(client.views_open(trigger_id=gesture.id, view=view))
        except Misconfigured as error:
            if str(error) != _USED:
                raise  # else an earlier try has opened it, whose answer was lost

    async def find(self, to: Target, key: str) -> Handle | None:
        """Look up whether the post with this key is among the latest in its place.

        Without the scope to read there, it is not found. What only one person sees in a channel can't be looked up.
        """
        if isinstance(to, Whisper | Home):
            return None
        client = await self._client()
        channel, root = await self._place(client, to)
        try:
            return await _found(client, channel, root, _digest(key))
        except Misconfigured as error:
            if error.refusal is not Refusal.ACCESS:
                raise
            log.warning("slack.blind", problem=str(error))
            return None

    async def show_home(self, user_id: str, cards: Iterable[Card]) -> None:
        """Publish someone's home tab.

        Raises:
            PlatformError: of any kind.

        """
        with fitting():
            view = render.home(cards)
        client = await self._client()
        await asked(client.views_publish(user_id=user_id, view=view), lasting=False)

    async def _whispered(self, client: AsyncWebClient, to: Whisper, content: Json, key: str) -> Handle:
        """Say something so that one person in a channel sees it; in private, where Kring or they are not in there.

        A command works in every conversation, also in those.
        """
        call = client.chat_postEphemeral(
            channel=to.conversation, user=to.user_id, thread_ts=to.thread, parse="none", link_names=False, **content
        )
        try:
            answer = await asked(call)
        except Misconfigured as error:
            if error.refusal not in _ELSEWHERE:
                raise
            return await self._posted(client, Person(to.user_id), content, key)
        return Handle(to.conversation, answer["message_ts"])

    async def _posted(self, client: AsyncWebClient, to: Place, content: Json, key: str) -> Handle:
        channel, root = await self._place(client, to)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": _digest(key)}}
        repeat = str(uuid.uuid5(_NAMESPACE, key))
        call = client.chat_postMessage(
            channel=channel, thread_ts=root, metadata=metadata, client_msg_id=repeat, **_SILENT, **content
        )
        try:
            answer = await asked(call)
        except Misconfigured as error:
            if isinstance(to, Person) and error.refusal is Refusal.GONE:
                self._direct.pop((self._workspace, to.user_id), None)
                raise Unreachable("the direct conversation is not there any more") from error
            raise
        return Handle(answer["channel"], answer["ts"])

    async def _client(self) -> AsyncWebClient:
        return await self._clients.of(self._workspace)

    async def _place(self, client: AsyncWebClient, to: Place) -> tuple[str, str | None]:
        match to:
            case Channel():
                return to.conversation, None
            case Under():
                return to.root.conversation, to.root.message
            case Person():
                return await self._conversation(client, to.user_id), None

    async def _conversation(self, client: AsyncWebClient, user_id: str) -> str:
        """Find someone's direct conversation with Kring; asked for once a person."""
        known = self._direct.get((self._workspace, user_id))
        if known is None:
            answer = await asked(client.conversations_open(users=[user_id]), lasting=False)
            known = self._direct[self._workspace, user_id] = str(answer["channel"]["id"])
        return known


async def _found(client: AsyncWebClient, channel: str, root: str | None, digest: str) -> Handle | None:
    """Look at the latest messages of a conversation, or at a thread from its beginning."""
    cursor = ""
    for _ in range(_PAGES if root else 1):
        answer = await asked(_page(client, channel, root, cursor), lasting=False)
        for message in answer.get("messages", ()):
            if _key_of(message) == digest:
                return Handle(channel, message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return None


def _page(client: AsyncWebClient, channel: str, root: str | None, cursor: str) -> Awaitable[AsyncSlackResponse]:
    if root is None:
        return client.conversations_history(channel=channel, limit=_LOOKED_AT, include_all_metadata=True)
    return client.conversations_replies(
        channel=channel, ts=root, limit=_LOOKED_AT, cursor=cursor or None, include_all_metadata=True
    )


async def _replace(client: AsyncWebClient, address: str, content: Json) -> None:
    """Replace an ephemeral message, by the address that came with the tap: good five times in half an hour."""
    hook = AsyncWebhookClient(address, session=client.session, retry_handlers=[], logger=client.logger)
    hook.proxy = client.proxy
    await replaced(hook.send_dict({**content, "replace_original": True}))


def _is_address(message: str) -> bool:
    return message.startswith(("https://", "http://"))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _key_of(message: Json) -> str | None:
    """Read which post of ours a message is, if it is one."""
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return payload.get("key") if metadata.get("event_type") == EVENT_TYPE else None
