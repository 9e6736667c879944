"""What a person types about their own peace: understood whole, or not at all."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.peace_words import PAUSE_MOST, read_days, read_quiet, read_until
from bot.domain.quiet_hours import NEVER_QUIET, Quiet

TODAY = date(2026, 11, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("typed", "quiet"),
    [
        ("18:00-08:00", Quiet(time(18), time(8))),
        ("18 - 8", Quiet(time(18), time(8))),
        ("van 18.30 uur tot 7u45", Quiet(time(18, 30), time(7, 45))),
        ("from 22:00 to 6:00", Quiet(time(22), time(6))),
        ("20:00 – 24:00", Quiet(time(20), time(0))),
        ("", NEVER_QUIET),
        ("  ", NEVER_QUIET),
    ],
)
def test_quiet_hours_are_understood(typed: str, quiet: Quiet) -> None:
    assert read_quiet(typed) == quiet


@pytest.mark.parametrize(
    "typed", ["'s nachts", "18:00", "25:00-8:00", "18:75-8:00", "18-8-9", "18:00-8:00 behalve dinsdag", "24:30-8:00"]
)
def test_other_words_are_no_quiet_hours(typed: str) -> None:
    assert read_quiet(typed) is None


@given(st.builds(Quiet, st.times().map(lambda at: at.replace(second=0, microsecond=0)), st.just(time(8))))
def test_quiet_hours_in_our_words_can_be_typed_again(quiet: Quiet) -> None:
    assert read_quiet(str(quiet)) == quiet


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("ma di do", {1, 2, 4}),
        ("ma t/m vr", {1, 2, 3, 4, 5}),
        ("maandag tot en met donderdag", {1, 2, 3, 4}),
        ("Mon-Fri", {1, 2, 3, 4, 5}),
        ("Monday to Wednesday and Fri", {1, 2, 3, 5}),
        ("ma, wo en vr.", {1, 3, 5}),
        ("za t/m ma", {6, 7, 1}),
        ("zo", {7}),
    ],
)
def test_working_days_are_understood(typed: str, days: set[int]) -> None:
    assert read_days(typed) == frozenset(days)


@pytest.mark.parametrize("typed", ["", "nooit", "ma t/m", "- ma", "ma dinsdagmiddag", "t/m", "ma - - vr"])
def test_other_words_are_no_working_days(typed: str) -> None:
    assert read_days(typed) is None


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("tot 3 maart", date(2027, 3, 3)),
        ("until March 3rd", date(2027, 3, 3)),
        ("3-12", date(2026, 12, 3)),
        ("3-3-2027", date(2027, 3, 3)),
        ("2027-03-03", date(2027, 3, 3)),
        ("de 10e november", date(2026, 11, 10)),
        ("4 november 2027", date(2027, 11, 4)),
        ("4 november", date(2027, 11, 4)),
        ("maandag", date(2026, 11, 9)),
        ("until Wednesday", date(2026, 11, 11)),
        ("morgen", date(2026, 11, 5)),
    ],
)
def test_the_end_of_a_pause_is_understood(typed: str, until: date) -> None:
    assert read_until(typed, TODAY) == until


@pytest.mark.parametrize(
    "typed", ["", "ooit", "4-11-2026", "2026-11-03", "31 april", "30 februari", "1-1-2099", "3/4", "13-13", "2027-3"]
)
def test_what_is_no_date_or_too_far_or_not_after_today_is_not(typed: str) -> None:
    assert read_until(typed, TODAY) is None


@given(st.text(max_size=40), st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_whatever_is_typed_gives_a_coming_date_or_none(typed: str, today: date) -> None:
    found = read_until(typed, today)

    assert found is None or today < found <= today + PAUSE_MOST


@given(st.text(max_size=40))
def test_whatever_is_typed_never_breaks_anything(typed: str) -> None:
    read_quiet(typed)

    assert read_days(typed) != frozenset()


@given(st.integers(1, 366))
def test_a_date_as_the_form_writes_it_is_understood(ahead: int) -> None:
    until = TODAY + timedelta(days=ahead)

    assert read_until(until.isoformat(), TODAY) == until
