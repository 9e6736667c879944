"""Operating Kring on a bad day: stopping it, looking it over, copying it, and reading what it wrote in the log."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from bot import cli, config, log, upkeep
from bot.errors import StoreError
from storage import checkins, schema
from storage.db import Store
from storage.sealed import Vault
from tests.faults.test_bad_luck import ROOMS, STORE, rows
from tests.faults.world import live
from tests.play import PLAY, QUESTION, Fill, Say
from tests.project.sizes import ROOT
from tests.talk import CHANNEL, DIRECT, settings, talking

# ---------------------------------------------------------------- stopping


class Running:
    """A Kring in a process of its own."""

    def __init__(self, folder: Path) -> None:
        chosen = {"KRING_DATABASE_URL": f"sqlite:///{folder / STORE}", "KRING_PORT": "0", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={**os.environ, **chosen},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.address = next(found[0] for line in self.process.stdout if (found := re.search(r"http://\S+/", line)))

    def post(self, gesture: str, **form: str) -> int:
        """Send a form of the page, and return the status."""
        data = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"{self.address}room/{gesture}", data, {"Accept": "application/json"})  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - idem
            return int(response.status)

    def stop(self) -> tuple[int, str]:
        """Send SIGTERM; return the status and the log."""
        self.process.send_signal(signal.SIGTERM)
        _, logged = self.process.communicate(timeout=30)
        return self.process.returncode, logged


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    running = Running(folder)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.communicate()


def test_sigterm_takes_nothing_more_in_finishes_what_it_took_and_exits_with_0(running: Running, folder: Path) -> None:
    for number in range(5):
        assert (
            running.post("say", **{"as": "lotte", "in": DIRECT, "to": "dm:lotte", "text": f"energie 4 keer {number}"})
            == 200
        )

    status, logged = running.stop()

    assert status == 0
    assert "kring.stopping" in logged
    assert "stop.undrained" not in logged
    with pytest.raises(urllib.error.URLError):
        running.post("say", **{"as": "lotte", "in": DIRECT, "to": "dm:lotte", "text": "nog een"})
    with closing(sqlite3.connect(folder / STORE)) as store:
        assert store.execute("select count(*) from inbox where state != 'done'").fetchone() == (0,)
        assert store.execute("select count(*) from delivery where state != 'sent'").fetchone() == (0,)
    with closing(sqlite3.connect(folder / ROOMS)) as room:
        assert room.execute("select count(*) from message where conversation = 'dm:lotte'").fetchone() == (12,)


# ---------------------------------------------------------------- the doctor


def garbled(folder: Path) -> None:
    (folder / STORE).write_bytes(os.urandom(8192))


def cut_short(folder: Path) -> None:
    whole = (folder / STORE).read_bytes()
    (folder / STORE).write_bytes(whole[: len(whole) * 6 // 10])


def of_a_newer_kring(folder: Path) -> None:
    with closing(sqlite3.connect(folder / STORE)) as store, store:
        store.execute("update alembic_version set version_num = '9999'")


def of_no_kring(folder: Path) -> None:
    (folder / STORE).unlink()
    with closing(sqlite3.connect(folder / STORE)) as store:
        store.execute("create table mine (id integer)")


def with_another_key(folder: Path) -> None:
    (folder / "kring.key").write_text("another key, of more than thirty-two characters")


def with_a_broken_prompt(folder: Path) -> None:
    (folder / "own" / "nl" / "help").mkdir(parents=True)
    (folder / "own" / "nl" / "help" / "help.md.j2").write_text("{% block title %}")


PROBLEMS: dict[Callable[[Path], None], tuple[str, str]] = {
    garbled: ("store file", "backup"),
    cut_short: ("store file", "backup"),
    of_a_newer_kring: ("schema", "install that version"),
    of_no_kring: ("schema", "kring migrate"),
    with_another_key: ("secret key", "ending .key"),
    with_a_broken_prompt: ("prompts", "nl/help/help.md.j2"),
}


def test_the_doctor_finds_nothing_wrong_with_a_healthy_kring(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.main(["doctor"])

    told = capsys.readouterr().out
    assert status == 0
    assert "WRONG" not in told


@pytest.mark.parametrize("spoil", PROBLEMS)
def test_the_doctor_names_a_problem_with_its_remedy_and_leaves_the_files_alone(
    spoil: Callable[[Path], None], folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("KRING_PROMPTS_DIR", str(folder / "own"))
    (folder / "own").mkdir(exist_ok=True)
    spoil(folder)
    before = contents(folder / STORE)

    status = cli.main(["doctor"])

    what, remedy = PROBLEMS[spoil]
    wrong = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    assert status == 1
    assert any(line.startswith(f"WRONG {what}: ") and remedy in line for line in wrong), wrong
    assert contents(folder / STORE) == before


def contents(file: Path) -> list[str] | bytes:
    """What is in a file, as far as SQLite can read it."""
    try:
        return rows(file)
    except sqlite3.Error:
        return file.read_bytes()


def test_the_doctor_says_what_is_no_problem_but_worth_knowing(
    folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / STORE).unlink()

    status = cli.main(["doctor"])

    assert status == 0
    assert "note  store: " in capsys.readouterr().out
    assert not (folder / STORE).exists()


async def test_the_doctor_can_look_at_a_kring_that_is_running(folder: Path) -> None:
    async with talking(folder):
        findings = await upkeep.examine(settings(folder))

    assert [str(finding) for finding in findings if finding.stops and finding.problem] == []
    assert any("running" in str(finding) for finding in findings)


# ---------------------------------------------------------------- copies


async def test_a_copy_made_while_kring_runs_opens_with_the_same_key_and_holds_every_row(folder: Path) -> None:
    async with talking(folder) as talk:
        await talk.say("sanne", "/kring check-in nieuw")
        await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00")
        await talk.tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
        await talk.tick("2026-11-03 09:00 Europe/Amsterdam")
        await talk.say("lotte", "Peerfeedback.", under=QUESTION)

        told = await upkeep.backup(settings(folder), folder / "copy.db")

        assert "secret key" in told
    copy = Store(f"sqlite:///{folder / 'copy.db'}", Vault(config.secret(settings(folder), folder / STORE)))
    await schema.check_key(copy)
    async with copy.begin() as work:
        ((answer, person),) = await checkins.answers_of(work, 1)
        assert (work.vault.read(answer.words or b""), person.user_id) == ("Peerfeedback.", "lotte")
    await copy.close()


async def test_a_copy_never_takes_the_place_of_a_file_and_leaves_no_half_one(folder: Path) -> None:
    (folder / "there").write_text("mine")

    with pytest.raises(StoreError, match="is there already"):
        await upkeep.backup(settings(folder), folder / "there")
    garbled(folder)
    with pytest.raises(StoreError, match="the copy failed"):
        await upkeep.backup(settings(folder), folder / "half")

    assert (folder / "there").read_text() == "mine"
    assert not (folder / "half").exists()


# ---------------------------------------------------------------- the log


def test_the_log_of_a_whole_play_holds_no_words_no_tokens_and_nobodys_energy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.set_up(style="json", level="debug", tally=log.Tally())

    asyncio.run(live(tmp_path))
    structlog.reset_defaults()

    told = capsys.readouterr()
    entries = [json.loads(line) for line in (told.out + told.err).splitlines()]
    written = json.dumps(entries, ensure_ascii=False)
    assert len(entries) > 100
    assert [words for words in typed() if words in written] == []
    assert [token for token in tokens(tmp_path) if token in written] == []
    assert re.findall(r"energy\.answer\|", written) == []
    assert {"score", "arg", "value", "user", "person", "member"} & {key for entry in entries for key in entry} == set()


def typed() -> list[str]:
    """What the people of the play wrote, commands aside."""
    said = [step.text for step in PLAY if isinstance(step, Say) and " " in step.text and not step.text.startswith("/")]
    filled = [words for step in PLAY if isinstance(step, Fill) for words in step.values.values()]
    return [*said, *filled]


def tokens(folder: Path) -> list[str]:
    """What must stay secret: the key, the tokens of deliveries and of answers to a pulse."""
    with closing(sqlite3.connect(folder / STORE)) as store:
        rows = store.execute("select token from delivery union select token from energy_pulse_score").fetchall()
    return [(folder / "kring.key").read_text(), *(token for (token,) in rows if token)]
