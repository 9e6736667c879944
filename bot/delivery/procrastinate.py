"""The engine of several processes: procrastinate's queue, in the same PostgreSQL as the rows.

Jobs are deferred in the transaction that makes the rows, each for a handful of ids, since a job costs about as much as
all else that is done for a delivery. One worker a line, so that bulk never stands before what someone waits for. A job
is a hint and the row is the truth: a job that comes twice finds nothing to do, and a row whose job is lost is found by
the upkeep, which also gives back the jobs of processes that died. All is scheduled by the database's clock, since the
clocks of replicas differ.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bot.chat.ports import Clock
from bot.delivery.engine import Handlers, Line
from bot.delivery.local import LocalEngine
from bot.delivery.worker import Again, LineWorker, hush
from bot.errors import StoreError
from bot.log import get_logger
from storage import queue
from storage.db import Store, UnitOfWork

CHUNK = 50
"""Ids in a job. Measured: a fan-out takes a tenth less than with 25, most of all where the cores are busy."""
PLACES = {Line.EVENTS: 2, Line.REPLIES: 25, Line.PROMPTS: 4}
"""Jobs under way at once in one process; beside the events there is a place for the upkeep."""
_OFFER, _UPKEEP = "offer", "upkeep"
_SWEPT = 1000  # rows at once, so that a sweep after a disaster does not take all the memory there is
_FORGOTTEN = 3600.0  # seconds after which a worker that gives no sign of life is struck off
_CONNECTIONS = 5  # in procrastinate's pool; every worker has one more to listen on
_NEAR = 60.0  # seconds: what comes up later than this is found by the worker's ordinary look
_SOON = 2.0
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds between one thing and the next."""

    rescue: float = 10.0
    """Until an event is offered to whoever lives, should the process that took it in have died."""
    heartbeat: float = 5.0
    """Between two signs of life of a worker."""
    stale: float = 15.0
    """Without a sign of life, until its jobs are given back: three heartbeats."""
    poll: float = 5.0
    """Between two looks of a worker that hears nothing."""
    upkeep: int = 10
    """Between two rounds of the upkeep; a divisor of sixty."""
    grace: float = 8.0
    """For what is under way when the engine is stopped; then it is cut short, and offered again."""
    opening: float = 10.0
    """For a connection."""


