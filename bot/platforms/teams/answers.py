"""What the connector answers, in the language of chat: what a call brought, or an error of the platform's kinds.

Sources: learn.microsoft.com, "Status codes from bot conversational APIs" (microsoftteams/platform/bots) for the codes
and for what may be tried again; "Send proactive messages" for MessageWritesBlocked. What has a code that is not here is
refused for good.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientHttpProxyError, ClientResponse, ConnectionTimeoutError

from bot.chat.bodies import measured
from bot.chat.payloads import text
from bot.chat.waiting import wait
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, Unreachable

MOST_BYTES = 2_000_000  # chosen: a page of 500 members takes a quarter of a million
AGAIN = frozenset({412, 502, 503, 504})  # idem: "retry using exponential backoff"; 429 says itself when
_BLOCKED = "MessageWritesBlocked"
_REFUSALS: Mapping[str, Refusal] = {
    # Writes are blocked in a personal chat by who took Kring out, and in a channel by who archived the team.
    **dict.fromkeys(("ActivityNotFoundInConversation", "ConversationNotFound", _BLOCKED), Refusal.GONE),
    **dict.fromkeys(("BotNotInConversationRoster", "NotEnoughPermissions"), Refusal.OUTSIDE),
    **dict.fromkeys(("ConversationBlockedByUser", "ForbiddenOperationException"), Refusal.PERSON),
    **dict.fromkeys(("BotDisabledByAdmin", "BotNotRegistered", "InvalidBotApiHost"), Refusal.ACCESS),
}
_BY_STATUS: Mapping[int, Refusal] = {
    HTTPStatus.UNAUTHORIZED: Refusal.ACCESS,
    HTTPStatus.FORBIDDEN: Refusal.OUTSIDE,
    HTTPStatus.NOT_FOUND: Refusal.GONE,
}
# These mean the same whoever says it, the connector or something in front of it.
_PLAIN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.NOT_IMPLEMENTED})
_PASSING = frozenset({"PreconditionFailed", "ServiceError"})
_CODE = re.compile(r"[A-Za-z]\w{0,59}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a call."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


async def read(response: ClientResponse) -> Answer:
    """Read an answer as far as answers go; what is longer is none of the connector's."""
    body = await measured(response.content.iter_any(), response.content_length, MOST_BYTES)
    return Answer(response.status, response.headers, b"too long" if body is None else body)


@contextmanager
def carried(lost: type[PlatformError]) -> Iterator[None]:
    """Tell what went wrong on the way there and back; `lost` is what a call is whose answer did not come."""
    try:
        yield
    except (ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError) as error:
        raise Unreachable(type(error).__name__) from error
    except (ClientError, TimeoutError, OSError) as error:
        raise lost(type(error).__name__) from error


def content(answer: Answer) -> dict[str, Any] | None:
    """Return the object that an answer holds, an empty one where it is empty, None where it is something else."""
    if not answer.body.strip():
        return {}
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def told(answer: Answer, lost: type[PlatformError]) -> dict[str, Any]:
    """Return what a call brought; an accepted call may bring nothing.

    Raises:
        RateLimited: the connector says to wait.
        Misconfigured: it refuses for good.
        Unreachable: it, or something in front of it, surely did not do what was asked.
        PlatformError: of the kind `lost`: nobody can tell whether it did.

    """
    found = content(answer)
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise _refused(answer, found, lost)
    if found is None:
        raise lost("the answer is none of the connector's")
    return found


def _refused(answer: Answer, found: dict[str, Any] | None, lost: type[PlatformError]) -> PlatformError:
    status, code = answer.status, _code(found)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(wait(answer.headers.get("Retry-After")))
    if code in _REFUSALS:
        return Misconfigured(code, _REFUSALS[code])
    if status in _PLAIN:
        return Misconfigured(code or f"HTTP {status}", _BY_STATUS.get(status, Refusal.REFUSED))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return lost(code or f"HTTP {status}")
    if code in _PASSING or found is None or status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.PRECONDITION_FAILED:
        return Unreachable(code or f"HTTP {status}")
    return Misconfigured(code or f"HTTP {status}", _BY_STATUS.get(status, Refusal.REFUSED))


def _code(found: dict[str, Any] | None) -> str:
    """Read what an error is called, without what it says: that may quote what was sent."""
    if _BLOCKED in text(found, "message"):
        return _BLOCKED
    code = text(found, "error", "code")
    return code if _CODE.fullmatch(code) else ""
