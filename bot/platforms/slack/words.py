"""Reading what Slack writes into texts."""

import re
from collections.abc import Callable

NameOf = Callable[[str], str]
"""The name of a user by id, where it is known; else nothing."""
_TOKEN = re.compile(r"<([@#!][^<>]*|(?:https?|mailto|tel):[^<>]*)>")


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
