"""How often, in words: a small grammar, Dutch and English, that turns what somebody typed into an RRULE and a time.

It refuses rather than guesses (design: time and delivery, Wall clocks): every word has to be understood, and what can
mean two things is asked about. The one guess, a bare hour, is told in `clock_words`; dates are read in `date_words`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.calendar import local_date, resolve, zone
from bot.domain.clock_words import take_times
from bot.domain.date_words import Readings, coming, take_dates
from bot.domain.pattern import LAST, WORKING_DAYS, Pattern
from bot.domain.recurrence import ONCE, WEEKDAYS, Freq
from bot.domain.rhythm import Rule, next_slot
from bot.domain.vocabulary import plain, tokens

MAX_TEXT = 200  # characters; chosen, the longest sensible phrase is about 60
MAX_EVERY = 52  # chosen: "every 60 weeks" is a typing error


class Refusal(StrEnum):
    """Why a phrase is not a rhythm. Each has its words, with an example, in prompts/."""

    NOT_UNDERSTOOD = "not_understood"  # a word, or their order, says nothing to us
    DAY_MISSING = "day_missing"  # "weekly at 9"
    TIME_MISSING = "time_missing"  # "elke dinsdag"
    BAD_DAY = "bad_day"  # "de 32e van de maand"
    BAD_TIME = "bad_time"  # "25:00", "15:00 's ochtends"
    TWO_TIMES = "two_times"  # "dinsdag 9:00 of 10:00"; two rhythms, or a mistake
    AMBIGUOUS = "ambiguous"  # "every second Tuesday": every two weeks, or the second of the month?
    SHORT_MONTHS = "short_months"  # "de 31e van de maand", "fifth Monday": what about months that have none?
    UNCLEAR_DATE = "unclear_date"  # "03/04/2027", "next Friday"
    WRONG_WEEKDAY = "wrong_weekday"  # "donderdag 12 maart 2027", which is a Friday
    TWO_DATES = "two_dates"  # "12 maart en 26 maart"
    PAST = "past"  # "12 maart 2020", "vandaag 9:00" at ten


@dataclass(frozen=True, slots=True)
class Single:
    """That something happens once: on the date that was said, with its weekday when that was said too."""

    weekday: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was understood: an RRULE without a start, the local time of day, and of what happens once the date."""

    rrule: str
    time: time
    on: date | None = None


def begin(spoken: Spoken, now: datetime, zone_name: str) -> Rule | None:
    """The rule that starts at its first coming date after `now` (aware); None for an unknown zone.

    That date anchors an interval: what is said on Tuesday as "every two weeks on Thursday" begins this Thursday. What
    happens once begins on its own date.
    """
    place = zone(zone_name)
    if place is None:
        return None
    if spoken.on:
        return Rule(spoken.rrule, datetime.combine(spoken.on, spoken.time), zone_name)
    today = datetime.combine(local_date(now, place), spoken.time)
    coming = next_slot(Rule(re.sub(r";INTERVAL=\d+", "", spoken.rrule), today, zone_name), now)
    return Rule(spoken.rrule, datetime.fromisoformat(coming.local), zone_name) if coming else None


def understand(text: str, now: datetime, zone_name: str) -> Spoken | Refusal:
    """Read a phrase such as "elke dinsdag om 9 uur", "first Monday of the month at 10" or "morgen om 10 uur".

    It is said at `now` (aware) in that zone; in one that is unknown, which `begin` refuses, as in UTC. Never raises.
    """
    if len(text) > MAX_TEXT or not re.search(r"\w", text):
        return Refusal.NOT_UNDERSTOOD
    place = zone(zone_name) or ZoneInfo("UTC")
    today = local_date(now, place)
    rest, dates = take_dates(plain(text), today)
    rest, times = take_times(rest)
    if len(times) > 1:
        return Refusal.TWO_TIMES
    read = _read(tokens(rest))
    days = _one_date(read, dates, today) if isinstance(read, Single) else read
    if isinstance(days, Refusal):
        return days
    if not times:
        return Refusal.TIME_MISSING
    found = times.pop()
    if found is None:
        return Refusal.BAD_TIME
    return Spoken(days.rrule, found) if isinstance(days, Pattern) else _once(datetime.combine(days, found), now, place)


