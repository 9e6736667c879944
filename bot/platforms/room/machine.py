"""Moving time forward, stop by stop, so that everything happens in its own hour and in its own order."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

STOPS = 1000  # chosen: more than a year of daily rhythms; a guard against something that stays due for ever


class MovableClock(Protocol):
    """A clock that can be set forward."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def move(self, to: datetime) -> None:
        """Go forward to an aware instant; never back."""
        ...


class TimeMachine:
    """What the page's time buttons do."""

    def __init__(
        self,
        clock: MovableClock,
        next_due: Callable[[], Awaitable[datetime | None]],
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        """`next_due` says when something is due; `settle` has everything done that is due now."""
        self._clock = clock
        self._next_due = next_due
        self._settle = settle

    def now(self) -> datetime:
        """Return the present instant in the room, in UTC."""
        return self._clock.now()

    async def next_due(self) -> datetime | None:
        """Say when something will happen by itself, if anything will."""
        return await self._next_due()

    async def advance(self, to: datetime) -> None:
        """Go forward to an instant, stopping wherever something is due on the way."""
        for _ in range(STOPS):
            await self._settle()
            due = await self._next_due()
            if due is None or due > to:
                break
            self._clock.move(due)
        self._clock.move(to)
        await self._settle()
