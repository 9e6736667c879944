"""The reflection cycle: its steps, its states, and when it looks back."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reflection import Outcome, State, Step, look_back_at, move, next_step

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_a_cycle_goes_through_its_states_in_order() -> None:
    assert [move(state, to) for state, to in pairwise(State)] == list(State)[1:]


def test_sharing_is_a_choice_and_may_be_passed_over() -> None:
    assert move(State.COLLECTING, State.ACTING) is State.ACTING


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_a_cycle_may_be_closed_at_any_moment(state: State) -> None:
    assert move(state, State.CLOSED) is State.CLOSED


@pytest.mark.parametrize("to", State)
def test_a_closed_cycle_stays_closed(to: State) -> None:
    assert move(State.CLOSED, to) is None


@given(state=st.sampled_from(State), to=st.sampled_from(State))
def test_a_cycle_never_goes_back_or_stays(state: State, to: State) -> None:
    order = list(State)

    assert move(state, to) in {None, to}
    assert move(state, to) is None or order.index(to) > order.index(state)


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (set(), Step.NOTICE),
        ({1}, Step.MEANING),
        ({1, 2}, Step.CHANGE),
        ({1, 2, 3}, None),
        ({3, 1}, Step.MEANING),
        ({9}, Step.NOTICE),
    ],
)
def test_the_next_step_is_the_first_without_an_answer(answered: set[int], expected: Step | None) -> None:
    assert next_step(answered) is expected


def test_a_cycle_looks_back_a_week_later_at_nine_on_the_wall() -> None:
    planned_at = datetime(2026, 3, 24, 22, 30, tzinfo=UTC)  # still the 24th there, and summer time begins on the 29th

    assert look_back_at(planned_at, AMSTERDAM) == datetime(2026, 3, 31, 7, 0, tzinfo=UTC)


def test_a_look_back_may_be_sooner() -> None:
    planned_at = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # the 2nd there

    assert look_back_at(planned_at, AMSTERDAM, days=1) == datetime(2026, 6, 3, 7, 0, tzinfo=UTC)


def test_a_planned_step_was_done_half_done_or_not() -> None:
    assert [str(outcome) for outcome in Outcome] == ["done", "half", "not"]
