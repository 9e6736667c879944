"""What real Teams refuses of an activity: cards by the official schema of Adaptive Cards 1.5, and by rules it lacks."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from jsonschema import Draft6Validator
from jsonschema.exceptions import best_match

from tests.fakes.teams.world import Json

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
BYTES = 100 * 1024  # of a message in UTF-16: learn.microsoft.com, "Limits and specifications for Microsoft Teams"
ACTIONS = 6  # idem, "Cards": what is more stands behind three dots
VERSIONS = {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"}
FETCH = {"type": "task/fetch"}
FORMATS = {"plain", "markdown", "xml"}
OF_TEAMS = {"width", "entities"}
KNOWN = {
    "type", "id", "timestamp", "localTimestamp", "localTimezone", "serviceUrl", "channelId", "from", "conversation",
    "recipient", "textFormat", "attachmentLayout", "text", "speak", "inputHint", "summary", "suggestedActions",
    "attachments", "entities", "channelData", "replyToId", "locale", "importance", "deliveryMode",
}  # fmt: skip


def too_big(written: Json) -> bool:
    """Whether a message is larger than Teams takes."""
    return len(json.dumps(written, ensure_ascii=False).encode("utf-16-le")) > BYTES


def activity(written: Json) -> list[str]:
    """Say what is wrong with an activity that a bot sends."""
    if written.get("type") not in {"message", "typing"}:
        return [f"no such activity: {written.get('type')!r}"]
    found = [f"unknown: {name}" for name in sorted(written.keys() - KNOWN)]
    if written["type"] == "message" and not written.get("text") and not written.get("attachments"):
        found.append("a message that says nothing")
    if written.get("textFormat", "plain") not in FORMATS:
        found.append(f"no such format: {written['textFormat']}")
    for attachment in written.get("attachments") or ():
        found += _attachment(attachment)
    return [*found, *_mentions(written.get("entities") or [], written.get("text") or "")]


def card(written: object) -> list[str]:
    """Say what is wrong with a card."""
    if not isinstance(written, dict):
        return ["a card is an object"]
    own = written.get("msteams", {})
    bare = {name: value for name, value in written.items() if name != "msteams"}
    wrong = best_match(_schema().iter_errors(bare))
    found = [f"{wrong.json_path}: {wrong.message[:300]}"] if wrong else []
    if written.get("version") not in VERSIONS:
        found.append(f"version {written.get('version')!r}")
    found += [f"msteams.{name}" for name in sorted(own.keys() - OF_TEAMS)]
    said = json.dumps(written, ensure_ascii=False)
    return [*found, *_mentions(own.get("entities", []), said), *_parts(bare)]


def buttons(written: Json) -> Iterator[Json]:
    """Go through the buttons of a card; what is behind a word or a picture is none."""
    for part in walk(written):
        yield from part.get("actions", ())


def walk(part: object) -> Iterator[Json]:
    """Go through every object of a card that is shown; what a button carries is none."""
    if isinstance(part, dict):
        yield part
        for name, value in part.items():
            if name not in {"data", "fallback", "msteams"}:
                yield from walk(value)
    elif isinstance(part, list):
        for one in part:
            yield from walk(one)


@cache
def _schema() -> Draft6Validator:
    found = files("adaptive_cards").joinpath("schemas/schema-1.5.json").read_text(encoding="utf-8")
    return Draft6Validator(json.loads(found))


def _attachment(written: Json) -> Iterator[str]:
    if written.get("contentType") != ADAPTIVE:
        yield f"an attachment of {written.get('contentType')!r}"
    else:
        yield from card(written.get("content"))


def _mentions(entities: list[Json], said: str) -> Iterator[str]:
    for entity in entities:
        if entity.get("type") != "mention":
            continue
        if entity.get("text", "") not in said or not entity.get("mentioned", {}).get("id"):
            yield f"a mention of nobody: {entity.get('text')!r}"


def _parts(written: Json) -> Iterator[str]:
    """Find what the schema lets pass: two inputs of one name, too many buttons, what Teams shows to nobody."""
    ids = [part["id"] for part in walk(written) if str(part.get("type")).startswith("Input.") and "id" in part]
    if len(ids) > len(set(ids)):
        yield "two inputs of one name"
    for part in walk(written):
        if len(part.get("actions", ())) > ACTIONS:
            yield f"{len(part['actions'])} actions in a row"
        if part.get("type") in {"TextBlock", "TextRun"} and not part.get("text"):
            yield f"an empty {part['type']}"
        if part.get("type") == "Image" and not str(part.get("url")).startswith(("https://", "data:image/")):
            yield "an image that is not over https"
    for button in buttons(written):
        yield from _action(button)


def _action(part: Json) -> Iterator[str]:
    if not part.get("title"):
        yield f"an {part['type']} without a title"
    if part["type"] == "Action.Execute" and not part.get("verb"):
        yield "an Action.Execute without a verb"
    data = part.get("data")
    special = data.get("msteams", FETCH) if isinstance(data, dict) else FETCH
    if special != FETCH or (part["type"] == "Action.Execute" and isinstance(data, dict) and "msteams" in data):
        yield f"msteams in the data of an {part['type']}: {special}"