def _one_date(single: Single, dates: list[Readings], today: date) -> date | Refusal:
    """The date that is meant; a weekday that was said too decides between two readings, or contradicts them."""
    readings = dates[0] if dates else coming(single.weekday, today)
    fitting = {day for day in readings if WEEKDAYS[day.weekday()] in (single.weekday or WEEKDAYS)}
    if not fitting:
        return Refusal.WRONG_WEEKDAY if readings else Refusal.BAD_DAY
    return fitting.pop() if len(fitting) == 1 else Refusal.UNCLEAR_DATE


def _once(local: datetime, now: datetime, place: ZoneInfo) -> Spoken | Refusal:
    at = resolve(local, place)
    if at is None:
        return Refusal.BAD_DAY
    return Spoken(ONCE, local.time(), local.date()) if at > now else Refusal.PAST


# ---------------------------------------------------------------- tokens to a pattern

Found = dict[str, str]  # the named groups of a form
_PER_MONTH = {"": (28, 31), "day": (28, 31), "workday": (20, 23)}  # in every month, in some; of a weekday 4 and 5
_LAST_ORDINAL_WORD = 5
_EVERY = r"(?P<every>every|alt|(?:every|alt) N(?P<n>\d+))"
_THE = "(?:on )?(?:the )?"
_DAY = f"(?:{'|'.join(WEEKDAYS)})"
_AND = f"(?: and)? {_THE}"
_DAYS = f"{_THE}(?P<days>workday|{_DAY} (?:through|-) {_DAY}|{_DAY}(?:{_AND}{_DAY})*)"
_DATE = f"{_THE}(?:(?:{_DAY} )?{_THE}%|~)"
_PLACE = r"(?:#\d+|last)"
_PLACED = f"{_THE}(?P<nth>{_PLACE}(?:{_AND}{_PLACE})*)(?: (?P<unit>workday|day|{_DAY}))?"
_OR_LAST = rf"{_THE}#(?P<or_last>29|30|31)(?: of (?:the )?month)? (?:or|of) {_THE}last day"
_OF_MONTH = f"(?:of |in )?(?:the )?(?:{_EVERY} )?month"


def _compile(*phrases: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(phrase) for phrase in phrases)


_DAILY = _compile(f"{_EVERY} day")
_WEEKLY = _compile(
    f"{_EVERY} week {_DAYS}",
    f"{_DAYS} {_EVERY} week",
    f"(?:(?P<every>every) )?{_DAYS}",
    f"(?P<every>alt) (?!workday){_DAYS}",
)
_MONTHLY = _compile(
    f"{_EVERY} month (?:{_PLACED}|{_OR_LAST})",
    f"(?:every )?(?:{_PLACED}|{_OR_LAST}) {_OF_MONTH}",
    f"(?:every )?{_OR_LAST}",
)
_UNSAID_MONTH = _compile(f"(?P<every>every )?{_PLACED}")
_ALL_BUT = _compile(f"(?:every )?(?P<all>day|workday) except {_DAYS}")
_SINGLE = _compile(
    f"(?:once )?{_THE}(?:(?P<weekday>{_DAY}) )?{_THE}%(?: once)?",
    f"(?:once )?{_THE}~(?: once)?",
    f"once {_THE}(?P<weekday>{_DAY})|{_THE}(?P<day>{_DAY}) once",
)
_TWO_DATES = _compile(f"(?:once )?{_DATE}(?:(?: and| or| of)? {_DATE})+(?: once)?")
_AMBIGUOUS = _compile(r"every #\d+ (?:week|month)\b.*", r".*\btwice\b.*")
_NO_DAY = _compile("", "once", f"{_EVERY} (?:week|month)")


def _read(phrase: str | None) -> Pattern | Single | Refusal:
    """What a phrase of tokens means, by the first form that it has."""
    if phrase is None:
        return Refusal.NOT_UNDERSTOOD
    found = ((meaning, form.fullmatch(phrase)) for forms, meaning in _MEANINGS for form in forms)
    read = next((meaning(match.groupdict("")) for meaning, match in found if match), Refusal.NOT_UNDERSTOOD)
    if isinstance(read, Pattern) and not 1 <= read.interval <= MAX_EVERY:
        return Refusal.NOT_UNDERSTOOD
    return read


