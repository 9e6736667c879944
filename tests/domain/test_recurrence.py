"""Dates of recurrence rules, held against a walk along the days of the calendar."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.recurrence import HORIZON_YEARS, ONCE, WEEKDAYS, Freq, Recurrence, moments, parse

DAYS = st.dates(date(1999, 1, 1), date(2030, 12, 31))
BYDAY = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True).map(",".join)
NTH = st.lists(st.sampled_from(["1", "2", "4", "5", "-1", "-2", "-5"]), min_size=1, max_size=2, unique=True)
NTH_BYDAY = st.builds(lambda nth, day: ",".join(n + day for n in nth), NTH, st.sampled_from(WEEKDAYS))
BYMONTHDAY = st.lists(st.integers(-31, 31).filter(bool), min_size=1, max_size=3, unique=True)
BYMONTH = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)
BYSETPOS = st.lists(st.sampled_from([1, 2, 3, -1, -2]), min_size=1, max_size=2, unique=True)


@st.composite
def rrules(draw: st.DrawFn) -> str:
    """An RRULE that Kring keeps to, with any combination of its parts."""
    freq = draw(st.sampled_from(list(Freq)))
    parts = {"FREQ": str(freq), "INTERVAL": str(draw(st.integers(1, 5)))}
    by_period = freq in {Freq.MONTHLY, Freq.YEARLY}
    optional = {"BYDAY": BYDAY | NTH_BYDAY if by_period else BYDAY, "BYMONTHDAY": BYMONTHDAY, "BYMONTH": BYMONTH}
    if freq is Freq.WEEKLY:
        del optional["BYMONTHDAY"]  # the RFC does not allow it there
    for name, values in optional.items():
        if draw(st.booleans()):
            value = draw(values)
            parts[name] = value if isinstance(value, str) else ",".join(map(str, value))
    if by_period and {"BYDAY", "BYMONTHDAY"} & {*parts} and draw(st.booleans()):
        parts["BYSETPOS"] = ",".join(map(str, draw(BYSETPOS)))
    return ";".join(f"{name}={value}" for name, value in parts.items())


@settings(max_examples=100, deadline=None)
@given(rrule=rrules(), start=DAYS, later=st.integers(0, 2000))
@example("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU", date(2027, 12, 30), 1500)  # from a Thursday
@example("FREQ=MONTHLY;INTERVAL=2", date(2026, 8, 31), 1000)  # from the last day of a month
@example("FREQ=YEARLY;BYDAY=53WE,-53WE", date(2018, 1, 1), 300)
def test_the_dates_of_a_rule_are_those_of_a_walk_along_the_days(rrule: str, start: date, later: int) -> None:
    first, last = start + timedelta(days=later), start + timedelta(days=later + 1000)

    found = [day for day in dates(rrule, start, first) if day <= last]

    assert found == dates_by_walking(rrule, start, first, last)


def test_a_moment_has_the_time_of_the_start_and_may_be_on_the_first_date() -> None:
    start, first = datetime.fromisoformat("2020-06-02T09:30"), date(2026, 6, 2)

    found = list(islice(moments("FREQ=DAILY;INTERVAL=2", start, first), 2))

    assert found == [datetime.fromisoformat("2026-06-03T09:30"), datetime.fromisoformat("2026-06-05T09:30")]
    assert next(moments("FREQ=DAILY", start, first)) == datetime.fromisoformat("2026-06-02T09:30")


def test_a_date_before_the_start_is_no_date_of_the_rule() -> None:
    assert dates("FREQ=DAILY;INTERVAL=2", date(2026, 6, 2), date(2020, 1, 1))[0] == date(2026, 6, 2)


@pytest.mark.parametrize("rrule", [ONCE, " count=1;freq=daily "])
def test_once_is_the_start_of_the_rule_and_nothing_else(rrule: str) -> None:
    start = date(2028, 2, 29)

    assert parse(rrule) == Recurrence(Freq.DAILY, once=True)
    assert [dates(rrule, start, first) for first in (date(2026, 1, 1), start)] == [[start], [start]]
    assert dates(rrule, start, date(2028, 3, 1)) == []


def test_a_yearly_rule_counts_a_weekday_within_its_year_or_its_month() -> None:
    start = date(2026, 1, 1)

    assert dates("FREQ=YEARLY;BYDAY=-1FR", start, start)[0] == date(2026, 12, 25)
    assert dates("FREQ=YEARLY;BYMONTH=3;BYDAY=2TU", start, start)[0] == date(2026, 3, 10)


@pytest.mark.parametrize("year", [2026, 2090, 2390, 8990])
def test_what_has_not_come_within_the_horizon_counts_as_never(year: int) -> None:
    start = date(year, 1, 1)

    found = dates("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", start, start)

    assert [day.year for day in found] == [y for y in range(year, year + HORIZON_YEARS + 1) if monthrange(y, 2)[1] > 28]


def test_a_week_at_the_end_of_the_calendar_of_dateutil_is_no_error() -> None:
    start = date(2294, 7, 30)  # the first of its Saturdays in January is 2400-01-01

    assert dates("FREQ=WEEKLY;INTERVAL=500;BYMONTH=1;BYDAY=SA", start, start) == []


@pytest.mark.parametrize(
    "rrule",
    [
        "",
        "FREQ",
        "FREQ=",
        "FREQ=HOURLY",
        "BYDAY=MO",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=3",
        "FREQ=WEEKLY;COUNT=1",
        "FREQ=DAILY;COUNT=1;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=2;COUNT=1",
        "FREQ=DAILY;COUNT=1;COUNT=1",
        "FREQ=DAILY;UNTIL=20260101",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;INTERVAL=1,2",
        "FREQ=DAILY;INTERVAL=",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=1,",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTH=-1",
        "FREQ=MONTHLY;BYMONTHDAY=\u0661",
        "FREQ=MONTHLY;BYDAY=MO,2TU",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=YEARLY;BYMONTH=12;BYDAY=-6MO",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=-31",
        "FREQ=WEEKLY;WKST=SU",
    ],
)
def test_a_rule_that_is_not_kept_to_is_refused_and_not_half_understood(rrule: str) -> None:
    assert parse(rrule) is None
    assert dates(rrule, date(2026, 1, 1), date(2026, 1, 1)) == []


def test_a_rule_is_read_in_any_case_and_order() -> None:
    found = parse(" byday=th;interval=2;freq=weekly ")

    assert found == Recurrence(Freq.WEEKLY, 2, ((0, 3),))
    assert dates(" byday=th;interval=2;freq=weekly ", date(2026, 1, 1), date(2026, 1, 2))[0] == date(2026, 1, 15)


@settings(max_examples=60, deadline=None)
@given(st.text() | st.lists(st.text(max_size=3)).map(lambda parts: "FREQ=DAILY;" + ";".join(parts)))
def test_no_text_makes_reading_a_rule_fail(text: str) -> None:
    found = list(islice(moments(text, datetime.fromisoformat("0001-01-01"), date.min), 1))

    assert parse(text) is not None or found == []


def dates(rrule: str, start: date, first: date) -> list[date]:
    return [moment.date() for moment in moments(rrule, datetime.combine(start, time(9)), first)]


def dates_by_walking(rrule: str, start: date, first: date, last: date) -> list[date]:
    """An oracle that shares nothing with the code: look at every day of the years, and ask of each whether it fits."""
    parts = {name: value.split(",") for name, value in (part.split("=") for part in rrule.split(";"))}
    freq, implied = parts["FREQ"][0], not {"BYDAY", "BYMONTHDAY"} & {*parts}
    if implied and freq == "WEEKLY":
        parts["BYDAY"] = [WEEKDAYS[start.weekday()]]
    if implied and freq in {"MONTHLY", "YEARLY"}:
        parts["BYMONTHDAY"] = [str(start.day)]
    if implied and freq == "YEARLY":
        parts.setdefault("BYMONTH", [str(start.month)])
    monday_or_first = date(start.year, 1, 1) - timedelta(days=date(start.year, 1, 1).weekday())
    days = [monday_or_first + timedelta(days=number) for number in range((last - monday_or_first).days + 400)]
    found = list[date]()
    for number, period in groupby(days, lambda day: period_of(freq, day)):
        fitting = [day for day in period if fits(parts, day)]
        picked = {int(place) for place in parts.get("BYSETPOS", [])}
        if (number - period_of(freq, start)) % int(parts.get("INTERVAL", ["1"])[0]) == 0:
            places = range(1, len(fitting) + 1)
            found += [day for day, n in zip(fitting, places, strict=True)
                      if not picked or picked & {n, n - 1 - len(fitting)}]  # fmt: skip
    return [day for day in found if max(start, first) <= day <= last]


def period_of(freq: str, day: date) -> int:
    numbers = {"DAILY": day.toordinal(), "WEEKLY": (day.toordinal() - 1) // 7, "YEARLY": day.year}
    return numbers.get(freq, day.year * 12 + day.month)


def fits(parts: dict[str, list[str]], day: date) -> bool:
    """Whether a day is in the months, and has one of the days of the month and one of the weekdays that are named."""
    by_year = parts["FREQ"] == ["YEARLY"] and "BYMONTH" not in parts
    length = monthrange(day.year, day.month)[1]
    since, until = day.day - 1, length - day.day
    if by_year:
        since, until = (day - date(day.year, 1, 1)).days, (date(day.year, 12, 31) - day).days
    names = {f"{nth}{WEEKDAYS[day.weekday()]}" for nth in ("", since // 7 + 1, -(until // 7) - 1)}
    return (
        str(day.month) in parts.get("BYMONTH", [str(day.month)])
        and bool({str(day.day), str(day.day - length - 1)} & {*parts.get("BYMONTHDAY", [str(day.day)])})
        and bool(names & {*parts.get("BYDAY", names)})
    )
