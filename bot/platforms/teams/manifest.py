"""The app package, ready to upload: the manifest with everything filled in, and the two pictures, in one zip."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.chat import markup
from bot.chat.prompts import Voice
from bot.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[3] / "manifest"
PICTURES = ("color.png", "outline.png")
_LONGEST_SHORT, _LONGEST_FULL, _LONGEST_COMMAND = 80, 4000, 128  # schema 1.12 of the manifest, by its own maxLength
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold: the same content is the same bytes


def packed(app_id: str, url: str, version: str, voice: Voice, phrases: Mapping[str, str]) -> bytes:
    """Make the zip; see `written`."""
    app = written(app_id, url, version, voice, phrases)
    files = {"manifest.json": json.dumps(app, ensure_ascii=False, indent=2).encode()}
    files |= {name: (SHIPPED / name).read_bytes() for name in PICTURES}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    return target.getvalue()


def written(app_id: str, url: str, version: str, voice: Voice, phrases: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest for the address at which Kring is reached, in the language of `voice`.

    `phrases` says what is typed for each command. What commands do is told as help tells it.

    Raises:
        ConfigError: a text of one's own is longer than Teams takes.

    """
    text = (SHIPPED / "teams.json").read_text(encoding="utf-8")
    filled = {"https://HOST": url, "APP_ID": app_id, "VERSION": version, "LANGUAGE": voice.language}
    for hole, value in filled.items():
        text = text.replace(hole, value)
    app: dict[str, Any] = json.loads(text)
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


def _fitting(text: str, longest: int, message: str) -> str:
    if len(text) > longest:
        raise ConfigError(
            "KRING_PROMPTS_DIR",
            f"{text[:20]!r}... in {message} is too long for Teams, which takes {longest} characters.",
            "a copy of prompts/nl/teams/manifest.md.j2",
        )
    return text
