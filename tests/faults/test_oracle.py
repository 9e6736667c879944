"""The oracle of the fault suite, beside beats that were looked up by hand."""

from datetime import datetime

import pytest

from tests.faults.oracle import DRUMS, WINDOWS, Drum, Window, beats, last_of_month, second_tuesday


@pytest.mark.parametrize(
    ("zone", "at", "local", "utc"),
    [
        ("Europe/Amsterdam", "02:30", "2026-10-24T02:30", "2026-10-24T00:30"),
        ("Europe/Amsterdam", "02:30", "2026-10-25T02:30", "2026-10-25T00:30"),  # twice: the first
        ("Europe/Amsterdam", "02:30", "2026-10-26T02:30", "2026-10-26T01:30"),
        ("Europe/Amsterdam", "02:30", "2027-03-28T02:30", "2027-03-28T01:00"),  # not there: the first after the gap
        ("Europe/Amsterdam", "02:30", "2027-03-29T02:30", "2027-03-29T00:30"),
        ("America/New_York", "01:30", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("America/New_York", "02:30", "2026-11-01T02:30", "2026-11-01T07:30"),
        ("America/New_York", "02:30", "2027-03-14T02:30", "2027-03-14T07:00"),
        ("Pacific/Apia", "10:00", "2011-12-29T10:00", "2011-12-29T20:00"),
        ("Pacific/Apia", "10:00", "2011-12-31T10:00", "2011-12-30T20:00"),
        ("Pacific/Apia", "03:30", "2021-04-04T03:30", "2021-04-03T13:30"),
        ("Asia/Kolkata", "09:00", "2026-10-25T09:00", "2026-10-25T03:30"),
    ],
)
def test_a_beat_is_where_the_hand_found_it(zone: str, at: str, local: str, utc: str) -> None:
    instant = datetime.fromisoformat(f"{utc}Z")
    around = Window(instant.replace(hour=0, minute=0), instant.replace(hour=23, minute=59))

    found = list(beats(Drum(zone, at), around))

    assert [(beat.local, beat.at) for beat in found] == [(local, instant)]


def test_a_date_that_a_zone_left_out_has_no_beat() -> None:
    days = [beat.local[:10] for beat in beats(Drum("Pacific/Apia", "10:00"), WINDOWS["apia, no friday"])]

    assert days == ["2011-12-27", "2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


def test_month_ends_and_second_tuesdays_are_where_the_calendar_has_them() -> None:
    year = Window(datetime.fromisoformat("2027-01-01T00:00Z"), datetime.fromisoformat("2027-05-01T00:00Z"))

    ends = [beat.local[:10] for beat in beats(Drum("Europe/Amsterdam", "10:00", days=last_of_month), year)]
    tuesdays = [beat.local[:10] for beat in beats(Drum("Europe/Amsterdam", "10:00", days=second_tuesday), year)]

    assert ends == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert tuesdays == ["2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13"]


def test_in_the_autumn_every_daily_drum_beats_once_a_day() -> None:
    counted = [len(list(beats(drum, WINDOWS["autumn"]))) for drum in DRUMS]

    assert counted == [20, 20, 20, 20, 20, 3, 1, 1]
