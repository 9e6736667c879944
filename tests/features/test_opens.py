"""A button says that it opens a form exactly where its tap is answered by one: read from the handlers themselves."""

import dis
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, unpack_card
from bot.chat.messages import Open
from bot.chat.prompts import LANGUAGES
from bot.chat.router import Router
from bot.features import FEATURES
from tests.features.given import ORDINARY, WORST
from tests.features.test_views import CASES, PROMPTS

ROUTES = Router(FEATURES).routes
COMMANDS = {command.name: command.handler for command in ROUTES.commands}


def opens_a_form(function: object, seen: frozenset[object] = frozenset()) -> bool:
    """Whether a handler, or a function of a feature that it calls, makes an `Open`."""
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("bot.features"):
        return False
    used = list(used_in(function, function.__code__))
    return Open in used or any(opens_a_form(one, seen | {function}) for one in used)


def used_in(function: FunctionType, code: CodeType) -> Iterator[object]:
    """What a function names of its module: what it calls there, and in modules that it imports."""
    found: object = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            found = function.__globals__.get(instruction.argval)
            yield found
        elif isinstance(found, ModuleType) and instruction.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
            found = getattr(found, instruction.argval, None)
            yield found
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from used_in(function, inner)


def buttons() -> Iterator[tuple[str, Button]]:
    """Every button of every view."""
    for name, case in CASES.items():
        for given in (ORDINARY, WORST):
            for language in LANGUAGES:
                shown = case(PROMPTS.voice(language, "Europe/Amsterdam"), given)
                yield from ((name, button) for button in (on(shown) if isinstance(shown, Card) else ()))


def on(card: Card) -> Iterator[Button]:
    """The buttons of a card, and what can be chosen on it."""
    for node in card.nodes:
        match node:
            case Buttons():
                yield from node.buttons
            case Choice():
                yield from node.options
            case _:
                pass


def answered_by(action: Action) -> object:
    """The handler of a tap; of a button that stands for a command, the one of the command."""
    return COMMANDS[action.arg] if action.name == "help.run" else ROUTES.taps[action.name]


def test_a_button_says_that_it_opens_a_form_exactly_where_it_does() -> None:
    wrong = {
        (view, button.label) for view, button in buttons() if button.opens != opens_a_form(answered_by(button.action))
    }

    assert wrong == set()


def test_every_tap_that_opens_a_form_has_a_button_somewhere() -> None:
    opening = {name for name, handler in ROUTES.taps.items() if opens_a_form(handler)}

    shown = {button.action.name for _, button in buttons() if button.opens}

    assert opening
    assert opening <= shown


@pytest.mark.parametrize("name", ["checkin.open", "setup.open", "checkin.new"])
def test_a_form_is_found_behind_the_function_that_makes_it(name: str) -> None:
    assert opens_a_form(ROUTES.taps[name])
    assert not opens_a_form(ROUTES.taps["checkin.skip"])


def test_a_card_that_was_kept_before_buttons_said_so_still_reads() -> None:
    button = b'{"label": "Ja", "action": {"name": "a.b", "id": 1, "arg": ""}, "primary": true}'
    kept = b'{"summary": "Hallo", "nodes": [{"kind": "buttons", "buttons": [%b]}], "title": null}' % button

    (read,) = on(unpack_card(kept))

    assert (read.primary, read.opens) == (True, False)
