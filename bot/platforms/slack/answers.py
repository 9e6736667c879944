"""What Slack answers, in the language of chat: the data of a call that went well, or an error of the platform's kinds.

Sources of the error names: docs.slack.dev, methods chat.postMessage, chat.update, chat.postEphemeral,
conversations.open, conversations.history, views.open. A name that is not here is a refusal for good.
"""

import re
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook import WebhookResponse

from bot.chat.waiting import wait
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, Unreachable, Unsure

_LONGEST_CODE = 40
_LIMITS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# "It's possible some aspect of the operation succeeded before the error was raised."
_DOUBTS = frozenset({
    "duplicate_channel_not_found", "duplicate_message_not_found", "fatal_error", "internal_error",
    "service_unavailable",
})  # fmt: skip
_PASSING = frozenset({"request_timeout", "team_added_to_org"})
_REFUSALS: Mapping[str, Refusal] = {
    **dict.fromkeys(("channel_not_found", "is_archived", "thread_not_found"), Refusal.GONE),
    **dict.fromkeys(
        ("not_in_channel", "channel_type_not_supported", "restricted_action_read_only_channel",
         "restricted_action_non_threadable_channel", "restricted_action_thread_only_channel",
         "restricted_action_thread_locked"),
        Refusal.OUTSIDE,
    ),
    **dict.fromkeys(
        ("cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible", "user_not_in_channel",
         "users_not_found", "cannot_message_user"),
        Refusal.PERSON,
    ),
    **dict.fromkeys(
        ("access_denied", "account_inactive", "accesslimited", "ekm_access_denied", "enterprise_is_restricted",
         "invalid_auth", "messages_tab_disabled", "missing_scope", "no_permission", "not_allowed_token_type",
         "not_authed", "org_login_required", "restricted_action", "team_access_not_granted",
         "team_access_not_permitted", "token_expired", "token_revoked", "two_factor_setup_required"),
        Refusal.ACCESS,
    ),
}  # fmt: skip
_CODE = re.compile(r"[a-z0-9_]+")
_POINTER = re.compile(r"\[json-pointer:(/[\w/]+)\]")


async def asked(call: Awaitable[AsyncSlackResponse], *, lasting: bool = True) -> dict[str, Any]:
    """Await a call and return its data; `lasting` where it leaves something behind, so that its outcome matters.

    Raises:
        RateLimited: Slack says to wait.
        Misconfigured: Slack refuses for good.
        Unsure: the answer did not come; what was asked may have been done.
        Unreachable: the same, of a call that can be made again without harm; or it surely never arrived.

    """
    lost: type[PlatformError] = Unsure if lasting else Unreachable
    with _carried(lost):
        answer = await call
    if not isinstance(answer.data, dict):
        raise lost("the answer is none of Slack's")
    return answer.data


async def replaced(call: Awaitable[WebhookResponse]) -> None:
    """Await what was sent to a response_url; the errors of `asked`, of a call that can be made again without harm."""
    with _carried(Unreachable):
        answer = await call
    if answer.status_code != HTTPStatus.OK:
        raise _refused(answer.status_code, answer.body.strip()[:_LONGEST_CODE], answer.headers, {}, Unreachable)


@contextmanager
def _carried(lost: type[PlatformError]) -> Iterator[None]:
    """Tell what went wrong on the way there and back."""
    try:
        yield
    except SlackApiError as error:
        raise _translated(error.response, lost) from error
    except (ClientConnectorError, ConnectionTimeoutError) as error:
        raise Unreachable(type(error).__name__) from error
    except (ClientError, TimeoutError, OSError) as error:
        raise lost(type(error).__name__) from error
    except (AttributeError, ValueError) as error:  # the SDK reads any 200 as an object, also text/plain and a list
        raise lost("the answer is none of Slack's") from error


def _translated(response: Any, lost: type[PlatformError]) -> PlatformError:  # noqa: ANN401 - the SDK's, or aiohttp's where the body was no JSON
    status = int(getattr(response, "status_code", None) or response.status)
    data = getattr(response, "data", None)
    told = data if isinstance(data, dict) else {}
    return _refused(status, str(told.get("error", "")), response.headers, told, lost)


def _refused(
    status: int, code: str, headers: Mapping[str, str], told: Mapping[str, Any], lost: type[PlatformError]
) -> PlatformError:
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _LIMITS:
        return RateLimited(wait(headers.get("Retry-After")))
    if code in _PASSING:
        return Unreachable(code)
    if code in _DOUBTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR or (not code and status < HTTPStatus.BAD_REQUEST):
        return lost(code or f"HTTP {status}")
    if not code:
        return Unreachable(f"HTTP {status}")  # something between us and Slack said no
    return Misconfigured(_told(code, told), _REFUSALS.get(code, Refusal.REFUSED))


def _told(code: str, told: Mapping[str, Any]) -> str:
    """Say what was refused and where, without what was written there."""
    where = _POINTER.findall(str(told.get("response_metadata", "")))
    needed = [str(told["needed"])] if "needed" in told else []
    return " ".join([code if _CODE.fullmatch(code) else "an error without a name", *needed, *where])
