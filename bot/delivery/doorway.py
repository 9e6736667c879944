"""A form on its way, together with what is posted in its place where it cannot be opened: a door to it.

Slack opens a form within three seconds of the gesture or not at all. Whoever made the gesture is then not left waiting.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.chat.cards import Button, Buttons, Card, Form, Markup, Text
from bot.chat.messages import Open
from bot.chat.prompts import Wording


@dataclass(frozen=True, slots=True)
class Offered:
    """The form; and the door, with the address (as JSON) and the lane where it is posted, at the latest at `until`."""

    form: Form
    door: Card
    address: str
    lane: str
    until: datetime
    paced: bool = False
    """Whether the door goes without any pace, as every answer in somebody's direct messages."""


_OFFERED: TypeAdapter[Offered] = TypeAdapter(Offered)


def pack(offered: Offered) -> bytes:
    """Write it as JSON, for the outbox."""
    return _OFFERED.dump_json(offered)


def unpack(data: bytes) -> Offered:
    """Read it back."""
    return _OFFERED.validate_json(data)


def instead_of(answer: Open, words: Wording) -> Card:
    """Put a form behind a button, where the gesture opens none; what the form is about says enough."""
    return _door(answer, Text(answer.form.intro) if answer.form.intro else Text(Markup(words.body)), words)


def after(answer: Open, words: Wording) -> Card:
    """Put a form behind a button, and say that it did not open."""
    return _door(answer, Text(Markup(words.body)), words)


def _door(answer: Open, said: Text, words: Wording) -> Card:
    button = Button(words.label("open"), answer.again, primary=True, opens=True)
    return Card(answer.form.title, (said, Buttons((button,))), title=answer.form.title)
