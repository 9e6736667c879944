"""What a button carries: a name and row ids, through one codec, never a member's words.

Slack allows 2,000 characters in a button's value and 255 in an action id; 120 fits everywhere and leaves room.
"""

import re
from dataclasses import dataclass

MAX_LENGTH = 120
_NAME = re.compile(r"[a-z]+(?:\.[a-z]+)+")
_ARG = re.compile(r"[A-Za-z0-9_.:/+-]*")
_SHAPE = re.compile(rf"({_NAME.pattern})\|([0-9]*)\|({_ARG.pattern})")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a member can do: `energy.answer`, on row `id`, with a short `arg`."""

    name: str
    id: int | None = None
    arg: str = ""

    def encode(self) -> str:
        """Write `name|id|arg`.

        Raises:
            ValueError: a part has a character or a length that could not be read back.

        """
        text = f"{self.name}|{'' if self.id is None else self.id}|{self.arg}"
        if len(text) > MAX_LENGTH or not _SHAPE.fullmatch(text):
            message = f"not an action: {text!r}"
            raise ValueError(message)
        return text


def decode(text: str) -> Action | None:
    """Read what `Action.encode` wrote; None for anything else, since a client may send what it likes."""
    found = _SHAPE.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        return None
    name, row, arg = found.groups()
    return Action(name, int(row) if row else None, arg)
