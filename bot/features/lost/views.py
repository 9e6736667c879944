"""What is shown of what did not arrive."""

from collections.abc import Sequence

from bot.chat.cards import Card
from bot.chat.prompts import Voice

Counted = tuple[tuple[str, str], int]


def notice(voice: Voice, community: str, lost: Sequence[Counted]) -> Card:
    """Say how many messages did not arrive: where they were to go (an address's kind), why, and what can be done."""
    rows = [(where, reason, count) for (where, reason), count in lost]
    return voice("lost/notice", community=community, lost=rows).card()
