"""The short form of the fault suite: real processes, killed with -9 while weeks go by; the long form is `make faults`.

Every expected post is there exactly once where the platform knows keys or can be asked; where it does not, there is in
one conversation at most one more for each kill and for each post that the platform denied. None is lost, ever.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import verdict
from tests.faults.cluster import Cluster, cluster
from tests.faults.drum import ASKED, LATE, words
from tests.faults.oracle import Beat
from tests.faults.scenario import Outcome, Scenario
from tests.faults.scenarios import short
from tests.faults.season import begun, play
from tests.faults.verdict import Verdict
from tests.faults.waiting import until
from tests.project.sizes import ROOT

Record = Callable[[str, object], None]
EMBEDDED, DISTRIBUTED = short()


@pytest.fixture(scope="module")
def database() -> Iterator[Cluster]:
    with cluster() as found:
        yield found


async def test_killed_at_every_failpoint_nothing_is_lost_or_posted_twice(record_property: Record) -> None:
    outcome = await play(EMBEDDED)

    note(record_property, outcome)
    assert outcome.wrong == []
    assert len(outcome.kills) == len(EMBEDDED.deaths)
    assert outcome.verdict.twice == 0


@pytest.mark.xdist_group("postgres")
async def test_replicas_that_are_killed_and_lose_their_database_lose_no_post(
    database: Cluster, record_property: Record
) -> None:
    outcome = await play(DISTRIBUTED, database)

    note(record_property, outcome)
    assert outcome.wrong == []
    assert len(outcome.kills) >= len(DISTRIBUTED.deaths)


@pytest.mark.xdist_group("postgres")
async def test_replicas_that_find_an_empty_database_at_the_same_moment_all_begin(database: Cluster) -> None:
    three = Scenario("", "autumn", replicas=3, postgresql=True)

    async with begun(three, database, empty=True) as season, asyncio.timeout(30):
        sockets = [season.specify(number, None).socket for number in range(3)]
        await until(lambda: asyncio.sleep(0, bool(season.ward.failed) or all(socket.exists() for socket in sockets)))
        failed = [*season.ward.failed, *season.fell_over()]
        await season.ward.stop()

    assert failed == []


def note(record_property: Record, outcome: Outcome) -> None:
    """Keep the counts with the result of the test."""
    record_property("kills", len(outcome.kills))
    record_property("twice", f"{outcome.verdict.twice} of at most {outcome.allowed}")


# ---------------------------------------------------------------- the judge can be trusted

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
BEATS = {7: [Beat("2026-11-02T12:00", NOON), Beat("2026-11-03T12:00", NOON + timedelta(days=1))]}
FIRST, SECOND = ([words(7, beat.local, part) for part in ASKED] for beat in BEATS[7])


def judged(*said: str, at: datetime = NOON + timedelta(days=2)) -> Verdict:
    """Judge what a drum and one person heard."""
    posts = [{"text": text, "conversation": "plaza" if text.endswith("all") else "drum-7"} for text in said]
    answer = {"text": "help", "conversation": "dm:u0"}
    return verdict.judge(BEATS, 1, [*posts, answer], dict.fromkeys(said, at))


def test_when_everything_came_once_nothing_is_wrong() -> None:
    found = judged(*FIRST, *SECOND)

    assert found == Verdict(expected=7)


def test_what_did_not_come_is_lost() -> None:
    found = judged(*FIRST, *SECOND[:2])

    assert found.lost == SECOND[2:]


def test_what_came_twice_is_counted() -> None:
    found = judged(*FIRST, *SECOND, FIRST[0], FIRST[1])

    assert (found.twice, found.lost, found.wrong) == (2, [], [])


def test_what_came_before_its_hour_is_early() -> None:
    found = judged(*FIRST, *SECOND, at=NOON)

    assert found.wrong == [f"{text} came early" for text in SECOND]


def test_a_beat_that_is_said_to_be_late_is_not_asked_as_well() -> None:
    found = judged(words(7, BEATS[7][0].local, LATE), *SECOND, FIRST[1])

    assert (found.late, found.lost) == (1, [])
    assert f"nobody asked for {FIRST[1]}" in found.wrong


def test_what_comes_out_of_its_order_is_named() -> None:
    found = judged(FIRST[0], FIRST[2], FIRST[1], *SECOND)

    assert len(found.wrong) == 1
    assert found.wrong[0].startswith(f"{FIRST[1]} came after")


def outcome_of(scenario: Scenario, counts: dict[str, int], **found: int) -> Outcome:
    """An outcome with one kill."""
    return Outcome(scenario, Verdict(**found), ["send after"], counts, "", 0.0)  # type: ignore[arg-type]


def test_where_the_platform_knows_keys_nothing_may_come_twice() -> None:
    outcome = outcome_of(EMBEDDED, {"cut": 1}, twice=1)

    assert outcome.wrong == ["1 twice"]


@pytest.mark.parametrize(("twice", "notes"), [(3, 0), (4, 1)])
def test_where_it_does_not_more_than_one_for_each_kill_and_each_post_it_swallowed_is_noted(
    twice: int, notes: int
) -> None:
    outcome = outcome_of(DISTRIBUTED, {"cut": 1, "broken": 1, "refused": 5}, twice=twice)

    assert outcome.wrong == []
    assert len(outcome.notes) == notes


@pytest.mark.parametrize(("said", "too_often"), [("aab", 0), ("aabb", 0), ("aabbb", 1), ("aaaa", 1)])
def test_in_one_conversation_there_is_at_most_one_more_for_each_kill_and_each_post_it_swallowed(
    said: str, too_often: int
) -> None:
    plaza = [{"text": one, "conversation": "plaza", "doubtful": number == 0} for number, one in enumerate(said)]
    elsewhere = [{"text": one, "conversation": one, "doubtful": False} for one in "aabbcc"]

    found = list(verdict.too_often([*plaza, *elsewhere], kills=1))

    assert len(found) == too_often


@pytest.mark.parametrize(("counts", "wrong"), [({"impatient": 1}, 0), ({"impatient": 2}, 1), ({"hasty": 1}, 1)])
def test_who_does_not_wait_as_asked_is_told_so_except_who_died_knowing(counts: dict[str, int], wrong: int) -> None:
    outcome = outcome_of(EMBEDDED, counts)

    assert len(outcome.wrong) == wrong


async def test_a_scenario_whose_kills_do_not_happen_is_no_success() -> None:
    never = Scenario("never", "apia, no friday", deaths=(("send after", 10**6),), patience=4.0)

    outcome = await play(never)

    assert "nobody met send after" in outcome.wrong
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_replicas_end_when_whoever_started_them_is_killed() -> None:
    program = """if True:
        import asyncio
        from tests.faults.scenario import Scenario
        from tests.faults.season import begun
        from tests.faults.waiting import until

        async def run():
            async with begun(Scenario("left alone", "autumn")) as left:
                socket = left.specify(0, None).socket
                await until(lambda: asyncio.sleep(0, socket.exists()))
                print(socket, flush=True)
                await asyncio.sleep(60)

        asyncio.run(run())
    """
    pipe = asyncio.subprocess.PIPE
    with tempfile.TemporaryDirectory(prefix="kring-") as folder:  # short enough for the name of a socket
        surroundings = {**os.environ, "TMPDIR": folder}
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=ROOT, stdout=pipe, env=surroundings
        )
        assert parent.stdout is not None
        socket = Path((await parent.stdout.readline()).decode().strip())
        assert socket.is_relative_to(folder)

        parent.kill()
        await parent.wait()

        async with asyncio.timeout(10):
            await until(lambda: _hung_up(socket))


async def _hung_up(socket: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return True
    writer.close()
    await writer.wait_closed()
    return False
