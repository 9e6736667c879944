"""Calendars of others: which links may be followed, and which events make a day free."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.free_calendar import (
    LINK_MAX,
    NAME_MAX,
    calendar_link,
    clipped,
    free_dates,
    host_of,
    merged,
    shortened,
)
from bot.domain.free_days import Period

MONDAY = date(2026, 10, 19)
wall = datetime.fromisoformat
WINDOW = (date(2026, 9, 1), date(2028, 8, 31))
few_days = st.dates(MONDAY, MONDAY + timedelta(days=30))
moments = st.datetimes(wall("2026-08-20T00:00"), wall("2026-09-20T00:00"))


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("https://rooster.example.org/jaar.ics", "https://rooster.example.org/jaar.ics"),
        ("  webcal://rooster.example.org/jaar.ics?token=x  ", "https://rooster.example.org/jaar.ics?token=x"),
        ("webcals://rooster.example.org/", "https://rooster.example.org/"),
        ("HTTPS://Rooster.Example.org/Jaar.ics#top", "https://Rooster.Example.org/Jaar.ics"),
        ("https://rooster.example.org:443/a", "https://rooster.example.org:443/a"),
    ],
)
def test_a_link_to_a_calendar_is_taken(typed: str, link: str) -> None:
    assert calendar_link(typed) == link


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "rooster.example.org/jaar.ics",
        "http://rooster.example.org/jaar.ics",
        "ftp://rooster.example.org/jaar.ics",
        "file:///etc/passwd",
        "https://noor:secret@rooster.example.org/",
        "https://noor@rooster.example.org/",
        "https://@rooster.example.org/",
        "https://rooster.example.org:8443/",
        "https://rooster.example.org:99999/",
        "https:///jaar.ics",
        "https://[::1/",
        "https://rooster.example.org/een twee",
        "https://rooster.example.org/\r\nHost: elsewhere",
        "https://" + LINK_MAX * "a",
        "javascript:alert(1)",
    ],
)
def test_any_other_link_is_refused(typed: str) -> None:
    assert calendar_link(typed) is None


@given(st.text() | st.text().map("https://{}".format))
def test_no_text_makes_judging_a_link_fail(typed: str) -> None:
    link = calendar_link(typed)

    assert link is None or (link.startswith("https://") and host_of(link))


def test_of_a_link_only_the_host_is_shown() -> None:
    assert host_of("https://Rooster.example.org/secret.ics?token=secret") == "rooster.example.org"


@pytest.mark.parametrize(
    ("begins", "ends", "free"),
    [
        (MONDAY, date(2026, 10, 24), (MONDAY, date(2026, 10, 23))),  # the end of whole days is the day after
        (MONDAY, MONDAY, (MONDAY, MONDAY)),  # without an end
        (wall("2026-10-19T09:00"), wall("2026-10-19T17:00"), (MONDAY, MONDAY)),
        (wall("2026-10-19T09:01"), wall("2026-10-19T17:00"), None),
        (wall("2026-10-19T09:00"), wall("2026-10-19T16:59"), None),
        (wall("2026-10-19T00:00"), wall("2026-10-23T23:59"), (MONDAY, date(2026, 10, 23))),
        (wall("2026-10-19T14:00"), wall("2026-10-22T12:00"), (date(2026, 10, 20), date(2026, 10, 21))),
        (wall("2026-10-19T20:00"), wall("2026-10-20T02:00"), None),
        (date(2020, 1, 1), date(2026, 9, 2), (WINDOW[0], WINDOW[0])),
        (date(2020, 1, 1), date(2026, 9, 1), None),
        (date(2028, 9, 1), date(2028, 9, 2), None),
        (date.min, date.max, WINDOW),
        (wall("0001-01-01T00:00"), wall("9999-12-31T23:59"), WINDOW),
    ],
)
def test_a_day_is_free_by_the_whole_day_or_the_whole_working_day(
    begins: date, ends: date, free: tuple[date, date] | None
) -> None:
    assert free_dates(begins, ends, *WINDOW) == free


@given(moments, moments)
def test_a_timed_event_frees_exactly_the_days_whose_working_hours_it_covers(one: datetime, other: datetime) -> None:
    begins, ends = sorted((one, other))

    found = free_dates(begins, ends, date(2026, 8, 25), date(2026, 9, 15))

    ahead = [date(2026, 8, 25) + timedelta(days=step) for step in range(22)]
    covered = [on for on in ahead if begins <= datetime.combine(on, time(9)) < datetime.combine(on, time(17)) <= ends]
    assert found == ((covered[0], covered[-1]) if covered else None)


@given(st.lists(st.builds(lambda name, first, days: Period(name, first, first + timedelta(days=days)),
                          st.sampled_from("ab"), few_days, st.integers(0, 9))))  # fmt: skip
def test_merging_keeps_the_same_days_in_periods_that_do_not_touch(periods: list[Period]) -> None:
    joined = merged(periods)

    assert days_of(joined) == days_of(periods)
    assert len([on for period in joined for on in days_of([period])]) == len(days_of(joined))
    for one in joined:
        for other in joined:
            touches = one.name == other.name and one.first_on - timedelta(days=1) == other.last_on
            assert not touches


def days_of(periods: list[Period] | tuple[Period, ...]) -> set[tuple[str, date]]:
    return {
        (period.name, period.first_on + timedelta(days=step))
        for period in periods
        for step in range((period.last_on - period.first_on).days + 1)
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Tentamens", "Tentamens"),
        ("  Tentamens \r\n in\tzaal\x00 3 ", "Tentamens in zaal 3"),
        ("", "Jaar"),
        (" \n ", "Jaar"),
    ],
)
def test_a_name_from_a_calendar_is_one_line_or_that_of_the_calendar(name: str, shown: str) -> None:
    assert clipped(name, "Jaar") == shown


def test_a_name_that_is_too_long_says_that_something_is_left_out() -> None:
    assert clipped(NAME_MAX * "a", "") == NAME_MAX * "a"
    assert clipped((NAME_MAX + 1) * "a", "") == (NAME_MAX - 1) * "a" + "…"
    assert shortened("rooster", 4) == "roo…"
