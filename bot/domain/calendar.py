"""Days and wall clocks: what a local date and time mean in a time zone.

A wall time becomes an instant by one definition: the first instant at which a clock on the wall shows it, or shows
something later. So a time that exists twice means the first of the two, and one that is skipped in spring means the
moment at which the clock jumps (design: time and delivery, Wall clocks).
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FRIDAY = 5
_NOT_A_PLACE = {"Factory", "localtime"}  # in the database, but they say nothing about where somebody is
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def zone_name(text: str) -> str | None:
    """The IANA name that somebody means: "europe/amsterdam" and "America/New York" are understood; None for others."""
    return _zone_names().get("_".join(text.split()).casefold())


def zone(name: str) -> ZoneInfo | None:
    """The time zone of that IANA name, or None for a name that is unknown, malformed, or a path."""
    known = zone_name(name)
    return ZoneInfo(known) if known else None


@cache
def _zone_names() -> dict[str, str]:
    """Every IANA name under its case-folded self. Only these are ever opened, so no path gets through."""
    return {name.casefold(): name for name in available_timezones() - _NOT_A_PLACE}


def resolve(local: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant (aware, UTC) of a naive wall time in a zone.

    A time that exists twice means the first. A time that does not exist means the first instant after the gap. None
    for a whole local date that does not exist (Apia, 2011-12-30), and at the very ends of the calendar: years 1 and
    9999, where an instant may not be writable.
    """
    if not date.min.year < local.year < date.max.year:
        return None
    at = _first_reading(local, zone)
    if local_date(at, zone) == local.date() or _exists(local.date(), zone):
        return at
    return None


def _first_reading(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which a clock in the zone shows `local` or later."""
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(at, zone) == local:
        return at
    # In a gap `at` lies after the jump, and the other fold as far before it. Halve until the jump is caught.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while at - before > _SECOND:
        middle = before + (at - before) // _SECOND // 2 * _SECOND
        if _wall(middle, zone) < local:
            before = middle
        else:
            at = middle
    return at.replace(microsecond=0)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Tell whether that local date was ever on a calendar there."""
    return local_date(_first_reading(datetime.combine(day, time.min), zone), zone) == day


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The date on the wall in the zone at an aware instant."""
    return at.astimezone(zone).date()


def at_local(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The instant (aware, UTC) of a wall time on a local date; on a date that does not exist, the next one that does.

    "In 7 days at 09:00" is `at_local(local_date(now, zone) + timedelta(days=7), time(9), zone)`. For dates between the
    years 2 and 9997.
    """
    at = resolve(datetime.combine(day, wall), zone)
    return at if at is not None else at_local(day + _DAY, wall, zone)


def is_working_day(day: date, free: Collection[date] = ()) -> bool:
    """Tell whether a date is one of Monday to Friday, and not among the free ones (holidays, school holidays)."""
    return day.isoweekday() <= FRIDAY and day not in free


def add_working_days(day: date, n: int, free: Collection[date] = ()) -> date:
    """The n-th working day after a date, which may itself be a day off; before it when n is below 0.

    0 is the date itself. From a Friday, Saturday or Sunday, 1 is the Monday. `free` must not hold every day there is.
    """
    step = _DAY if n > 0 else -_DAY
    for _ in range(abs(n)):
        day += step
        while not is_working_day(day, free):
            day += step
    return day
