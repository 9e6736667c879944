"""The app package: what the schema of its version accepts, and exactly what the code answers to."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validators

from bot import cli, manifests
from bot.chat.prompts import LANGUAGES
from bot.chat.router import Command, Router
from bot.config import Settings
from bot.context import Context
from bot.errors import ConfigError
from bot.features import FEATURES
from bot.platforms.teams import manifest
from tests.project.sizes import ROOT

# From npm @microsoft/app-manifest 1.1.2 (MIT), build/json-schemas/teams.
SCHEMAS = {
    version: json.loads((ROOT / "tests" / "schemas" / f"teams-app-manifest.v{version}.schema.json").read_text("utf-8"))
    for version in ("1.12", "1.25")
}
README = (ROOT / "manifest" / "README.md").read_text(encoding="utf-8").partition("\n## Teams ")[2]
URL = "https://kring.example.org"
APP = "12345678-90ab-cdef-1234-567890abcdef"
COMMANDS = {one.name: one for one in Router(FEATURES).routes.commands}
NEEDS_WORDS = {"pause.until"}  # words of its own have to follow, and a tap on a list sends none


def settings(**chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    usual = {"teams_app_id": APP, "public_url": URL}
    return Settings(_env_file=None, **(usual | chosen))


def files(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def read(*, private: bool = False, **chosen: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a setting is
    found: dict[str, Any] = json.loads(files(manifests.teams(settings(**chosen), private=private))["manifest.json"])
    return found


def faults(app: dict[str, Any]) -> list[str]:
    """What the schema of its version has against it."""
    schema = SCHEMAS[app["manifestVersion"]]
    return [fault.message for fault in validators.validator_for(schema)(schema).iter_errors(app)]


def offered(app: dict[str, Any], scope: str) -> dict[str, str]:
    """What a scope is offered: the word, and what it does."""
    lists = [one["commands"] for one in app["bots"][0]["commandLists"] if scope in one["scopes"]]
    return {command["title"]: command["description"] for commands in lists for command in commands}


def names(app: dict[str, Any], scope: str, language: str) -> set[str]:
    """The commands that a scope is offered, each by the word that Kring shows for it."""
    found = [answers(title) for title in offered(app, scope)]
    assert [one.phrases[language][0] for one in found] == list(offered(app, scope))
    return {one.name for one in found}


def answers(words: str) -> Command[Context]:
    """Which command this is."""
    found = Router(FEATURES).command(words)
    assert found, words
    return found[0]


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an eleventh command": lambda app: app["bots"][0]["commandLists"][0]["commands"].append(
        {"title": "x", "description": "y"}
    ),
    "another scope": lambda app: app["bots"][0]["scopes"].append("everywhere"),
    "no page about privacy": lambda app: app["developer"].pop("privacyUrl"),
    "no id": lambda app: app.update(id="kring"),
}


@pytest.mark.parametrize(("private", "version"), [(False, "1.12"), (True, "1.25")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_of_its_version_accepts_it(language: str, version: str, *, private: bool) -> None:
    app = read(language=language, private=private)

    assert app["manifestVersion"] == version
    assert app["$schema"].endswith(f"/v{version}/MicrosoftTeams.schema.json")
    assert faults(app) == []
    assert re.fullmatch(r"\d+\.\d+\.\d+", app["version"])


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_wrong_manifest_is_refused_by_the_schema(spoilt: str) -> None:
    app = read()

    SPOILT[spoilt](app)

    assert faults(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_offered_somewhere_in_the_language_that_was_chosen(language: str) -> None:
    app = read(language=language)

    together = names(app, "team", language) | names(app, "personal", language)

    assert offered(app, "team") == offered(app, "groupChat")
    assert together == set(COMMANDS) - NEEDS_WORDS


def test_what_belongs_to_a_channel_is_offered_there_and_what_is_ones_own_in_the_personal_chat() -> None:
    app = read()

    listed = {name for name, one in COMMANDS.items() if one.listed or name == "help"}
    anywhere = {name for name, one in COMMANDS.items() if one.anywhere}

    assert names(app, "team", "nl") >= listed
    assert names(app, "personal", "nl") >= (listed | anywhere) - NEEDS_WORDS - {"setup"}


def test_the_scopes_are_the_three_kinds_of_conversation_and_nothing_is_asked_of_the_organisation() -> None:
    app = read()
    (bot,) = app["bots"]

    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert bot["supportsFiles"] is False
    assert bot["botId"] == app["id"] == APP
    assert app["validDomains"] == []
    assert not {"authorization", "webApplicationInfo", "staticTabs", "composeExtensions"} & set(app)


def test_private_and_shared_channels_ask_for_one_thing_more_and_that_is_not_to_read_along() -> None:
    usual, app = read(), read(private=True)

    more = {name: value for name, value in app.items() if usual.get(name) != value}
    assert set(more) == {"$schema", "manifestVersion", "supportsChannelFeatures", "webApplicationInfo", "authorization"}
    assert more["supportsChannelFeatures"] == "tier1"
    assert more["webApplicationInfo"] == {"id": APP, "resource": URL}
    assert [one["name"] for one in of_the_channel(app)] == ["ChannelMember.Read.Group"]


def of_the_channel(app: dict[str, Any]) -> list[dict[str, str]]:
    """What is asked of whoever owns the team."""
    found: list[dict[str, str]] = app["authorization"]["permissions"]["resourceSpecific"]
    return found


def test_every_scope_and_permission_has_its_reason() -> None:
    reasons = set(re.findall(r"^\| `([\w.]+)` \| \w.+ \|$", README, re.MULTILINE))
    app = read(private=True)

    asked = {*app["permissions"], *app["bots"][0]["scopes"], *(one["name"] for one in of_the_channel(app))}
    assert reasons == asked


def test_every_address_is_the_one_that_was_given() -> None:
    pages = read(language="en")["developer"]

    assert pages == {
        "name": "Kring",
        "websiteUrl": f"{URL}/about?lang=en",
        "privacyUrl": f"{URL}/privacy?lang=en",
        "termsOfUseUrl": f"{URL}/terms?lang=en",
    }
    assert "HOST" not in json.dumps(read())


def pixels(png: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """The width, the height and the pixels of a PNG of eight bits with alpha, without filters."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, line = zlib.decompress(packed), 4 * width + 1
    rows = [raw[start : start + line] for start in range(0, len(raw), line)]
    assert {row[0] for row in rows} == {0}
    return width, height, [tuple(row[at : at + 4]) for row in rows for at in range(1, line, 4)]


