"""A card in the place of the one that was tapped, with where that is.

On some platforms that is an address by which anybody may write there (Slack's `response_url`, for half an hour), so it
is sealed with the card.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.chat.cards import Card
from bot.chat.ports import Handle


@dataclass(frozen=True, slots=True)
class Replacing:
    """The card, and the place."""

    card: Card
    at: Handle


_REPLACING: TypeAdapter[Replacing] = TypeAdapter(Replacing)


def pack(replacing: Replacing) -> bytes:
    """Write it as JSON, for the outbox."""
    return _REPLACING.dump_json(replacing)


def unpack(data: bytes) -> Replacing:
    """Read it back."""
    return _REPLACING.validate_json(data)
