"""One message for every platform: what all of them can show, each with a written fallback.

Two kinds of text: `Plain` (titles, labels, summaries) and `Markup` (bodies, the small Markdown of `markup.py`).
Renderers `match` over `Node` and end in `assert_never`, so a new node refuses to type-check until each knows it.
"""

from dataclasses import dataclass
from typing import Literal, NewType

from pydantic import TypeAdapter

from bot.chat.actions import Action

Plain = NewType("Plain", str)
Markup = NewType("Markup", str)


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or more; `muted` for what may be skipped while reading: who sees this, how to skip it."""

    body: Markup
    muted: bool = False
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Facts:
    """Short pairs of label and value, in order."""

    facts: tuple[tuple[Plain, Plain], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between two parts of a card."""

    kind: Literal["divider"] = "divider"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture with the words that replace it for who does not see it."""

    url: str
    alt: Plain
    kind: Literal["image"] = "image"


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to tap; at most one of a card is `primary`. `opens` where a tap is answered by a form."""

    label: Plain
    action: Action
    primary: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons."""

    buttons: tuple[Button, ...]
    kind: Literal["buttons"] = "buttons"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice out of many, taken as soon as it is made."""

    label: Plain
    options: tuple[Button, ...]
    kind: Literal["choice"] = "choice"


Node = Text | Facts | Divider | Image | Buttons | Choice


@dataclass(frozen=True, slots=True)
class Card:
    """A message: `summary` is what a notification or a screen reader says first, and is never empty."""

    summary: Plain
    nodes: tuple[Node, ...]
    title: Plain | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a form; lengths are in characters, dates ISO 8601."""

    name: str
    label: Plain
    kind: Literal["line", "text", "choice", "date"] = "line"
    hint: Plain | None = None
    initial: str = ""
    required: bool = True
    max_length: int = 200
    options: tuple[tuple[str, Plain], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog: what it is for, its inputs, and the action that takes what was filled in."""

    title: Plain
    inputs: tuple[Input, ...]
    submit: Plain
    action: Action
    intro: Markup = Markup("")


Content = Card | Form
_CARD: TypeAdapter[Card] = TypeAdapter(Card)
_FORM: TypeAdapter[Form] = TypeAdapter(Form)


def pack(content: Content) -> bytes:
    """Write a card or a form as JSON, for the outbox."""
    return _FORM.dump_json(content) if isinstance(content, Form) else _CARD.dump_json(content)


def unpack_card(data: bytes) -> Card:
    """Read a card back."""
    return _CARD.validate_json(data)


def unpack_form(data: bytes) -> Form:
    """Read a form back."""
    return _FORM.validate_json(data)
