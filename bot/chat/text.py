"""A card as plain text: for notifications, for screen readers, for a terminal, and for tests that read along."""

from typing import assert_never

from bot.chat import markup
from bot.chat.cards import Buttons, Card, Choice, Divider, Facts, Image, Node, Text


def render(card: Card) -> str:
    """Write the whole card as text, a blank line between its parts."""
    parts = [card.title] if card.title else []
    return "\n\n".join([*parts, *(_node(node) for node in card.nodes)])


def _node(node: Node) -> str:
    match node:
        case Text():
            return "\n".join(_block(block) for block in markup.parse(node.body))
        case Facts():
            return "\n".join(f"{label}: {value}" for label, value in node.facts)
        case Divider():
            return "---"
        case Image():
            return f"({node.alt})"
        case Buttons():
            return " ".join(f"[{button.label}]" for button in node.buttons)
        case Choice():
            return f"{node.label}: " + " ".join(f"[{option.label}]" for option in node.options)
        case _:
            assert_never(node)


def _block(block: markup.Block) -> str:
    match block:
        case markup.Paragraph():
            return _spans(block.spans)
        case markup.Bullets():
            return "\n".join(f"- {_spans(item)}" for item in block.items)
        case markup.Quote():
            return "\n".join(f"> {line}" for line in _spans(block.spans).split("\n"))
        case _:
            assert_never(block)


def _spans(spans: tuple[markup.Span, ...]) -> str:
    return "".join(f"{span.text} ({span.url})" if span.url else span.text for span in spans)
