"""procrastinate's worker as we need it: it misses no call, comes when told to, and keeps its log to itself."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.worker import Worker

from bot.errors import StoreError
from bot.log import get_logger

_NEVER = 86_400.0  # seconds between two looks for jobs to abort, which we never ask for
_LONGEST_PAUSE = 60.0
_STOPPING = 0.1  # seconds between two times that a worker is told to stop: while it begins it forgets
log = get_logger(__name__)


class Bell(asyncio.Event):
    """Stays rung until somebody heard it.

    A worker silences its bell after every look for jobs, and with it a call that came during that look: the job would
    then wait for the next poll.
    """

    async def wait(self) -> Literal[True]:
        """Hear it, which silences it."""
        await super().wait()
        super().clear()
        return True

    def clear(self) -> None:
        """Leave it to who hears it."""


class LineWorker(Worker):
    """Works one queue; ends only when cancelled."""

    def __init__(
        self, app: App, queues: Sequence[str], places: int, *, heartbeat: float, stale: float, poll: float, grace: float
    ) -> None:
        """Work at most `places` jobs at once; look every `poll` seconds, and give what is cut short `grace` seconds."""
        super().__init__(
            app,
            queues,
            name=queues[0],
            concurrency=places,
            fetch_job_polling_interval=poll,
            abort_job_polling_interval=_NEVER,
            shutdown_graceful_timeout=grace,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat,
            stalled_worker_timeout=stale,
        )
        self._new_job_event = Bell()

    async def until_cancelled(self) -> None:
        """Work, and when cancelled finish what is under way; cancelled once more, cut it short.

        Raises:
            StoreError: it lost its line to the database, at which a worker stops by itself.

        """
        # In a task of its own: a worker that is cancelled while it begins may miss that, and go on for ever.
        working: asyncio.Task[None] = asyncio.create_task(self.run())  # type: ignore[no-untyped-call] # theirs
        try:
            await asyncio.wait([working])
        except asyncio.CancelledError:
            while not working.done():
                self.stop()  # type: ignore[no-untyped-call] # theirs
                await asyncio.wait([working], timeout=_STOPPING)
            raise
        finally:
            working.cancel()
        await working
        raise StoreError("a worker of the queue lost its line to the database")

    def look_in(self, seconds: float) -> None:
        """Look for jobs in so many seconds: nobody calls when the hour of a job has come."""
        asyncio.get_running_loop().call_later(seconds, self._new_job_event.set)


class Again(BaseRetryStrategy):
    """A job whose handler raised, or that was cut short, is offered again, later every time; never given up.

    Its rows have an end of their own.
    """

    def __init__(self, at: Callable[[float], datetime]) -> None:
        """`at` says when, by the database's clock, so many seconds from now are."""
        self._at = at

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Say when."""
        cut_short = isinstance(exception, asyncio.CancelledError)
        return RetryDecision(retry_at=self._at(0.0 if cut_short else min(_LONGEST_PAUSE, 2.0**job.attempts)))


class _Told(logging.Handler):
    """Passes trouble on in our own words: what procrastinate writes may quote an exception, and so a member."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what it was about and the type of what went wrong."""
        error = record.exc_info[0] if record.exc_info else None
        log.warning("queue.trouble", about=getattr(record, "action", record.name), error=error and error.__name__)


def hush() -> None:
    """Have procrastinate and its connections log through us, trouble only."""
    for name in ("procrastinate", "psycopg.pool"):
        theirs = logging.getLogger(name)
        theirs.setLevel(logging.WARNING)
        theirs.propagate = False
        theirs.handlers = [_Told()]
