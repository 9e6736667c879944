"""The Bot Connector, asynchronously: what is called, over one shared session, with one token.

Sources: learn.microsoft.com, "API reference for the Bot Framework Connector service" for the paths; teams.net,
core/docs/CreateConversation-API-Behavior.md for what Teams takes of them. A call that leaves a message behind is made
once; others are tried again where Teams says so.
"""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

from bot.chat.events import User
from bot.chat.payloads import every, identity, text
from bot.domain.reference import Reference
from bot.errors import Misconfigured, PlatformError, Refusal, Unreachable, Unsure
from bot.log import get_logger
from bot.platforms.teams.answers import AGAIN, Answer, carried, read, told
from bot.platforms.teams.proxies import proxy_for
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.tokens import Tokens

# Asking for a token, trying a chat that is gone, opening it anew and posting in it fit in one lease (30 s).
TIMEOUT = ClientTimeout(total=7.0, connect=4.0)
PAUSES = (0.4, 1.2)  # seconds before a second and a third try
_NO_LATER = 7.0  # seconds after the first try that another may begin
_PAGE = 500  # learn.microsoft.com, get-teams-context: the most members that a page holds
_MOST_PAGES = 100  # twice the largest team (25,000 members)
_BOT = "28:"
_CHANNELS = ("@thread.tacv2", "@thread.skype")  # learn.microsoft.com, in examples; group chats end in @thread.v2
_UNAUTHORIZED = 401
Json = dict[str, Any]
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a conversation; `tenant` is the organisation they are of."""

    user: User
    tenant: str
    bot: bool


def session() -> ClientSession:
    """Open the session that all calls share."""
    return ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar())


class Connector:
    """All calls of the connector that Kring makes."""

    def __init__(
        self, session: ClientSession, tokens: Tokens, registration: Registration, pauses: Sequence[float] = PAUSES
    ) -> None:
        """Call over this session with these tokens; `pauses` is how long each further try waits."""
        self._session, self._tokens, self._registration = session, tokens, registration
        self._pauses: Final = (*pauses, None)

    async def start(self, at: Reference, activity: Json) -> str:
        """Begin a thread in a channel of a team; return the id of its root."""
        wanted = {
            "isGroup": True,
            "bot": {"id": self._registration.bot_id},
            "tenantId": self._registration.tenant,
            "channelData": {"channel": {"id": at.conversation}, "tenant": {"id": self._registration.tenant}},
            "activity": activity,
        }
        brought = await self._call("POST", at.service_url, body=wanted)
        return identity(brought, "activityId") or _root(text(brought, "id"))

    async def open(self, service_url: str, user_id: str) -> str:
        """Return the personal chat with someone, a new one where there is none; the same one every time."""
        wanted = {
            "isGroup": False,
            "bot": {"id": self._registration.bot_id},
            "members": [{"id": user_id}],
            "tenantId": self._registration.tenant,
            "channelData": {"tenant": {"id": self._registration.tenant}},
        }
        brought = await self._call("POST", service_url, body=wanted, lost=Unreachable)
        conversation = identity(brought, "id")
        if not conversation:
            raise Unreachable("the chat has no id")
        return conversation

    async def send(self, at: Reference, activity: Json, root: str = "") -> str:
        """Post in a conversation, or in the thread of `root` in a channel; return the id of the message.

        It is empty where the connector did not say it: it does not where it made two messages of one activity.
        """
        where = threaded(at.conversation, root)
        body = {**activity, "from": {"id": self._registration.bot_id}, "conversation": {"id": where}}
        brought = await self._call("POST", at.service_url, where, "activities", body=body)
        own = identity(brought, "id")
        return f"{root}/{own}" if root and own else own

    async def update(self, at: Reference, message: str, activity: Json) -> None:
        """Put another activity in the place of a message."""
        root, own = apart(message)
        body = {**activity, "id": own}
        await self._call("PUT", at.service_url, threaded(at.conversation, root), "activities", own, body=body)

    async def delete(self, at: Reference, conversation: str, message: str) -> None:
        """Take a message away; where that cannot be done (501), it is `Misconfigured`."""
        root, own = apart(message)
        await self._call("DELETE", at.service_url, threaded(conversation, root), "activities", own)

    async def members(self, at: Reference) -> list[Member]:
        """List who is in a conversation: of a channel those who can see it, page by page."""
        found: list[Member] = []
        query = {"pageSize": str(_PAGE)}
        for _ in range(_MOST_PAGES):
            page = await self._call("GET", at.service_url, at.conversation, "pagedmembers", query=query)
            found += _members(page.get("members"))
            query["continuationToken"] = text(page, "continuationToken")
            if not query["continuationToken"]:
                return found
        log.warning("teams.roster_cut", members=len(found))
        return found

    async def member(self, at: Reference, user_id: str) -> Member:
        """Return one of those in a conversation; `Misconfigured` where they are not."""
        found = _members([await self._call("GET", at.service_url, at.conversation, "members", user_id)])
        if not found:
            raise Unreachable("the member has no id")
        return found[0]

    async def title(self, at: Reference) -> str:
        """Say how a channel of a team is called; General has no name of its own, and is called after its team."""
        if at.conversation == at.group:
            return text(await self._call("GET", at.service_url, at.group, under="teams"), "name").strip()
        told = await self._call("GET", at.service_url, at.group, "conversations", under="teams")
        names = {identity(one, "id"): text(one, "name").strip() for one in every(told, "conversations")}
        return names.get(at.conversation, "")

    async def _call(
        self,
        method: str,
        service_url: str,
        *path: str,
        under: str = "conversations",
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        lost: type[PlatformError] | None = None,
    ) -> Json:
        url = self._address(service_url, under, *path).with_query(query)
        lost = lost or (Unsure if method == "POST" else Unreachable)
        data = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        began = asyncio.get_running_loop().time()
        answer = await self._allowed(method, url, data, lost)
        for pause in self._pauses if method != "POST" else ():
            late = asyncio.get_running_loop().time() > began + _NO_LATER
            if pause is None or late or answer.status not in AGAIN:
                break
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            answer = await self._allowed(method, url, data, lost)
        return told(answer, lost)

    async def _allowed(self, method: str, url: URL, data: bytes | None, lost: type[PlatformError]) -> Answer:
        """Ask with our token, and once more with a fresh one where it was not taken: nothing was done then."""
        token = await self._tokens.current()
        answer = await self._asked(method, url, data, token, lost)
        if answer.status != _UNAUTHORIZED or not token:
            return answer
        self._tokens.refuse(token)
        return await self._asked(method, url, data, await self._tokens.current(), lost)

    async def _asked(self, method: str, url: URL, data: bytes | None, token: str, lost: type[PlatformError]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if data is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        with carried(lost):
            async with self._session.request(
                method, url, data=data, headers=headers, allow_redirects=False, proxy=proxy_for(str(url))
            ) as response:
                return await read(response)

    def _address(self, service_url: str, *path: str) -> URL:
        """Put an address together, each id quoted whole."""
        if not self._registration.may_call(service_url):
            raise Misconfigured("the service URL is not one to call", Refusal.REFUSED)
        base = service_url.rstrip("/")
        return URL("/".join([base, "v3", *(quote(part, safe="") for part in path)]), encoded=True)


def is_channel(at: Reference) -> bool:
    """Whether a conversation is a channel, which has threads; one with members of its own is known without its team."""
    return bool(at.group) or at.conversation.endswith(_CHANNELS)


def threaded(conversation: str, root: str) -> str:
    """Name a thread of a channel the way Teams does."""
    return f"{conversation};messageid={root}" if root else conversation


def apart(message: str) -> tuple[str, str]:
    """Take an id of ours apart into the thread it is in, empty where it is in none, and Teams' own id."""
    root, _, own = message.partition("/")
    return (root, own) if own and root.isdecimal() else ("", message)


def _root(conversation: str) -> str:
    return conversation.rpartition(";messageid=")[2] if ";messageid=" in conversation else ""


def _members(entries: object) -> list[Member]:
    return [_member(entry) for entry in entries if identity(entry, "id")] if isinstance(entries, list) else []


def _member(entry: object) -> Member:
    user_id = identity(entry, "id")
    return Member(
        User(user_id, text(entry, "name").strip()),
        identity(entry, "tenantId"),
        user_id.startswith(_BOT) or "bot" in {text(entry, "userRole").lower(), text(entry, "role").lower()},
    )
