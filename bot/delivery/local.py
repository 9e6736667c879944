"""The engine of one process.

Asyncio tasks over what is due in the store, woken at once by new rows, polling as the net.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from bot.chat.ports import Clock
from bot.delivery.engine import Handler, Handlers, Line
from bot.errors import StoreError
from bot.log import get_logger
from storage import claims
from storage.db import Store, UnitOfWork

CHUNK = 25  # deliveries that are claimed together: a transaction costs about as much as four of them
PLACES = {
    Line.REPLIES: 50,
    Line.PROMPTS: 100,
}  # under way at once; replies have their own, so that bulk cannot fill them
POLL = 1.0
_PATIENCE = 5.0
log = get_logger(__name__)


class LocalEngine:
    """Sends from the process it lives in. Events need no engine here: who takes them in works them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Look in `store` for what `clock` says is due."""
        self._pumps = {line: _Pump(line, store, clock) for line in PLACES}

    async def enqueue(self, work: UnitOfWork, line: Line, ids: Sequence[int]) -> None:
        """Wake up when the rows are there."""
        if ids and line in self._pumps:
            work.on_commit(self._pumps[line].wake.set)

    async def run(self, handlers: Handlers) -> None:
        """Send what is due until cancelled; what is under way is finished first."""
        async with asyncio.TaskGroup() as group:
            for line, pump in self._pumps.items():
                group.create_task(pump.run(handlers[line]))

    async def drain(self, handlers: Handlers) -> None:
        """Send everything that is due now; sending one may make another due, in either line."""
        while [line for line, pump in self._pumps.items() if await pump.drain(handlers[line])]:
            pass


class _Pump:
    """One line: looks for what is due and has it tried, at most so many at once."""

    def __init__(self, line: Line, store: Store, clock: Clock) -> None:
        self.wake = asyncio.Event()
        self._line, self._store, self._clock = line, store, clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[int] = set()
        self._resting: dict[int, float] = {}

    async def run(self, handler: Handler) -> None:
        try:
            while True:
                self.wake.clear()
                if not await self._start(handler):
                    await self._pause()
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self, handler: Handler) -> bool:
        """Send until nothing is due; say whether anything was."""
        anything = False
        while await self._start(handler) or self._tasks:
            anything = True
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        return anything

    async def _pause(self) -> None:
        # Not `wait_for`, which on Python 3.11 may swallow a cancellation that comes together with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self.wake.wait()

    async def _start(self, handler: Handler) -> bool:
        """Start what is due, as far as there are places; say whether anything was started."""
        free = PLACES[self._line] - len(self._busy)
        if free <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return True
        try:
            async with self._store.begin() as work:
                urgent = self._line is Line.REPLIES
                # More than there are places, since those under way may be among them.
                found = await claims.due(work, self._clock.now(), 2 * PLACES[self._line], urgent=urgent)
        except StoreError as error:
            log.warning("delivery.stalled", problem=str(error))
            await asyncio.sleep(_PATIENCE)
            return False
        # From here on without waiting, so that nobody else can start the same.
        now = asyncio.get_running_loop().time()
        self._resting = {number: until for number, until in self._resting.items() if until > now}
        held = self._busy | self._resting.keys()
        new = [number for number in found if number not in held][:free]
        for start in range(0, len(new), CHUNK):
            self._begin(handler, new[start : start + CHUNK])
        return bool(new)

    def _begin(self, handler: Handler, chunk: Sequence[int]) -> None:
        self._busy.update(chunk)
        task = asyncio.create_task(self._try(handler, chunk))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try(self, handler: Handler, chunk: Sequence[int]) -> None:
        try:
            self._rest(await handler(chunk))
        finally:
            self._busy.difference_update(chunk)
            self.wake.set()

    def _rest(self, later: Mapping[int, float]) -> None:
        """Leave deliveries alone for a while, so that one that cannot go now is not asked again and again."""
        now = asyncio.get_running_loop().time()
        self._resting.update({number: now + min(seconds, POLL) for number, seconds in later.items()})
