"""When rhythms fire, held against a walk through real instants, over ten years in any zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.rhythm import Rule, slots
from tests.domain import oracle
from tests.domain.oracle import Asked

YEARS = timedelta(days=3653)
MOST = 4000  # slots that ten years can have, and some
WEIGHTY = [
    "Europe/Amsterdam",
    "America/New_York",
    "Pacific/Apia",  # left out a date in 2011
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # sets its clock by half an hour
    "Africa/Casablanca",  # four changes a year, by the moon
    "America/Sao_Paulo",  # changed at midnight, until 2019
    "America/St_Johns",  # changed at a minute past midnight, until 2011
    "Asia/Pyongyang",  # in 2018 lost the last half hour of a date
]
ANYWHERE = sorted(available_timezones() - {"Factory", "localtime"})
ZONES = st.sampled_from(WEIGHTY) | st.sampled_from(ANYWHERE)
INTERVALS = st.sampled_from([1, 1, 1, 2, 3, 4, 12])
WEEKDAY = st.integers(0, 6)
ASKED: st.SearchStrategy[Asked] = st.one_of(
    st.builds(oracle.every_days, st.integers(1, 40)),
    st.builds(oracle.on_weekdays, INTERVALS, st.frozensets(WEEKDAY, min_size=1)),
    st.builds(oracle.on_nth_weekday, INTERVALS, st.sampled_from([1, 2, 3, 4, 5, -1]), WEEKDAY),
    st.builds(oracle.on_month_day, INTERVALS, st.sampled_from([-1, *range(1, 32)])),
    st.builds(oracle.on_day_or_last, INTERVALS, st.sampled_from([29, 30, 31])),
    st.builds(oracle.on_nth_working_day, INTERVALS, st.sampled_from([-1, *range(1, 21)])),
    st.builds(oracle.once),
)
NIGHT = st.integers(0, 3 * 60) | st.integers(22 * 60, 24 * 60 - 1)  # when clocks are set, in minutes of the day
CHANGES = st.sampled_from([0, 1, 60, 2 * 60, 3 * 60, 23 * 60])
MINUTES = CHANGES | NIGHT | st.integers(0, 24 * 60 - 1)
SPANS = st.none() | st.integers(0, YEARS.days)  # days until the end of a rule


@settings(deadline=None)
@given(
    asked=ASKED,
    zone=ZONES,
    begin=st.dates(date(1973, 1, 1), date(2035, 12, 31)) | st.dates(date(2005, 1, 1), date(2020, 1, 1)),
    minute=MINUTES,
    span=SPANS,
    later=st.none() | st.integers(0, YEARS // timedelta(minutes=1)),
)
@example(oracle.every_days(1), "Pacific/Apia", date(2011, 12, 20), 10 * 60, 20, None)
@example(oracle.on_month_day(1, 30), "Pacific/Apia", date(2011, 1, 1), 10 * 60, None, None)
@example(oracle.once(), "Pacific/Apia", date(2011, 12, 30), 10 * 60, None, None)
@example(oracle.every_days(1), "Asia/Pyongyang", date(2018, 5, 1), 23 * 60 + 45, 10, None)
@example(oracle.every_days(1), "Asia/Pyongyang", date(2018, 5, 1), 23 * 60 + 30, 10, 3 * 24 * 60 - 9 * 60 - 16)
@example(oracle.every_days(1), "Europe/Amsterdam", date(2026, 1, 1), 2 * 60, None, None)
@example(oracle.every_days(1), "America/St_Johns", date(2006, 10, 20), 30, 20, None)
@example(oracle.every_days(1), "America/Sao_Paulo", date(2008, 1, 1), 30, None, None)
@example(oracle.every_days(1), "Africa/Casablanca", date(2012, 1, 1), 2 * 60 + 30, None, None)
@example(oracle.every_days(1), "Australia/Lord_Howe", date(2026, 1, 1), 2 * 60 + 15, None, None)
def test_slots_are_those_of_a_walk_through_real_instants(
    asked: Asked, zone: str, begin: date, minute: int, span: int | None, later: int | None
) -> None:
    start = datetime.combine(begin, datetime.min.time()) + timedelta(minutes=minute)
    last = begin + (YEARS if span is None else timedelta(days=span))
    after = None if later is None else start.replace(tzinfo=UTC) + timedelta(minutes=later)

    found = slots(Rule(asked.rrule, start, zone, until=last), after, MOST)

    walked = oracle.expected(asked, start, zone, last)
    assert [(slot.local, slot.at) for slot in found] == [(local, at) for local, at in walked if not after or at > after]


def test_the_oracle_finds_by_itself_what_is_known() -> None:
    """Of every kind of rule, and of every way to set a clock, one answer that was worked out by hand."""
    start = datetime.fromisoformat("2026-03-28T02:30")
    spring = oracle.expected(oracle.every_days(1), start, "Europe/Amsterdam", date(2026, 3, 30))
    autumn = oracle.expected(oracle.every_days(210), start, "Europe/Amsterdam", date(2026, 10, 30))
    skipped = oracle.expected(
        oracle.every_days(1), datetime.fromisoformat("2011-12-29T10:00"), "Pacific/Apia", date(2011, 12, 31)
    )

    assert spring == [
        ("2026-03-28T02:30", datetime(2026, 3, 28, 1, 30, tzinfo=UTC)),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-03-30T02:30", datetime(2026, 3, 30, 0, 30, tzinfo=UTC)),
    ]
    assert autumn[1:] == [("2026-10-24T02:30", datetime(2026, 10, 24, 0, 30, tzinfo=UTC))]
    assert [local for local, _ in skipped] == ["2011-12-29T10:00", "2011-12-31T10:00"]


@pytest.mark.parametrize(
    ("asked", "dates"),
    [
        (oracle.on_nth_weekday(1, 2, 1), ["2028-01-11", "2028-02-08", "2028-03-14"]),
        (oracle.on_nth_weekday(1, -1, 4), ["2028-01-28", "2028-02-25", "2028-03-31"]),
        (oracle.on_nth_weekday(1, 5, 1), ["2028-02-29"]),
        (oracle.on_month_day(1, -1), ["2028-01-31", "2028-02-29", "2028-03-31"]),
        (oracle.on_month_day(1, 29), ["2028-01-29", "2028-02-29", "2028-03-29"]),
        (oracle.on_month_day(1, 31), ["2028-01-31", "2028-03-31"]),
        (oracle.on_day_or_last(1, 30), ["2028-01-30", "2028-02-29", "2028-03-30"]),
        (oracle.on_day_or_last(2, 31), ["2028-01-31", "2028-03-31"]),
        (oracle.on_nth_working_day(1, -1), ["2028-01-31", "2028-02-29", "2028-03-31"]),
        (oracle.on_nth_working_day(1, 1), ["2028-01-03", "2028-02-01", "2028-03-01"]),
        (
            oracle.on_weekdays(6, frozenset({0, 6})),
            ["2028-01-02", "2028-02-07", "2028-02-13", "2028-03-20", "2028-03-26"],
        ),
        (oracle.once(), ["2028-01-01"]),
    ],
    ids=lambda asked: asked.rrule if isinstance(asked, Asked) else "",
)
def test_months_in_a_leap_year_are_those_of_the_calendar_on_the_wall(asked: Asked, dates: list[str]) -> None:
    start, last = datetime.fromisoformat("2028-01-01T16:00"), date(2028, 3, 31)

    found = slots(Rule(asked.rrule, start, "Europe/Amsterdam", until=last), None, MOST)

    assert [slot.local[:10] for slot in found] == dates
    assert [local[:10] for local, _ in oracle.expected(asked, start, "Europe/Amsterdam", last)] == dates
