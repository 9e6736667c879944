"""A card as Slack's surfaces take it: a message, or a person's home tab. Forms are in `forms.py`."""

from collections.abc import Iterable
from typing import Any

from bot.chat.cards import Card
from bot.platforms.slack import blocks, limits, spans
from bot.platforms.slack.spans import Json


def message(card: Card) -> Json:
    """Write a card as the arguments `text` and `blocks` of a message.

    The text is the summary: what a notification and a screen reader say, so it has no markup and pings nobody.

    Raises:
        ValueError: a part is over Slack's limit, which the message names.

    """
    limits.within("summary", len(card.summary), limits.SUMMARY, 1)
    written = blocks.of_card(card)
    limits.within("number of blocks", len(written), limits.BLOCKS)
    limits.within("message", len(card.summary) + characters(written), limits.MESSAGE)
    return {"text": spans.escape(card.summary), "blocks": written}


def home(cards: Iterable[Card]) -> Json:
    """Write cards as a home tab, one under the other with a line between; the same error."""
    written: list[Json] = []
    for card in cards:
        written += [{"type": "divider"}] * bool(written) + blocks.of_card(card)
    limits.within("number of blocks", len(written), limits.SURFACE_BLOCKS)
    return {"type": "home", "blocks": written}


def characters(part: Any) -> int:  # noqa: ANN401 - any part of what Slack is sent
    """Count the characters of all texts in a part of a message."""
    if isinstance(part, list):
        return sum(characters(one) for one in part)
    if not isinstance(part, dict):
        return 0
    text = part.get("text")
    return (len(text) if isinstance(text, str) else 0) + sum(characters(one) for one in part.values())
