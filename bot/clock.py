"""The clock that rings.

APScheduler rings; it holds no state of its own: no job store, no schedule, only interval jobs. A guard on the monotonic
clock re-arms them when the machine's clock steps back, since an interval job would otherwise sleep the whole step.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.log import get_logger

log = get_logger(__name__)
BEAT_SECONDS = 1.0
DAY_SECONDS = 86_400.0
_STEP_SECONDS = 2.0
Job = Callable[[], Awaitable[None]]


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)


class Ringer:
    """Calls one job every beat, and another at the start and every day."""

    def __init__(
        self, job: Job, *, every: float = BEAT_SECONDS, daily: Job | None = None, day: float = DAY_SECONDS
    ) -> None:
        """Ring `job` every so many seconds, and `daily` once in `day` seconds; neither twice at once."""
        self._job = job
        self._every = every
        self._daily = daily
        self._day = day
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self.rang_at = time.monotonic()

    async def run(self) -> None:
        """Ring until cancelled."""
        self._add("beat", self._ring, self._every)
        if self._daily:
            self._add("daily", self._ring_daily, self._day)
        self._scheduler.start()
        try:
            await self._guard()
        finally:
            self._scheduler.shutdown(wait=False)

    def ring(self) -> None:
        """Ring at once, and not only at the next beat."""
        if self._scheduler.running:
            self._scheduler.modify_job("beat", next_run_time=datetime.now(UTC))

    def _add(self, name: str, job: Job, seconds: float) -> None:
        self._scheduler.add_job(
            job, "interval", seconds=seconds, id=name, coalesce=True, max_instances=1, misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )  # fmt: skip

    async def _ring(self) -> None:
        self.rang_at = time.monotonic()
        await _rung(self._job)

    async def _ring_daily(self) -> None:
        if self._daily:
            await _rung(self._daily)

    async def _guard(self) -> None:
        """Ring at once when wall clock and monotonic clock drift apart: someone set the machine's clock."""
        apart = time.time() - time.monotonic()
        while True:
            await asyncio.sleep(self._every)
            now_apart = time.time() - time.monotonic()
            if abs(now_apart - apart) > _STEP_SECONDS:
                apart = now_apart
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))


async def _rung(job: Job) -> None:
    try:
        await job()
    except asyncio.CancelledError:
        log.info("clock.cut_short")  # stopped in a beat: rolled back, and the next process rings again
    except Exception:
        log.exception("clock.failed")  # here, since APScheduler would print the message, with what someone wrote
