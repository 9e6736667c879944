"""What was filled in is there and fits, or it is said per input what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.forms import Filled
from bot.errors import FormError, UserError
from tests.chat.strategies import texts


def refusals(filled: Filled) -> dict[str, str]:
    """Which template words the refusal of which input."""
    with pytest.raises(FormError) as refused:
        filled.check()
    return {name: problem.prompt for name, problem in refused.value.fields.items()}


def test_a_form_that_is_right_gives_its_values_without_the_space_around_them() -> None:
    filled = Filled({"question": "  Wat leerde je?\n", "language": " nl ", "until": ""})

    assert filled.text("question", most=14) == "Wat leerde je?"
    assert filled.option("language", {"nl", "en"}) == "nl"
    assert filled.text("until", most=10, required=False) == ""
    filled.check()


@pytest.mark.parametrize("values", [{}, {"question": ""}, {"question": " \n\t\u00a0"}], ids=repr)
def test_a_required_input_that_is_missing_or_blank_is_refused(values: dict[str, str]) -> None:
    filled = Filled(values)

    filled.text("question", most=10)

    assert refusals(filled) == {"question": "chat/missing"}


def test_an_overlong_text_is_refused_with_how_long_it_is_and_may_be() -> None:
    filled = Filled({"question": "x" * 11})

    filled.text("question", most=10)

    with pytest.raises(FormError) as refused:
        filled.check()
    assert refused.value.fields["question"].values == {"most": 10, "length": 11}


def test_an_option_that_was_not_offered_is_refused() -> None:
    filled = Filled({"language": "fr"})

    filled.option("language", {"nl", "en"})

    assert refusals(filled) == {"language": "chat/notanoption"}


def test_all_problems_are_told_at_once_and_of_one_input_the_first() -> None:
    filled = Filled({"question": "", "when": "x" * 300})

    filled.text("question", most=10)
    filled.refuse("question", UserError("checkin/badoptions"))
    filled.text("when", most=200)

    assert refusals(filled) == {"question": "chat/missing", "when": "chat/toolong"}


def test_where_no_form_can_be_shown_the_first_problem_speaks_for_all() -> None:
    filled = Filled({})
    filled.refuse("zone", UserError("setup/zone", zone="Mars"))
    filled.refuse("name", UserError("chat/missing"))

    with pytest.raises(UserError) as refused:
        filled.check()

    assert (refused.value.prompt, refused.value.values) == ("setup/zone", {"zone": "Mars"})


@given(st.dictionaries(st.sampled_from(["a", "b"]), texts), st.integers(0, 20))
def test_any_values_are_taken_or_refused(values: dict[str, str], most: int) -> None:
    filled = Filled(values)

    text = filled.text("a", most=most)
    chosen = filled.option("b", {"ja", "nee"})

    if text and len(text) <= most and chosen in {"ja", "nee"}:
        filled.check()
    else:
        assert set(refusals(filled)) <= {"a", "b"}
