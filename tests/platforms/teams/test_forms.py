"""A form as an Adaptive Card, and back: what is filled in comes out by its input, and the form can be shown again."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.actions import Action
from bot.chat.cards import Card, Form, Input, Markup, Plain, Text, pack
from bot.chat.events import Place
from bot.chat.payloads import Payload
from bot.platforms.teams import blocks, forms, limits, render
from bot.platforms.teams.forms import Sent, Trigger, Way
from bot.platforms.teams.spans import Json
from tests.chat import strategies
from tests.platforms.room.pretend import ANSWER
from tests.platforms.teams.official import parts, refusals
from tests.platforms.teams.test_render import ANYTHING, said

PLACE = Place("19:abc@thread.tacv2", "toetsen", message="1772438400000")
NAMES = st.text(max_size=80)
PLACES = st.builds(Place, NAMES, NAMES, st.booleans(), st.none() | st.text(min_size=1, max_size=80))
WAYS = st.sampled_from(Way)
WORDS = strategies.texts.filter(bool).map(lambda text: Plain(text[:75]))
OPTIONS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4, unique_by=lambda one: one[0]).map(tuple)
ASKED = st.builds(
    Input,
    st.from_regex(r"[a-z]{1,20}", fullmatch=True),
    WORDS,
    st.sampled_from(["line", "text", "choice", "date"]),
    st.none() | WORDS,
    required=st.booleans(),
    max_length=st.integers(1, 3000),
    options=OPTIONS,
)


def one(part: Input) -> Form:
    """A form with this input."""
    return replace(ANSWER, inputs=(part,))


def inputs(card: Json) -> dict[str, Json]:
    """The inputs of a card, by id."""
    return {part["id"]: part for part in card["body"] if part["type"].startswith("Input.")}


def data(card: Json, **filled: object) -> Json:
    """What the button of a form sends, with this filled in."""
    (action,) = card["actions"]
    held: Json = {name: part.get("value", "") for name, part in inputs(card).items()}
    return {**action["data"], **held, **{f"input.{name}": value for name, value in filled.items()}}


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("submit label", replace(ANSWER, submit=Plain("x" * 25))),
        ("number of inputs", replace(ANSWER, inputs=())),
        ("number of inputs", replace(ANSWER, inputs=(Input("a", Plain("a")),) * 21)),
        ("form", replace(ANSWER, intro=Markup("x" * 20_000))),
        ("input label", one(Input("a", Plain("a" * 301)))),
        ("input hint", one(Input("a", Plain("a"), hint=Plain("a" * 301)))),
        ("input length", one(Input("a", Plain("a"), max_length=4001))),
        ("input name", one(Input("a" * 41, Plain("a")))),
        ("initial text of a", one(Input("a", Plain("a"), initial="x" * 201))),
        ("number of options", one(Input("a", Plain("a"), "choice"))),
        ("option", one(Input("a", Plain("a"), "choice", options=(("b", Plain("b" * 76)),)))),
        ("value of an option", one(Input("a", Plain("a"), "choice", options=(("", Plain("b")),)))),
    ],
    ids=str,
)
def test_a_form_over_a_limit_is_refused_by_name(name: str, form: Form, way: Way) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        forms.card_of(form, PLACE, way)


def test_a_place_too_long_to_travel_along_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^place is "):
        forms.card_of(ANSWER, Place("19:x", "x" * 1000), Way.CHAT)


def test_a_choice_cannot_begin_with_what_it_has_not() -> None:
    with pytest.raises(ValueError, match=r"^a cannot begin"):
        forms.card_of(one(Input("a", Plain("a"), "choice", initial="c", options=(("b", Plain("b")),))), PLACE, Way.CHAT)


@pytest.mark.parametrize("way", Way)
def test_a_form_is_a_card_that_microsoft_takes(way: Way) -> None:
    card = forms.card_of(
        ANSWER, PLACE, way, {"answer": "Vul hier iets in.", "mood": "Kies er een."}, {"on": "2026-03-02"}
    )

    assert refusals(card) == []


def test_an_input_has_its_label_its_length_and_says_that_it_must_be_filled_in() -> None:
    found = inputs(forms.card_of(ANSWER, PLACE, Way.DIALOG))

    answer, mood, on = (found[f"input.{name}"] for name in ("answer", "mood", "on"))
    assert (answer["type"], answer["isMultiline"], answer["maxLength"]) == ("Input.Text", True, 200)
    assert (answer["label"], answer["isRequired"], answer["errorMessage"]) == ("Wat leerde je?", True, "Wat leerde je?")
    assert (mood["type"], mood["style"]) == ("Input.ChoiceSet", "compact")
    assert mood["choices"] == [{"title": "Goed", "value": "good"}, {"title": "Matig", "value": "so"}]
    assert (on["type"], "isRequired" in on) == ("Input.Date", False)


def test_a_label_that_could_format_is_not_said_again_where_it_would() -> None:
    card = forms.card_of(one(Input("a", Plain("**Wat** leerde je?"))), PLACE, Way.DIALOG)

    assert "errorMessage" not in inputs(card)["input.a"]


def test_a_hint_stands_below_its_input() -> None:
    body = forms.card_of(ANSWER, PLACE, Way.DIALOG)["body"]

    below = [after for part, after in pairwise(body) if part.get("id") == "input.answer"]
    assert said(below) == "Een paar regels is genoeg."


def test_a_refusal_stands_at_its_input_with_what_was_typed_still_in_it() -> None:
    given = {"answer": "**x**", "mood": "so", "on": "2026-03-02"}

    card = forms.card_of(ANSWER, PLACE, Way.DIALOG, {"mood": "Kies er **een**."}, given)

    found = inputs(card)
    assert {name: part["value"] for name, part in found.items()} == {f"input.{name}": v for name, v in given.items()}
    body = card["body"]
    refusal = body[body.index(found["input.mood"]) + 1]
    assert said(refusal) == "Kies er **een**."
    assert {run["color"] for run in refusal["inlines"]} == {"Attention"}


def test_a_refusal_of_what_the_form_does_not_ask_is_said_all_the_same() -> None:
    card = forms.card_of(ANSWER, PLACE, Way.DIALOG, {"elders": "Dat kan hier niet."})

    assert said(card["body"][-1]) == "Dat kan hier niet."


def test_what_was_emptied_stays_empty_when_the_form_is_shown_again() -> None:
    begun = one(Input("a", Plain("a"), initial="eerst"))

    card = forms.card_of(begun, PLACE, Way.DIALOG, {"a": "Vul hier iets in."}, {"a": ""})

    assert "value" not in inputs(card)["input.a"]


def test_what_an_input_cannot_hold_is_left_out_when_the_form_is_shown_again() -> None:
    wrong = {"answer": "x" * 50_000, "mood": "geen optie", "on": "morgen"}

    card = forms.card_of(ANSWER, PLACE, Way.DIALOG, {"answer": "Dat is te lang."}, wrong)

    assert not any("value" in part for part in inputs(card).values())
    assert "Dat is te lang." in said(card["body"])


def test_the_title_of_a_form_stands_above_a_dialog_and_in_a_card() -> None:
    dialog = forms.dialog_of(ANSWER.title, forms.card_of(ANSWER, PLACE, Way.DIALOG))["task"]["value"]

    assert dialog["title"] == ANSWER.title
    assert ANSWER.title not in said(dialog["card"]["content"]["body"])
    for way in (Way.CHAT, Way.INLINE):
        assert said(forms.card_of(ANSWER, PLACE, way)["body"]).startswith(ANSWER.title)


def test_a_title_too_long_for_a_dialog_stands_in_the_dialog() -> None:
    long = replace(ANSWER, title=Plain("In welke tijdzone zijn jullie allemaal als het hier avond is?"))

    dialog = forms.dialog_of(long.title, forms.card_of(long, PLACE, Way.DIALOG))["task"]["value"]

    assert dialog["title"] == "Kring"
    assert said(dialog["card"]["content"]["body"]).startswith(long.title)


@pytest.mark.parametrize("title", ["Bewaard", "Bewaard *", "x" * 51])
def test_the_title_of_a_card_in_a_dialog_is_said_once(title: str) -> None:
    card = render.card(Card(Plain(title), (Text(Markup("Dank je.")),), Plain(title)))

    dialog = forms.dialog_of(title, card)["task"]["value"]

    body = said(dialog["card"]["content"]["body"])
    assert [dialog["title"], body] in ([title, "Dank je."], ["Kring", f"{title}Dank je."])


def test_a_card_that_is_only_a_title_is_no_empty_dialog() -> None:
    card = render.card(Card(Plain("Bewaard"), (), Plain("Bewaard")))

    assert forms.dialog_of("Bewaard", card)["task"]["value"]["card"]["content"] == card


@pytest.mark.parametrize(("count", "height"), [(0, "medium"), (2, "medium"), (3, "large")])
def test_a_dialog_is_as_high_as_what_it_asks(count: int, height: str) -> None:
    card = {"type": "AdaptiveCard", "body": [{"type": "Input.Text", "id": str(number)} for number in range(count)]}

    shown = forms.dialog_of("", card)

    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    value = {"title": "Kring", "width": "medium", "height": height, "card": attachment}
    assert shown == {"task": {"type": "continue", "value": value}}


@pytest.mark.parametrize(("way", "kind"), [(Way.DIALOG, "Submit"), (Way.INLINE, "Execute"), (Way.CHAT, "Execute")])
def test_a_form_is_sent_as_its_way_of_showing_takes_it(way: Way, kind: str) -> None:
    (action,) = forms.card_of(ANSWER, PLACE, way)["actions"]

    assert (action["type"], action["title"], action["style"]) == (f"Action.{kind}", "Verstuur", "positive")
    assert action.get("fallback", action)["data"] == action["data"]
    assert "associatedInputs" not in action


def test_the_largest_form_there_is_fits_a_message() -> None:
    people = tuple((f"29:{number:0>80}", Plain(f"{number} ".ljust(75, "é"))) for number in range(100))
    form = replace(ANSWER, inputs=(Input("partner", Plain("Wie nog meer?"), "choice", options=people),))

    card = forms.card_of(form, PLACE, Way.CHAT)

    assert limits.size(card) < limits.MESSAGE
    assert "fallback" not in card["actions"][0]
    assert forms.sent(data(card)).form == form


def test_what_was_typed_stays_longer_than_what_stands_in_for_a_button() -> None:
    people = tuple((f"29:{number:0>80}", Plain(f"{number} ".ljust(60))) for number in range(100))
    partner = Input("partner", Plain("Wie nog meer?"), "choice", options=people)
    typed = Input("text", Plain("Waarover?"), "text", max_length=3000)

    card = forms.card_of(replace(ANSWER, inputs=(partner, typed)), PLACE, Way.CHAT, {}, {"text": "é" * 3000})

    assert inputs(card)["input.text"]["value"] == "é" * 3000
    assert "fallback" not in card["actions"][0]


def test_what_was_filled_in_comes_out_by_the_name_of_its_input() -> None:
    card = forms.card_of(ANSWER, PLACE, Way.DIALOG)

    values = forms.values_of(data(card, answer="Veel\ngeleerd", mood="good", elders="x"), ANSWER)

    assert values == {"answer": "Veel\ngeleerd", "mood": "good", "on": ""}


@given(ANYTHING)
def test_whatever_an_input_holds_is_a_text_that_a_store_takes(held: object) -> None:
    values = forms.values_of({"input.answer": held, "input.mood": [held], "answer": "x"}, ANSWER)

    assert values.keys() == {"answer", "mood", "on"}
    assert not any("\x00" in value for value in values.values())
    assert values["mood"] == ""


@given(st.text(), PLACES, st.text())
def test_a_trigger_keeps_where_the_gesture_was_made_and_by_whom(trigger: str, place: Place, user_id: str) -> None:
    assert Trigger.decode(Trigger(trigger, place, user_id).encode()) == Trigger(trigger, place, user_id)


@given(PLACES, WAYS)
def test_a_form_keeps_itself_and_where_the_gesture_was_made(place: Place, way: Way) -> None:
    card = forms.card_of(ANSWER, place, way)

    assert forms.sent(data(card, answer="x")) == Sent(ANSWER.action, place, way, ANSWER)


@settings(deadline=None)  # how long the official schema takes, the machine decides
@given(st.lists(ASKED, min_size=1, max_size=4, unique_by=lambda one: one.name), strategies.markups, WAYS)
def test_whatever_a_form_asks_microsoft_takes_it_and_it_comes_back_whole(
    asked: list[Input], intro: Markup, way: Way
) -> None:
    form = replace(ANSWER, inputs=tuple(asked), intro=intro)

    card = forms.card_of(form, PLACE, way)

    assert refusals(card) == []
    assert forms.sent(data(card)) == Sent(form.action, PLACE, way, form)
    assert forms.values_of(data(card), form) == {one.name: one.initial for one in form.inputs}


@pytest.mark.parametrize(
    "text", ["", "x", "null", "[]", '["a"]', "[1,2,3,4,5,6]", '{"a": 1}', pytest.param("[" * 100_000, id="deep")]
)
def test_a_trigger_that_kring_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever one
        Trigger.decode(text)


FORM, WHERE = pack(ANSWER).decode(), '["19:x","","",""]'
UNACTED = pack(replace(ANSWER, action=Action("drop table"))).decode()


GOOD = {"form": FORM, "place": WHERE, "way": "chat"}
FOREIGN: dict[str, object] = {
    "nothing": None,
    "empty": {},
    "a button": {"action": "checkin.skip|3|"},
    "no way": {"form": FORM, "place": WHERE},
    "no place": {"form": FORM, "way": "chat"},
    "another way": GOOD | {"way": "pigeon"},
    "another place": GOOD | {"place": "[1,2,3,4]"},
    "a deep place": GOOD | {"place": "[" * 100_000},
    "an empty form": GOOD | {"form": "{}"},
    "a deep form": GOOD | {"form": "[" * 100_000},
    "a form that is no text": GOOD | {"form": ["x"]},
    "no action": GOOD | {"form": UNACTED},
    "an endless number": GOOD | {"form": FORM.replace('"id":3', f'"id":{"9" * 5000}')},
    "a number below nothing": GOOD | {"form": FORM.replace('"id":3', '"id":-3')},
    "half a letter": GOOD | {"form": FORM.replace("Verstuur", "\\ud800")},
}


def test_what_kring_wrote_is_a_form() -> None:
    assert forms.sent({"kring": GOOD}) == Sent(ANSWER.action, Place("19:x"), Way.CHAT, ANSWER)


@pytest.mark.parametrize("ours", FOREIGN.values(), ids=FOREIGN)
def test_what_kring_did_not_write_is_no_form(ours: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever one
        forms.sent({"kring": ours})


@given(ANYTHING | st.fixed_dictionaries({"form": ANYTHING, "place": ANYTHING, "way": ANYTHING}))
def test_whatever_is_sent_is_a_form_or_refused(ours: object) -> None:
    sent: Payload = {blocks.OURS: ours}

    with pytest.raises(ValueError):  # noqa: PT011 - whichever one
        forms.sent(sent)


def test_a_form_that_is_read_back_can_be_shown_again() -> None:
    first = forms.card_of(ANSWER, PLACE, Way.DIALOG)
    filled = data(first, answer="", mood="good")
    sent = forms.sent(filled)

    again = forms.card_of(
        sent.form, sent.place, sent.way, {"answer": "Vul hier iets in."}, forms.values_of(filled, sent.form)
    )

    assert inputs(again)["input.mood"]["value"] == "good"
    assert forms.sent(data(again)) == sent
    assert [part["type"] for part in parts(again["actions"])] == ["Action.Submit"]
