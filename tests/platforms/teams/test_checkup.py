"""What `kring doctor` finds between Kring and Teams, and the remedy that it names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot import checkups, cli, upkeep
from bot.config import Settings
from bot.platforms.teams import checkup
from bot.platforms.teams.app import PATH
from bot.platforms.teams.registration import Registration
from tests.fakes.teams import faults, issuer
from tests.fakes.teams.faults import Fault
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID, TENANT
from tests.serving import served

PASSWORD, KEYS, WAY_IN = "TEAMS_APP_PASSWORD", "Teams' signing keys", "Teams' way in"


@pytest.fixture
async def there() -> AsyncIterator[FakeTeams]:
    async with FakeTeams.started() as teams:
        yield teams


def registered(teams: FakeTeams) -> Registration:
    """The registration that this Teams knows."""
    return Registration(
        APP_ID, issuer.PASSWORD, TENANT, metadata_url=teams.metadata_url, token_url=teams.token_url
    )  # fmt: skip


async def found(registration: Registration, public_url: str | None = None) -> dict[str, str]:
    """What the doctor says, by what it is about."""
    checks = await checkup.examined(registration, public_url)
    return {check.matter: checkups.teams_remedy(check) for check in checks}


@asynccontextmanager
async def answering(status: int, **headers: str) -> AsyncIterator[str]:
    """Somebody on this machine who answers so at the address that Teams calls."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers)

    app = web.Application()
    app.router.add_post(PATH, answer)
    async with served(app) as address:
        yield address


async def test_what_is_right_is_said_to_be_right(there: FakeTeams) -> None:
    async with answering(401) as address:
        assert await found(registered(there), address) == {PASSWORD: "", KEYS: "", WAY_IN: ""}
    assert there.asked == ["token", "metadata", "keys"]


async def test_a_secret_that_is_refused_says_where_to_find_the_right_one(there: FakeTeams) -> None:
    problem = (await found(replace(registered(there), password="wrong")))[PASSWORD]

    assert problem.startswith("refused (no token: invalid_client")
    assert "Certificates & secrets" in problem
    assert "wrong" not in problem


@pytest.mark.parametrize(
    ("number", "named"),
    [
        ("AADSTS700016", "TEAMS_APP_ID"),
        ("AADSTS90002", "TEAMS_TENANT_ID"),
        ("AADSTS7000215", "Secret ID"),
        ("AADSTS7000222", "has ended"),
    ],
)
async def test_microsofts_own_number_is_told_in_words(there: FakeTeams, number: str, named: str) -> None:
    there.will(Fault(400, f'{{"error": "invalid_client", "error_description": "{number}: no."}}'), on="token")

    problem = (await found(registered(there)))[PASSWORD]

    assert number in problem
    assert named in problem.partition(";")[0]


@pytest.mark.parametrize("fault", [faults.page(), Fault(500, "{}")], ids=["a page", "500"])
async def test_a_microsoft_that_does_not_answer_is_not_a_wrong_secret(there: FakeTeams, fault: Fault) -> None:
    there.will(fault, on="token")

    problem = (await found(registered(there)))[PASSWORD]

    assert "cannot be asked" in problem
    assert "TEAMS_TOKEN_URL" in problem


async def test_a_microsoft_that_is_not_there_is_named_for_each_address(there: FakeTeams) -> None:
    away = replace(registered(there), metadata_url="http://127.0.0.1:9/keys", token_url="http://127.0.0.1:9/token")

    problems = await found(away)

    assert "TEAMS_TOKEN_URL" in problems[PASSWORD]
    assert "TEAMS_OPENID_METADATA_URL" in problems[KEYS]
    assert "http://127.0.0.1:9/keys" in problems[KEYS]


@pytest.mark.parametrize("operation", ["metadata", "keys"])
async def test_keys_that_cannot_be_read_are_named(there: FakeTeams, operation: str) -> None:
    there.will(faults.page(), on=operation)

    assert "TEAMS_OPENID_METADATA_URL" in (await found(registered(there)))[KEYS]


@pytest.mark.parametrize("status", [200, 302, 404, 502, 503])
async def test_an_address_at_which_a_stranger_is_not_refused_is_not_kring(there: FakeTeams, status: int) -> None:
    headers = {"Location": "https://login.example.org/"} if status == 302 else {}
    async with answering(status, **headers) as address:
        problem = (await found(registered(there), address))[WAY_IN]

    assert f"silent (HTTP {status})" in problem
    assert PATH in problem


async def test_an_address_where_nobody_is_or_that_is_not_known_says_so(there: FakeTeams) -> None:
    assert "ClientConnectorError" in (await found(registered(there), "http://127.0.0.1:9"))[WAY_IN]
    assert "KRING_PUBLIC_URL" in (await found(registered(there)))[WAY_IN]


def settings(folder: Path, teams: FakeTeams, **chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    usual: dict[str, Any] = {
        "teams_app_id": APP_ID, "teams_app_password": issuer.PASSWORD, "teams_tenant_id": TENANT, "port": 0,
        "teams_openid_metadata_url": teams.metadata_url, "teams_token_url": teams.token_url,
    }  # fmt: skip
    where = f"sqlite:///{folder / 'kring.db'}"
    return Settings(_env_file=None, database_url=where, secret_key=SecretStr("s" * 32), **(usual | chosen))


async def test_the_doctor_looks_at_teams(tmp_path: Path, there: FakeTeams) -> None:
    wrong = await upkeep.examine(settings(tmp_path, there, teams_app_password="wrong"))
    right = await upkeep.examine(settings(tmp_path, there))

    assert [one.what for one in wrong if one.problem and one.stops] == [PASSWORD]
    assert [one.what for one in right if one.problem and one.stops] == []
    assert {PASSWORD, KEYS, WAY_IN} <= {one.what for one in right}


async def test_without_its_check_teams_is_noted_and_nobody_is_asked(tmp_path: Path, there: FakeTeams) -> None:
    noted = {one.what: one for one in await upkeep.examine(settings(tmp_path, there, teams_auth="off"))}

    assert "this machine" in noted["TEAMS_AUTH"].problem
    assert not noted["TEAMS_AUTH"].stops
    assert there.asked == []


def test_the_doctor_prints_what_it_found_and_no_line_of_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = {"TEAMS_TOKEN_URL": "http://127.0.0.1:9/token", "TEAMS_OPENID_METADATA_URL": "http://127.0.0.1:9/keys"}
    given = {"TEAMS_APP_ID": APP_ID, "TEAMS_APP_PASSWORD": "wrong", "TEAMS_TENANT_ID": TENANT, "KRING_PORT": "0"}
    for name, value in (nowhere | given | {"KRING_SECRET_KEY": "s" * 32}).items():
        monkeypatch.setenv(name, value)

    status = cli.main(["doctor"])

    told = capsys.readouterr()
    assert status == 1
    assert {line[:6] for line in told.out.splitlines()} == {"ok    ", "WRONG ", "note  "}
    assert told.err == ""
