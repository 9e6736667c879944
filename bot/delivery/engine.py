"""The port of an engine.

It promises to call the handler at least once for each piece of work, some time after it may be done.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from storage.db import UnitOfWork


class Line(StrEnum):
    """Which queue a piece of work stands in, so that what nobody waits for never holds up what someone does."""

    EVENTS = "events"
    """Rows of the inbox. Who took them in works them at once; the engine is for when that process died."""
    REPLIES = "replies"
    """Deliveries that someone waits for: answers to a gesture, forms, updates."""
    PROMPTS = "prompts"
    """Deliveries that nobody waits for: what the clock asks, also of thousands at once."""


Handler = Callable[[Sequence[int]], Awaitable[Mapping[int, float]]]
"""Tries each id once, and returns what must be offered again, with after how many seconds (on the wall).

It raises nothing of its own: while the store cannot be used, everything is to be offered again.
"""
Handlers = Mapping[Line, Handler]


class Engine(Protocol):
    """Who decides when work is tried. The row stays the truth: a lost or doubled call changes nothing."""

    async def enqueue(self, work: UnitOfWork, line: Line, ids: Sequence[int]) -> None:
        """Offer new rows, inside the transaction that makes them."""
        ...

    async def run(self, handlers: Handlers) -> None:
        """Hand work over until cancelled; what is under way then is finished first."""
        ...

    async def drain(self, handlers: Handlers) -> None:
        """Hand over everything that is due now, and return when it was tried."""
        ...
