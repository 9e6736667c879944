"""Kring starts in Teams: alone, beside Slack, and for a client on this machine."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.log import Tally
from bot.main import opened_on_platforms, serve
from bot.platforms.teams import checkup
from bot.platforms.teams.app import PATH
from tests import talk
from tests.fakes.teams import issuer
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID, TENANT
from tests.serving import served

REGISTERED = {"teams_app_id": APP_ID, "teams_app_password": issuer.PASSWORD, "teams_tenant_id": TENANT}
SLACK = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s"}
KEY = {"secret_key": "thirty-two characters, or a few more"}


async def started(folder: Path, **chosen: Any) -> str:  # noqa: ANN401 - whatever a setting is
    """What a start says, which is then stopped."""
    stopping, said = asyncio.Event(), list[str]()

    def say(text: str) -> None:
        said.append(text)
        stopping.set()

    await serve(talk.settings(folder, port=0, **chosen), stopping, Tally(), say)
    return said[0]


async def test_a_start_for_a_client_on_this_machine_says_that_nobody_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    said = await started(tmp_path, teams_auth="off")

    assert "In Teams: " in said
    assert "TEAMS_AUTH=off" in said
    assert "Slack" not in said
    assert "Sanne" not in said


async def test_a_start_in_both_places_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async with FakeTeams.started() as teams:
        where = {"teams_openid_metadata_url": teams.metadata_url, "teams_token_url": teams.token_url}
        said = await started(tmp_path, **REGISTERED, **SLACK, **KEY, **where)

    assert "In Slack: " in said
    assert "In Teams: " in said
    assert "TEAMS_AUTH" not in said


async def test_both_answer_at_their_own_address_and_to_the_doctor(tmp_path: Path) -> None:
    async with (
        FakeTeams.started() as teams,
        opened_on_platforms(
            talk.settings(
                tmp_path, **REGISTERED, **SLACK, **KEY,
                teams_openid_metadata_url=teams.metadata_url, teams_token_url=teams.token_url,
            )
        ) as kring,
        served(kring.web(Tally())) as address,
        ClientSession() as stranger,
    ):  # fmt: skip
        statuses = [(await stranger.post(address + path)).status for path in (PATH, "/slack/events")]
        way_in = await checkup._address(stranger, address)

    assert [one.messenger.platform for one in kring.platforms] == ["slack", "teams"]
    assert statuses == [401, 401]
    assert way_in.fault is None
