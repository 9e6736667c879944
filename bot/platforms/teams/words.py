"""Reading what Teams writes into texts."""

import html
import re

from bot.chat.payloads import Payload, every, identity, part, text

_AT = re.compile(r"<at[^<>]{0,80}>([^<>]{0,256})</at>")  # bounded, so that no text takes long
_AFTER = re.compile(r"^[:,]\s*")


def readable(written: str) -> str:
    """Write what a member typed as they saw it: names for mentions, and no entities.

    Teams hands over `<at>Name</at>` for a mention, and some characters as entities of HTML, the space behind a mention
    among them.
    """
    seen = _AT.sub(lambda found: f"@{found[1]}", written)
    return html.unescape(seen).replace("\xa0", " ").strip()


def called(activity: Payload, bot: frozenset[str]) -> str | None:
    """Return what stands behind a mention of Kring at the beginning; None for words that begin otherwise.

    Only that mention is taken away: the SDK's own `remove_recipient_mention` takes the name out of the whole text, and
    falls over texts that are not there (4.17.1).
    """
    written = text(activity, "text").lstrip()
    for entity in every(activity, "entities"):
        mark = text(entity, "text")
        is_ours = text(entity, "type").lower() == "mention" and identity(part(entity, "mentioned"), "id") in bot
        if is_ours and mark and written.startswith(mark):
            return _AFTER.sub("", readable(written.removeprefix(mark)), count=1)
    return None
