"""A form as a modal, and back: what is filled in comes out under the name of its input, from the place it was asked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.actions import Action
from bot.chat.cards import Form, Input, Markup, Plain
from bot.chat.events import Place
from bot.platforms.slack import forms
from tests.fakes.slack import checks
from tests.platforms.room.pretend import ANSWER

PLACE = Place("C1", "toetsen")
PLACES = st.builds(Place, st.text(), st.text(), st.booleans(), st.none() | st.text(min_size=1))


def one(part: Input) -> Form:
    """A form with this input."""
    return replace(ANSWER, inputs=(part,))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("title", replace(ANSWER, title=Plain("x" * 151))),
        ("submit label", replace(ANSWER, submit=Plain("x" * 25))),
        ("text", replace(ANSWER, intro=Markup("x" * 3001))),
        ("number of inputs", replace(ANSWER, inputs=())),
        ("number of inputs", replace(ANSWER, inputs=(Input("a", Plain("a")),) * 101)),
        ("number of blocks", replace(ANSWER, inputs=(Input("a", Plain("a")),) * 100)),
        ("input label", one(Input("a", Plain("a" * 2001)))),
        ("input hint", one(Input("a", Plain("a"), hint=Plain("a" * 2001)))),
        ("input length", one(Input("a", Plain("a"), max_length=3001))),
        ("input name", one(Input("a" * 250, Plain("a")))),
        ("initial text of a", one(Input("a", Plain("a"), initial="x" * 201))),
        ("number of options", one(Input("a", Plain("a"), "choice"))),
        ("option", one(Input("a", Plain("a"), "choice", options=(("b", Plain("b" * 76)),)))),
        ("value of an option", one(Input("a", Plain("a"), "choice", options=(("b" * 151, Plain("b")),)))),
    ],
    ids=str,
)
def test_a_form_over_a_limit_is_refused_by_name(name: str, form: Form) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        forms.view_of(form, PLACE)


def test_a_choice_cannot_begin_with_what_it_has_not() -> None:
    with pytest.raises(ValueError, match=r"^a cannot begin"):
        forms.view_of(one(Input("a", Plain("a"), "choice", initial="c", options=(("b", Plain("b")),))), PLACE)


def test_a_title_too_long_for_a_modal_stands_in_the_modal() -> None:
    view = forms.view_of(replace(ANSWER, title=Plain("Which time zone are you in?")), PLACE)

    assert view["title"]["text"] == "Kring"
    assert view["blocks"][0]["text"]["text"] == "Which time zone are you in?"
    assert checks.view(view) == []


def test_what_was_filled_in_comes_out_by_the_name_of_its_input() -> None:
    state = {
        "input.answer": {"value": {"type": "plain_text_input", "value": "Veel geleerd"}},
        "input.mood": {"value": {"type": "static_select", "selected_option": {"value": "good"}}},
        "input.on": {"value": {"type": "datepicker", "selected_date": "2026-03-02"}},
        "input.empty": {"value": {"type": "plain_text_input", "value": None}},
        "input.none": {"value": {"type": "static_select", "selected_option": None}},
        "other": {"value": {"type": "plain_text_input", "value": "x"}},
        "input.odd": {"another": {"type": "plain_text_input", "value": "x"}},
    }

    values = forms.values_of({"values": state})

    assert values == {"answer": "Veel geleerd", "mood": "good", "on": "2026-03-02", "empty": "", "none": ""}


def test_a_refusal_stands_at_the_block_of_its_input() -> None:
    view = forms.view_of(ANSWER, PLACE)

    errors = forms.errors_of({"answer": "Vul hier iets in."})

    assert errors == {"input.answer": "Vul hier iets in."}
    assert errors.keys() <= {block.get("block_id") for block in view["blocks"]}


@given(st.text(), PLACES)
def test_a_trigger_keeps_where_the_gesture_was_made(trigger: str, place: Place) -> None:
    assert forms.Trigger.decode(forms.Trigger(trigger, place).encode()) == forms.Trigger(trigger, place)


@given(PLACES)
def test_a_modal_keeps_its_action_and_where_the_gesture_was_made(place: Place) -> None:
    assert forms.sent(forms.view_of(ANSWER, place)) == forms.Sent(ANSWER.action, place)


@pytest.mark.parametrize(
    "text", ["", "x", "null", "[]", '["a"]', "[1,2,3,4,5]", '{"a": 1}', pytest.param("[" * 100_000, id="deep")]
)
def test_what_kring_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever one
        forms.Trigger.decode(text)
    with pytest.raises(ValueError):  # noqa: PT011 - whichever one
        forms.sent({"private_metadata": text})


def test_metadata_that_names_no_action_is_refused() -> None:
    with pytest.raises(ValueError, match="no action"):
        forms.sent({"private_metadata": '["drop table","C1","","",""]'})


def test_a_place_too_long_to_travel_along_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^metadata is "):
        forms.view_of(replace(ANSWER, action=Action("checkin.save")), Place("C1", "x" * 3000))
