"""How Slack reaches an app: signed requests to its address, or envelopes over its socket."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientTimeout

from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.world import Json

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Answered:
    """What an app answered; over a socket an acknowledgement is a 200."""

    status: int
    body: Json = field(default_factory=dict)
    text: str = ""


class Way(Protocol):
    """One of the two."""

    async def event(self, payload: Json, retry: int = 0) -> Answered:
        """Deliver an event, or deliver it once more."""
        ...

    async def command(self, payload: Json) -> Answered:
        """Deliver a slash command."""
        ...

    async def interaction(self, payload: Json) -> Answered:
        """Deliver a tap, a modal that was sent, or a shortcut."""
        ...


def signed(body: bytes, secret: str, at: float | None = None) -> dict[str, str]:
    """The headers that say that a request is Slack's."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


class HttpWay:
    """Over HTTP, signed."""

    def __init__(self, address: str, secret: str, seconds: float = 3.0) -> None:
        self.address, self.secret, self.seconds = address, secret, seconds

    async def event(self, payload: Json, retry: int = 0) -> Answered:
        more = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        return await self.send(json.dumps(payload).encode(), JSON, more)

    async def command(self, payload: Json) -> Answered:
        return await self.send(urlencode(payload).encode(), FORM)

    async def interaction(self, payload: Json) -> Answered:
        return await self.send(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def send(self, body: bytes, kind: str, more: dict[str, str] | None = None) -> Answered:
        """Send a body of any kind, with its signature; `more` headers win."""
        headers = {"Content-Type": kind, **signed(body, self.secret), **(more or {})}
        timeout = ClientTimeout(total=self.seconds)
        async with (
            ClientSession(timeout=timeout) as session,
            session.post(self.address, data=body, headers=headers) as response,
        ):
            text = await response.text()
            told = json.loads(text) if text and response.content_type == JSON else {}
            return Answered(response.status, told, text)


class SocketWay:
    """Over the socket that the app opened."""

    def __init__(self, slack: FakeSlack, seconds: float = 3.0) -> None:
        self.slack, self.seconds = slack, seconds

    async def event(self, payload: Json, retry: int = 0) -> Answered:
        reason = "timeout" if retry else ""
        told = await self.slack.sockets.send(
            "events_api", payload, seconds=self.seconds, retry_attempt=retry, retry_reason=reason
        )
        return Answered(200, told)

    async def command(self, payload: Json) -> Answered:
        return Answered(200, await self.slack.sockets.send("slash_commands", payload, seconds=self.seconds))

    async def interaction(self, payload: Json) -> Answered:
        return Answered(200, await self.slack.sockets.send("interactive", payload, seconds=self.seconds))
