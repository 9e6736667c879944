"""The engine of one process.

Asyncio tasks over what is due in the store, woken at once by new rows, polling as the net.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from bot.chat.ports import Clock
from bot.delivery.engine import Handler, Later
from bot.errors import StoreError
from bot.log import get_logger
from storage import deliveries
from storage.db import Store, UnitOfWork

WORKERS = 20
POLL = 1.0
_PATIENCE = 5.0
log = get_logger(__name__)


class LocalEngine:
    """Sends from the process it lives in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Look in `store` for what `clock` says is due."""
        self._store = store
        self._clock = clock
        self._wake = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._resting: dict[int, float] = {}

    async def enqueue(self, work: UnitOfWork, delivery_ids: Sequence[int]) -> None:
        """Wake up when the rows are there."""
        if delivery_ids:
            work.on_commit(self._wake.set)

    async def run(self, handler: Handler) -> None:
        """Send what is due until cancelled; what is under way is finished first."""
        try:
            while True:
                self._wake.clear()
                _, more = await self._start(handler)
                if not more:
                    await self._pause()
        finally:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def drain(self, handler: Handler) -> None:
        """Send everything that is due now."""
        more = True
        while more:
            started, more = await self._start(handler)
            # Behind what `run` has under way there may be more of the same lane, which `_start` cannot see yet.
            more = more or not self._busy.keys() <= set(started)
            await asyncio.gather(*self._busy.values())

    async def _pause(self) -> None:
        # Not `wait_for`, which on Python 3.11 may swallow a cancellation that comes together with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._wake.wait()

    async def _start(self, handler: Handler) -> tuple[list[int], bool]:
        """Start what is due, at most as many as there are workers; say whether more waits behind it."""
        free = WORKERS - len(self._busy)
        if free <= 0:
            await asyncio.wait(self._busy.values(), return_when=asyncio.FIRST_COMPLETED)
            return [], True
        try:
            async with self._store.begin() as work:
                found = await deliveries.due(work, self._clock.now(), WORKERS)
                count = await deliveries.count_due(work, self._clock.now()) if found else 0
        except StoreError as error:
            log.warning("delivery.stalled", problem=str(error))
            await asyncio.sleep(_PATIENCE)
            return [], False
        # From here on without waiting, so that nobody else can start the same.
        now = asyncio.get_running_loop().time()
        self._resting = {delivery_id: until for delivery_id, until in self._resting.items() if until > now}
        held = self._busy.keys() | self._resting.keys()
        new = [delivery_id for delivery_id in found if delivery_id not in held][:free]
        for delivery_id in new:
            self._busy[delivery_id] = asyncio.create_task(self._one(handler, delivery_id))
        return new, bool(new) and count > len(new)

    def _rest(self, delivery_id: int, seconds: float) -> None:
        """Leave a delivery alone for a while, so that one that cannot go now is not asked again and again."""
        self._resting[delivery_id] = asyncio.get_running_loop().time() + seconds

    async def _one(self, handler: Handler, delivery_id: int) -> None:
        try:
            await handler(delivery_id)
        except Later as later:
            self._rest(delivery_id, min(later.seconds, POLL))
        except StoreError as error:
            self._rest(delivery_id, POLL)
            log.warning("delivery.stalled", problem=str(error))
        except Exception:
            self._rest(delivery_id, POLL)
            log.exception("delivery.failed", delivery=delivery_id)
        finally:
            del self._busy[delivery_id]
            self._wake.set()
