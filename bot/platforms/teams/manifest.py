"""The app package, ready to upload: the manifest with everything filled in, and the two pictures, in one zip."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.chat import markup
from bot.chat.prompts import Voice
from bot.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[3] / "manifest"
PICTURES = ("color.png", "outline.png")
_LONGEST_SHORT, _LONGEST_FULL, _LONGEST_COMMAND = 80, 4000, 128  # schema 1.12 of the manifest, by its own maxLength
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold: the same content is the same bytes


@dataclass(frozen=True, slots=True)
class Wish:
    """Which app it is to be: its id, where Kring is reached, and whether also for private and shared channels."""

    app_id: str
    url: str
    version: str
    private: bool = False


def packed(wish: Wish, voice: Voice, phrases: Mapping[str, str]) -> bytes:
    """Make the zip; see `written`."""
    app = written(wish, voice, phrases)
    files = {"manifest.json": json.dumps(app, ensure_ascii=False, indent=2).encode()}
    files |= {name: (SHIPPED / name).read_bytes() for name in PICTURES}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    return target.getvalue()


def written(wish: Wish, voice: Voice, phrases: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest, in the language of `voice`.

    `phrases` says what is typed for each command. What commands do is told as help tells it.

    Raises:
        ConfigError: a text of one's own is longer than Teams takes.

    """
    app = _filled("teams.json", wish, voice) | (_filled("teams-private.json", wish, voice) if wish.private else {})
    words = voice("teams/manifest")
    app["description"] = {
        "short": _fitting(words.title, _LONGEST_SHORT, words.name),
        "full": _fitting(markup.plain(words.body), _LONGEST_FULL, words.name),
    }
    told = {**voice("help/commands").labels, **words.labels}
    for offered in app["bots"][0]["commandLists"]:
        offered["commands"] = [
            {"title": phrases[name], "description": _fitting(told[name], _LONGEST_COMMAND, words.name)}
            for name in offered["commands"]
        ]
    return app


def _filled(file: str, wish: Wish, voice: Voice) -> dict[str, Any]:
    """Read a shipped file with its holes filled in."""
    text = (SHIPPED / file).read_text(encoding="utf-8")
    holes = {"https://HOST": wish.url, "APP_ID": wish.app_id, "VERSION": wish.version, "LANGUAGE": voice.language}
    for hole, value in holes.items():
        text = text.replace(hole, value)
    found: dict[str, Any] = json.loads(text)
    return found


def _fitting(text: str, longest: int, message: str) -> str:
    if len(text) > longest:
        raise ConfigError(
            "KRING_PROMPTS_DIR",
            f"{text[:20]!r}... in {message} is too long for Teams, which takes {longest} characters.",
            "a copy of prompts/nl/teams/manifest.md.j2",
        )
    return text
