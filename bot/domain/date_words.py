"""One date in words, Dutch and English: "12 maart", "12-03-2027", "March 12th", "morgen", "komende vrijdag".

A date may have two readings, and then both are given, so that nobody has to guess: 03/04/2027 is the third of April for
some and the fourth of March for others, "next Friday" the one of this week or of the next. With hyphens or dots the
day comes first, as it is written in Europe; with slashes both orders are common. A date without a year is the
first such date from today on.
"""

import re
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, date, timedelta

from bot.domain.clock_words import NUMBERS
from bot.domain.recurrence import WEEKDAYS
from bot.domain.vocabulary import DAY_WORDS

Readings = frozenset[date]  # the dates that somebody may mean; none for one that does not exist

_CENTURY = 2000  # of a year in two digits
_SHORT_YEAR = 100
_LEAP_YEARS_APART = 8  # at most, around a century such as 2100
_MOST_AHEAD = 366  # days; chosen: "over 400 dagen" is a typing error
_WEEK = 7
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "januari january jan",
            "februari february feb",
            "maart march mrt mar",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "augustus august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for word in words.split()
}
_WEEKDAY = {word: WEEKDAYS.index(day) for day, words in DAY_WORDS.items() for word in words.split()}

_YEAR = r"(?P<year>20\d\d)"
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})\b\.?"
_NTH = r"(?P<day>\d\d?)(?:e|de|ste|st|nd|rd|th)?"
_NO_CLOCK = r"(?!\d|[:.uh]\d| ?(?:uur|u|h|am|pm|oclock)\b)"  # "march 10:00" has no day
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(NUMBERS)}|a)"
_NAMED = rf"(?P<weekday>{'|'.join(_WEEKDAY)})\b"
_NEXT_WEEK = "(?:volgende|next) week"


def take_dates(text: str, today: date) -> tuple[str, list[Readings]]:
    """Take every date out of a phrase (as `plain` makes it), and leave % where one of the calendar stood, else ~.

    A ~ has its own weekday: "komende vrijdag", "morgen". Gives the rest, and the readings of each date.
    """
    found = list[Readings]()
    for form, mark, read in _FORMS:
        found += [read(match.groupdict(""), today) for match in form.finditer(text)]
        text = form.sub(f" {mark} ", text)
    return text, found


def coming(weekday: str, today: date) -> Readings:
    """The first date from today on with that weekday (RRULE's name); today's own may also mean the one in a week."""
    days = (WEEKDAYS.index(weekday) - today.weekday()) % _WEEK
    return frozenset(today + timedelta(ahead) for ahead in ((days,) if days else (0, _WEEK)))


def _named_month(found: dict[str, str], today: date) -> Readings:
    return _dates(today, found["year"], (_MONTHS[found["name"]], int(found["day"])))


def _day_first(found: dict[str, str], today: date) -> Readings:
    return _dates(today, found.get("year", ""), (int(found["month"]), int(found["day"])))


def _either_first(found: dict[str, str], today: date) -> Readings:
    return _day_first(found, today) | _day_first({**found, "day": found["month"], "month": found["day"]}, today)


def _dates(today: date, year: str, month_and_day: tuple[int, int]) -> Readings:
    """The date of that year, or of the first year from today on that has it."""
    if year:
        number = int(year) + (_CENTURY if int(year) < _SHORT_YEAR else 0)
        return frozenset(_date(number, *month_and_day))
    years = range(today.year, min(today.year + _LEAP_YEARS_APART, MAXYEAR) + 1)
    ahead = (day for number in years for day in _date(number, *month_and_day) if day >= today)
    return frozenset(list(ahead)[:1])


def _date(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _from_today(days: int) -> Callable[[dict[str, str], date], Readings]:
    return lambda _, today: frozenset({today + timedelta(days)})


def _counted(unit: int) -> Callable[[dict[str, str], date], Readings]:
    def read(found: dict[str, str], today: date) -> Readings:
        count = 1 if found["count"] == "a" else NUMBERS.get(found["count"]) or int(found["count"])
        return frozenset({today + timedelta(count * unit)} if count * unit <= _MOST_AHEAD else ())

    return read


def _this(found: dict[str, str], today: date) -> Readings:
    return coming(WEEKDAYS[_WEEKDAY[found["weekday"]]], today)


def _coming(found: dict[str, str], today: date) -> Readings:
    """The first such day after today: nobody calls today that."""
    return frozenset({max(_this(found, today))})


def _in_next_week(found: dict[str, str], today: date) -> Readings:
    monday = today + timedelta(_WEEK - today.weekday())
    return frozenset({monday + timedelta(_WEEKDAY[found["weekday"]])})


def _next(found: dict[str, str], today: date) -> Readings:
    """The first one after today, or the one of next week: of weeks that begin on Monday or, in America, on Sunday."""
    weekday = _WEEKDAY[found["weekday"]]
    sunday = today + timedelta(_WEEK - (today.weekday() + 1) % _WEEK)
    american = sunday + timedelta((weekday + 1) % _WEEK)
    return _coming(found, today) | _in_next_week(found, today) | {american}


def _form(written: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w:./-])(?:{written})(?![\w:/]|[-.]\d)", re.ASCII)


_FORMS = tuple(
    (_form(written), mark, read)
    for written, mark, read in (
        (rf"{_YEAR}([-/])(?P<month>\d\d?)\2(?P<day>\d\d?)", "%", _day_first),
        (r"(?P<day>\d\d?)([-.])(?P<month>\d\d?)\2(?P<year>20\d\d|\d\d)", "%", _day_first),
        (r"(?P<day>\d\d?)/(?P<month>\d\d?)(?:/(?P<year>20\d\d|\d\d))?", "%", _either_first),
        (r"(?P<day>\d\d?)-(?P<month>\d\d?)", "%", _day_first),
        (rf"{_NTH} ?(?:of )?{_MONTH}(?:,? {_YEAR}{_NO_CLOCK})?", "%", _named_month),
        (rf"{_MONTH} (?:the )?{_NTH}{_NO_CLOCK}(?:,? {_YEAR}{_NO_CLOCK})?", "%", _named_month),
        (rf"(?:{_NEXT_WEEK}) (?:op |on )?{_NAMED}", "~", _in_next_week),
        (rf"{_NAMED} (?:van |of )?(?:{_NEXT_WEEK})", "~", _in_next_week),
        (rf"(?:a\.?s\.?|aanstaande|aankomende|komende|eerstvolgende|(?:this )?coming|upcoming) {_NAMED}", "~", _coming),
        (rf"{_NAMED} (?:a\.?s\.?|aanstaande)", "~", _coming),
        (rf"(?:deze|this) {_NAMED}", "~", _this),
        (rf"(?:volgende|next) {_NAMED}", "~", _next),
        (rf"(?:over|in) {_COUNT} (?:dag|dagen|days?)", "~", _counted(1)),
        (rf"(?:over|in) {_COUNT} (?:week|weken|weeks)", "~", _counted(_WEEK)),
        ("vandaag|today", "~", _from_today(0)),
        ("overmorgen|(?:the )?day after tomorrow", "~", _from_today(2)),
        ("morgen|tomorrow", "~", _from_today(1)),
    )
)
