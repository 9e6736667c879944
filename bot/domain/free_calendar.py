"""Calendars of others (.ics): which link may be read, and which events make a day free.

A day is free by an event that lasts the whole day, or that covers the working day; a lecture or a meeting keeps nobody
from a question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bot.domain.free_days import Period

AHEAD = timedelta(days=2 * 365)  # chosen: what a university publishes, and no more
REREAD_AFTER = timedelta(days=7)  # a university year changes seldom
RETRY_AFTER = timedelta(days=1)
TELL_AFTER = 3  # tries in a row that failed, so three days: a server that is down for a night is nobody's business
MOST_CALENDARS = 5  # chosen: school, university and faculty, and two more
MOST_PERIODS = 400  # of one calendar; chosen: more is an agenda with appointments, and no list of free days
NAME_MAX = 80
LINK_MAX = 1000
HOST_SHOWN = 60  # characters of a host; it may have 253, and stands in a sentence
WORKING_DAY = (time(9), time(17))  # an event that covers this leaves nothing of a day; chosen
_DAY = timedelta(days=1)
_HTTPS = 443


class Trouble(StrEnum):
    """Why a calendar cannot be read."""

    NOT_ALLOWED = "notallowed"
    """The link, or where it leads, is no public address on the web."""
    UNREACHABLE = "unreachable"
    """The server was not there, failed, or took too long."""
    GONE = "gone"
    """The server was there and says no."""
    TOO_LARGE = "toolarge"
    NO_CALENDAR = "nocalendar"
    TOO_MUCH = "toomuch"
    """So many events, or such rules, that no list of free days is meant."""
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read in a calendar; `left_out` counts the events that last only a part of a day."""

    name: str
    periods: tuple[Period, ...]
    left_out: int = 0


def calendar_link(text: str) -> str | None:
    """The https link that somebody typed, webcal included; None for one that is not to be followed.

    Only https on its own port, without a name or password in it. Where it leads is judged when it is followed.
    """
    typed = text.strip()
    if not 0 < len(typed) <= LINK_MAX or not typed.isprintable() or " " in typed:
        return None
    try:
        parts = urlsplit(typed)
        host, port, name = parts.hostname, parts.port, parts.username
    except ValueError:
        return None
    if parts.scheme not in {"https", "webcal", "webcals"} or not host or name is not None or port not in {None, _HTTPS}:
        return None
    return parts._replace(scheme="https", fragment="").geturl()


def host_of(link: str) -> str:
    """The host of a link: all of it that is ever shown, since the rest may hold a token."""
    return urlsplit(link).hostname or ""


def free_dates(
    begins: date | datetime, ends: date | datetime, start_on: date, until_on: date
) -> tuple[date, date] | None:
    """The first and last date within a window that an event makes free; None when it makes none.

    Dates are an event of whole days, with the day after its last as its end. Local times (naive) are one that makes
    free the days whose working hours it covers.
    """
    if isinstance(begins, datetime) and isinstance(ends, datetime):
        first = begins.date() if begins.time() <= WORKING_DAY[0] else _after(begins.date())
        last = ends.date() if ends.time() >= WORKING_DAY[1] else _before(ends.date())
    else:
        first, last = begins, max(_before(ends), begins)
    first, last = max(first, start_on), min(last, until_on)
    return (first, last) if first <= last else None


def _after(on: date) -> date:
    return on + _DAY if on < date.max else on


def _before(on: date) -> date:
    return on - _DAY if on > date.min else on


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same days in as few periods as possible, by date: neighbours and doubles of one name become one."""
    joined: list[Period] = []
    for period in sorted(periods, key=lambda period: (period.name, period.first_on)):
        before = joined[-1] if joined else None
        if before and before.name == period.name and period.first_on <= _after(before.last_on):
            joined[-1] = Period(before.name, before.first_on, max(before.last_on, period.last_on))
        else:
            joined.append(period)
    return tuple(sorted(joined, key=lambda period: (period.first_on, period.last_on, period.name)))


def clipped(name: str, instead: str) -> str:
    """A name from a calendar on one line, at most `NAME_MAX` characters; what it has none for is called `instead`."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()) or instead
    return shortened(line, NAME_MAX)


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; where something is left out, a mark says so."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
