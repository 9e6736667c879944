"""What stops a start: a wrong setting says its name, what is wrong and an example, before anything is written."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import cli, config
from bot.chat.prompts import SHIPPED
from bot.errors import ConfigError
from bot.log import Tally
from bot.main import opened, serve
from tests.fakes.clock import StandingClock
from tests.faults.test_bad_luck import STORE, rows
from tests.talk import DIRECT, Talk, settings

WRONG = {
    "KRING_TIMEZONE": ("Europa/Amsterdam", "Europe/Amsterdam"),
    "KRING_PORT": ("70000", "3978"),
    "KRING_LANGUAGE": ("de", "nl"),
    "KRING_SECRET_KEY": ("short", "openssl rand -hex 32"),
    "KRING_DATABASE_URL": ("mysql://kring", "sqlite:///kring.db"),
    "KRING_LOG_LEVEL": ("loud", "info"),
    "KRING_LOG_FORMAT": ("xml", "json"),
    "KRING_PUBLIC_URL": ("http://kring.example.org", "https://kring.example.org"),
    "SLACK_BOT_TOKEN": ("xapp-1", "xoxb-"),
    "SLACK_APP_TOKEN": ("xoxb-1", "xapp-"),
    "SLACK_API_URL": ("slack.com", "https://slack.com/api/"),
    "TEAMS_APP_ID": ("kring", "12345678-90ab-cdef-1234-567890abcdef"),
    "TEAMS_TENANT_ID": ("example.onmicrosoft.com", "12345678-90ab-cdef-1234-567890abcdef"),
    "TEAMS_AUTH": ("no", "on"),
    "TEAMS_OPENID_METADATA_URL": ("login.botframework.com", "https://login.botframework.com/"),
    "TEAMS_TOKEN_URL": ("ftp://login.microsoftonline.com", "https://login.microsoftonline.com/{tenant}/"),
}
GUID = "12345678-90ab-cdef-1234-567890abcdef"
TEAMS = {"TEAMS_APP_ID": GUID, "TEAMS_APP_PASSWORD": "p", "TEAMS_TENANT_ID": GUID}
KEY = "thirty-two characters, or a few more"
AT_ODDS = [
    ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET"),
    ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}, "KRING_SECRET_KEY"),
    ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "KRING_SECRET_KEY"),
    ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN"),
    ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
    ({"SLACK_CLIENT_ID": "1.1"}, "SLACK_CLIENT_SECRET"),
    ({"SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_ID"),
    ({"SLACK_CLIENT_ID": "1.1", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "s"}, "KRING_PUBLIC_URL"),
    (
        {"SLACK_CLIENT_ID": "1.1", "SLACK_CLIENT_SECRET": "s", "KRING_PUBLIC_URL": "https://a.nl"},
        "SLACK_SIGNING_SECRET",
    ),
    ({"SLACK_CLIENT_ID": "1.1", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN"),
    ({"TEAMS_APP_ID": GUID, "TEAMS_TENANT_ID": GUID, "KRING_SECRET_KEY": KEY}, "TEAMS_APP_PASSWORD"),
    ({"TEAMS_APP_ID": GUID, "TEAMS_APP_PASSWORD": "p", "KRING_SECRET_KEY": KEY}, "TEAMS_TENANT_ID"),
    ({"TEAMS_APP_PASSWORD": "p"}, "TEAMS_APP_ID"),
    ({"TEAMS_TENANT_ID": GUID}, "TEAMS_APP_ID"),
    (TEAMS, "KRING_SECRET_KEY"),
    ({"TEAMS_AUTH": "off", "KRING_HOST": "192.0.2.1"}, "KRING_HOST"),
    ({"TEAMS_AUTH": "off", "KRING_PUBLIC_URL": "https://kring.example.org"}, "TEAMS_AUTH"),
    (TEAMS | {"TEAMS_AUTH": "OFF", "KRING_SECRET_KEY": KEY, "KRING_HOST": "0.0.0.0"}, "KRING_HOST"),  # noqa: S104 - which is refused
]


@pytest.mark.parametrize(("given", "name"), AT_ODDS)
def test_settings_that_do_not_go_together_stop_the_start(
    given: dict[str, str], name: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for setting, value in given.items():
        environment.setenv(setting, value)

    status = cli.main(["run"])

    told = capsys.readouterr().err
    assert status == 1
    assert told.startswith(f"kring: {name}: ")
    assert "For example: " in told


def test_slacks_settings_are_read_from_a_file_too(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\nKRING_SECRET_KEY={KEY}\n")
    environment.chdir(tmp_path)

    assert config.read().slack


def test_without_its_check_teams_answers_this_machine_only_whatever_else_is_asked(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("TEAMS_AUTH", "off")

    refused = [cli.main([*words, "--host", "192.0.2.1"]) for words in (["run"], ["run", "--room"])]

    assert refused == [1, 1]
    assert capsys.readouterr().err.count("kring: KRING_HOST: ") == 2


def test_teams_is_there_by_an_app_or_without_its_check(environment: pytest.MonkeyPatch) -> None:
    assert not config.read().teams

    environment.setenv("TEAMS_AUTH", "off")
    without = config.read()
    environment.setenv("TEAMS_AUTH", "on")
    for name, value in (TEAMS | {"KRING_SECRET_KEY": KEY}).items():
        environment.setenv(name, value.upper() if value == GUID else value)
    by_an_app = config.read()

    assert without.teams
    assert by_an_app.teams
    assert by_an_app.teams_tenant_id == GUID


async def test_the_room_has_a_store_of_its_own_where_kring_lives_in_slack(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.chdir(tmp_path)
    chosen = settings(tmp_path, slack_bot_token="xoxb-1", slack_app_token="xapp-1", secret_key=KEY, port=0)
    stopping, said = asyncio.Event(), list[str]()

    def say(text: str) -> None:
        said.append(text)
        stopping.set()

    await serve(chosen, stopping, Tally(), say, room=True)

    assert "Sanne" in said[0]
    assert (tmp_path / "kring-room.db").exists()
    assert not (tmp_path / STORE).exists()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named_with_an_example(
    name: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, example = WRONG[name]
    environment.setenv(name, wrong)

    status = cli.main(["run"])

    told = capsys.readouterr().err
    assert status == 1
    assert told.startswith(f"kring: {name}: ")
    assert example in told.partition("For example: ")[2]
    assert told.count("\n") == 1


def test_a_port_that_is_no_number_is_named_with_an_example(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KRING_PORT", "http")

    with pytest.raises(ConfigError, match=r"KRING_PORT: .* For example: 3978"):
        config.read()


def test_a_secret_that_is_too_short_is_not_repeated(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("KRING_SECRET_KEY", "hunter2hunter2")

    cli.main(["run"])

    assert "hunter2" not in capsys.readouterr().err


def test_postgresql_without_a_secret_is_refused(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("KRING_DATABASE_URL", "postgresql://kring@127.0.0.1:1/kring")

    status = cli.main(["run"])

    assert status == 1
    assert capsys.readouterr().err.startswith("kring: KRING_SECRET_KEY: ")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


def test_a_port_in_use_is_named_with_another_one_and_the_store_is_left_alone(
    folder: Path, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], taken: int
) -> None:
    before = rows(folder / STORE)

    status = cli.main(["run", "--port", str(taken)])

    told = capsys.readouterr().err
    assert status == 1
    assert f"kring: KRING_PORT: {taken} is in use" in told
    assert "KRING_PORT=3979" in told
    assert "Traceback" not in told
    assert rows(folder / STORE) == before


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104 - which is refused
def test_a_host_that_others_can_reach_is_refused_with_the_room(
    host: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.main(["run", "--host", host])

    assert status == 1
    assert capsys.readouterr().err.startswith("kring: KRING_HOST: ")


# ---------------------------------------------------------------- prompts of one's own

ASK = "nl/energy/badscore.md.j2"


def own(folder: Path, name: str, text: str) -> Path:
    """A folder with one prompt of one's own."""
    file = folder / "own" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return folder / "own"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (ASK, "{% block title %}Oeps{% endblock", "line 1"),
        (ASK, "{% block body %}{{ nobody }}{% endblock %}", "nobody"),
        (ASK, "{% block body %}\n{% if score %}\n{% endblock %}", "line 3"),
        ("nl/energy/badscroe.md.j2", "{% block body %}{% endblock %}", "badscroe"),
        ("de/energy/badscore.md.j2", "{% block body %}{% endblock %}", "de/energy"),
    ],
)
async def test_a_prompt_that_cannot_work_is_refused_at_the_start_by_its_file(
    folder: Path, name: str, text: str, told: str
) -> None:
    prompts = own(folder, name, text)

    with pytest.raises(ConfigError, match="KRING_PROMPTS_DIR") as refused:
        async with opened(settings(folder, prompts_dir=prompts)):
            pass

    assert name in str(refused.value)
    assert told in str(refused.value)


