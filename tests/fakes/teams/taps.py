"""A card under someone's fingers: its buttons by their labels, its inputs, and what a tap carries of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.fakes.teams import checks
from tests.fakes.teams.world import Json


class NotSent(AssertionError):
    """The client sends nothing, since inputs are not filled in as the card asks: `errors` says what it shows there."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True)
class Client:
    """What a client can do; an old one knows no Action.Execute, some open no dialogs."""

    execute: bool = True
    dialogs: bool = True

    def buttons(self, card: Json) -> list[Json]:
        """The buttons that are shown, each as this client takes it."""
        shown = (self._taken(one) for one in checks.buttons(card))
        return [one for one in shown if one is not None]

    def shows(self, card: Json, label: str) -> bool:
        """Whether a button has this label."""
        return any(one.get("title") == label for one in self.buttons(card))

    def button(self, card: Json, label: str) -> Json:
        """The button with this label."""
        for one in self.buttons(card):
            if one.get("title") == label:
                return one
        raise AssertionError(f"nothing to tap is called {label!r}: {[one.get('title') for one in self.buttons(card)]}")

    def sender(self, card: Json) -> Json:
        """The button that sends a form: the first that takes its inputs along."""
        sends = {"Action.Execute", "Action.Submit"}
        return next(one for one in self.buttons(card) if one["type"] in sends and one.get("associatedInputs") != "none")

    def _taken(self, action: Json) -> Json | None:
        if action["type"] != "Action.Execute" or self.execute:
            return action
        other = action.get("fallback")
        return other if isinstance(other, dict) else None


def inputs(card: Json) -> list[Json]:
    """The inputs of a card, in order."""
    return [part for part in checks.walk(card) if str(part.get("type")).startswith("Input.")]


def chosen(card: Json, label: str) -> dict[str, str]:
    """The choice with this label, as the value of its input; empty where there is none."""
    choices = [(one["id"], choice) for one in inputs(card) for choice in one.get("choices", ())]
    return next(({name: choice["value"]} for name, choice in choices if choice["title"] == label), {})


def behind(card: Json, label: str) -> str:
    """The label of the first button behind the input that has this choice."""
    found = False
    for part in checks.walk(card):
        found = found or any(one["title"] == label for one in part.get("choices", ()))
        if found and part.get("actions"):
            return str(part["actions"][0].get("title"))
    raise AssertionError(f"no button behind {label!r}")


def filled(card: Json, action: Json, values: Mapping[str, str]) -> dict[str, str]:
    """What the inputs hold after `values` were filled in, by id or by the end of it; `NotSent` where that is wrong.

    An input that is empty is not sent at all, as in Microsoft's own client.
    """
    if action.get("associatedInputs") == "none":
        return {}
    written = {one["id"]: _value(one, values) for one in inputs(card)}
    missed = values.keys() - {name for name in values if any(_is(one["id"], name) for one in inputs(card))}
    assert not missed, f"there is no input called {missed}"
    errors = dict(_wrong(card, written))
    if errors:
        raise NotSent(errors)
    return {name: value for name, value in written.items() if value}


def merged(action: Json, written: Mapping[str, str]) -> object:
    """What a tap carries: the button's data, with the inputs beside it; data that is a text goes alone."""
    data = action.get("data", {})
    return {**data, **written} if isinstance(data, dict) else data


def _is(input_id: str, name: str) -> bool:
    return input_id == name or input_id.rpartition(".")[2] == name


def _value(one: Json, values: Mapping[str, str]) -> str:
    """The value of an input; a choice may be given by its label."""
    given = next((value for name, value in values.items() if _is(one["id"], name)), None)
    if given is None:
        default = one.get("valueOff", "false") if one["type"] == "Input.Toggle" else ""
        return str(one.get("value", default))
    return next((choice["value"] for choice in one.get("choices", ()) if choice["title"] == given), given)


def _wrong(card: Json, written: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for one in inputs(card):
        value, said = written[one["id"]], str(one.get("errorMessage", "?"))
        allowed = {choice["value"] for choice in one.get("choices", ())}
        if one.get("isRequired") and not value:
            yield one["id"], said
        if value and allowed and value not in allowed:
            raise AssertionError(f"{value!r} is none of {allowed}")
        if len(value) > one.get("maxLength", len(value)):
            raise AssertionError(f"nobody can type more than {one['maxLength']} characters in {one['id']}")