class ProcrastinateEngine:
    """Shares the work with every other process on the same database."""

    def __init__(self, store: Store, clock: Clock, timing: Timing | None = None) -> None:
        """Keep jobs beside the rows of `store`; `clock` says which rows are due where no job does."""
        self._store, self._clock, self._timing = store, clock, timing or Timing()
        self._jobs = JobManager(PsycopgConnector())  # never opened: it works on the connection of a unit of work
        self._by_rows = LocalEngine(store, clock)
        self._under_way: set[asyncio.Future[None]] = set()
        self._workers: dict[Line, LineWorker] = {}
        self._ahead: float | None = None
        hush()

    async def enqueue(self, work: UnitOfWork, line: Line, ids: Sequence[int]) -> None:
        """Offer new rows, inside the transaction that makes them: both are there, or neither."""
        if not ids:
            return
        at = None
        if line is Line.EVENTS:
            await self._tell_time(work)
            at = self._at(self._timing.rescue)
        raw = (await work.connection.get_raw_connection()).driver_connection
        jobs = [_job(line, ids[start : start + CHUNK], at) for start in range(0, len(ids), CHUNK)]
        try:
            await self._jobs.batch_defer_jobs_async(jobs, connection=raw)
        except ConnectorException as error:
            raise StoreError("the queue cannot be written") from error

    async def run(self, handlers: Handlers) -> None:
        """Work jobs until cancelled; what is under way then is finished first.

        Raises:
            StoreError: the database went away; run again.

        """
        try:
            async with self._opened(handlers) as app, asyncio.TaskGroup() as group:
                self._workers = {line: self._worker(app, line) for line in PLACES}
                group.create_task(self._keep_time())
                for worker in self._workers.values():
                    group.create_task(worker.until_cancelled())
        except ExceptionGroup as group:
            raise StoreError(f"the queue stopped: {type(group.exceptions[0]).__name__}") from group
        except (ConnectorException, PoolTimeout) as error:
            raise StoreError("the queue cannot be reached") from error

    async def drain(self, handlers: Handlers) -> None:
        """Hand over what is due by its row, without waiting for a worker to come for it."""
        await self._by_rows.drain(handlers)
        while self._under_way:
            await asyncio.wait(self._under_way)
            await self._by_rows.drain(handlers)

    @asynccontextmanager
    async def _opened(self, handlers: Handlers) -> AsyncIterator[App]:
        """Open connections of our own and close them however it ends: procrastinate keeps what failed to open."""
        asked = _asked_to_end()
        timeout, check = self._timing.opening, AsyncConnectionPool.check_connection
        pool = AsyncConnectionPool(
            self._store.url, min_size=1, max_size=_CONNECTIONS, timeout=timeout, open=False, check=check
        )
        try:
            await pool.open(wait=True, timeout=timeout)
            connector = PsycopgConnector()
            await connector.open_async(pool)
            app = App(connector=connector)
            self._register(app, handlers)
            async with self._store.begin() as work:
                await self._tell_time(work)
            if _asked_to_end() > asked:
                raise asyncio.CancelledError
            yield app
        finally:
            await pool.close()

    def _worker(self, app: App, line: Line) -> LineWorker:
        queues = [line.value, _UPKEEP] if line is Line.EVENTS else [line.value]
        timing = self._timing
        return LineWorker(
            app,
            queues,
            PLACES[line],
            heartbeat=timing.heartbeat,
            stale=timing.stale,
            poll=timing.poll,
            grace=timing.grace,
        )

    def _register(self, app: App, handlers: Handlers) -> None:
        """Tell `app` what jobs are for. They name a line and no function of ours, so that a rename loses none."""

        async def offer(context: JobContext, ids: list[int]) -> None:
            line = Line(context.job.queue)
            with self._watched():
                later = await handlers[line](ids)
            await self._again(app.job_manager, line, later)

        async def upkeep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says for when it was meant
            await self._give_back(app.job_manager)
            await self._sweep()

        app.task(name=_OFFER, pass_context=True, retry=Again(self._at))(offer)
        # Also because procrastinate, without any periodic task, no longer sees that a worker lost its line.
        kept = app.task(name=_UPKEEP, queue=_UPKEEP, queueing_lock=_UPKEEP)(upkeep)
        app.periodic(cron=f"* * * * * */{self._timing.upkeep}")(kept)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        done = asyncio.get_running_loop().create_future()
        self._under_way.add(done)
        try:
            yield
        finally:
            self._under_way.discard(done)
            done.set_result(None)

    async def _again(self, jobs: JobManager, line: Line, later: Mapping[int, float]) -> None:
        """Offer rows again, in a job for each time that is asked.

        Before their present job ends: a process that dies in between leaves two jobs and not none.
        """
        rounds: dict[float, list[int]] = {}
        for number, seconds in sorted(later.items()):
            rounds.setdefault(_rounded(seconds), []).append(number)
        if not rounds:
            return
        await jobs.batch_defer_jobs_async([_job(line, ids, self._at(wait)) for wait, ids in rounds.items()])
        for wait in rounds:
            if wait <= _NEAR:
                self._workers[line].look_in(wait)

    async def _give_back(self, jobs: JobManager) -> None:
        """Give back the jobs that nobody works on any more: their process died, or lost them while it lives."""
        stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=self._timing.stale))
        async with self._store.begin() as work:
            lost = await queue.left_behind(work)
        for job in stalled:
            if job.task_name == _UPKEEP and job.id:  # there will be another
                await jobs.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
        again = {job.id for job in stalled if job.task_name != _UPKEEP and job.id} | set(lost)
        for number in sorted(again):
            await jobs.retry_job_by_id_async(number, self._at(0.0))
        if again:
            log.warning("queue.given_back", jobs=len(again))
            for worker in self._workers.values():
                worker.look_in(0.0)
        await jobs.prune_stalled_workers(_FORGOTTEN)

    async def _sweep(self) -> None:
        """Offer what is due and has no job."""
        now = self._clock.now()
        async with self._store.begin() as work:
            found = {
                line: await queue.deliveries_without_job(work, now, urgent=urgent, line=line, limit=_SWEPT)
                for line, urgent in ((Line.REPLIES, True), (Line.PROMPTS, False))
            }
            found[Line.EVENTS] = await queue.events_without_job(work, line=Line.EVENTS, limit=_SWEPT)
            for line, ids in found.items():
                await self.enqueue(work, line, ids)
        if any(found.values()):
            log.info("queue.swept", **{line.value: len(ids) for line, ids in found.items()})

    async def _keep_time(self) -> None:
        """Look now and then: a clock can be put right, and this process may have slept."""
        while True:
            await asyncio.sleep(_NEAR)
            async with self._store.begin() as work:
                self._ahead = await queue.clock(work) - time.monotonic()

    async def _tell_time(self, work: UnitOfWork) -> None:
        """Know how far the database's clock is from ours."""
        if self._ahead is None:
            self._ahead = await queue.clock(work) - time.monotonic()

    def _at(self, seconds: float) -> datetime:
        """Say when, by the database's clock, so many seconds from now are."""
        return datetime.fromtimestamp(time.monotonic() + (self._ahead or 0.0) + seconds, UTC)


def _asked_to_end() -> int:
    """Count how often this task was asked to end: while a pool of connections opens, that can go unheard.

    To compare with an earlier count: on Python 3.11 a group of tasks that failed leaves one behind.
    """
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _job(line: Line, ids: Sequence[int], at: datetime | None) -> Job:
    return Job(
        queue=line.value,
        task_name=_OFFER,
        lock=None,
        queueing_lock=None,
        task_kwargs={"ids": list(ids)},
        scheduled_at=at,
    )


def _rounded(seconds: float) -> float:
    """Round up, so that what comes up about then comes up together: a tenth, from two seconds on a whole one."""
    step = 0.1 if seconds < _SOON else 1.0
    return min(math.ceil(seconds / step) * step, queue.LONGEST_WAIT)
