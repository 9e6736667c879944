"""What `kring doctor` finds between Kring and Slack, and the remedy that it names."""

from pathlib import Path
from typing import Any

import pytest

from bot import checkups, upkeep
from bot.platforms.slack import checkup
from bot.platforms.slack.workplace import Access
from tests.fakes.slack.server import FakeSlack
from tests.platforms.slack.living import furnished, living, settings


@pytest.fixture
async def house_slack(slack: FakeSlack) -> FakeSlack:
    furnished(slack)
    return slack


async def found(slack: FakeSlack, public_url: str | None = None, **chosen: Any) -> dict[str, str]:  # noqa: ANN401 - what Access has
    access = Access(slack.api_url, **({"bot_token": "xoxb-T1"} | chosen))
    return {check.matter: checkups.slack_remedy(check) for check in await checkup.examined(access, public_url)}


async def test_what_is_right_is_said_to_be_right(house_slack: FakeSlack) -> None:
    assert await found(house_slack, app_token="xapp-1") == {
        "SLACK_BOT_TOKEN": "", "Slack scopes": "", "SLACK_APP_TOKEN": "",
    }  # fmt: skip


async def test_a_token_that_is_refused_says_where_to_find_the_right_one(house_slack: FakeSlack) -> None:
    problems = await found(house_slack, bot_token="xoxb-wrong", app_token="xapp-wrong")

    assert "invalid_auth" in problems["SLACK_BOT_TOKEN"]
    assert "OAuth & Permissions" in problems["SLACK_BOT_TOKEN"]
    assert "connections:write" in problems["SLACK_APP_TOKEN"]


async def test_a_scope_that_is_missing_is_named(house_slack: FakeSlack) -> None:
    house_slack.workspace().scopes.discard("im:write")

    assert "missing (im:write)" in (await found(house_slack))["Slack scopes"]


async def test_a_slack_that_cannot_be_reached_is_not_a_wrong_token(house_slack: FakeSlack) -> None:
    house_slack.url = "http://127.0.0.1:9"

    assert "cannot be asked" in (await found(house_slack))["SLACK_BOT_TOKEN"]


async def test_the_address_is_asked_what_slack_asks(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        furnished(house.slack)
        right = {"signing_secret": house.slack.signing_secret}

        assert (await found(house.slack, house.address, **right))["Slack's way in"] == ""
        assert "HTTP 401" in (await found(house.slack, house.address, signing_secret="x"))["Slack's way in"]
        assert "ClientConnectorError" in (await found(house.slack, "http://127.0.0.1:9", **right))["Slack's way in"]
        assert "KRING_PUBLIC_URL" in (await found(house.slack, None, **right))["Slack's way in"]


async def test_the_doctor_looks_at_slack(tmp_path: Path, house_slack: FakeSlack) -> None:
    wrong = await upkeep.examine(settings(tmp_path, house_slack, slack_bot_token="xoxb-wrong"))
    right = await upkeep.examine(settings(tmp_path, house_slack))

    assert [one.what for one in wrong if one.problem and one.stops] == ["SLACK_BOT_TOKEN"]
    assert [one.what for one in right if one.problem and one.stops] == []