@pytest.mark.parametrize("name", ["kring.key", "not there"])
async def test_prompts_in_what_is_not_a_folder_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="is not a folder") as refused:
        async with opened(settings(folder, prompts_dir=folder / name)):
            pass

    assert refused.value.name == "KRING_PROMPTS_DIR"


async def test_the_example_that_a_refusal_gives_is_a_prompt_that_is_there(folder: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        async with opened(settings(folder, prompts_dir=folder / "not there")):
            pass

    example = str(refused.value).rpartition("prompts/")[2].rstrip(".")
    assert (SHIPPED / example).is_file()


@pytest.mark.parametrize(
    "text", ["{% block title %}{{ 1 // 0 }}{% endblock %}", "{% block title %}{{ voice.dag() }}{% endblock %}"]
)
async def test_a_prompt_that_fails_only_when_it_is_rendered_gives_way_to_the_shipped_one(
    folder: Path, text: str
) -> None:
    prompts = own(folder, ASK, text)

    clock = StandingClock()
    async with opened(settings(folder, prompts_dir=prompts), clock=clock) as kring:
        talk = Talk(kring, clock)
        with capture_logs() as logged:
            await talk.say("lotte", "energie 9", DIRECT)

        shipped = talk.kring.prompts.voice("en")("energy/badscore")
        assert "energie 4" in talk.newest("lotte")
        assert shipped.title not in talk.newest("lotte")
    failed = [entry for entry in logged if entry["event"] == "prompt.own.failed"]
    assert failed
    assert failed[0]["template"] == "nl/energy/badscore"
