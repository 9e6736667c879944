"""Where a gesture was made, as it travels along in what a platform gives back: a few short texts."""

import json
from collections.abc import Sequence

from bot.chat.events import Place

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # which `json.dumps` makes anew each time


def written(texts: Sequence[str]) -> str:
    """Write texts as one."""
    return _encode(texts)


def read(text: str, count: int) -> list[str]:
    """Read so many texts back.

    Raises:
        ValueError: it is not what `written` wrote.

    """
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ValueError("not what Kring wrote") from error
    if not (isinstance(found, list) and len(found) == count and all(isinstance(one, str) for one in found)):
        raise ValueError("not what Kring wrote")
    return found


def packed(place: Place) -> list[str]:
    """Take a place apart, in four texts."""
    return [place.conversation, place.name, "direct" if place.direct else "", place.message or ""]


def unpacked(texts: Sequence[str]) -> Place:
    """Put a place together again."""
    conversation, name, direct, message = texts
    return Place(conversation, name, bool(direct), message or None)
