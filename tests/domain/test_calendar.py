"""Days and wall clocks, through changes of the clock and over a date that never was."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import (
    add_working_days,
    at_local,
    is_working_day,
    local_date,
    resolve,
    zone,
    zone_name,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = [
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Kiritimati",
]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        (" europe/amsterdam ", "Europe/Amsterdam"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name_however_it_is_typed(typed: str, name: str) -> None:
    found = zone(typed)

    assert zone_name(typed) == name
    assert found is not None
    assert found.key == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Europe",
        "Europe/Atlantis",
        "CEST!",
        "/etc/passwd",
        "../../etc/passwd",
        "Europe/../Europe/Amsterdam",
        "Europe/Amsterdam\0",
        "posix/Europe/Amsterdam",
        "localtime",
        "Factory",
        "é" * 5000,
    ],
)
def test_what_is_no_iana_name_is_no_zone(typed: str) -> None:
    assert zone(typed) is None
    assert zone_name(typed) is None


@given(st.text())
def test_no_text_makes_looking_up_a_zone_fail(typed: str) -> None:
    found = zone(typed)

    assert found is None or found.key == zone_name(typed)


@pytest.mark.parametrize(
    ("name", "moment", "instant"),
    [
        ("Europe/Amsterdam", "2026-01-15T09:00", "2026-01-15T08:00"),
        ("Europe/Amsterdam", "2026-07-15T09:00", "2026-07-15T07:00"),
        ("Europe/Amsterdam", "2026-10-25T02:30", "2026-10-25T00:30"),  # twice: the first
        ("Europe/Amsterdam", "2026-03-29T02:30", "2026-03-29T01:00"),  # never: 03:00, after the gap
        ("Europe/Amsterdam", "2026-03-29T02:59:59.999999", "2026-03-29T01:00"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("Asia/Kolkata", "2026-03-29T09:00", "2026-03-29T03:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # its gap is half an hour
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00"),  # a midnight that does not exist
        ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
        ("America/Toronto", "1919-03-30T23:45", "1919-03-31T04:30"),  # its gap ends on the next date
    ],
)
def test_a_wall_time_is_the_first_instant_at_which_a_clock_shows_it_or_later(
    name: str, moment: str, instant: str
) -> None:
    found = resolve(wall(moment), ZoneInfo(name))

    assert found == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "missing"),
    [("Pacific/Apia", "2011-12-30"), ("Pacific/Kwajalein", "1993-08-21"), ("Pacific/Kiritimati", "1994-12-31")],
)
@pytest.mark.parametrize("clock", [time(0), time(10), time(23, 59)])
def test_a_local_date_that_never_was_has_no_instants(name: str, missing: str, clock: time) -> None:
    found = resolve(datetime.combine(date.fromisoformat(missing), clock), ZoneInfo(name))

    assert found is None


@pytest.mark.parametrize("moment", [wall("0001-01-01T00:00"), wall("9999-12-31T23:59")])
def test_the_ends_of_the_calendar_are_refused_and_do_not_fail(moment: datetime) -> None:
    assert resolve(moment, ZoneInfo("Asia/Tokyo")) is None
    assert resolve(moment, ZoneInfo("America/Los_Angeles")) is None


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    moment=st.datetimes(wall("1990-01-01T00:00"), wall("2037-01-01T00:00")),
)
def test_resolving_agrees_with_a_walk_along_the_clock(name: str, moment: datetime) -> None:
    place, moment = ZoneInfo(name), moment.replace(microsecond=0)

    found = resolve(moment, place)

    assert found == first_instant_by_walking(moment, place)


@pytest.mark.parametrize("name", ZONES)
def test_resolving_agrees_with_a_walk_along_the_clock_around_every_change_of_it(name: str) -> None:
    place = ZoneInfo(name)
    moments = [moment for jump in jumps(place) for moment in walls_around(jump, place)]

    found = [resolve(moment, place) for moment in moments]

    assert found == [first_instant_by_walking(moment, place) for moment in moments]


def test_seven_days_later_at_nine_is_nine_on_the_wall_across_a_change_of_the_clocks() -> None:
    now = datetime(2026, 3, 25, 15, 0, tzinfo=UTC)

    found = at_local(local_date(now, AMSTERDAM) + timedelta(days=7), time(9), AMSTERDAM)

    assert found == datetime(2026, 4, 1, 7, 0, tzinfo=UTC)


def test_a_moment_on_a_date_that_never_was_moves_to_the_next_date() -> None:
    found = at_local(date(2011, 12, 30), time(9), ZoneInfo("Pacific/Apia"))

    assert found == datetime(2011, 12, 30, 19, 0, tzinfo=UTC)


def test_the_local_date_is_the_one_on_the_wall() -> None:
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)

    assert local_date(late, AMSTERDAM) == date(2026, 6, 2)
    assert local_date(late, ZoneInfo("America/New_York")) == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2026-06-01", 0, "2026-06-01"),
        ("2026-06-06", 0, "2026-06-06"),  # a Saturday stays itself
        ("2026-06-01", 5, "2026-06-08"),
        ("2026-06-05", 1, "2026-06-08"),
        ("2026-06-06", 1, "2026-06-08"),
        ("2026-06-07", 2, "2026-06-09"),
        ("2026-06-08", -1, "2026-06-05"),
    ],
)
def test_working_days_pass_over_the_weekend(day: str, n: int, expected: str) -> None:
    assert add_working_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


def test_working_days_pass_over_free_days() -> None:
    free = {date(2026, 4, 3), date(2026, 4, 6)}  # Good Friday and Easter Monday

    assert add_working_days(date(2026, 4, 2), 1, free) == date(2026, 4, 7)


@settings(max_examples=50)
@given(day=st.dates(date(1970, 1, 1), date(2100, 1, 1)), n=st.integers(1, 60))
def test_between_a_day_and_the_nth_working_day_after_it_lie_n_working_days(day: date, n: int) -> None:
    found = add_working_days(day, n)

    passed = [day + timedelta(days=step) for step in range(1, (found - day).days + 1)]
    assert sum(map(is_working_day, passed)) == n
    assert is_working_day(found)


def first_instant_by_walking(moment: datetime, place: ZoneInfo) -> datetime | None:
    """An oracle that shares nothing with the code: look at the clock on the wall every quarter, then every second."""
    at = moment.replace(tzinfo=UTC) - timedelta(hours=30)
    for stride in (timedelta(minutes=15), timedelta(seconds=1)):
        while (at + stride).astimezone(place).replace(tzinfo=None) < moment:
            at += stride
    at += timedelta(seconds=1)
    midnight = datetime.combine(moment.date(), time(), UTC)
    dates = {(midnight + timedelta(hours=hours)).astimezone(place).date() for hours in range(-26, 51)}
    return at if moment.date() in dates else None


def jumps(place: ZoneInfo) -> list[datetime]:
    """The hours in which the clock there changed, in four years of which 2011 is one."""
    hours = [datetime(2009, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(4 * 366 * 24)]
    offsets = [hour.astimezone(place).utcoffset() for hour in hours]
    return [hour for hour, before, after in zip(hours, offsets, offsets[1:], strict=False) if before != after]


def walls_around(jump: datetime, place: ZoneInfo) -> list[datetime]:
    """Wall times from before to after a change of the clock."""
    local = jump.astimezone(place).replace(tzinfo=None)
    return [local + timedelta(minutes=minutes) for minutes in range(-120, 181, 45)]
