"""A form as a modal, and what was filled in as values: both ways in one place, so that names can't drift apart.

An input stands in a block of its own, `input.<name>`. Where the gesture was made travels along twice: in the trigger of
the event, so that the modal can keep it, and in the modal, so that what was filled in has a place to be answered in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from bot.chat import places
from bot.chat.actions import Action, decode
from bot.chat.cards import Form, Input
from bot.chat.events import Place
from bot.platforms.slack import blocks, limits
from bot.platforms.slack.spans import Json

VALUE = "value"  # the action_id of every input
_BLOCK = "input."
_NAME = "Kring"  # the title of a modal whose own is longer than Slack takes, and stands in the modal itself


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opens a modal: Slack's `trigger_id`, good once and for three seconds, and where the gesture was made."""

    id: str
    place: Place

    def encode(self) -> str:
        """Write it as one string, for `Event.trigger`."""
        return places.written([self.id, *places.packed(self.place)])

    @classmethod
    def decode(cls, text: str) -> "Trigger":
        """Read it back.

        Raises:
            ValueError: it is not what `encode` wrote.

        """
        trigger, *place = places.read(text, 5)
        return cls(trigger, places.unpacked(place))


@dataclass(frozen=True, slots=True)
class Sent:
    """What a modal says of itself when it is sent: which action takes it, and where the gesture was made."""

    action: Action
    place: Place


def block_id(name: str) -> str:
    """Say in which block an input stands."""
    return _BLOCK + name


def input_name(block: str) -> str | None:
    """Say which input stands in a block; None for a block of something else."""
    return block.removeprefix(_BLOCK) if block.startswith(_BLOCK) else None


def view_of(form: Form, place: Place) -> Json:
    """Write a form as a modal.

    Raises:
        ValueError: a part is over Slack's limit, which the message names.

    """
    fits = len(form.title) <= limits.MODAL_TITLE
    limits.within("submit label", len(form.submit), limits.SUBMIT, 1)
    limits.within("number of inputs", len(form.inputs), limits.SURFACE_BLOCKS, 1)
    written = [
        *([] if fits else [blocks.header(form.title)]),
        *blocks.body(form.intro),
        *(_input(part) for part in form.inputs),
    ]
    limits.within("number of blocks", len(written), limits.SURFACE_BLOCKS)
    metadata = places.written([form.action.encode(), *places.packed(place)])
    limits.within("metadata", len(metadata), limits.METADATA)
    return {
        "type": "modal",
        "callback_id": form.action.name,
        "private_metadata": metadata,
        "title": blocks.plain(form.title if fits else _NAME),
        "submit": blocks.plain(form.submit),
        "blocks": written,
    }


def sent(view: Mapping[str, Any]) -> Sent:
    """Read from a modal that was sent which action takes it, and where the gesture was made.

    Raises:
        ValueError: the modal is none that `view_of` wrote.

    """
    encoded, *place = places.read(view.get("private_metadata", ""), 5)
    action = decode(encoded)
    if action is None:
        raise ValueError("the metadata of the modal names no action")
    return Sent(action, places.unpacked(place))


def values_of(state: Mapping[str, Any]) -> dict[str, str]:
    """Read what was filled in (`view["state"]`), by input; an input that was left empty is an empty text."""
    found: dict[str, str] = {}
    for block, actions in state.get("values", {}).items():
        name = input_name(block)
        if name is not None and VALUE in actions:
            found[name] = _value(actions[VALUE])
    return found


def errors_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Say per block why its input was refused: the `errors` of a response to a modal that was sent."""
    return {block_id(name): text for name, text in fields.items()}


def _value(state: Mapping[str, Any]) -> str:
    chosen = state.get("selected_option") or {}
    return str(state.get("value") or chosen.get("value") or state.get("selected_date") or "")


def _input(part: Input) -> Json:
    limits.within("input label", len(part.label), limits.INPUT_LABEL, 1)
    limits.within("input hint", len(part.hint or ""), limits.HINT)
    limits.within("input name", len(block_id(part.name)), limits.ID)
    hint = {"hint": blocks.plain(part.hint)} if part.hint else {}
    return {
        "type": "input",
        "block_id": block_id(part.name),
        "label": blocks.plain(part.label),
        "optional": not part.required,
        "element": _element(part) | {"action_id": VALUE},
        **hint,
    }


def _element(part: Input) -> Json:
    match part.kind:
        case "line" | "text":
            limits.within("input length", part.max_length, limits.INPUT)
            limits.within(f"initial text of {part.name}", len(part.initial), part.max_length)
            written = {"type": "plain_text_input", "multiline": part.kind == "text", "max_length": part.max_length}
            return written | ({"initial_value": part.initial} if part.initial else {})
        case "choice":
            return _select(part)
        case "date":
            return {"type": "datepicker"} | ({"initial_date": part.initial} if part.initial else {})
        case _:
            assert_never(part.kind)


def _select(part: Input) -> Json:
    limits.within("number of options", len(part.options), limits.OPTIONS, 1)
    options = {value: blocks.option(label, value) for value, label in part.options}
    if part.initial and part.initial not in options:
        raise ValueError(f"{part.name} cannot begin with an option that it has not")
    written = {"type": "static_select", "options": list(options.values())}
    return written | ({"initial_option": options[part.initial]} if part.initial else {})
