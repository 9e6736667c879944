"""What must be posted, by arithmetic of its own: nothing here knows Kring's.

It walks real instants. On every local date that a drum beats, it beats at the first instant of that date at which the
clock on the wall shows its time or later: so the first of two, the first after a gap, and none on a date that a zone
left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_STEP = timedelta(minutes=15)  # every offset from UTC of our days is a multiple of this
_DAY = timedelta(days=1)


def every_day(_: date) -> bool:
    return True


def every_monday(day: date) -> bool:
    return day.weekday() == 0


def second_tuesday(day: date) -> bool:
    return day.weekday() == 1 and 8 <= day.day <= 14


def last_of_month(day: date) -> bool:
    return (day + _DAY).month != day.month


@dataclass(frozen=True, slots=True)
class Drum:
    """A rhythm as Kring is told it (`rrule`) and as the oracle knows it (`days`)."""

    zone: str
    at: str
    rrule: str = "FREQ=DAILY"
    days: Callable[[date], bool] = every_day


DRUMS = (
    Drum("Europe/Amsterdam", "02:30"),
    Drum("America/New_York", "02:30"),
    Drum("America/New_York", "01:30"),
    Drum("Pacific/Apia", "10:00"),
    Drum("Asia/Kolkata", "09:00"),
    Drum("Europe/Amsterdam", "09:00", "FREQ=WEEKLY;BYDAY=MO", every_monday),
    Drum("Europe/Amsterdam", "10:00", "FREQ=MONTHLY;BYDAY=2TU", second_tuesday),
    Drum("America/New_York", "23:45", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", last_of_month),
)
SKIPPED = DRUMS[5]  # the first Monday is called off
MOVED, LATER = DRUMS[4], timedelta(hours=3)  # the first morning is moved to noon


@dataclass(frozen=True, slots=True)
class Window:
    """The weeks that are played."""

    start: datetime
    end: datetime


def _from(start: str, end: str) -> Window:
    return Window(datetime.fromisoformat(f"{start}T00:00Z"), datetime.fromisoformat(f"{end}T00:00Z"))


WINDOWS = {
    "autumn": _from("2026-10-23", "2026-11-12"),  # Amsterdam 25 October, New York 1 November
    "spring": _from("2027-03-08", "2027-04-01"),  # New York 14 March, Amsterdam 28 March
    "late october": _from("2026-10-24", "2026-11-02"),  # the shortest over both changes and a month's end
    "late march": _from("2027-03-26", "2027-04-01"),  # Amsterdam, a month's end, a Monday
    "apia, no friday": _from("2011-12-27", "2012-01-02"),  # 30 December 2011 did not exist there
    "apia, autumn": _from("2021-03-31", "2021-04-08"),  # one of its last daylight-saving changes
    "apia, spring": _from("2020-09-23", "2020-09-30"),
}


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of a drum: its wall time, and the instant."""

    local: str
    at: datetime


def beats(drum: Drum, window: Window) -> Iterator[Beat]:
    """List the beats after the start of a window, up to and with its end."""
    zone, wanted = ZoneInfo(drum.zone), time.fromisoformat(drum.at)
    instant, done = window.start - 2 * _DAY, set[date]()
    while instant <= window.end:
        local = instant.astimezone(zone)
        day = local.date()
        if day not in done and local.time() >= wanted:
            done.add(day)
            if drum.days(day) and instant > window.start:
                yield Beat(f"{day}T{drum.at}", instant.astimezone(UTC))
        instant += _STEP
