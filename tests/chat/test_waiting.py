"""How long a platform asks to wait is read without trust."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.waiting import DEFAULT_WAIT, LONGEST_WAIT, wait


@pytest.mark.parametrize(("header", "seconds"), [("2", 2.0), ("1.5", 1.5), ("0", 1.0), ("999999", LONGEST_WAIT)])
def test_what_is_said_in_seconds_is_what_is_waited_within_reason(header: str, seconds: float) -> None:
    assert wait(header) == seconds


@pytest.mark.parametrize("header", [None, "", "soon", "nan", "inf", "Sun, 22 Nov 2026 08:00:00 GMT"])
def test_what_says_no_seconds_is_waited_for_all_the_same(header: str | None) -> None:
    assert wait(header) == DEFAULT_WAIT


@given(st.text())
def test_whatever_the_header_says_the_wait_is_a_sensible_one(header: str) -> None:
    assert 1.0 <= wait(header) <= LONGEST_WAIT
