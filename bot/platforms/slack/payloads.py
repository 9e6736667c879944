"""Reading what Slack sends without trusting its shape: whatever is not there, or is something else, is empty."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]
NameOf = Callable[[str], str]
"""The name of a user by id, where it is known; else nothing."""
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, and half a character is none
_TOKEN = re.compile(r"<([@#!][^<>]*|(?:https?|mailto|tel):[^<>]*)>")
_NOTHING: Payload = {}


def part(payload: object, *path: str) -> Payload:
    """Return the object at a path."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return payload if isinstance(payload, Mapping) else _NOTHING


def text(payload: object, *path: str) -> str:
    """Return the text at a path, without what no store could keep."""
    *most, last = path
    found = part(payload, *most).get(last)
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


def readable(written: str, name_of: NameOf) -> str:
    """Write what a member typed as they saw it: names for mentions, addresses for links, and no entities.

    Slack hands over `<@U1>`, `<#C1|name>`, `<!here>`, `<https://a.nl|a.nl>` and the entities of &, < and >.
    """
    seen = _TOKEN.sub(lambda found: _token(found[1], name_of), written)
    return seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _token(inside: str, name_of: NameOf) -> str:
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return f"@{label or name_of(target[1:]) or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:]}"
        case _:
            address = target.removeprefix("mailto:")
            return address if not label or label in address else f"{label} ({address})"


def called(written: str, bot_user: str) -> str | None:
    """Return what stands behind a mention of Kring at the beginning; None for words that begin otherwise."""
    found = re.match(rf"\s*<@{re.escape(bot_user)}(\|[^<>]*)?>[:,]?", written) if bot_user else None
    return written[found.end() :].strip() if found else None
