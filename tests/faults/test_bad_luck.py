"""Bad luck with the store: damaged, newer, someone else's, in use, full, away. Nothing is lost, nothing done twice."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from bot.chat import markup
from bot.errors import ConfigError, StoreError
from bot.log import Tally
from bot.main import opened
from bot.platforms.room.messenger import RoomMessenger
from storage import pulses
from tests.talk import CHANNEL, DIRECT, Talk, settings, talking

STORE = "kring.db"
ROOMS = "kring.room.db"


@pytest.fixture
async def talk(folder: Path) -> AsyncIterator[Talk]:
    async with talking(folder) as talk:
        yield talk


async def refusal(folder: Path, **chosen: Any) -> ConfigError:  # noqa: ANN401 - whatever a setting is
    """Why Kring does not open on a folder."""
    with pytest.raises(ConfigError) as refused:
        async with opened(settings(folder, **chosen)):
            pass
    return refused.value


def rows(file: Path) -> list[str]:
    """All that a SQLite file holds, as statements."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


# ---------------------------------------------------------------- a store that cannot be opened


async def test_a_second_kring_on_one_file_is_refused_and_the_first_goes_on(talk: Talk, folder: Path) -> None:
    error = await refusal(folder)

    assert error.name == "KRING_DATABASE_URL"
    assert "another Kring is running on kring.db" in str(error)
    await talk.say("lotte", "help", DIRECT)
    assert "energie" in talk.newest("lotte")


async def test_a_store_that_was_closed_can_be_opened_again_in_the_same_process(folder: Path) -> None:
    for _ in range(2):
        async with opened(settings(folder)) as kring:
            assert await kring.problems() == {}


@pytest.mark.parametrize("name", [STORE, ROOMS])
async def test_a_file_of_other_bytes_is_refused_and_left_as_it_is(folder: Path, name: str) -> None:
    noise = os.urandom(8192)
    (folder / name).write_bytes(noise)

    error = await refusal(folder)

    assert error.name == "KRING_DATABASE_URL"
    assert "not a database" in str(error)
    assert (folder / name).read_bytes() == noise


@pytest.mark.parametrize("name", [STORE, ROOMS])
async def test_a_file_that_was_cut_short_is_refused(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) * 6 // 10])

    error = await refusal(folder)

    assert error.name == "KRING_DATABASE_URL"


async def test_a_store_of_a_newer_kring_is_refused_and_left_as_it_is(folder: Path) -> None:
    with closing(sqlite3.connect(folder / STORE)) as store, store:
        store.execute("update alembic_version set version_num = '9999'")
    before = rows(folder / STORE)

    error = await refusal(folder)

    assert "newer Kring" in str(error)
    assert "backup" in str(error)
    assert rows(folder / STORE) == before


async def test_a_room_of_a_newer_kring_is_refused(folder: Path) -> None:
    with closing(sqlite3.connect(folder / ROOMS)) as room:
        room.execute("pragma user_version = 9999")

    error = await refusal(folder)

    assert "newer Kring" in str(error)


async def test_another_key_than_the_stores_own_is_refused_before_anything_is_written(folder: Path) -> None:
    before = rows(folder / STORE)

    error = await refusal(folder, secret_key="another key, of more than thirty-two characters")

    assert error.name == "KRING_SECRET_KEY"
    assert ".key" in str(error)
    assert rows(folder / STORE) == before


async def test_a_key_that_was_lost_is_not_replaced_in_silence(folder: Path) -> None:
    (folder / "kring.key").unlink()

    error = await refusal(folder)

    assert error.name == "KRING_SECRET_KEY"
    assert not (folder / "kring.key").exists()  # so that the right one can be put back


async def test_a_key_of_which_the_writing_was_cut_short_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "kring.key").touch()

    error = await refusal(tmp_path)

    assert error.name == "KRING_SECRET_KEY"
    assert not (tmp_path / STORE).exists()


async def test_a_store_where_no_file_can_be_made_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()

    error = await refusal(tmp_path / "a file")

    assert error.name == "KRING_DATABASE_URL"
    assert "a file" in str(error)


# ---------------------------------------------------------------- a full disk


async def fill(talk: Talk) -> None:
    """Let the store's file not grow any more, as on a full disk."""
    async with talk.kring.store.engine.connect() as connection:
        pages = (await connection.execute(sa.text("pragma page_count"))).scalar_one()
        await connection.execute(sa.text(f"pragma max_page_count = {pages}"))


async def empty(talk: Talk) -> None:
    """Make space again."""
    async with talk.kring.store.engine.connect() as connection:
        await connection.execute(sa.text("pragma max_page_count = 1000000"))


async def log_energy(talk: Talk, number: int) -> None:
    with suppress(StoreError):
        await talk.say("lotte", f"energie 3 keer {number}", DIRECT)


async def kept(talk: Talk) -> int:
    """How many lines there are in everybody's journals."""
    async with talk.kring.store.begin() as work:
        return sum([len(await pulses.journal(work, person, 1000)) for person in range(1, 9)])


async def test_on_a_full_disk_the_room_keeps_what_was_said_and_it_is_worked_once_when_there_is_space(
    talk: Talk,
) -> None:
    before = await kept(talk)
    await fill(talk)
    said = 0
    while talk.view("lotte", DIRECT).held < 3:
        await log_energy(talk, said := said + 1)
        assert said < 500

    assert "database or disk is full" in await reason(talk)
    await empty(talk)
    await talk.kring.respond()

    assert talk.view("lotte", DIRECT).held == 0
    assert await kept(talk) == before + said
    assert await unsettled(talk) == []


