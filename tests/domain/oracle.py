"""When a rhythm has to fire, found without the code that is tested: by walking through real instants.

Neither dateutil nor `bot.domain.calendar` nor `bot.domain.recurrence` has a part in it. Which dates are meant is plain
arithmetic of dates; which instant is meant is read from the clock on the wall (zoneinfo), minute after minute wherever
the clock is changed, and with a jump elsewhere. The offsets of zones are whole minutes after 1972, and no zone changes
its clock there and back within six hours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EARLIEST, LATEST = 15 * HOUR, 15 * HOUR  # a wall clock is at most so far ahead of UTC, or behind it
STRIDE = 6 * HOUR


@dataclass(frozen=True)
class Asked:
    """A rule as an RRULE, and as arithmetic: whether it falls on a date, having begun on another."""

    rrule: str
    falls: Callable[[date, date], bool]


def every_days(interval: int) -> Asked:
    return Asked(f"FREQ=DAILY;INTERVAL={interval}", lambda day, start: (day - start).days % interval == 0)


def once() -> Asked:
    return Asked("FREQ=DAILY;COUNT=1", lambda day, start: day == start)


def on_weekdays(interval: int, weekdays: frozenset[int]) -> Asked:
    """Every so many weeks, which begin on Monday, on all of these weekdays; 0 is Monday."""
    names = ",".join(NAMES[weekday] for weekday in sorted(weekdays))
    return Asked(
        f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={names}",
        lambda day, start: day.weekday() in weekdays and (monday(day) - monday(start)).days // 7 % interval == 0,
    )


def on_nth_weekday(interval: int, nth: int, weekday: int) -> Asked:
    """Every so many months on the second Tuesday; -1 is the last one."""

    def falls(day: date) -> bool:
        place = (day.day + 6) // 7
        return day.weekday() == weekday and ((day + 7 * DAY).month != day.month if nth < 0 else place == nth)

    return _by_month(interval, f"BYDAY={nth}{NAMES[weekday]}", falls)


def on_month_day(interval: int, number: int) -> Asked:
    """Every so many months on that day, where the month has it; -1 is the last day."""
    return _by_month(
        interval,
        f"BYMONTHDAY={number}",
        lambda day: (day + DAY).day == 1 if number < 0 else day.day == number,
    )


def on_day_or_last(interval: int, number: int) -> Asked:
    """Every so many months on that day, or on the last one of a month that has no such day."""
    days = ",".join(str(day) for day in range(28, number + 1))
    return _by_month(
        interval,
        f"BYMONTHDAY={days};BYSETPOS=-1",
        lambda day: day.day == number or (day.day < number and (day + DAY).day == 1),
    )


def on_nth_working_day(interval: int, nth: int) -> Asked:
    """Every so many months on the nth of Monday to Friday; -1 is the last one."""

    def falls(day: date) -> bool:
        month = [other for other in (day.replace(day=1) + n * DAY for n in range(31)) if other.month == day.month]
        working = [other for other in month if other.weekday() < NAMES.index("SA")]
        return day == working[nth if nth < 0 else nth - 1]

    return _by_month(interval, f"BYDAY=MO,TU,WE,TH,FR;BYSETPOS={nth}", falls)


NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _by_month(interval: int, by: str, falls: Callable[[date], bool]) -> Asked:
    def in_turn(day: date, start: date) -> bool:
        return ((day.year - start.year) * 12 + day.month - start.month) % interval == 0

    rrule = f"FREQ=MONTHLY;INTERVAL={interval};{by}"
    return Asked(rrule, lambda day, start: in_turn(day, start) and falls(day))


def monday(day: date) -> date:
    return day - day.weekday() * DAY


def expected(asked: Asked, start: datetime, zone: str, last: date) -> list[tuple[str, datetime]]:
    """Every local slot with its instant (UTC), from the start to a last date."""
    days = (start.date() + number * DAY for number in range((last - start.date()).days + 1))
    meant = (datetime.combine(day, start.time()) for day in days if asked.falls(day, start.date()))
    found = ((local, fires(local, ZoneInfo(zone))) for local in meant)
    return [(local.isoformat(timespec="minutes"), at) for local, at in found if at is not None]


def fires(local: datetime, zone: ZoneInfo) -> datetime | None:
    """The first whole minute at which the wall shows this time or later; None for a date that is on no wall."""
    begin = local.replace(tzinfo=UTC) - EARLIEST
    midnight = datetime.combine(local.date(), time(), UTC)
    if not is_changed(midnight - EARLIEST, midnight + DAY + LATEST, zone):
        at = local.replace(tzinfo=UTC) - offset(begin, zone)
        assert wall(at - MINUTE, zone) < wall(at, zone) == local  # it is a quiet day, and this is its minute
        return at
    shown = (midnight - EARLIEST + number * 15 * MINUTE for number in range((54 * HOUR) // (15 * MINUTE)))
    if not any(wall(at, zone).date() == local.date() for at in shown):
        return None
    minutes = (begin + number * MINUTE for number in range((30 * HOUR) // MINUTE))
    return next(at for at in minutes if wall(at, zone) >= local)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return wall(at, zone) - at.replace(tzinfo=None)


def is_changed(begin: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether somebody sets the clock between two instants."""
    return any(
        before < end and after > begin
        for year in range(begin.year, end.year + 1)
        for before, after in changes(zone, year)
    )


@cache
def changes(zone: ZoneInfo, year: int) -> list[tuple[datetime, datetime]]:
    """Between which instants the clock is set: a stride before it and after it."""
    return [(before, after) for before, after in pairwise(strides(year)) if offset(before, zone) != offset(after, zone)]


def strides(year: int) -> Iterator[datetime]:
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year <= year:
        yield at
        at += STRIDE
    yield at
