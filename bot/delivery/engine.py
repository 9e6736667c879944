"""The port of an engine.

It promises to call the handler at least once for each delivery, some time after it may be sent.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.errors import KringError
from storage.db import UnitOfWork

Handler = Callable[[int], Awaitable[None]]


class Later(KringError):
    """Not yet: the delivery must be offered again."""

    def __init__(self, seconds: float) -> None:
        """Offer it again in about so many seconds."""
        super().__init__(f"in {seconds:g} s")
        self.seconds = seconds


class Engine(Protocol):
    """Who decides when a delivery is tried. The row stays the truth: a lost or doubled call changes nothing."""

    async def enqueue(self, work: UnitOfWork, delivery_ids: Sequence[int]) -> None:
        """Offer new deliveries, inside the transaction that makes them."""
        ...

    async def run(self, handler: Handler) -> None:
        """Hand deliveries to the handler until cancelled."""
        ...

    async def drain(self, handler: Handler) -> None:
        """Hand over everything that is due now, and return when it was tried."""
        ...
