"""Waiting for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(happened: Callable[[], Awaitable[bool]], *, pause: float = 0.05) -> None:
    """Look again and again until it has happened; whoever calls this says for how long that may take."""
    while not await happened():  # noqa: ASYNC110 - another process cannot set our event
        await asyncio.sleep(pause)
