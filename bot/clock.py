"""The clock that rings.

APScheduler rings; it holds no state of its own: no job store, no schedule, only one interval job. A guard on the
monotonic clock re-arms it when the machine's clock steps back, since an interval job would otherwise sleep the whole
step.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.log import get_logger

log = get_logger(__name__)
BEAT_SECONDS = 1.0
_STEP_SECONDS = 2.0
Job = Callable[[], Awaitable[None]]


class Ringer:
    """Calls one job every beat."""

    def __init__(self, job: Job, *, every: float = BEAT_SECONDS) -> None:
        """Ring `job` every so many seconds, never twice at once."""
        self._job = job
        self._every = every
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self.rang_at = time.monotonic()

    async def run(self) -> None:
        """Ring until cancelled."""
        self._scheduler.add_job(
            self._ring, "interval", seconds=self._every, id="beat", coalesce=True, max_instances=1,
            misfire_grace_time=None, next_run_time=datetime.now(UTC),
        )  # fmt: skip
        self._scheduler.start()
        try:
            await self._guard()
        finally:
            self._scheduler.shutdown(wait=False)

    async def _ring(self) -> None:
        self.rang_at = time.monotonic()
        try:
            await self._job()
        except Exception:
            log.exception("clock.failed")  # here, since APScheduler would print the message, with what someone wrote

    async def _guard(self) -> None:
        """Ring at once when wall clock and monotonic clock drift apart: someone set the machine's clock."""
        apart = time.time() - time.monotonic()
        while True:
            await asyncio.sleep(self._every)
            now_apart = time.time() - time.monotonic()
            if abs(now_apart - apart) > _STEP_SECONDS:
                apart = now_apart
                self._scheduler.modify_job("beat", next_run_time=datetime.now(UTC))
