"""When a person may be written to without having asked: outside their quiet hours, on their working days, not in a
pause (handbook, stages 3.2.1 and 3.2.8).

A working day is the stretch between two quiet times that begins on that date. So with quiet hours over the night the
day is open from morning to evening; who sleeps by day has an evening and a night, and Friday's lasts into Saturday.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.calendar import FRIDAY, at_local, local_date, resolve

WORKING_DAYS = frozenset(range(1, FRIDAY + 1))  # ISO: Monday is 1; as everywhere in Kring
_DAY = timedelta(days=1)
_LOOKED = 16  # days; every weekday twice, since a date may be missing from the calendar (Apia, 2011-12-30)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From a wall time to a wall time; over midnight when it ends before it starts, never when both are the same."""

    start: time = time(18)  # chosen: after a teacher's or a nurse's ordinary day
    end: time = time(8)  # chosen: what came in overnight is there when the day begins

    def __str__(self) -> str:
        """Write 18:00-08:00; `read_quiet` reads it back."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


NIGHT = Quiet()
NEVER_QUIET = Quiet(time(0), time(0))


@dataclass(frozen=True, slots=True)
class Window:
    """What one person chose; `days` are ISO weekdays, and on the date `paused_until` a pause is over."""

    quiet: Quiet = NIGHT
    days: frozenset[int] = WORKING_DAYS
    paused_until: date | None = None

    def pauses(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether a pause is under way."""
        return self.paused_until is not None and local_date(now, zone) < self.paused_until


def opens_at(window: Window, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant (aware, UTC) from `now` on that is in the window: `now` itself when it is open.

    None for a window without days.
    """
    today = local_date(now, zone)
    since, day = now, today - _DAY  # yesterday's stretch may last into today
    if window.paused_until is not None and window.paused_until > today:
        since, day = at_local(window.paused_until, time.min, zone), window.paused_until - _DAY
    for number in range(_LOOKED):
        stretch = _stretch(window, day + number * _DAY, zone)
        if stretch and stretch[1] > since:
            return max(stretch[0], since)
    return None


def _stretch(window: Window, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When a date's window opens and closes; None where it does not open."""
    quiet = window.quiet if window.quiet.start != window.quiet.end else NEVER_QUIET
    opens = resolve(datetime.combine(day, quiet.end), zone) if day.isoweekday() in window.days else None
    closes = at_local(day if quiet.end < quiet.start else day + _DAY, quiet.start, zone)
    return (opens, closes) if opens and opens < closes else None
