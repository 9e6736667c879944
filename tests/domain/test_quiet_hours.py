"""When a person's window opens: over the night, over the weekend, over changes of the clock, after a pause."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.quiet_hours import NEVER_QUIET, NIGHT, WORKING_DAYS, Quiet, Window, opens_at

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")
QUARTER = timedelta(minutes=15)
EVERY_DAY = frozenset(range(1, 8))
NIGHT_SHIFT = Quiet(time(8), time(16))  # sleeps by day


def local(text: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def opening(window: Window, now: str, zone: ZoneInfo = AMSTERDAM) -> str | None:
    """When it opens, as the wall shows it."""
    at = opens_at(window, local(now, zone).astimezone(UTC), zone)
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else None


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-03T10:15", "2026-11-03 10:15"),
        ("2026-11-03T08:00", "2026-11-03 08:00"),
        ("2026-11-03T07:59", "2026-11-03 08:00"),
        ("2026-11-03T18:00", "2026-11-04 08:00"),
        ("2026-11-03T23:59", "2026-11-04 08:00"),
        ("2026-11-06T18:00", "2026-11-09 08:00"),
        ("2026-11-07T12:00", "2026-11-09 08:00"),
    ],
)
def test_by_default_it_is_open_by_day_from_monday_to_friday(now: str, opens: str) -> None:
    assert opening(Window(), now) == opens


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-03T12:00", "2026-11-03 16:00"),
        ("2026-11-03T23:00", "2026-11-03 23:00"),
        ("2026-11-04T07:59", "2026-11-04 07:59"),
        ("2026-11-07T03:00", "2026-11-07 03:00"),  # Friday's, after midnight
        ("2026-11-07T08:00", "2026-11-09 16:00"),
        ("2026-11-09T03:00", "2026-11-09 16:00"),  # this night began on Sunday
    ],
)
def test_who_sleeps_by_day_has_a_working_day_that_lasts_into_the_next_date(now: str, opens: str) -> None:
    assert opening(Window(NIGHT_SHIFT), now) == opens


def test_without_quiet_hours_a_working_day_is_the_whole_date() -> None:
    window = Window(NEVER_QUIET)

    assert opening(window, "2026-11-06T23:59") == "2026-11-06 23:59"
    assert opening(window, "2026-11-07T00:00") == "2026-11-09 00:00"


@pytest.mark.parametrize(
    ("quiet", "now", "opens"),
    [
        (Quiet(time(22), time(2, 30)), "2026-03-28T23:00", "2026-03-29T01:00:00+00:00"),  # 02:30 is not there
        (Quiet(time(22), time(2, 30)), "2026-10-24T23:00", "2026-10-25T00:30:00+00:00"),  # and twice: the first
        (NIGHT, "2026-03-28T23:00", "2026-03-29T06:00:00+00:00"),
        (NIGHT, "2026-10-24T23:00", "2026-10-25T07:00:00+00:00"),
    ],
)
def test_the_night_of_a_change_of_the_clock_ends_by_the_clock_on_the_wall(quiet: Quiet, now: str, opens: str) -> None:
    found = opens_at(Window(quiet, EVERY_DAY), local(now), AMSTERDAM)

    assert found == datetime.fromisoformat(opens)


def test_quiet_hours_that_begin_in_the_hour_that_comes_twice_begin_the_first_time() -> None:
    window = Window(Quiet(time(2, 30), time(9)), EVERY_DAY)
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time

    assert opens_at(window, second, AMSTERDAM) == local("2026-10-25T09:00")


def test_a_date_that_was_never_on_the_calendar_has_no_window() -> None:
    assert opening(Window(), "2011-12-29T19:00", ZoneInfo("Pacific/Apia")) == "2012-01-02 08:00"


@pytest.mark.parametrize(
    ("until", "opens"),
    [
        (date(2026, 11, 3), "2026-11-03 10:00"),  # over: the date itself counts again
        (date(2026, 11, 4), "2026-11-04 08:00"),
        (date(2026, 11, 7), "2026-11-09 08:00"),
        (date(2027, 3, 1), "2027-03-01 08:00"),
        (date(2020, 1, 1), "2026-11-03 10:00"),
    ],
)
def test_a_pause_ends_by_itself_on_its_date(until: date, opens: str) -> None:
    assert opening(Window(paused_until=until), "2026-11-03T10:00") == opens


def test_a_pause_that_ends_in_the_middle_of_a_night_shift_ends_at_midnight() -> None:
    window = Window(NIGHT_SHIFT, paused_until=date(2026, 11, 4))

    assert opening(window, "2026-11-02T12:00") == "2026-11-04 00:00"


def test_without_days_it_never_opens() -> None:
    assert opening(Window(days=frozenset()), "2026-11-03T10:00") is None


# Changes of the clock fall before four at night in these zones, and the walk below reads nothing but the wall.
hours = st.builds(time, st.integers(4, 23), st.sampled_from([0, 15, 30, 45]))
windows = st.builds(
    Window,
    st.one_of(st.builds(Quiet, hours, hours), st.just(NEVER_QUIET)),
    st.frozensets(st.integers(1, 7), min_size=1),
    st.one_of(st.none(), st.dates(date(2026, 10, 1), date(2026, 11, 10))),
)
zones = st.sampled_from([AMSTERDAM, NEW_YORK, ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Kiritimati")])


def is_open(window: Window, at: datetime, zone: ZoneInfo) -> bool:
    """Read the wall: is it not quiet, did this stretch begin on a working day, and is no pause under way."""
    wall = at.astimezone(zone)
    clock, day, quiet = wall.time(), wall.date(), window.quiet
    if quiet.start < quiet.end and clock < quiet.end:
        day -= timedelta(days=1)  # open since yesterday, or not any more
    silent = quiet.start <= clock or clock < quiet.end if quiet.end < quiet.start else quiet.start <= clock < quiet.end
    paused = window.paused_until is not None and wall.date() < window.paused_until
    return not silent and day.isoweekday() in window.days and not paused


@settings(deadline=None)  # the first look at a zone reads a file
@given(
    window=windows,
    zone=zones,
    now=st.datetimes(datetime.fromisoformat("2026-10-16"), datetime.fromisoformat("2026-11-08")).map(
        lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0, tzinfo=UTC)
    ),
)
def test_it_opens_at_the_first_quarter_of_an_hour_at_which_the_wall_says_so(
    window: Window, zone: ZoneInfo, now: datetime
) -> None:
    at = now
    while not is_open(window, at, zone):
        at += QUARTER

    assert opens_at(window, now, zone) == at


@settings(deadline=None)  # the first look at a zone reads a file
@given(
    window=windows,
    zone=zones,
    now=st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2030-01-01")),
)
def test_what_has_opened_is_open_then(window: Window, zone: ZoneInfo, now: datetime) -> None:
    at = opens_at(window, now.replace(tzinfo=UTC), zone)

    assert at is not None
    assert opens_at(window, at, zone) == at


def test_the_working_days_are_those_of_the_calendar() -> None:
    assert sorted(WORKING_DAYS) == [1, 2, 3, 4, 5]
