"""The message budget: never more than two unasked messages in seven days, less for who does not answer."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.message_budget import (
    BUDGETS,
    LESS_AFTER,
    MOST,
    STOP_AFTER,
    WEEK,
    Allowance,
    Importance,
    Standing,
    Verdict,
    Why,
    allowance,
    room_at,
    verdict,
)
from bot.domain.quiet_hours import NEVER_QUIET, Window

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)  # a Tuesday, ten o'clock in Amsterdam
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALWAYS = Window(NEVER_QUIET, frozenset(range(1, 8)))
SOMEBODY = Standing(AMSTERDAM)


def ago(*lags: timedelta) -> tuple[datetime, ...]:
    return tuple(NOW - lag for lag in lags)


@pytest.mark.parametrize(
    ("sent", "room"),
    [
        ((), NOW),
        (ago(DAY), NOW),
        (ago(DAY, 6 * DAY), NOW + DAY),
        (ago(HOUR, HOUR), NOW + WEEK - HOUR),
        (ago(DAY, WEEK), NOW),  # seven days later to the second it fits again
        (ago(DAY, 2 * DAY, 3 * DAY), NOW + 5 * DAY),
    ],
)
def test_there_is_room_when_two_do_not_fall_within_seven_days(sent: tuple[datetime, ...], room: datetime) -> None:
    assert room_at(Allowance(2), sent, NOW) == room


@pytest.mark.parametrize(
    ("chosen", "unanswered", "allowed"),
    [
        (None, 0, Allowance(2)),
        (2, 1, Allowance(2)),
        (1, 0, Allowance(1)),
        (0, 0, Allowance(0)),
        (7, 0, Allowance(2)),  # nobody raises it
        (-1, 0, Allowance(0)),
        (None, 2, Allowance(1)),
        (None, 3, Allowance(1)),
        (1, 2, Allowance(1, 2 * WEEK)),
        (0, 3, Allowance(0, 2 * WEEK)),
    ],
)
def test_two_unanswered_halve_what_somebody_gets(chosen: int | None, unanswered: int, allowed: Allowance) -> None:
    assert allowance(chosen, unanswered) == allowed


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (SOMEBODY, Verdict(NOW)),
        (replace(SOMEBODY, chosen=0), Verdict(None, Why.NEVER)),
        (replace(SOMEBODY, sent=ago(HOUR, 2 * DAY)), Verdict(datetime(2026, 11, 9, 7, 0, tzinfo=UTC), Why.FULL)),
        (replace(SOMEBODY, sent=ago(DAY), unanswered=2), Verdict(NOW + 6 * DAY, Why.FULL)),
        (replace(SOMEBODY, unanswered=4), Verdict(NOW, ask=True)),
        (replace(SOMEBODY, unanswered=4, asked=True), Verdict(None)),
        (replace(SOMEBODY, unanswered=9, chosen=0), Verdict(None, Why.NEVER)),
        (
            replace(SOMEBODY, window=Window(paused_until=date(2026, 11, 10))),
            Verdict(datetime(2026, 11, 10, 7, 0, tzinfo=UTC), Why.PAUSED),
        ),
    ],
)
def test_whether_when_and_why_not(standing: Standing, expected: Verdict) -> None:
    assert verdict(standing, NOW) == expected


def test_in_the_evening_it_waits_for_the_morning() -> None:
    evening = datetime(2026, 11, 3, 19, 0, tzinfo=UTC)

    assert verdict(SOMEBODY, evening) == Verdict(datetime(2026, 11, 4, 7, 0, tzinfo=UTC), Why.QUIET)


def test_room_that_comes_in_the_night_is_used_in_the_morning() -> None:
    standing = replace(SOMEBODY, sent=(NOW - WEEK + 14 * HOUR, NOW - HOUR))

    assert verdict(standing, NOW) == Verdict(datetime(2026, 11, 4, 7, 0, tzinfo=UTC), Why.FULL)


def test_a_note_only_tells_and_the_others_ask() -> None:
    assert [importance for importance in Importance if not importance.asks] == [Importance.NOTE]
    assert sorted(Importance) == [Importance.OWN, Importance.NOTE, Importance.PULSE, Importance.OTHER]


gaps = st.lists(st.timedeltas(timedelta(0), 4 * DAY), min_size=1, max_size=40)
windows = st.sampled_from([ALWAYS, Window(), Window(days=frozenset({2, 6}))])


@settings(deadline=None)  # the first look at a zone reads a file
@given(gaps=gaps, chosen=st.sampled_from([None, *BUDGETS]), unanswered=st.integers(0, 6), window=windows)
def test_whatever_is_wanted_and_whenever_no_seven_days_hold_more_than_the_budget(
    gaps: list[timedelta], chosen: int | None, unanswered: int, window: Window
) -> None:
    now, sent = NOW, list[datetime]()
    most = allowance(chosen, unanswered)

    for gap in gaps:
        now += gap
        found = verdict(Standing(AMSTERDAM, window, chosen, unanswered, asked=False, sent=tuple(sent)), now)
        if found.at == now:
            sent.append(now)

    for at in sent:
        assert sum(at <= other < at + most.per for other in sent) <= most.most <= MOST


@settings(deadline=None)  # the first look at a zone reads a file
@given(gaps=gaps, window=windows, unanswered=st.integers(0, STOP_AFTER))
def test_when_it_may_go_is_kept_as_a_promise(gaps: list[timedelta], window: Window, unanswered: int) -> None:
    sent = tuple(NOW - sum(gaps[:number], timedelta(0)) for number in range(len(gaps)))
    standing = Standing(AMSTERDAM, window, unanswered=unanswered, sent=sent)

    at = verdict(standing, NOW).at

    assert at is not None
    assert at >= NOW
    assert verdict(standing, at).at == at


@settings(deadline=None)  # the first look at a zone reads a file
@given(chosen=st.sampled_from(BUDGETS), more=st.integers(LESS_AFTER, 9))
def test_who_does_not_answer_never_gets_more(chosen: int, more: int) -> None:
    usual, less = allowance(chosen), allowance(chosen, more)

    assert less.most * usual.per <= usual.most * less.per / 2 or chosen == 0


def test_a_window_over_midnight_can_be_written() -> None:
    assert str(Window().quiet) == "18:00-08:00"
    assert str(NEVER_QUIET) == f"{time(0):%H:%M}-00:00"
