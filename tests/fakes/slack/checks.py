"""What real Slack refuses of a layout: by slack-sdk's own models, read back without loss, and by rules they lack."""

from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

Json = dict[str, Any]
MESSAGE_BLOCKS, SURFACE_BLOCKS = 50, 100
CHARACTERS = 12_000  # of all texts together: the least that was seen refused is a little more
TEXTS = {"plain_text", "mrkdwn", "text", "link"}
ONLY_IN_VIEWS = {"input", "alert"}


def blocks(written: Sequence[Json], most: int = MESSAGE_BLOCKS) -> list[str]:
    """Say what is wrong with the blocks of a message."""
    found = [*_parsed(written), *_ids(written), *_texts(written)]
    if len(written) > most:
        found.append(f"{len(written)} blocks")
    if most == MESSAGE_BLOCKS:
        found += [f"{block['type']} on a message" for block in written if block["type"] in ONLY_IN_VIEWS]
        if sum(len(text) for one in walk(written) if isinstance(text := one.get("text"), str)) > CHARACTERS:
            found.append("msg_blocks_too_long")
    return found


def view(written: Json) -> list[str]:
    """Say what is wrong with a modal or a home tab."""
    found = blocks(written["blocks"], SURFACE_BLOCKS)
    if written["type"] not in {"modal", "home"}:
        found.append(f"no such view: {written['type']}")
    if written["type"] == "modal":
        found += _modal(written)
    return found


def _modal(written: Json) -> Iterator[str]:
    yield from (f"{key} over 24" for key in ("title", "submit", "close") if len(_label(written, key)) > 24)
    if len(written.get("private_metadata", "")) > 3000:
        yield "private_metadata over 3000"
    has_inputs = any(block["type"] == "input" for block in written["blocks"])
    if not _label(written, "title") or (has_inputs and not _label(written, "submit")):
        yield "a modal needs a title, and with inputs a submit"
    try:
        parsed = View(**written).to_dict()
    except (SlackObjectFormationError, TypeError) as error:
        yield str(error)
    else:
        if parsed != written:
            yield "the model of a view lost something"


def _label(written: Json, key: str) -> str:
    return str(written.get(key, {}).get("text", ""))


def _parsed(written: Sequence[Json]) -> Iterator[str]:
    for block in written:
        parsed = Block.parse(block)
        if parsed is None:
            yield f"unsupported block: {block.get('type')}"
            continue
        try:
            lost = parsed.to_dict() != block
        except SlackObjectFormationError as error:
            yield f"{block['type']}: {error}"
        else:
            if lost:
                yield f"{block['type']}: the model lost something"


def _ids(written: Sequence[Json]) -> Iterator[str]:
    named = [block["block_id"] for block in written if "block_id" in block]
    if len(named) > len(set(named)):
        yield "two blocks of one name"
    for block in written:
        actions = [one["action_id"] for one in block.get("elements", ()) if "action_id" in one]
        if len(actions) > len(set(actions)):
            yield "two actions of one name in a block"


def _texts(written: Sequence[Json]) -> Iterator[str]:
    """Find what the models let pass: empty texts, long options, initial values that don't fit."""
    for part in walk(written):
        size = len(part.get("text", "")) if part.get("type") in TEXTS else 1
        if not 0 < size <= 3000:
            yield f"a {part['type']} of {size}"
        if part.get("type") in {"rich_text_section", "rich_text_quote"} and not part["elements"]:
            yield f"an empty {part['type']}"
        yield from _element(part)


def _element(part: Json) -> Iterator[str]:
    for option in part.get("options", ()):
        if len(option["text"]["text"]) > 75 or not 0 < len(option["value"]) <= 150:
            yield "an option over its limits"
    if len(part.get("initial_value", "")) > part.get("max_length", 3000):
        yield "initial_value over max_length"
    if "initial_option" in part and part["initial_option"] not in part["options"]:
        yield "initial_option is none of the options"


def walk(part: object) -> Iterator[Json]:
    """Go through every object of a layout."""
    if isinstance(part, dict):
        yield part
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ()
    for one in parts:
        yield from walk(one)
