"""The parts of a card as elements of an Adaptive Card, and what its buttons and choices send back."""

from collections.abc import Sequence
from typing import Any, assert_never

from bot.chat.actions import Action, decode
from bot.chat.cards import Button, Buttons, Card, Choice, Divider, Facts, Image, Node, Text
from bot.chat.payloads import Payload, part, text
from bot.platforms.teams import limits, spans
from bot.platforms.teams.spans import Json

OURS = "kring"  # what is Kring's in the data of an action; the rest is what inputs hold, and what Teams adds
_OWN = "own"
_MUTED = {"isSubtle": True, "size": "Small"}


def of_card(card: Card) -> list[Json]:
    """Write a card's title and nodes.

    Raises:
        ValueError: a part is over a limit, which the message names.

    """
    written = [heading(card.title)] if card.title else []
    apart = False
    for number, node in enumerate(card.nodes):
        elements = _node(node, f"choice.{number}")
        if elements and apart:
            elements[0] |= {"separator": True, "spacing": "Large"}
        apart = isinstance(node, Divider) or (apart and not elements)
        written += elements
    return written


def action_of(data: Payload) -> Action | None:
    """Read what a button sent, or a choice; None for anything else, since a client may send what it likes."""
    name = text(data, OURS, "choice")
    return decode(text(data, name) if name else text(data, OURS, "action"))


def own(card: Json) -> Json:
    """Say in every button of a card that one person alone sees it, in the place of a card that others see.

    Teams names that other card when one of them is tapped, and nothing may take its place for everyone.
    """
    return {name: _own(value) for name, value in card.items()}


def is_own(data: Payload) -> bool:
    """Whether a button stood on such a card."""
    return part(data, OURS).get(_OWN) is True


def _own(value: Any) -> Any:  # noqa: ANN401 - any part of a card
    if isinstance(value, list):
        return [_own(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: {**one, _OWN: True} if name == OURS else _own(one) for name, one in value.items()}


def heading(title: str) -> Json:
    """Write a title: a heading for screen readers too where nothing in it could format, else only for the eye."""
    large = {"size": "Large", "weight": "Bolder"}
    if spans.is_plain(title):
        return {"type": "TextBlock", "text": title, "style": "heading", "wrap": True, **large}
    return spans.said(title, **large)


def small(said: str) -> Json:
    """Write words that may be skipped."""
    return spans.said(said, **_MUTED)


def choices(options: Sequence[tuple[str, str]]) -> list[Json]:
    """Write what can be chosen, as value and label."""
    limits.within("number of options", len(options), limits.OPTIONS, 1)
    for value, label in options:
        limits.within("option", len(label), limits.OPTION, 1)
        limits.within("value of an option", len(value), limits.FACT, 1)
    return [{"title": label, "value": value} for value, label in options]


def execute(title: str, verb: str, ours: Json, **rest: Any) -> Json:  # noqa: ANN401 - properties of an action
    """Write a button whose tap is answered in place; where a client knows no such button it sends a message."""
    action = _action("Action.Execute", title, ours, **rest) | {"verb": verb}
    return action | {"fallback": _action("Action.Submit", title, ours, **rest)}


def opening(title: str, ours: Json, **rest: Any) -> Json:  # noqa: ANN401 - as above
    """Write a button whose tap opens a dialog (learn.microsoft.com, dialogs in bots: task/fetch by Action.Submit)."""
    action = _action("Action.Submit", title, ours, **rest)
    return action | {"data": {"msteams": {"type": "task/fetch"}, OURS: ours}}


def submit(title: str, ours: Json, **rest: Any) -> Json:  # noqa: ANN401 - as above
    """Write the button that sends a dialog."""
    return _action("Action.Submit", title, ours, **rest)


def _action(kind: str, title: str, ours: Json, **rest: Any) -> Json:  # noqa: ANN401 - as above
    limits.within("button label", len(title), limits.BUTTON, 1)
    return {"type": kind, "title": title, "data": {OURS: ours}, **rest}


def _node(node: Node, name: str) -> list[Json]:
    match node:
        case Text():
            return spans.rich(node.body, **(_MUTED if node.muted else {}))
        case Facts():
            return _facts(node)
        case Divider():
            return []
        case Image():
            return [_image(node)]
        case Buttons():
            return _sets(node.buttons)
        case Choice():
            return _choice(node, name)
        case _:
            assert_never(node)


def _facts(node: Facts) -> list[Json]:
    """Write lines, since a FactSet would format what stands in it (cards-format: Fact.Title and Fact.Value)."""
    limits.within("number of facts", len(node.facts), limits.FACTS)
    for label, value in node.facts:
        limits.within("fact", max(len(label), len(value)), limits.FACT)
    return [spans.fact(label, value) | {"spacing": "Small"} for label, value in node.facts]


def _image(node: Image) -> Json:
    limits.within("image address", len(node.url), limits.IMAGE_URL, 1)
    limits.within("alt text", len(node.alt), limits.ALT, 1)
    return {"type": "Image", "url": node.url, "altText": node.alt}


def _sets(buttons: Sequence[Button]) -> list[Json]:
    limits.within("number of buttons", len(buttons), limits.BUTTONS, 1)
    rows = [{"type": "ActionSet", "actions": [_button(button) for button in row]} for row in _rows(buttons)]
    return [row | ({"spacing": "Small"} if number else {}) for number, row in enumerate(rows)]


def _rows(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    """Divide buttons over the fewest rows that show their labels whole, of about the same length where that fits."""
    filled: list[list[Button]] = [[]]
    for button in buttons:
        if filled[-1] and not _fits([*filled[-1], button]):
            filled.append([])
        filled[-1].append(button)
    length = -(-len(buttons) // len(filled))
    even = [buttons[at : at + length] for at in range(0, len(buttons), length)]
    return even if all(_fits(row) for row in even) else [*filled]


def _fits(row: Sequence[Button]) -> bool:
    wide = sum(len(button.label) + limits.FRAME for button in row)
    return len(row) == 1 or (len(row) <= limits.ROW and wide <= limits.LINE)


def _button(button: Button) -> Json:
    """Write a button. It takes nothing along of the choices beside it, and waits for none of them."""
    ours = {"action": button.action.encode()}
    rest = {"associatedInputs": "none"} | ({"style": "positive"} if button.primary else {})
    if button.opens:
        return opening(button.label, ours, **rest)
    return execute(button.label, button.action.name, ours, **rest)


def _choice(node: Choice, name: str) -> list[Json]:
    """Write a few options as buttons, and more as a list with a button beside it that says the same as the list."""
    limits.within("choice label", len(node.label), limits.CHOICE, 1)
    limits.within("number of options", len(node.options), limits.OPTIONS, 1)
    if len(_rows(node.options)) <= limits.FEW:
        return [spans.said(node.label, weight="Bolder"), *_sets(node.options)]
    options = choices([(one.action.encode(), one.label) for one in node.options])
    box = {"type": "Input.ChoiceSet", "id": name, "label": node.label, "choices": options, "isRequired": True}
    ours = {"choice": name}
    opens = any(one.opens for one in node.options)
    sends = opening(node.label, ours) if opens else execute(node.label, node.options[0].action.name, ours)
    return [box | errors(node.label), {"type": "ActionSet", "actions": [sends], "spacing": "Small"}]


def errors(label: str) -> Json:
    """Say what is shown where nothing was filled in: the label again, unless it could format there."""
    return {"errorMessage": label} if spans.is_plain(label) else {}
