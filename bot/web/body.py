"""The body of a message, as the templates take it."""

from dataclasses import asdict
from typing import Any

from bot.chat import markup


def blocks(body: str) -> list[dict[str, Any]]:
    """A body in the shape that the templates know from cards."""
    return [{"kind": type(block).__name__.lower(), **asdict(block)} for block in markup.parse(body)]
