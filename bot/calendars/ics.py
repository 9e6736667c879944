"""What a calendar file (.ics) says about free days: by icalendar and recurring-ical-events, within limits.

Bytes from anywhere are read here, so this runs in a process of its own that can be ended (`reader.py`), and whatever
goes wrong is one of the decided troubles.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from bot.domain.free_calendar import MOST_PERIODS, WORKING_DAY, Trouble, Understood, clipped, free_dates, merged
from bot.domain.free_days import Period

MOST_EVENTS = 5_000  # chosen: as many as fit in 1 MB of ordinary events
MOST_OCCURRENCES = 10_000  # chosen: five years of a community that is always free
_WITHIN_A_DAY = {"HOURLY", "MINUTELY", "SECONDLY"}
_CLOCK_PARTS = {"BYHOUR", "BYMINUTE", "BYSECOND"}
_WORKING_HOURS = timedelta(hours=WORKING_DAY[1].hour - WORKING_DAY[0].hour)


def understand(data: bytes, start_on: date, until_on: date, zone: str) -> Understood | Trouble:
    """Read which days of a window are free, by the wall clock of a zone."""
    if b"BEGIN:VCALENDAR" not in data.upper():
        return Trouble.NO_CALENDAR
    try:
        return _understand(icalendar.Calendar.from_ical(data), start_on, until_on, ZoneInfo(zone))
    except Exception:  # noqa: BLE001 - others' libraries on others' bytes: however it fails, it cannot be read
        return Trouble.NO_CALENDAR


def _understand(calendar: Any, start_on: date, until_on: date, zone: ZoneInfo) -> Understood | Trouble:  # noqa: ANN401 - icalendar's own
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        return Trouble.TOO_MUCH
    short = [event for event in events if _is_short(event)]
    left = {id(event) for event in short}
    calendar.subcomponents = [part for part in calendar.subcomponents if id(part) not in left]
    name = clipped(str(calendar.get("X-WR-CALNAME") or calendar.get("NAME") or ""), "")
    found: list[Period] = []
    for count, event in enumerate(_occurrences(calendar, start_on, until_on), start=1):
        if count > MOST_OCCURRENCES:
            return Trouble.TOO_MUCH
        period = _period(event, name, zone, start_on, until_on)
        if period:
            found.append(period)
    periods = merged(found)
    if len(periods) > MOST_PERIODS:
        return Trouble.TOO_MUCH
    return Understood(name, periods, len(short)) if periods else Trouble.EMPTY


def _is_short(event: Any) -> bool:  # noqa: ANN401 - icalendar's own
    """Tell whether an event lasts less than a working day, comes back within a day, or has no beginning."""
    rule = event.get("RRULE") or {}
    parts = {part.upper() for part in rule}
    if parts & _CLOCK_PARTS or _WITHIN_A_DAY & {str(freq).upper() for freq in rule.get("FREQ", [])}:
        return True
    begins = event.get("DTSTART")
    if begins is None:
        return True
    return isinstance(begins.dt, datetime) and _end(event) - begins.dt < _WORKING_HOURS


def _end(event: Any) -> Any:  # noqa: ANN401 - a date or a time, as the event has it
    begins = event["DTSTART"].dt
    if "DTEND" in event:
        return event["DTEND"].dt
    return begins + (event["DURATION"].dt if "DURATION" in event else timedelta(0))


def _occurrences(calendar: Any, start_on: date, until_on: date) -> Iterator[Any]:  # noqa: ANN401 - icalendar's own
    """Every occurrence in the window, one series after the other, so that whoever counts can stop."""
    window = datetime.combine(start_on, time()), datetime.combine(until_on, time.max)
    for series in recurring_ical_events.of(calendar, skip_bad_series=True).series:
        for occurrence in series.between(*window):
            yield occurrence.as_component(False)  # noqa: FBT003 - the library's own signature


def _period(event: Any, instead: str, zone: ZoneInfo, start_on: date, until_on: date) -> Period | None:  # noqa: ANN401
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    free = free_dates(_local(event["DTSTART"].dt, zone), _local(_end(event), zone), start_on, until_on)
    return Period(clipped(str(event.get("SUMMARY", "")), instead), *free) if free else None


def _local(at: date | datetime, zone: ZoneInfo) -> date | datetime:
    aware = isinstance(at, datetime) and at.tzinfo is not None
    return at.astimezone(zone).replace(tzinfo=None) if aware else at  # type: ignore[union-attr]  # aware says that it is a datetime


def write(read: Understood | Trouble) -> str:
    """Write what was understood for the process that asked."""
    if isinstance(read, Trouble):
        return json.dumps({"trouble": read.value})
    periods = [[period.name, period.first_on.isoformat(), period.last_on.isoformat()] for period in read.periods]
    return json.dumps({"name": read.name, "periods": periods, "left_out": read.left_out})


if __name__ == "__main__":
    first, last, place = sys.argv[1:]
    understood = understand(sys.stdin.buffer.read(), date.fromisoformat(first), date.fromisoformat(last), place)
    sys.stdout.write(write(understood))
