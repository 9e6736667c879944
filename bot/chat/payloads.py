"""Reading what a platform sends without trusting its shape: whatever is not there, or is something else, is empty."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Payload = Mapping[str, Any]
_ID = re.compile(r"[A-Za-z0-9_.:@;=+/-]{1,250}")  # the longest are the conversations of Teams
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, and half a character is none
_NOTHING: Payload = {}


def part(payload: object, *path: str) -> Payload:
    """Return the object at a path."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload if isinstance(payload, dict) else _NOTHING


def text(payload: object, *path: str) -> str:
    """Return the text at a path, without what no store could keep."""
    found = payload
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str):
        return ""
    return found if found.isprintable() else _UNSTORABLE.sub("", found)


def identity(payload: object, *path: str) -> str:
    """Return the id at a path; what no id looks like is none."""
    found = text(payload, *path)
    return found if _ID.fullmatch(found) else ""


def first(payload: object, *path: str) -> Payload:
    """Return the first object of the list at a path."""
    *most, last = path
    found = part(payload, *most).get(last)
    return part({"": found[0]}, "") if isinstance(found, list) and found else _NOTHING


def every(payload: object, *path: str) -> Iterator[Payload]:
    """Go through the objects of the list at a path."""
    *most, last = path
    found = part(payload, *most).get(last)
    for one in found if isinstance(found, list) else ():
        if isinstance(one, Mapping):
            yield one
