"""What a button carries comes back as it was, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.actions import MAX_LENGTH, Action, decode
from tests.chat.strategies import actions, texts


@given(actions)
def test_every_action_reads_back_as_it_was_written(action: Action) -> None:
    text = action.encode()

    assert decode(text) == action
    assert len(text) <= MAX_LENGTH


@given(texts | st.from_regex(r"[a-z.]{0,9}\|[0-9]{0,9}\|.{0,9}") | st.text("|.a9:", max_size=150))
def test_whatever_a_client_sends_is_read_or_refused_and_never_fails(text: str) -> None:
    found = decode(text)

    assert found is None or decode(found.encode()) == found


@pytest.mark.parametrize(
    "text",
    ["", "|", "||", "energy|1|", "energy.answer", "energy.answer|1", "energy.answer|-1|", "energy.answer|1.5|",
     "energy.answer|\u0661|", "Energy.answer|1|",
     "energy.answer|1|met spatie", "energy.answer|1|\n", "energy.answer|1|2|3",
     " energy.answer|1|", "energy.answer|1|é"],
)  # fmt: skip
def test_what_encode_never_wrote_is_no_action(text: str) -> None:
    assert decode(text) is None


def test_more_than_the_length_is_no_action() -> None:
    longest = f"a.b||{'x' * (MAX_LENGTH - 5)}"

    assert decode(longest) == Action("a.b", arg="x" * (MAX_LENGTH - 5))
    assert decode(longest + "x") is None


@pytest.mark.parametrize(
    "action",
    [
        Action("energy.answer", 1, "x" * MAX_LENGTH),
        Action("energy" + ".answer" * 20),
        Action("energy"),
        Action("energy.answer|1"),
        Action("energy.answer\n"),
        Action("Energy.Answer"),
        Action("energy.answer", -1),
        Action("energy.answer", 1, "met spatie"),
        Action("energy.answer", 1, "a|b"),
        Action("energy.answer", 1, "woorden van een lid: é"),
        Action("energy.answer", 10**MAX_LENGTH),
    ],
    ids=lambda action: repr(action)[:60],
)
def test_parts_that_could_not_be_read_back_are_refused_when_written(action: Action) -> None:
    with pytest.raises(ValueError, match="not an action"):
        action.encode()
