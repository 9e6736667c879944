"""What a calendar file says: whole days, recurring ones with their exceptions, and nothing that brings Kring down."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.calendars import ics
from bot.calendars.ics import understand
from bot.domain.free_calendar import MOST_PERIODS, Trouble, Understood
from bot.domain.free_days import Period
from tests.calendars.files import EXAMS, START, UNTIL, ZONE, calendar, days, event


def read(*events: str, zone: str = ZONE) -> Understood | Trouble:
    return understand(calendar(*events), START, UNTIL, zone)


def spans(read: Understood | Trouble) -> list[tuple[str, str, str]]:
    assert isinstance(read, Understood), read
    return [(period.name, period.first_on.isoformat(), period.last_on.isoformat()) for period in read.periods]


def test_whole_days_are_a_period_up_to_the_day_before_their_end() -> None:
    found = read(EXAMS)

    assert found == Understood("Jaarkalender", (Period("Tentamens", date(2026, 10, 19), date(2026, 10, 23)),))


@pytest.mark.parametrize("lines", [(), ("DURATION:P1D",)])
def test_one_day_needs_no_end(lines: tuple[str, ...]) -> None:
    assert spans(read(days("Dies", "20270208", None, *lines))) == [("Dies", "2027-02-08", "2027-02-08")]


def test_what_recurs_comes_back_without_its_exceptions_and_with_what_was_moved() -> None:
    found = read(
        event(
            "UID:away",
            "SUMMARY:Heidag",
            "DTSTART;VALUE=DATE:20260904",
            "RRULE:FREQ=MONTHLY;COUNT=4",
            "EXDATE;VALUE=DATE:20261004",
        ),
        event("UID:away", "SUMMARY:Heidag", "RECURRENCE-ID;VALUE=DATE:20261104", "DTSTART;VALUE=DATE:20261106"),
    )

    assert spans(found) == [
        ("Heidag", "2026-09-04", "2026-09-04"),
        ("Heidag", "2026-11-06", "2026-11-06"),
        ("Heidag", "2026-12-04", "2026-12-04"),
    ]


def test_what_was_cancelled_is_not_free() -> None:
    found = read(
        EXAMS,
        days("Open dag", "20261107", None, "STATUS:CANCELLED"),
        event("UID:away", "SUMMARY:Heidag", "DTSTART;VALUE=DATE:20260904", "RRULE:FREQ=DAILY;COUNT=2"),
        event(
            "UID:away",
            "SUMMARY:Heidag",
            "RECURRENCE-ID;VALUE=DATE:20260905",
            "DTSTART;VALUE=DATE:20260905",
            "STATUS:CANCELLED",
        ),
    )

    assert spans(found) == [("Heidag", "2026-09-04", "2026-09-04"), ("Tentamens", "2026-10-19", "2026-10-23")]


def test_an_event_shown_as_free_time_counts_as_calendars_write_whole_days_so() -> None:
    assert spans(read(days("Herfst", "20261019", "20261024", "TRANSP:TRANSPARENT")))[0][0] == "Herfst"


def test_days_in_a_row_under_one_name_are_one_period() -> None:
    found = read(*(days("Tentamens", f"202610{day}") for day in (19, 20, 21)))

    assert spans(found) == [("Tentamens", "2026-10-19", "2026-10-21")]


@pytest.mark.parametrize(
    ("zone", "free"),
    [("Europe/Amsterdam", ("2026-12-01", "2026-12-03")), ("Asia/Kolkata", ("2026-12-02", "2026-12-03"))],
)
def test_a_timed_event_is_read_by_the_wall_clock_of_the_community(zone: str, free: tuple[str, str]) -> None:
    found = read(event("UID:1", "SUMMARY:Congres", "DTSTART:20261201T080000Z", "DTEND:20261203T160000Z"), zone=zone)

    assert spans(found) == [("Congres", *free)]


def test_lectures_and_what_comes_back_within_a_day_are_left_out_and_counted() -> None:
    found = read(
        EXAMS,
        event("UID:1", "SUMMARY:College", "DTSTART:20261110T140000Z", "DTEND:20261110T150000Z", "RRULE:FREQ=WEEKLY"),
        event("UID:2", "SUMMARY:Bel", "DTSTART;VALUE=DATE:20261019", "RRULE:FREQ=SECONDLY"),
        event("UID:3", "SUMMARY:Bel", "DTSTART;VALUE=DATE:20261019", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"),
        event("UID:4", "SUMMARY:Ooit"),
    )

    assert spans(found) == [("Tentamens", "2026-10-19", "2026-10-23")]
    assert isinstance(found, Understood)
    assert found.left_out == 4


def test_an_event_without_a_name_is_called_after_the_calendar() -> None:
    assert spans(read(event("UID:1", "DTSTART;VALUE=DATE:20261019")))[0][0] == "Jaarkalender"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Log in</title>",
        b"\x1f\x8b\x08\x00packed",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        calendar("CALSCALE:CHINESE", EXAMS),
    ],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    assert understand(data, START, UNTIL, ZONE) is Trouble.NO_CALENDAR


@pytest.mark.parametrize("events", [(), (days("Ooit", "20200101"),), (days("Ver weg", "20350101"),)])
def test_a_calendar_without_a_free_day_in_the_window_says_so(events: tuple[str, ...]) -> None:
    assert read(*events) is Trouble.EMPTY


def test_a_calendar_that_is_no_list_of_free_days_is_too_much() -> None:
    many = [days(str(n), f"2027{n % 12 + 1:02}{n % 28 + 1:02}") for n in range(MOST_PERIODS + 1)]

    assert read(*many) is Trouble.TOO_MUCH
    assert isinstance(read(*many[:-1]), Understood)


def test_more_events_than_a_year_can_hold_are_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "MOST_EVENTS", 2)
    assert isinstance(read(EXAMS, EXAMS), Understood)

    assert read(EXAMS, EXAMS, EXAMS) is Trouble.TOO_MUCH


def test_more_occurrences_than_a_year_can_hold_are_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "MOST_OCCURRENCES", 100)

    assert read(days("Altijd", "20260901", None, "RRULE:FREQ=DAILY")) is Trouble.TOO_MUCH
    assert isinstance(read(days("Even", "20260901", None, "RRULE:FREQ=DAILY;COUNT=100")), Understood)


@settings(max_examples=150, deadline=None)
@given(st.binary() | st.binary().map(lambda noise: calendar(EXAMS)[:80] + noise + calendar(EXAMS)[80:]))
def test_no_bytes_make_reading_fail(data: bytes) -> None:
    assert isinstance(understand(data, START, UNTIL, ZONE), Understood | Trouble)


values = st.sampled_from(
    ["20261019", "20261019T090000Z", "20261019T090000", "99991231", "00010101", "P1D", "-P1W", "x", "", "FREQ=YEARLY"]
)
names = st.sampled_from(
    ["DTSTART", "DTSTART;VALUE=DATE", "DTSTART;TZID=Nowhere/Land", "DTEND", "DTEND;VALUE=DATE", "DURATION", "RRULE",
     "EXDATE", "RDATE;VALUE=DATE", "RECURRENCE-ID;VALUE=DATE", "SUMMARY", "STATUS", "UID"]
)  # fmt: skip
lines = st.lists(st.builds("{}:{}".format, names, values), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, min_size=1, max_size=3))
def test_no_mixture_of_properties_makes_reading_fail(events: list[list[str]]) -> None:
    found = understand(calendar(*(event(*some) for some in events)), START, UNTIL, ZONE)

    assert isinstance(found, Understood | Trouble)
    if isinstance(found, Understood):
        assert all(START <= period.first_on <= period.last_on <= UNTIL for period in found.periods)


@settings(max_examples=60, deadline=None)
@given(
    first=st.dates(date(2026, 8, 1), date(2027, 8, 1)),
    length=st.integers(1, 9),
    every=st.integers(1, 3),
    count=st.integers(1, 12),
    dropped=st.sets(st.integers(0, 11), max_size=4),
)
def test_what_recurs_is_what_counting_on_the_fingers_gives(
    first: date, length: int, every: int, count: int, dropped: set[int]
) -> None:
    begins = [first + timedelta(weeks=every * number) for number in range(count)]
    exceptions = [f"EXDATE;VALUE=DATE:{begins[number]:%Y%m%d}" for number in sorted(dropped) if number < count]
    rule = f"RRULE:FREQ=WEEKLY;INTERVAL={every};COUNT={count}"
    ends = f"{first + timedelta(days=length):%Y%m%d}"

    found = read(days("Vrij", f"{first:%Y%m%d}", ends, rule, *exceptions))

    kept = [begin for number, begin in enumerate(begins) if number not in dropped]
    expected = {begin + timedelta(days=step) for begin in kept for step in range(length)}
    expected = {on for on in expected if START <= on <= UNTIL}
    periods = found.periods if isinstance(found, Understood) else ()
    assert {period.first_on + timedelta(days=step) for period in periods for step in range(lasts(period))} == expected


def lasts(period: Period) -> int:
    return (period.last_on - period.first_on).days + 1


@pytest.mark.parametrize(
    ("place", "first"),
    [
        ("W. Europe Standard Time", "2026-10-19"),  # as Outlook names it
        ("Europe/Amsterdam", "2026-10-19"),
        ("Nowhere/Land", "2026-10-19"),  # taken for the community's own
    ],
)
def test_a_whole_day_from_midnight_to_midnight_is_one_day_whatever_its_zone_is_called(place: str, first: str) -> None:
    found = read(
        event("UID:1", "SUMMARY:Vrij", f"DTSTART;TZID={place}:20261019T000000", f"DTEND;TZID={place}:20261020T000000")
    )

    assert spans(found) == [("Vrij", first, first)]
