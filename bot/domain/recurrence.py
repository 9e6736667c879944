"""Which moments a recurrence rule (RRULE, RFC 5545) means, on the wall: the arithmetic of python-dateutil, bounded.

dateutil counts from the start of a rule every time, and compares `until` only with a date that it has found, so that a
rule that never fires keeps it busy until the year 9999: 0.2 to 2.6 s. Hence two moves in `moments`, both exact: after
them a daily rule of five years old takes 0.05 ms, and one that never fires 1 to 30 ms.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from dateutil.rrule import rrulestr

ONCE = "FREQ=DAILY;COUNT=1"  # the only use of COUNT that Kring keeps to: at the start of the rule, and never again
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")  # RRULE's names, in the order of date.weekday()
HORIZON_YEARS = 28  # dates fall on the same weekdays again (1901-2099): what has not fired by then counts as never
MAX_INTERVAL = 1000  # chosen: more is a typing error
LAST_YEAR = 9000  # chosen: a date beyond it is a typing error too
_CYCLE = 400  # years, after which the calendar is the same to the day
_LEAP_YEAR = 2000
_WEEKS, _WEEKS_OF_MONTH = 53, 5  # of which a year, or a month, may have an nth weekday


class Freq(StrEnum):
    """The period that an interval counts."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An RRULE, read. An empty part is a part that was not given.

    `byday` has pairs (nth, weekday): nth 0 for every one, 2 for the second and -1 for the last of the month (or of the
    year, for a yearly rule without `bymonth`); weekday 0 is Monday. `bysetpos` picks from all days of a period. With
    `once` it is the start of the rule and nothing else.
    """

    freq: Freq
    interval: int = 1
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    once: bool = False


def moments(rrule: str, start: datetime, first: date) -> Iterator[datetime]:
    """The moments (naive) of a rule that began at `start`, from the date `first` on, within the horizon.

    Not one for a rule that cannot be read. `start` is naive and in whole seconds, and gives the time of day.
    """
    recurrence, since = parse(rrule), max(start, datetime.combine(first, time()))
    if recurrence is None or since.year > LAST_YEAR:
        return
    if recurrence.once:
        yield from [start] if start == since else []
        return
    if recurrence.freq in _PERIOD:  # start later, by whole intervals
        period = _PERIOD[recurrence.freq] * recurrence.interval
        start += (since - start) // period * period
    # Look as many cycles ahead as there are: where dateutil's calendar ends, little is left to search in vain.
    ahead = (MAXYEAR - HORIZON_YEARS - since.year) // _CYCLE * _CYCLE
    text = f"{rrule.strip()};WKST=MO;UNTIL={since.year + ahead + HORIZON_YEARS}1231T235959"
    rule = rrulestr(text, dtstart=_moved(start, ahead))
    with suppress(ValueError):  # of a week that runs past the year 9999 (dateutil, issue 980)
        for moment in rule.xafter(_moved(since, ahead), inc=True):
            yield _moved(moment, -ahead)


_PERIOD = {Freq.DAILY: timedelta(days=1), Freq.WEEKLY: timedelta(weeks=1)}  # of one length, unlike months and years


def _moved(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)


@lru_cache(maxsize=1024)
def parse(rrule: str) -> Recurrence | None:
    """Read an RRULE such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TH; None for what Kring does not keep to.

    Kept are FREQ (DAILY to YEARLY), INTERVAL, BYDAY, BYMONTHDAY, BYMONTH and BYSETPOS, of which an nth weekday and
    BYSETPOS only within months and years; besides those `ONCE`. How long a rule lasts is `Rule.until`, its time of day
    is in `Rule.start`.
    Refused too is what dateutil cannot answer well: "MO,2TU" (it wants both), a tenth Monday of the month, 30 February.
    """
    pairs = [part.partition("=")[::2] for part in rrule.strip().upper().split(";")]
    parts = dict(pairs)
    if sorted(map("=".join, pairs)) == _ONCE:
        return Recurrence(Freq.DAILY, once=True)
    freq = parts.pop("FREQ", "")
    interval = _numbers(parts.pop("INTERVAL", "1"), 1, MAX_INTERVAL)
    byday = _weekdays(parts.pop("BYDAY", None))
    numbers = [_numbers(parts.pop(name, None), -end, end) for name, end in _NUMBERED]
    if parts or len(pairs) != len({name for name, _ in pairs}) or freq not in {*Freq} or interval is None:
        return None
    if byday is None or None in numbers or len(interval) != 1:
        return None
    bymonthday, bymonth, bysetpos = (part or () for part in numbers)
    recurrence = Recurrence(Freq(freq), interval[0], byday, bymonthday, bymonth, bysetpos)
    return recurrence if _is_clear(recurrence) else None


_ONCE = sorted(ONCE.split(";"))
_NUMBERED = (("BYMONTHDAY", 31), ("BYMONTH", 12), ("BYSETPOS", 366))
_WEEKDAY = re.compile(rf"([+-]?[1-9]\d?)?({'|'.join(WEEKDAYS)})")


def _is_clear(recurrence: Recurrence) -> bool:
    if min(recurrence.bymonth, default=1) < 1 or not _is_date(recurrence):
        return False
    counted = {abs(nth) for nth, _ in recurrence.byday}
    if recurrence.freq in _PERIOD:
        return not recurrence.bysetpos and counted <= {0}
    most = _WEEKS if recurrence.freq is Freq.YEARLY and not recurrence.bymonth else _WEEKS_OF_MONTH
    if max(counted, default=0) > most or (0 in counted and len(counted) > 1):
        return False
    return bool(recurrence.byday or recurrence.bymonthday or not recurrence.bysetpos)


def _is_date(recurrence: Recurrence) -> bool:
    """Whether any of its months has any of its days, in a leap year at least."""
    longest = max((monthrange(_LEAP_YEAR, month)[1] for month in recurrence.bymonth), default=31)
    return min(map(abs, recurrence.bymonthday), default=1) <= longest


def _numbers(text: str | None, least: int, most: int) -> tuple[int, ...] | None:
    """Read "28,29,-1", each between the bounds and none 0: () when the part is absent, None when it is wrong."""
    if text is None:
        return ()
    if not re.fullmatch(r"[+-]?\d{1,4}(,[+-]?\d{1,4})*", text, re.ASCII):
        return None
    found = tuple(int(number) for number in text.split(","))
    return found if all(number and least <= number <= most for number in found) else None


def _weekdays(text: str | None) -> tuple[tuple[int, int], ...] | None:
    """Read "MO,2TU,-1FR": () when the part is absent, None when it is wrong."""
    found = [_WEEKDAY.fullmatch(item) for item in text.split(",")] if text is not None else []
    if None in found:
        return None
    return tuple((int(item[1] or 0), WEEKDAYS.index(item[2])) for item in found if item)
