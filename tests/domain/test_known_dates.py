"""When rhythms fire on dates that people know to be hard, each worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.recurrence import ONCE
from bot.domain.rhythm import Rule, slots

AMSTERDAM = "Europe/Amsterdam"
CHANGES = [
    (AMSTERDAM, "2026-03-29T02:30", "2026-03-29T01:00"),  # not on the clock: at three, when it has jumped
    (AMSTERDAM, "2026-10-25T02:30", "2026-10-25T00:30"),  # twice on the clock: the first
    (AMSTERDAM, "2027-03-28T02:00", "2027-03-28T01:00"),
    (AMSTERDAM, "2027-10-31T02:00", "2027-10-31T00:00"),
    (AMSTERDAM, "2027-10-31T03:00", "2027-10-31T02:00"),
    ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
    ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:00"),
    ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"),
    ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:30"),
    ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"),  # for Ramadan the clock goes back
    ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
    ("Africa/Casablanca", "2027-02-07T02:30", "2027-02-07T01:30"),
    ("Africa/Casablanca", "2027-03-14T02:30", "2027-03-14T02:00"),
    ("Asia/Kolkata", "2026-03-29T02:30", "2026-03-28T21:00"),
    ("Asia/Kolkata", "2027-10-31T02:30", "2027-10-30T21:00"),
    ("Pacific/Apia", "2026-04-05T03:30", "2026-04-04T14:30"),
    ("Pacific/Apia", "2027-09-26T03:30", "2027-09-25T14:30"),
    ("America/Sao_Paulo", "2018-02-17T23:30", "2018-02-18T01:30"),  # twice, around what would have been midnight
    ("America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:00"),
    ("America/Sao_Paulo", "2026-10-18T00:30", "2026-10-18T03:30"),  # no summer time any more
]


@pytest.mark.parametrize(("zone", "local", "expected"), CHANGES)
def test_on_the_day_that_the_clock_is_set_a_rhythm_fires_once(zone: str, local: str, expected: str) -> None:
    start = datetime.fromisoformat(local) - timedelta(days=3)
    rule = Rule("FREQ=DAILY", start, zone, until=start.date() + timedelta(days=6))

    found = slots(rule, None, 20)

    at = {slot.local: slot.at for slot in found}
    assert len(found) == len(at) == 7
    assert at[local] == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "local", "expected"), CHANGES)
def test_what_happens_once_keeps_to_the_same_clock(zone: str, local: str, expected: str) -> None:
    found = slots(Rule(ONCE, datetime.fromisoformat(local), zone), None, 5)

    assert [(slot.local, slot.at) for slot in found] == [(local, datetime.fromisoformat(expected).replace(tzinfo=UTC))]


@pytest.mark.parametrize(
    ("rrule", "year", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", 2027, "0112 0209 0309 0413 0511 0608 0713 0810 0914 1012 1109 1214"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 2027,
         "0129 0226 0331 0430 0531 0630 0730 0831 0930 1029 1130 1231"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", 2028, "0131 0229 0331 0430 0531 0630 0731 0831 0930 1031 1130 1231"),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", 2028,
         "0130 0229 0330 0430 0530 0630 0730 0830 0930 1030 1130 1230"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", 2028, "0131 0331 0531 0731 0831 1031 1231"),
        ("FREQ=MONTHLY;BYDAY=5TU", 2028, "0229 0530 0829 1031"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 2027, ""),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 2028, "0229"),
    ],
)  # fmt: skip
def test_the_dates_of_a_year_are_those_on_the_calendar_on_the_wall(rrule: str, year: int, expected: str) -> None:
    rule = Rule(rrule, datetime.fromisoformat(f"{year}-01-01T09:00"), AMSTERDAM, until=date(year, 12, 31))

    found = slots(rule, None, 20)

    assert " ".join(slot.local[5:10].replace("-", "") for slot in found) == expected


def test_a_date_that_apia_left_out_is_left_out_of_every_rhythm() -> None:
    friday = datetime.fromisoformat("2011-12-30T10:00")

    once, weekly, last_friday = (
        [slot.local[:10] for slot in slots(Rule(rrule, start, "Pacific/Apia"), None, 2)]
        for rrule, start in (
            (ONCE, friday),
            ("FREQ=WEEKLY;BYDAY=FR", friday - timedelta(weeks=1)),
            ("FREQ=MONTHLY;BYDAY=-1FR", friday.replace(day=1)),
        )
    )

    assert once == []
    assert weekly == ["2011-12-23", "2012-01-06"]
    assert last_friday == ["2012-01-27", "2012-02-24"]
