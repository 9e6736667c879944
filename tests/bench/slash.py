"""What Slack sends, signed, to whatever listens: each one new, from one of forty people."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from itertools import count
from urllib.parse import urlencode

from aiohttp import ClientSession

from bot.platforms.slack.app import PATH
from tests.fakes.slack.ways import FORM, JSON, signed

SIGNING, TOKEN = "signing-secret", "xoxb-bench"
_PEOPLE = 40
_NUMBERS = count()
Request = tuple[bytes, str]
"""A body and its type."""


def command() -> Request:
    """`/kring help`, in private."""
    number = next(_NUMBERS)
    user = _user(number)
    return urlencode({
        "token": "gIkuvaNzQIHg97ATvDxqgjtO", "team_id": "T1", "team_domain": "toetsen", "channel_id": f"D{user}",
        "channel_name": "directmessage", "user_id": user, "user_name": "noor", "command": "/kring", "text": "help",
        "api_app_id": "A1", "is_enterprise_install": "false", "trigger_id": f"13345224609.738474920.{number:032}",
        "response_url": "https://hooks.slack.com/commands/T1/13345224609/abcdefghijklmnopqrstuvwx",
    }).encode(), FORM  # fmt: skip


def anything() -> Request:
    """A tenth commands, three tenths people who join some channel, and the rest is talk that is not meant for Kring."""
    number = next(_NUMBERS)
    where = {"user": _user(number), "channel": "C1"}
    match number % 10:
        case 0:
            return command()
        case 1 | 4 | 7:
            return _event(number, type="member_joined_channel", channel_type="C", team="T1", **where)
        case _:
            return _event(number, type="message", channel_type="channel", ts=f"{number}.1", text="Tot morgen!", **where)


def _event(number: int, **event: str) -> Request:
    payload = {
        "token": "x", "team_id": "T1", "api_app_id": "A1", "type": "event_callback", "event_id": f"Ev{number:08}",
        "event_time": 1795500000 + number, "event": event,
        "authorizations": [{"enterprise_id": None, "team_id": "T1", "user_id": "UKRING", "is_bot": True}],
    }  # fmt: skip
    return json.dumps(payload).encode(), JSON


def _user(number: int) -> str:
    return f"U{number // 10 % _PEOPLE:08}"


async def send(client: ClientSession, address: str, make: Callable[[], Request] = command) -> float:
    """Deliver one, and return how long (seconds) its acknowledgement took."""
    body, kind = make()
    headers = {"Content-Type": kind, **signed(body, SIGNING)}
    began = time.perf_counter()
    async with client.post(address + PATH, data=body, headers=headers) as answer:
        await answer.read()
        assert answer.status == 200, answer.status
    return time.perf_counter() - began


async def crowd(
    client: ClientSession, address: str, many: int, together: int, make: Callable[[], Request] = command
) -> None:
    """Deliver so many, so many of them at a time."""
    left = iter(range(many))

    async def one() -> None:
        for _ in left:
            await send(client, address, make)

    await asyncio.gather(*(one() for _ in range(together)))


async def stream(client: ClientSession, address: str, many: int, pause: float) -> Sequence[float]:
    """Type so many commands, one every `pause` seconds whatever became of the last; return how long each took."""
    began, typed = time.perf_counter(), []
    for number in range(many):
        await asyncio.sleep(max(0.0, began + number * pause - time.perf_counter()))
        typed.append(asyncio.create_task(send(client, address)))
    return await asyncio.gather(*typed)
