"""Every view of every feature in Slack, in both languages, with ordinary values and with the worst that can be typed.

`KRING_GOLDEN=write make test ARGS="-n 0 tests/platforms/slack/test_views.py"` writes the golden files anew;
read the diff.
"""

import re
from collections.abc import Sequence

import pytest
from slackblocks.blocks import Block

from bot.chat import markup
from bot.chat.cards import Card, Facts, Form, Text
from bot.chat.events import Place
from bot.platforms.slack import forms, limits, render
from bot.platforms.slack.spans import Json
from tests.fakes.slack import checks
from tests.features.given import ORDINARY, Given
from tests.platforms import views
from tests.platforms.room.pretend import ANSWER, EVERYTHING

PLACE = Place("C0123456789", "leerkring-eigentijds-toetsen", message="1795500000.000100")
WITHOUT_PARSER = {"actions", "input", "rich_text"}  # of slackblocks 3.0


def written(view: Card | Form) -> Json:
    """What Slack is sent of it."""
    return render.message(view) if isinstance(view, Card) else forms.view_of(view, PLACE)


@views.with_each_view
def test_a_view_is_taken_by_slack(name: str, given: Given, language: str) -> None:
    view = views.shown(name, given, language)

    sent = written(view)

    assert (checks.blocks(sent["blocks"]) if isinstance(view, Card) else checks.view(sent)) == []
    for block in sent["blocks"]:
        if block["type"] not in WITHOUT_PARSER:
            assert _reparsed(block) == _without(block, ("emoji", False))


@views.with_each_view
def test_nothing_of_a_view_is_lost_and_nothing_comes_alive(name: str, given: Given, language: str) -> None:
    view = views.shown(name, given, language)

    sent = written(view)

    assert views.squeezed(_texts(sent["blocks"])).startswith(views.squeezed(_words(view)))
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", sent.get("text", ""))
    for part in checks.walk(sent):
        assert part.get("type") not in {"user", "usergroup", "channel", "broadcast", "emoji", "date"}
        assert part.get("emoji") in {None, False}
        assert part.get("type") != "mrkdwn" or not re.search(r"[<>@#]", part["text"])


@pytest.mark.parametrize("name", views.FORMS)
def test_a_form_that_is_sent_as_it_was_opened_says_what_it_began_with(name: str) -> None:
    form = views.form(name, ORDINARY)

    view = forms.view_of(form, PLACE)

    assert forms.values_of({"values": _state(view)}) == {one.name: one.initial for one in form.inputs}
    assert forms.sent(view) == forms.Sent(form.action, PLACE)
    assert set(forms.errors_of({one.name: "Vul hier iets in." for one in form.inputs})) == set(_state(view))


@views.with_each_feature
def test_the_views_of_a_feature_are_as_the_golden_ones(feature: str) -> None:
    now = {name: written(view) for name, view in views.of_feature(feature).items()}

    assert now == views.golden("slack", feature, now, "blocks")


def test_every_node_and_every_input_is_as_the_golden_ones() -> None:
    now = {"card": written(EVERYTHING), "form": written(ANSWER), "home": render.home([EVERYTHING])}

    assert now == views.golden("slack", "everything", now, "blocks")


def _words(view: Card | Form) -> str:
    """What a card says before its first button, or a form before its first input."""
    if isinstance(view, Form):
        return (view.title if len(view.title) > limits.MODAL_TITLE else "") + markup.plain(view.intro)
    said = [view.title or ""]
    for node in view.nodes:
        match node:
            case Text():
                said.append(markup.plain(node.body))
            case Facts():
                said += [f"{label}:{value}" for label, value in node.facts]
            case _:
                break
    return "".join(said)


def _texts(blocks: Sequence[Json]) -> str:
    """What the texts of a layout say, in order."""
    said = []
    for part in checks.walk(blocks):
        text = part.get("text")
        if isinstance(text, str):
            said.append(re.sub(r"(?<!\w)[*_`]|[*_`](?!\w)", "", text) if part["type"] == "mrkdwn" else text)
    return "".join(said)


def _reparsed(block: Json) -> object:
    """Read a block with slackblocks and write it again; it names every block, and leaves out what is no."""
    return _without(Block.from_dict(block)._resolve(), ("block_id", None), ("emoji", False))


def _without(part: object, *what: tuple[str, object]) -> object:
    if isinstance(part, dict):
        left = {key: one for key, one in part.items() if (key, one) not in what and (key, None) not in what}
        return {key: _without(one, *what) for key, one in left.items()}
    return [_without(one, *what) for one in part] if isinstance(part, list) else part


def _state(view: Json) -> Json:
    """The state of a modal in which nothing was changed."""
    state = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            now = {"value": element.get("initial_value"), "selected_option": element.get("initial_option")}
            state[block["block_id"]] = {element["action_id"]: now | {"selected_date": element.get("initial_date")}}
    return state
