"""The engine of several processes: what it leaves behind, what it finds back, and what it says."""

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.delivery.engine import Line
from bot.delivery.procrastinate import CHUNK, ProcrastinateEngine
from bot.delivery.worker import Bell
from bot.errors import StoreError
from storage import deliveries, inbox
from storage.inbox import Arrival
from tests.contracts.engine import AT_MOST, Hand, handlers, nothing, put, row, running
from tests.delivery.conftest import Post
from tests.delivery.test_engines import HASTY
from tests.project.sizes import ROOT
from tests.storage.rows import NOW, look, look_one, run

pytestmark = pytest.mark.xdist_group("postgres")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
DOOMED = """
import asyncio, sys
from bot.delivery.engine import Line
from bot.delivery.procrastinate import ProcrastinateEngine
from tests.conftest import opened
from tests.delivery.test_engines import HASTY
from tests.fakes.clock import StandingClock

async def hang(ids):
    print(*ids, flush=True)
    await asyncio.sleep(3600)

engine = ProcrastinateEngine(opened(sys.argv[1]), StandingClock(), HASTY)
asyncio.run(engine.run(dict.fromkeys(Line, hang)))
"""


@pytest.fixture
def post(postgres_post: Post) -> Post:
    return postgres_post


@pytest.fixture
def engine(post: Post) -> ProcrastinateEngine:
    return ProcrastinateEngine(post.store, post.clock, HASTY)


async def jobs(post: Post) -> list[tuple[str, list[int]]]:
    """The jobs there are for rows: their queue and the ids they hold."""
    query = "select queue_name, args -> 'ids' from procrastinate_jobs where task_name = 'offer' order by id"
    return [(name, ids) for name, ids in await look(post.store, query)]


async def an_event(post: Post, engine: ProcrastinateEngine | None) -> int:
    """Take an event in, and offer it as the dispatcher does."""
    async with post.store.begin() as work:
        (number,) = await inbox.keep(work, [Arrival("fake", "w", "event", b"{}", NOW)])
        assert number is not None
        if engine:
            await engine.enqueue(work, Line.EVENTS, [number])
    return number


async def test_a_job_holds_a_handful_and_names_no_more_than_numbers(post: Post, engine: ProcrastinateEngine) -> None:
    numbers = await put(post, engine, Line.PROMPTS, *(f"post {number}" for number in range(2 * CHUNK + 1)))

    assert await jobs(post) == [
        ("prompts", numbers[:CHUNK]),
        ("prompts", numbers[CHUNK : 2 * CHUNK]),
        ("prompts", numbers[2 * CHUNK :]),
    ]
    assert await look_one(post.store, "select count(*) from procrastinate_jobs where args - 'ids' <> '{}'") == 0


async def test_nothing_stays_behind_in_the_tables_of_the_queue(post: Post, engine: ProcrastinateEngine) -> None:
    hand = Hand(post.sender)
    async with running(engine, handlers(hand)):
        await put(post, engine, Line.PROMPTS, *(f"post {number}" for number in range(60)))
        await hand.until(lambda: len(post.messenger.said()) == 60)

    assert await jobs(post) == []
    assert await look_one(post.store, "select count(*) from procrastinate_workers") == 0
    assert await look_one(post.store, "select count(*) from procrastinate_jobs") <= 1  # the next round of the upkeep


async def test_an_event_that_its_process_did_not_work_is_offered_after_a_while(
    post: Post, engine: ProcrastinateEngine
) -> None:
    hand = Hand(nothing)
    async with running(engine, handlers(nothing, events=hand)):
        number = await an_event(post, engine)
        began = asyncio.get_running_loop().time()
        await hand.until(lambda: hand.offered)

    assert hand.offered[number][0] - began >= HASTY.rescue - 0.1


async def test_what_has_no_job_is_found_and_offered_once(post: Post, engine: ProcrastinateEngine) -> None:
    """As after a job was lost, or when an older Kring made the row."""
    async with post.store.begin() as work:
        (reply,) = await deliveries.add(work, [row(post, "reply", urgent=True)])
        (prompt,) = await deliveries.add(work, [row(post, "prompt")])
        await deliveries.add(work, [row(post, "done", state="sent"), row(post, "held", lease_until=9e9)])
        await deliveries.add(work, [row(post, "later", not_before=NOW.replace(year=2027))])
    event = await an_event(post, None)

    await engine._sweep()
    await engine._sweep()

    assert sorted(await jobs(post)) == [("events", [event]), ("prompts", [prompt]), ("replies", [reply])]


async def test_a_job_that_comes_up_much_too_late_does_not_count(post: Post, engine: ProcrastinateEngine) -> None:
    """As after the clock of the database was put back."""
    (number,) = await put(post, engine, Line.PROMPTS, "lost")
    await run(post.store, "update procrastinate_jobs set scheduled_at = now() + interval '1 day'")

    await engine._sweep()

    assert await jobs(post) == [("prompts", [number])] * 2