def test_the_colour_picture_is_of_the_size_that_teams_asks_and_hides_nothing_behind_it() -> None:
    width, height, dots = pixels(files(manifests.teams(settings()))["color.png"])

    assert (width, height) == (192, 192)
    assert {dot[3] for dot in dots} == {255}
    assert (0x0B, 0x6E, 0x5F, 255) in dots  # the accent colour of the manifest
    assert read()["accentColor"] == "#0b6e5f"


def test_the_outline_is_white_only_on_nothing() -> None:
    width, height, dots = pixels(files(manifests.teams(settings()))["outline.png"])

    assert (width, height) == (32, 32)
    assert {dot[:3] for dot in dots} == {(255, 255, 255)}
    assert {0, 255} <= {dot[3] for dot in dots}


def test_the_package_holds_what_teams_asks_for_and_is_the_same_every_time() -> None:
    package = manifests.teams(settings())

    assert list(files(package)) == ["manifest.json", "color.png", "outline.png"]
    assert package == manifests.teams(settings())


def test_the_command_writes_it_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEAMS_APP_ID", APP)  # the secret of the app is not needed here
    (tmp_path / "there").mkdir()
    asked = ["manifest", "teams", "--url", f"{URL}/"]

    done = [cli.main(asked), cli.main([*asked, "--out", "there"]), cli.main([*asked, "--out", "other.zip"])]
    english = cli.main([*asked, "--language", "en", "--private-channels", "--out", "english.zip"])

    assert [*done, english] == [0, 0, 0, 0]
    usual, there, other, _ = capsys.readouterr().out.split()
    assert (usual, there, other) == ("kring-teams.zip", str(Path("there") / "kring-teams.zip"), "other.zip")
    dutch = manifests.teams(settings())
    assert [(tmp_path / name).read_bytes() for name in (usual, there, other)] == [dutch] * 3
    assert (tmp_path / "english.zip").read_bytes() == manifests.teams(settings(language="en"), private=True)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--url", URL], "TEAMS_APP_ID"),
        ([], "KRING_PUBLIC_URL"),
        (["--url", "http://kring.example.org"], "KRING_PUBLIC_URL"),
        (["--url", URL, "--out", "nowhere/kring.zip"], "--out"),
    ],
)
def test_what_is_missing_is_named(
    words: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if named != "TEAMS_APP_ID":
        monkeypatch.setenv("TEAMS_APP_ID", APP)

    status = cli.main(["manifest", "teams", *words])

    told = capsys.readouterr().err
    assert status == 1
    assert told.startswith(f"kring: {named}: ")
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_text_of_ones_own_that_is_too_long_for_teams_is_named(tmp_path: Path) -> None:
    own = tmp_path / "nl" / "teams" / "manifest.md.j2"
    own.parent.mkdir(parents=True)
    shipped = ROOT / "prompts" / "nl" / "teams" / "manifest.md.j2"
    own.write_text(shipped.read_text("utf-8").replace("help: ", "help: " + "veel " * 30), "utf-8")

    with pytest.raises(ConfigError, match="128") as refused:
        manifests.teams(settings(prompts_dir=tmp_path))

    assert refused.value.name == "KRING_PROMPTS_DIR"


def test_the_placeholders_of_the_shipped_file_are_all_filled_in() -> None:
    shipped = [(manifest.SHIPPED / name).read_text(encoding="utf-8") for name in ("teams.json", "teams-private.json")]
    holes = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", "".join(shipped)))

    assert holes == {"HOST", "APP_ID", "VERSION", "LANGUAGE"}
