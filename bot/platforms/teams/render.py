"""A card as Teams takes it: an Adaptive Card, or the message that carries one. Forms are in `forms.py`."""

from bot.chat import text
from bot.chat.cards import Card
from bot.platforms.teams import blocks, limits, spans
from bot.platforms.teams.spans import Json

ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def card(card: Card) -> Json:
    """Write an Adaptive Card 1.5, the newest that Teams shows for bots (learn.microsoft.com, types of cards).

    Raises:
        ValueError: a part is over a limit, which the message names.

    """
    return adaptive(blocks.of_card(card) or [spans.said(card.summary)], text.render(card) or card.summary)


def message(card_: Card) -> Json:
    """Write a message. It has no text beside its card, which would be read twice; the summary is what notifies.

    Raises:
        ValueError: a part is over a limit, which the message names.

    """
    return carrying(card(card_), card_.summary)


def adaptive(body: list[Json], said: str) -> Json:
    """Write an Adaptive Card, as wide as the conversation; `said` is for a client that cannot show it."""
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "full"},
        "fallbackText": spans.escape(said),
        "body": body,
    }


def carrying(content: Json, summary: str) -> Json:
    """Write the message that carries an Adaptive Card; the same error."""
    limits.within("summary", len(summary), limits.SUMMARY, 1)
    written = {"type": "message", "summary": summary, "attachments": [attachment(content)]}
    limits.within("message", limits.size(written), limits.MESSAGE)
    return written


def attachment(content: Json) -> Json:
    """Wrap an Adaptive Card."""
    return {"contentType": ADAPTIVE, "content": content}
