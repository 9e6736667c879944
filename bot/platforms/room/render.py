"""A card or a form as the room keeps it: dicts and lists for a page to walk through, without any HTML."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, assert_never

from bot.chat import markup
from bot.chat.cards import Button, Buttons, Card, Choice, Divider, Facts, Form, Image, Input, Node, Text
from bot.platforms.room import limits

Json = dict[str, Any]


def card(content: Card) -> Json:
    """Write a card.

    Raises:
        ValueError: a part is over the room's limit, which the message names.

    """
    limits.within("summary", len(content.summary), limits.SUMMARY)
    limits.within("title", len(content.title or ""), limits.TITLE)
    return {
        "kind": "card",
        "summary": content.summary,
        "title": content.title,
        "nodes": [_node(node) for node in content.nodes],
    }


def form(content: Form) -> Json:
    """Write a form; the same limits, the same error."""
    limits.within("form title", len(content.title), limits.FORM_TITLE)
    limits.within("submit label", len(content.submit), limits.SUBMIT)
    limits.within("intro", len(markup.plain(content.intro)), limits.TEXT)
    limits.within("number of inputs", len(content.inputs), limits.INPUTS)
    return {
        "title": content.title,
        "intro": _blocks(content.intro),
        "inputs": [_input(part) for part in content.inputs],
        "submit": content.submit,
        "action": content.action.encode(),
    }


def actions(rendered: Mapping[str, Any]) -> frozenset[str]:
    """Every action that can be taken on a rendered card, encoded."""
    return frozenset(
        button["action"]
        for node in rendered.get("nodes", ())
        for button in (*node.get("buttons", ()), *node.get("options", ()))
    )


def _node(node: Node) -> Json:
    match node:
        case Text():
            return _text(node)
        case Facts():
            return _facts(node)
        case Divider():
            return {"kind": "divider"}
        case Image():
            return _image(node)
        case Buttons():
            limits.within("number of buttons", len(node.buttons), limits.BUTTONS)
            return {"kind": "buttons", "buttons": [_button(button) for button in node.buttons]}
        case Choice():
            return _choice(node)
        case _:
            assert_never(node)


def _text(node: Text) -> Json:
    limits.within("text", len(markup.plain(node.body)), limits.TEXT)
    return {"kind": "text", "muted": node.muted, "blocks": _blocks(node.body)}


def _facts(node: Facts) -> Json:
    limits.within("number of facts", len(node.facts), limits.FACTS)
    for label, value in node.facts:
        limits.within("fact", max(len(label), len(value)), limits.FACT)
    return {"kind": "facts", "facts": [list(fact) for fact in node.facts]}


def _image(node: Image) -> Json:
    limits.within("alt text", len(node.alt), limits.ALT)
    limits.within("image address", len(node.url), limits.URL)
    return {"kind": "image", "url": node.url, "alt": node.alt}


def _button(button: Button) -> Json:
    limits.within("button label", len(button.label), limits.LABEL)
    return {"label": button.label, "action": button.action.encode(), "primary": button.primary}


def _choice(node: Choice) -> Json:
    limits.within("choice label", len(node.label), limits.HINT)
    limits.within("number of options", len(node.options), limits.OPTIONS)
    return {"kind": "choice", "label": node.label, "options": [_button(option) for option in node.options]}


def _input(part: Input) -> Json:
    limits.within("input label", len(part.label), limits.HINT)
    limits.within("input hint", len(part.hint or ""), limits.HINT)
    limits.within("input length", part.max_length, limits.INPUT)
    limits.within("number of options", len(part.options), limits.OPTIONS)
    return {**asdict(part), "options": [list(option) for option in part.options]}


def _blocks(body: str) -> list[Json]:
    return [_block(block) for block in markup.parse(body)]


def _block(block: markup.Block) -> Json:
    match block:
        case markup.Paragraph():
            return {"kind": "paragraph", "spans": [asdict(span) for span in block.spans]}
        case markup.Bullets():
            return {"kind": "bullets", "items": [[asdict(span) for span in item] for item in block.items]}
        case markup.Quote():
            return {"kind": "quote", "spans": [asdict(span) for span in block.spans]}
        case _:
            assert_never(block)