class Disk:
    """The disk under a store: SQLite writes to it when it commits, into the journal first."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        """Let no file grow beyond what the journal is now."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._journal.stat().st_size, self._before[1]))

    def empty(self) -> None:
        """Make space again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@pytest.fixture
def disk(folder: Path) -> Iterator[Disk]:
    disk = Disk(folder / f"{STORE}-wal")
    yield disk
    disk.empty()


async def test_a_disk_that_refuses_at_the_commit_loses_nothing(talk: Talk, disk: Disk) -> None:
    before = await kept(talk)
    for number in range(20):  # so that the store's journal is the largest file there is
        await log_energy(talk, number)
    disk.fill()
    await log_energy(talk, 20)
    await log_energy(talk, 21)

    assert talk.view("lotte", DIRECT).held > 0
    disk.empty()
    await talk.kring.respond()

    assert talk.view("lotte", DIRECT).held == 0
    assert await kept(talk) == before + 22
    assert await unsettled(talk) == []


async def reason(talk: Talk) -> str:
    """What SQLite says when the store is written to."""
    async with talk.kring.store.engine.connect() as connection:
        statement = sa.text("insert into lane (key, free_at) values (hex(randomblob(100000)), 0)")
        with pytest.raises(sa.exc.OperationalError) as refused:
            await connection.execute(statement)
        await connection.rollback()
    return str(refused.value.orig)


async def unsettled(talk: Talk) -> list[Any]:
    """What still waits, in the inbox and on its way out."""
    query = (
        "select event_id from inbox where state != 'done' union select dedupe_key from delivery where state != 'sent'"
    )
    async with talk.kring.store.begin() as work:
        return list((await work.run(sa.text(query))).all())


async def test_when_the_rooms_own_file_is_full_the_page_says_that_nothing_was_kept(talk: Talk) -> None:
    room = talk.kring.room.state._database._connection
    pages = room.execute("pragma page_count").fetchone()[0]
    room.execute(f"pragma max_page_count = {pages}")
    before = len(talk.view("lotte", CHANNEL).talk)
    form = {"as": "lotte", "in": CHANNEL, "to": CHANNEL, "text": "w" * 3900}

    async with TestClient(TestServer(talk.kring.web(Tally()), host="127.0.0.1")) as client:
        answers = [await client.post("/room/say", data=form, headers={"Accept": "application/json"}) for _ in range(20)]

        refused = [answer for answer in answers if answer.status == 503]
        told = await refused[-1].json()
    assert told["message"] == markup.plain(talk.kring.prompts.voice("nl")("room/unkept").body)
    room.execute("pragma max_page_count = 1000000")
    assert len(talk.view("lotte", CHANNEL).talk) == before + len(answers) - len(refused)


# ---------------------------------------------------------------- a store that goes away for a while


class Thief:
    """Another program that holds the store's file for itself."""

    def __init__(self, talk: Talk, folder: Path) -> None:
        self._talk = talk
        self._connection = sqlite3.connect(folder / STORE, isolation_level=None)

    async def take(self) -> None:
        """Hold it; Kring waits for it no longer than a moment."""
        async with self._talk.kring.store.engine.connect() as connection:
            await connection.execute(sa.text("pragma busy_timeout = 1"))
        self._connection.execute("begin immediate")

    def give_back(self) -> None:
        """Let go of it."""
        self._connection.execute("rollback")


@pytest.fixture
def thief(talk: Talk, folder: Path) -> Iterator[Thief]:
    thief = Thief(talk, folder)
    with closing(thief._connection):
        yield thief


async def test_what_was_said_while_the_store_was_away_is_worked_once_it_is_back(talk: Talk, thief: Thief) -> None:
    before = await kept(talk)
    await thief.take()
    await log_energy(talk, 1)
    await log_energy(talk, 2)

    assert talk.view("lotte", DIRECT).held == 2
    thief.give_back()
    await talk.kring.respond()

    assert talk.view("lotte", DIRECT).held == 0
    assert await kept(talk) == before + 2
    assert await unsettled(talk) == []


async def test_the_clock_waits_for_a_store_that_is_away_and_then_asks_once(talk: Talk, thief: Thief) -> None:
    await talk.say("sanne", "/kring check-in nieuw")
    await talk.fill("sanne", question="Hoe gaat het?", when="elke dinsdag 9:00")
    await talk.tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
    await thief.take()
    talk.clock.move(next_tuesday := talk.clock.now().replace(day=3, hour=8))
    await talk.kring.planner.beat()

    thief.give_back()
    await talk.tick(next_tuesday)

    assert len([seen for seen in talk.see("lotte", CHANNEL) if "Hoe gaat het?" in seen.text]) == 1


async def test_a_message_that_was_sent_when_the_store_went_away_is_written_down_and_not_sent_again(
    talk: Talk, thief: Thief, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, posted = RoomMessenger.post, []

    async def post_and_lose(self: RoomMessenger, *args: Any, key: str) -> Any:  # noqa: ANN401 - as the real one
        posted.append(key)
        await thief.take()
        asyncio.get_running_loop().call_later(0.3, thief.give_back)
        return await post(self, *args, key=key)

    monkeypatch.setattr(RoomMessenger, "post", post_and_lose)

    await talk.say("lotte", "help", DIRECT)

    assert len(posted) == 1
    assert await unsettled(talk) == []
