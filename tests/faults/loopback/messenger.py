"""The way from Kring to the loopback platform, as a real one would be: over HTTP, its troubles in the words of chat."""

from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.chat.cards import Card, Form
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Handle, Target, Under
from bot.errors import Misconfigured, RateLimited, Unreachable, Unsure

PLATFORM = "loopback"
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class LoopbackMessenger:
    """Posts with a key; whether the platform makes anything of that, and can be asked, is as it was told."""

    platform = PLATFORM
    cap = 0.0

    def __init__(self, address: str, *, can_find: bool, pace: float = 0.0) -> None:
        self.can_find = can_find
        self.pace = pace
        self._session = aiohttp.ClientSession(address, timeout=_TIMEOUT)

    async def __aenter__(self) -> Self:
        """Be used for a while."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        await self._session.close()

    def at(self, workspace: str) -> Self:  # noqa: ARG002 - it has one workspace
        """Return itself."""
        return self

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:
        """Post a card with its key."""
        told = await self._send("/post", {**_where(to), "text": str(card.summary), "key": key})
        return Handle(told["conversation"], told["ts"])

    async def update(self, at: Handle, card: Card) -> None:
        """Put another text in the place of one that was posted."""
        await self._send("/update", {"conversation": at.conversation, "ts": at.message, "text": str(card.summary)})

    async def open_form(self, trigger: str, form: Form) -> None:
        """Lay a form before whoever made the gesture."""
        await self._send("/form", {"trigger": trigger, "title": str(form.title)})

    async def find(self, to: Target, key: str) -> Handle | None:  # noqa: ARG002 - a key is known in every conversation
        """Ask what became of a key. Asking twice is harmless, so whatever goes wrong, nothing happened."""
        if not self.can_find:
            return None
        try:
            async with self._session.get("/find", params={"key": key}) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                found = await _read(answer)
        except (aiohttp.ClientError, TimeoutError, Unsure) as error:
            raise Unreachable(type(error).__name__) from error
        return Handle(found["conversation"], found["ts"])

    async def _send(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            async with self._session.post(path, json=asked) as answer:
                return await _read(answer)
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unsure(type(error).__name__) from error


async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise RateLimited(float(answer.headers["Retry-After"]))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unsure(str(answer.status))
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise Misconfigured(str(answer.status))
    told: dict[str, Any] = await answer.json()
    return told


def _where(to: Target) -> dict[str, Any]:
    match to:
        case Channel():
            return {"conversation": to.conversation}
        case Person():
            return {"conversation": f"dm:{to.user_id}"}
        case Home():
            return {"conversation": f"home:{to.user_id}"}
        case Whisper():
            return {"conversation": to.conversation, "only_for": to.user_id, "root": to.thread}
        case Under():
            return {"conversation": to.root.conversation, "root": to.root.message}