def _interval(found: Found) -> int:
    if found.get("n"):
        return int(found["n"])
    return 2 if found.get("every") == "alt" else 1


def _daily(found: Found) -> Pattern:
    return Pattern(Freq.DAILY, _interval(found))


def _weekly(found: Found) -> Pattern:
    return Pattern(Freq.WEEKLY, _interval(found), _weekdays(found["days"]))


def _all_but(found: Found) -> Pattern | Refusal:
    """Every day, or every working day, without those that are excepted: one of them at least, and not all."""
    whole, out = WORKING_DAYS if found["all"] == "workday" else WEEKDAYS, _weekdays(found["days"])
    kept = tuple(day for day in whole if day not in out)
    return Pattern(Freq.WEEKLY, 1, kept) if kept and {*out} <= {*whole} else Refusal.NOT_UNDERSTOOD


def _weekdays(days: str) -> tuple[str, ...]:
    """Every weekday that is named, in the order of the week: of a range also those between."""
    if days == "workday":
        return WORKING_DAYS
    named = re.findall(_DAY, days)
    if {"through", "-"} & {*days.split()}:
        first, last = (WEEKDAYS.index(day) for day in named)
        named = [WEEKDAYS[(first + step) % 7] for step in range((last - first) % 7 + 1)]
    return tuple(day for day in WEEKDAYS if day in named)


def _monthly(found: Found) -> Pattern | Refusal:
    interval = _interval(found)
    if found.get("or_last"):
        return Pattern(Freq.MONTHLY, interval, monthdays=(int(found["or_last"]),), or_last=True)
    places, unit = _places(found), found["unit"]
    in_every_month, in_some_month = _PER_MONTH.get(unit, (4, 5))
    if not all(place == LAST or 1 <= place <= in_some_month for place in places):
        return Refusal.BAD_DAY
    if max(places) > in_every_month:
        return Refusal.SHORT_MONTHS
    if unit in {"", "day"}:
        unclear = LAST in places and not unit
        return Refusal.NOT_UNDERSTOOD if unclear else Pattern(Freq.MONTHLY, interval, monthdays=places)
    return Pattern(Freq.MONTHLY, interval, WORKING_DAYS if unit == "workday" else (unit,), places)


def _places(found: Found) -> tuple[int, ...]:
    """The numbers of "first and last": 1 and -1, the last one last."""
    numbers = {LAST if place == "last" else int(place) for place in re.findall(r"\d+|last", found["nth"])}
    return tuple(sorted(numbers, key=lambda number: (number == LAST, number)))


def _without_month(found: Found) -> Pattern | Refusal:
    """Once or monthly, each second one or the second: only "every first", "every last" and "every 15th" are clear."""
    places = _places(found)
    counts = len(places) == 1 and places[0] > 1 and bool(found["unit"] or places[0] <= _LAST_ORDINAL_WORD)
    return _monthly({**found, "every": "every"}) if found["every"] and not counts else _ambiguous(found)


def _single(found: Found) -> Single:
    return Single(found.get("weekday") or found.get("day", ""))


def _ambiguous(_: Found) -> Refusal:
    return Refusal.AMBIGUOUS


def _two_dates(_: Found) -> Refusal:
    return Refusal.TWO_DATES


def _day_missing(_: Found) -> Refusal:
    return Refusal.DAY_MISSING


_MEANINGS: tuple[tuple[tuple[re.Pattern[str], ...], Callable[[Found], Pattern | Single | Refusal]], ...] = (
    (_DAILY, _daily),
    (_WEEKLY, _weekly),
    (_ALL_BUT, _all_but),
    (_MONTHLY, _monthly),
    (_SINGLE, _single),
    (_TWO_DATES, _two_dates),
    (_UNSAID_MONTH, _without_month),
    (_AMBIGUOUS, _ambiguous),
    (_NO_DAY, _day_missing),
)
