"""What a facilitator is suggested: few things, each for a reason that holds at that moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.suggestion import MOST, QUIET_FOR, Standing, Suggestion, suggestions

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONG_AGO, LATELY = NOW - QUIET_FOR, NOW - QUIET_FOR + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("standing", "suggested"),
    [
        (Standing(rhythms=0, members=3), [Suggestion.RHYTHM]),
        (Standing(rhythms=0, members=8), [Suggestion.RHYTHM, Suggestion.PULSE]),
        (Standing(rhythms=1, members=8), [Suggestion.PULSE, Suggestion.REFLECT]),
        (Standing(rhythms=1, members=8, pulsed_at=LONG_AGO, reflected_at=LATELY), [Suggestion.PULSE]),
        (Standing(rhythms=1, members=8, pulsed_at=LATELY, reflected_at=LONG_AGO), [Suggestion.REFLECT]),
        (Standing(rhythms=1, members=8, pulsed_at=LATELY, reflected_at=LATELY), []),
        (Standing(rhythms=1, members=7, reflected_at=LATELY), []),
    ],
)
def test_what_was_not_done_for_a_while_is_suggested(standing: Standing, suggested: list[Suggestion]) -> None:
    assert suggestions(standing, NOW, small=8) == suggested


@given(st.builds(Standing, st.integers(0, 10), st.integers(0, 500), st.none() | st.just(LATELY), st.none()))
def test_there_are_never_more_than_three(standing: Standing) -> None:
    assert len(suggestions(standing, NOW, small=8)) <= MOST
