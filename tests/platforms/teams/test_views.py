"""Every view of every feature in Teams, in both languages, with ordinary values and with the worst that can be typed.

`KRING_GOLDEN=write make test ARGS="-n 0 tests/platforms/teams/test_views.py"` writes the golden files anew;
read the diff.
"""

import re

import pytest

from bot.chat import markup
from bot.chat.cards import Button, Buttons, Card, Choice, Facts, Form, Image, Text
from bot.platforms.teams import blocks, forms, limits, render, spans
from bot.platforms.teams.forms import Sent, Way
from bot.platforms.teams.spans import Json
from tests.features.given import NASTY, Given
from tests.platforms import views
from tests.platforms.room.pretend import ANSWER, EVERYTHING
from tests.platforms.teams.official import parts, refusals, unguarded
from tests.platforms.teams.test_forms import PLACE, data


def written(view: Card | Form) -> list[Json]:
    """The cards that Teams is sent of it: a form in each of its ways, and with every input refused."""
    if isinstance(view, Card):
        return [render.card(view)]
    wrong = {one.name: f"**Fout**, {NASTY}" for one in view.inputs}
    typed = {one.name: one.initial or NASTY for one in view.inputs}
    return [
        *(forms.card_of(view, PLACE, way) for way in Way),
        *(forms.card_of(view, PLACE, way, wrong, typed) for way in Way),
    ]


@views.with_each_view
def test_a_view_is_taken_by_teams(name: str, given: Given, language: str) -> None:
    view = views.shown(name, given, language)

    cards = written(view)

    for card in cards:
        assert refusals(card) == []
        assert unguarded(card) == []
        assert limits.size(render.carrying(card, "x")) <= limits.MESSAGE
        assert all(len(part["actions"]) <= limits.ROW for part in parts(card) if "actions" in part)


@views.with_each_view
def test_nothing_of_a_view_is_lost_and_nothing_comes_alive(name: str, given: Given, language: str) -> None:
    view = views.shown(name, given, language)

    cards = written(view)

    for card in cards:
        assert views.squeezed(_words(view)) in views.squeezed(_said(card).replace(spans.BULLET, ""))
        for part in parts(card):
            assert part.get("type") not in {"FactSet", "Fact", "Input.Toggle", "Media"}
            assert spans.is_plain(part.get("text", "x")) or part["type"] == "TextRun"
            assert spans.is_plain(part.get("errorMessage", "x"))
            assert not re.search(r"\{\{(DATE|TIME)", part.get("text", ""))
        assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>#~|]", card["fallbackText"])
        assert "entities" not in card["msteams"]


@views.with_each_given
@pytest.mark.parametrize("name", views.CARDS)
def test_every_button_of_a_view_does_what_it_did(name: str, given: Given) -> None:
    view = views.card(name, given)

    card = render.card(view)

    assert _sent(card) == [(one.label, one.action, one.opens) for one in _buttons(view)]


@pytest.mark.parametrize("way", Way)
@views.with_each_given
@pytest.mark.parametrize("name", views.FORMS)
def test_a_form_that_is_sent_as_it_was_opened_says_what_it_began_with(name: str, given: Given, way: Way) -> None:
    form = views.form(name, given)

    filled = data(forms.card_of(form, PLACE, way))

    assert forms.sent(filled) == Sent(form.action, PLACE, way, form)
    assert forms.values_of(filled, form) == {one.name: one.initial for one in form.inputs}


@views.with_each_feature
def test_the_views_of_a_feature_are_as_the_golden_ones(feature: str) -> None:
    now = {name: _golden(view) for name, view in views.of_feature(feature).items()}

    assert now == views.golden("teams", feature, now, "body")


def test_every_node_and_every_input_is_as_the_golden_ones() -> None:
    refused = forms.card_of(ANSWER, PLACE, Way.INLINE, {"answer": "Vul hier iets in."}, {"mood": "so"})
    now = {"card": _golden(EVERYTHING), "dialog": _golden(ANSWER), "refused": refused}

    assert now == views.golden("teams", "everything", now, "body")


def _golden(view: Card | Form) -> Json:
    return render.card(view) if isinstance(view, Card) else forms.card_of(view, PLACE, Way.DIALOG)


def _said(card: Json) -> str:
    """What a card shows, with the labels of its inputs and buttons."""
    words = []
    for part in parts(card["body"]):
        words += [part[name] for name in ("text", "label", "altText", "title") if name in part]
    return "".join(words)


def _words(view: Card | Form) -> str:
    """What a card says before its first choice, or a form before its first input."""
    if isinstance(view, Form):
        return markup.plain(view.intro)
    words = [view.title or ""]
    for node in view.nodes:
        match node:
            case Text():
                words.append(markup.plain(node.body))
            case Facts():
                words += [f"{label}:{value}" for label, value in node.facts]
            case Image():
                words.append(node.alt)
            case Buttons():
                words += [button.label for button in node.buttons]
            case _:
                break
    return "".join(words)


def _buttons(view: Card) -> list[Button]:
    """The buttons and options of a card, in order."""
    found: list[Button] = []
    for node in view.nodes:
        match node:
            case Buttons():
                found += node.buttons
            case Choice():
                found += node.options
            case _:
                pass
    return found


def _sent(card: Json) -> list[tuple[str, object, bool]]:
    """What the buttons of a card send, and its lists with each of their options: label, action, and if it opens."""
    found: list[tuple[str, object, bool]] = []
    choices: list[Json] = []
    for part in parts(card["body"]):
        if part.get("type") == "Input.ChoiceSet":
            choices = part["choices"]
        if part.get("type") in {"Action.Execute", "Action.Submit"}:
            data, opens = part["data"], "msteams" in part["data"]
            listed = data["kring"].get("choice")
            every = (
                [(one["title"], {**data, listed: one["value"]}) for one in choices]
                if listed
                else [(part["title"], data)]
            )
            found += [(label, blocks.action_of(sends), opens) for label, sends in every]
    return found