async def test_what_a_killed_process_had_in_hand_is_offered_to_another(post: Post, engine: ProcrastinateEngine) -> None:
    hand = Hand(post.sender)
    numbers = await put(post, engine, Line.PROMPTS, "a", "b")
    doomed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DOOMED, post.store.url, stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT
    )
    assert doomed.stdout
    taken = await doomed.stdout.readline()
    doomed.kill()
    await doomed.wait()

    async with running(engine, handlers(hand)):
        await hand.until(lambda: len(post.messenger.said()) == 2)

    assert [int(number) for number in taken.split()] == numbers
    assert sorted(post.messenger.said()) == ["a", "b"]


async def test_a_job_whose_worker_lives_but_forgot_it_is_given_back(post: Post, engine: ProcrastinateEngine) -> None:
    hand = Hand(post.sender)
    async with running(engine, handlers(hand)):
        await put(post, engine, Line.REPLIES, "first")
        await hand.until(post.messenger.said)
        async with post.store.begin() as work:
            await engine.enqueue(work, Line.REPLIES, await deliveries.add(work, [row(post, "lost", urgent=True)]))
            await work.connection.exec_driver_sql(
                "update procrastinate_jobs set status = 'doing',"
                " worker_id = (select max(id) from procrastinate_workers) where queue_name = 'replies'"
            )
            await work.connection.exec_driver_sql("update procrastinate_events set at = now() - interval '1 day'")
        await hand.until(lambda: len(post.messenger.said()) == 2)

    assert post.messenger.said() == ["first", "lost"]


async def test_two_processes_share_the_work(post: Post, engine: ProcrastinateEngine) -> None:
    other = ProcrastinateEngine(post.store, post.clock, HASTY)
    both = asyncio.Barrier(2)

    async def together(_: Sequence[int]) -> Mapping[int, float]:
        async with asyncio.timeout(AT_MOST):
            await both.wait()
        return {}

    one, two = Hand(nothing, together), Hand(nothing, together)
    two.news = one.news
    async with running(engine, handlers(one)), running(other, handlers(two)):
        numbers = list(range(20 * CHUNK))  # of no row, since the upkeep would offer rows that nobody sends again
        async with post.store.begin() as work:
            await engine.enqueue(work, Line.PROMPTS, numbers)
        await one.until(lambda: len(one.offered) + len(two.offered) == len(numbers))

    assert one.offered
    assert two.offered
    assert sorted([*one.offered, *two.offered]) == numbers


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144])
async def test_an_engine_that_is_stopped_while_it_begins_stops(engine: ProcrastinateEngine, steps: int) -> None:
    task = asyncio.create_task(engine.run(handlers(nothing)))
    for _ in range(steps):
        await asyncio.sleep(0.001)

    task.cancel()
    async with asyncio.timeout(AT_MOST):
        await asyncio.gather(task, return_exceptions=True)

    assert task.cancelled()


async def test_an_engine_whose_worker_stopped_is_picked_up_again(post: Post, engine: ProcrastinateEngine) -> None:
    """As after a restart of the database."""
    hand = Hand(post.sender)
    async with running(engine, handlers(hand)):
        for round_ in range(2):
            await put(post, engine, Line.PROMPTS, f"post {round_}")
            await hand.until(lambda: len(post.messenger.said()) == round_ + 1)  # noqa: B023 - awaited at once
            engine._workers[Line.PROMPTS].stop()  # type: ignore[no-untyped-call] # theirs
        await put(post, engine, Line.PROMPTS, "at last")
        await hand.until(lambda: len(post.messenger.said()) == 3)

    assert post.messenger.said() == ["post 0", "post 1", "at last"]


async def test_a_store_that_is_gone_is_said_to_be_gone(post: Post, engine: ProcrastinateEngine) -> None:
    async def offer() -> None:
        async with post.store.begin() as work:
            raw = (await work.connection.get_raw_connection()).driver_connection
            assert raw is not None
            await raw.close()
            await engine.enqueue(work, Line.REPLIES, [1])

    with pytest.raises(StoreError):
        await offer()


async def test_the_log_says_that_something_went_wrong_and_not_what_was_said(
    post: Post, engine: ProcrastinateEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    async def failed(_: Sequence[int]) -> Mapping[int, float]:
        raise LookupError("what Lotte wrote")

    hand = Hand(post.sender, failed)
    with capture_logs() as logs:
        logging.getLogger("procrastinate.worker").error("what Daan wrote")
        async with running(engine, handlers(hand)):
            await put(post, engine, Line.PROMPTS, "a")
            await hand.until(post.messenger.said)

    assert "wrote" not in f"{logs}{capfd.readouterr()}"
    assert "queue.trouble" in {entry["event"] for entry in logs}


async def test_a_bell_that_rings_before_anybody_listens_is_heard_once() -> None:
    bell = Bell()
    bell.set()
    bell.clear()

    await bell.wait()

    assert not bell.is_set()


def test_nothing_of_procrastinate_is_loaded_for_a_file(tmp_path: Path) -> None:
    look = "import sys, bot.main; assert 'procrastinate' not in sys.modules"

    done = subprocess.run([sys.executable, "-c", look], cwd=tmp_path, env=ENVIRONMENT, check=False)

    assert done.returncode == 0
