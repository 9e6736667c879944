"""What a person types about their own peace: quiet hours, working days, until when a pause lasts. Dutch and English.

Like the grammar of rhythms it refuses what it does not understand whole; what was understood is shown.
"""

import re
from datetime import date, time, timedelta

from bot.domain.quiet_hours import NEVER_QUIET, Quiet

PAUSE_MOST = timedelta(days=366)  # chosen: longer than a sabbatical year is leaving
_TIME = re.compile(r"(?<![\d:.])(\d{1,2})(?:[:.uh](\d\d))?(?: ?(?:uur|u|h))?(?![\d:.])")
_QUIET_WORDS = re.compile(r"van|vanaf|from|tot|until|till|to|uur|u|h|-|\s")
_DAYS = (
    ("ma", "maandag", "mon", "monday"),
    ("di", "dinsdag", "tue", "tues", "tuesday"),
    ("wo", "woensdag", "wed", "wednesday"),
    ("do", "donderdag", "thu", "thur", "thurs", "thursday"),
    ("vr", "vrij", "vrijdag", "fri", "friday"),
    ("za", "zat", "zaterdag", "sat", "saturday"),
    ("zo", "zon", "zondag", "sun", "sunday"),
)
_DAY = {name: number for number, names in enumerate(_DAYS, 1) for name in names}
_MONTHS = (
    "januari january jan", "februari february feb", "maart march mrt mar", "april apr", "mei may", "juni june jun",
    "juli july jul", "augustus august aug", "september sept sep", "oktober october okt oct", "november nov",
    "december dec",
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_RANGE = re.compile(r"t/m|\btot en met\b|\b(?:through|until|tot|to)\b|-|–")
_MOST_DAYS = 7


def read_quiet(text: str) -> Quiet | None:
    """Read "18:00-08:00" or "van 18 uur tot 8 uur"; nothing typed means no quiet hours. None for anything else."""
    if not text.strip():
        return NEVER_QUIET
    plain = text.casefold().replace("–", "-")
    found = _TIME.findall(plain)
    if len(found) != len(("start", "end")) or _QUIET_WORDS.sub("", _TIME.sub("", plain)):
        return None
    start, end = (_time(hour, minute) for hour, minute in found)
    return Quiet(start, end) if start is not None and end is not None else None


def _time(hour: str, minute: str) -> time | None:
    if (hour, minute or "00") == ("24", "00"):
        return time(0)
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        return None


def read_days(text: str) -> frozenset[int] | None:
    """Read "ma di do", "ma t/m do" or "Mon-Fri" as ISO weekdays; None for anything else, and for no day at all."""
    parts = _RANGE.sub(" - ", text.casefold()).replace(",", " ").replace(".", " ").split()
    words = [part for part in parts if part not in {"en", "and", "&", "+"}]
    found: set[int] = set()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word == "-":
            first, last = _DAY.get(before), _DAY.get(after)
            if not (first and last):
                return None
            found |= _between(first, last)
        elif word in _DAY:
            found.add(_DAY[word])
        else:
            return None
    return frozenset(found) or None


def _between(first: int, last: int) -> set[int]:
    """From a weekday to a weekday, over Sunday where need be."""
    return {(first - 1 + step) % _MOST_DAYS + 1 for step in range((last - first) % _MOST_DAYS + 1)}


def read_until(text: str, today: date) -> date | None:
    """Read the date on which a pause ends: "3 maart", "March 3", "3-3", "2027-03-03", "maandag", "morgen".

    Without a year the next such date is meant. None for what is no date, not after today, or more than a year away.
    """
    words = re.sub(r"\b(tot|until|till|op|on|de|the)\b", " ", text.casefold())
    words = re.sub(r"(?<=\d)(e|ste|de|st|nd|rd|th)\b", "", words)
    found = _named(" ".join(words.replace(",", " ").split()), today)
    return found if found and today < found <= today + PAUSE_MOST else None


def _named(words: str, today: date) -> date | None:
    if words in {"morgen", "tomorrow"}:
        return today + timedelta(days=1)
    weekday = _DAY.get(words)
    if weekday:
        return today + timedelta(days=(weekday - today.isoweekday() - 1) % 7 + 1)
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    dutch = re.fullmatch(r"(\d{1,2})-(\d{1,2})(?:-(\d{4}))?", words)
    named = re.fullmatch(r"(\d{1,2}) ([a-z]+)(?: (\d{4}))?", words)
    english = re.fullmatch(r"([a-z]+) (\d{1,2})(?: (\d{4}))?", words)
    if dutch:
        return _coming(int(dutch[1]), int(dutch[2]), dutch[3], today)
    if named:
        return _coming(int(named[1]), _MONTH.get(named[2], 0), named[3], today)
    return _coming(int(english[2]), _MONTH.get(english[1], 0), english[3], today) if english else None


def _coming(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    found = _date(today.year, month, day)
    return found if found and found > today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
