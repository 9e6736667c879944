"""The manifest: what both of Slack's schemas accept, and exactly what the code uses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import validators

from bot import cli
from bot.platforms.slack import inbound, manifest
from bot.platforms.slack.app import PATH
from bot.platforms.slack.installing import SCOPES
from bot.platforms.slack.oauth import REDIRECT
from tests.fakes.slack.world import SCOPES as PRETENDED
from tests.project.sizes import ROOT

SCHEMAS = Path(__file__).parents[2] / "schemas"
README = (ROOT / "manifest" / "README.md").read_text(encoding="utf-8").partition("\n## Teams ")[0]
URL = "https://kring.example.org"
MESSAGES = {"message.channels", "message.groups", "message.im"}  # three subscriptions, one type of event


def read(url: str | None) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(manifest.written(url))
    return found


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("url", [URL, None], ids=["address", "socket"])
def test_slacks_schema_accepts_it(version: str, url: str | None) -> None:
    schema = json.loads((SCHEMAS / f"slack-app-manifest.{version}.schema.json").read_text(encoding="utf-8"))

    found = list(validators.validator_for(schema)(schema).iter_errors(read(url)))

    assert found == []


def test_a_wrong_manifest_is_refused_by_the_schema() -> None:
    schema = json.loads((SCHEMAS / "slack-app-manifest.v2.schema.json").read_text(encoding="utf-8"))
    wrong = read(URL)
    wrong["display_information"]["name"] = "x" * 36

    assert not validators.validator_for(schema)(schema).is_valid(wrong)


def test_it_asks_for_the_events_that_are_read_and_no_others() -> None:
    asked = set(read(URL)["settings"]["event_subscriptions"]["bot_events"])

    assert asked >= MESSAGES
    assert asked - MESSAGES | {"message"} == set(inbound.EVENTS)


def test_it_asks_for_the_scopes_that_kring_uses_and_no_others() -> None:
    asked = read(URL)["oauth_config"]["scopes"]["bot"]

    assert asked == list(SCOPES)
    assert set(asked) <= PRETENDED


def test_every_scope_and_event_has_its_reason() -> None:
    asked = read(URL)
    reasons = {name for row in re.findall(r"^\| (`[^|]+) \| \w.+ \|$", README, re.MULTILINE)
               for name in re.findall(r"`([\w.:]+)`", row)}  # fmt: skip

    wanted = {*asked["oauth_config"]["scopes"]["bot"], *asked["settings"]["event_subscriptions"]["bot_events"]}
    assert wanted == {name for name in reasons if name.islower() and name != "xoxb"}


def test_it_has_the_one_command() -> None:
    assert [command["command"] for command in read(URL)["features"]["slash_commands"]] == ["/kring"]


def test_every_address_is_the_one_that_was_given() -> None:
    asked = read(URL)

    assert asked["settings"]["event_subscriptions"]["request_url"] == URL + PATH
    assert asked["settings"]["interactivity"]["request_url"] == URL + PATH
    assert asked["features"]["slash_commands"][0]["url"] == URL + PATH
    assert asked["oauth_config"]["redirect_urls"] == [URL + REDIRECT]
    assert asked["settings"]["socket_mode_enabled"] is False


def test_without_an_address_it_is_for_socket_mode() -> None:
    written = manifest.written(None)

    assert read(None)["settings"]["socket_mode_enabled"] is True
    assert "http" not in written


def test_the_command_prints_it_or_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert cli.main(["manifest", "slack", "--url", f"{URL}/"]) == 0
    printed = capsys.readouterr().out
    assert cli.main(["manifest", "slack", "--out", "slack.yaml"]) == 0

    assert printed == manifest.written(URL)
    assert (tmp_path / "slack.yaml").read_text(encoding="utf-8") == manifest.written(None)


def test_an_address_that_slack_would_not_take_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert cli.main(["manifest", "slack", "--url", "http://kring.example.org"]) == 1
    assert "https://" in capsys.readouterr().err
