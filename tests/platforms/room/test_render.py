"""A card in the room: every node, and every limit by name."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Facts, Form, Image, Input, Markup, Plain, Text
from bot.platforms.room import render
from tests.platforms.room.pretend import ANSWER, EVERYTHING

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "room"
BUTTON = Button(Plain("x"), Action("energy.answer"))


def test_a_card_with_every_node_is_rendered_as_the_golden_one() -> None:
    assert render.card(EVERYTHING) == json.loads((GOLDEN / "card.json").read_text(encoding="utf-8"))


def test_a_form_with_every_input_is_rendered_as_the_golden_one() -> None:
    # Through JSON and back: that is how the room keeps it.
    rendered = json.loads(json.dumps(render.form(ANSWER)))

    assert rendered == json.loads((GOLDEN / "form.json").read_text(encoding="utf-8"))


def test_the_actions_of_a_card_are_those_of_its_buttons_and_choices() -> None:
    assert render.actions(render.card(EVERYTHING)) == {"checkin.answer|3|", "checkin.skip|3|", "rhythm.day|1|mo"}


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("text", Text(Markup("x" * 3001))),
        ("number of buttons", Buttons((BUTTON,) * 26)),
        ("button label", Buttons((replace(BUTTON, label=Plain("x" * 76)),))),
        ("number of options", Choice(Plain("x"), (BUTTON,) * 101)),
        ("choice label", Choice(Plain("x" * 151), (BUTTON,))),
        ("number of facts", Facts(((Plain("x"), Plain("y")),) * 11)),
        ("fact", Facts(((Plain("x"), Plain("y" * 301)),))),
        ("alt text", Image("https://a.nl/b.png", Plain("x" * 501))),
    ],
)
def test_a_node_over_a_limit_is_refused_by_name(name: str, node: Text | Buttons | Choice | Facts | Image) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        render.card(Card(Plain("x"), (node,)))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("form title", replace(ANSWER, title=Plain("x" * 61))),
        ("submit label", replace(ANSWER, submit=Plain("x" * 25))),
        ("number of inputs", replace(ANSWER, inputs=(Input("a", Plain("a")),) * 21)),
        ("input label", replace(ANSWER, inputs=(Input("a", Plain("a" * 151)),))),
        ("input length", replace(ANSWER, inputs=(Input("a", Plain("a"), max_length=3001),))),
    ],
)
def test_a_form_over_a_limit_is_refused_by_name(name: str, form: Form) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        render.form(form)
