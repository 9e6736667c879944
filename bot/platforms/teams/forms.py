"""A form as an Adaptive Card with inputs, and what was filled in as values: both ways in one place.

The form travels along in the card, with where the gesture was made and how the card is shown. So whoever gets it back
can show it again, with what was wrong at its inputs and what was typed still in them: no process has to remember it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from bot.chat import markup, places
from bot.chat.actions import Action
from bot.chat.cards import Form, Input, pack, unpack_form
from bot.chat.events import Place
from bot.chat.payloads import Payload, part, text
from bot.platforms.teams import blocks, limits, render, spans
from bot.platforms.teams.spans import Json

_INPUT = "input."  # before the name of an input, so that none is taken for something else in the data
_NAME = "Kring"  # the title of a dialog whose own is longer, and stands in the dialog itself
_TALL = 2  # inputs that fit in a dialog of half the window's height
_NOTHING: Mapping[str, str] = {}


class Way(StrEnum):
    """How a form is shown: in a dialog, in the place of a card for one person, or as a message in their own chat."""

    DIALOG = "dialog"
    INLINE = "inline"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opens a form: the gesture whose response can show it, where it was made, and by whom."""

    id: str
    place: Place
    user_id: str

    def encode(self) -> str:
        """Write it as one string, for `Event.trigger`."""
        return places.written([self.id, self.user_id, *places.packed(self.place)])

    @classmethod
    def decode(cls, encoded: str) -> "Trigger":
        """Read it back.

        Raises:
            ValueError: it is not what `encode` wrote.

        """
        trigger, user_id, *place = places.read(encoded, 6)
        return cls(trigger, places.unpacked(place), user_id)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form says of itself when it is sent: which action takes it, where the gesture was made, and itself."""

    action: Action
    place: Place
    way: Way
    form: Form


def card_of(
    form: Form, place: Place, way: Way, refused: Mapping[str, str] = _NOTHING, given: Mapping[str, str] = _NOTHING
) -> Json:
    """Write a form as an Adaptive Card: what was `refused`, and why, at its inputs, and what was `given` still in them.

    A card that would be larger than Teams takes goes without what stands in for its button on an old client, and if
    need be without what was given: no input asks for that much.

    Raises:
        ValueError: a part is over a limit, which the message names.

    """
    written = _card(form, place, way, refused, given)
    if limits.size(written) > limits.FORM:
        written["actions"][0].pop("fallback", None)
    if given and limits.size(written) > limits.FORM:
        return card_of(form, place, way, refused)
    limits.within("form", limits.size(written), limits.FORM)
    return written


def dialog_of(title: str, card: Json) -> Json:
    """Write the answer that shows a card in a dialog (learn.microsoft.com, dialogs in bots), its title said once."""
    body = card["body"]
    said = _fits(title) and len(body) > 1 and body[0] == blocks.heading(title)
    inputs = [element for element in body if element["type"].startswith("Input.")]
    value = {
        "title": title if _fits(title) else _NAME,
        "width": "medium",
        "height": "large" if len(inputs) > _TALL else "medium",
        "card": render.attachment(card | {"body": body[1:]} if said else card),
    }
    return {"task": {"type": "continue", "value": value}}


def sent(data: Payload) -> Sent:
    """Read from what a card sent which form it was, and where the gesture was made.

    Raises:
        ValueError: it is none that `card_of` wrote.

    """
    ours = part(data, blocks.OURS)
    form = unpack_form(text(ours, "form").encode())
    form.action.encode()
    return Sent(form.action, places.unpacked(places.read(text(ours, "place"), 4)), Way(text(ours, "way")), form)


def values_of(data: Payload, form: Form) -> dict[str, str]:
    """Read what was filled in, by input; an input that was left empty is an empty text."""
    return {one.name: text(data, _INPUT + one.name) for one in form.inputs}


def _fits(title: str) -> bool:
    return 0 < len(title) <= limits.DIALOG_TITLE


def _card(form: Form, place: Place, way: Way, refused: Mapping[str, str], given: Mapping[str, str]) -> Json:
    limits.within("number of inputs", len(form.inputs), limits.INPUTS, 1)
    titled = way is Way.DIALOG and _fits(form.title)
    elsewhere = [text for name, text in refused.items() if name not in {one.name for one in form.inputs}]
    body = [
        *([] if titled else [blocks.heading(form.title)]),
        *spans.rich(form.intro),
        *(element for one in form.inputs for element in _input(one, refused.get(one.name), given.get(one.name))),
        *(_refusal(text) for text in elsewhere),
    ]
    said = "\n\n".join([form.title, markup.plain(form.intro)]).strip()
    return render.adaptive(body, said) | {"actions": [_sends(form, place, way)]}


def _sends(form: Form, place: Place, way: Way) -> Json:
    """Write the button that sends a form, in which the form itself travels."""
    limits.within("submit label", len(form.submit), limits.SUBMIT, 1)
    where = places.written(places.packed(place))
    limits.within("place", len(where), limits.PLACE)
    ours = {"form": pack(form).decode(), "place": where, "way": way.value}
    if way is Way.DIALOG:
        return blocks.submit(form.submit, ours, style="positive")
    return blocks.execute(form.submit, form.action.name, ours, style="positive")


def _input(one: Input, problem: str | None, given: str | None) -> list[Json]:
    limits.within("input label", len(one.label), limits.INPUT_LABEL, 1)
    limits.within("input hint", len(one.hint or ""), limits.HINT)
    limits.within("input name", len(one.name), limits.INPUT_NAME, 1)
    element: Json = {"id": _INPUT + one.name, "label": one.label, "spacing": "Large"} | _element(one, given)
    element |= {"isRequired": True} | blocks.errors(one.label) if one.required else {}
    below = [_refusal(problem)] if problem else []
    return [element, *below, *([blocks.small(one.hint) | {"spacing": "Small"}] if one.hint else [])]


def _refusal(problem: str) -> Json:
    return spans.said(problem, color="Attention", weight="Bolder") | {"spacing": "Small"}


def _element(one: Input, given: str | None) -> Json:
    match one.kind:
        case "line" | "text":
            limits.within("input length", one.max_length, limits.INPUT)
            limits.within(f"initial text of {one.name}", len(one.initial), one.max_length)
            written: Json = {"type": "Input.Text", "isMultiline": one.kind == "text", "maxLength": one.max_length}
            return written | _holding(one.initial if given is None else given)
        case "choice":
            return _select(one, given)
        case "date":
            return {"type": "Input.Date"} | _holding(one.initial if given is None or not _is_date(given) else given)
        case _:
            assert_never(one.kind)


def _select(one: Input, given: str | None) -> Json:
    """Write a list to unfold: what was given and is none of the options cannot be shown as chosen."""
    values = {value for value, _ in one.options}
    if one.initial and one.initial not in values:
        raise ValueError(f"{one.name} cannot begin with an option that it has not")
    written: Json = {"type": "Input.ChoiceSet", "style": "compact", "choices": blocks.choices(one.options)}
    return written | _holding(given if given in values else one.initial)


def _holding(value: str | None) -> Json:
    return {"value": value} if value else {}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return not text
    return True
