"""The parts of a card as Block Kit. Texts that members may have typed are `rich_text` or `plain_text`, never markup."""

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from bot.chat import markup
from bot.chat.cards import Button, Buttons, Card, Choice, Divider, Facts, Image, Node, Text
from bot.platforms.slack import limits, spans
from bot.platforms.slack.spans import Json

CHOICE = "choice"  # the action_id of a choice; what was chosen is the value of its option


def of_card(card: Card) -> list[Json]:
    """Write a card's title and nodes.

    Raises:
        ValueError: a part is over Slack's limit, which the message names.

    """
    title = [header(card.title)] if card.title else []
    return [*title, *(block for node in card.nodes for block in _node(node))]


def header(text: str) -> Json:
    """Write a title."""
    limits.within("title", len(text), limits.HEADER, 1)
    return {"type": "header", "text": plain(text)}


def body(text: str) -> list[Json]:
    """Write a body as one block; no block for a body without text."""
    limits.within("text", len(markup.plain(text)), limits.TEXT)
    elements = spans.rich(text)
    return [{"type": "rich_text", "elements": elements}] if elements else []


def plain(text: str) -> Json:
    """Write text that stays the characters it is, also where they look like an emoji's name."""
    return {"type": "plain_text", "text": text, "emoji": False}


def option(label: str, value: str) -> Json:
    """Write one thing to choose."""
    limits.within("option", len(label), limits.OPTION, 1)
    limits.within("value of an option", len(value), limits.OPTION_VALUE, 1)
    return {"text": plain(label), "value": value}


def _node(node: Node) -> list[Json]:
    match node:
        case Text():
            return _text(node)
        case Facts():
            return _facts(node)
        case Divider():
            return [{"type": "divider"}]
        case Image():
            return [_image(node)]
        case Buttons():
            return [_actions(_button(button) for button in node.buttons)]
        case Choice():
            return [_actions([_choice(node)])]
        case _:
            assert_never(node)


def _text(node: Text) -> list[Json]:
    small = spans.muted(node.body) if node.muted else None
    if small is None:
        return body(node.body)
    limits.within("muted text", len(small["text"]), limits.TEXT, 1)
    return [{"type": "context", "elements": [small]}]


def _facts(node: Facts) -> list[Json]:
    limits.within("number of facts", len(node.facts), limits.FACTS)
    for label, value in node.facts:
        limits.within("fact", max(len(label), len(value)), limits.FACT)
    return [{"type": "rich_text", "elements": spans.facts(node.facts)}] if node.facts else []


def _image(node: Image) -> Json:
    limits.within("image address", len(node.url), limits.IMAGE_URL, 1)
    limits.within("alt text", len(node.alt), limits.ALT, 1)
    return {"type": "image", "image_url": node.url, "alt_text": node.alt}


def _actions(elements: Iterable[Json]) -> Json:
    row = list(elements)
    limits.within("number of buttons", len(row), limits.BUTTONS, 1)
    seen: Counter[str] = Counter()
    for element in row:  # Slack takes an id once a block; which action it is, is in the value
        name = element["action_id"]
        seen[name] += 1
        element["action_id"] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return {"type": "actions", "elements": row}


def _button(button: Button) -> Json:
    limits.within("button label", len(button.label), limits.BUTTON, 1)
    action = button.action.encode()
    written = {"type": "button", "text": plain(button.label), "action_id": action, "value": action}
    return written | {"style": "primary"} if button.primary else written


def _choice(node: Choice) -> Json:
    limits.within("choice label", len(node.label), limits.PLACEHOLDER, 1)
    limits.within("number of options", len(node.options), limits.OPTIONS, 1)
    return {
        "type": "static_select",
        "action_id": CHOICE,
        "placeholder": plain(node.label),
        "options": [option(one.label, one.action.encode()) for one in node.options],
    }
