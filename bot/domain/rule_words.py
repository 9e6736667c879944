"""How often, in words: a small grammar, Dutch and English, that turns what somebody typed into an RRULE and a time.

It refuses rather than guesses (design: time and delivery, Wall clocks): every word has to be understood, and what can
mean two things is asked about. The one guess, a bare hour, is told in `clock_words`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from bot.domain.calendar import local_date, zone
from bot.domain.clock_words import NUMBERS, take_times
from bot.domain.pattern import LAST, WORKING_DAYS, Pattern
from bot.domain.recurrence import WEEKDAYS, Freq
from bot.domain.rhythm import Rule, next_slot

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


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was understood: an RRULE without a start, and the local time of day."""

    rrule: str
    time: time


def begin(spoken: Spoken, now: datetime, zone_name: str) -> Rule | None:
    """The rule that starts at its first coming date after `now` (aware); None for an unknown zone.

    That date anchors an interval: what is said on Tuesday as "every two weeks on Thursday" begins this Thursday.
    """
    place = zone(zone_name)
    if place is None:
        return None
    today = datetime.combine(local_date(now, place), spoken.time)
    coming = next_slot(Rule(re.sub(r";INTERVAL=\d+", "", spoken.rrule), today, zone_name), now)
    return Rule(spoken.rrule, datetime.fromisoformat(coming.local), zone_name) if coming else None


def understand(text: str) -> Spoken | Refusal:
    """Read a phrase such as "elke dinsdag om 9 uur" or "first Monday of the month at 10"; never raises."""
    if len(text) > MAX_TEXT or not re.search(r"\w", text):
        return Refusal.NOT_UNDERSTOOD
    rest, times = take_times(_plain(text))
    if len(times) > 1:
        return Refusal.TWO_TIMES
    pattern = _read(_tokens(rest))
    if isinstance(pattern, Refusal):
        return pattern
    if not times:
        return Refusal.TIME_MISSING
    found = times.pop()
    return Spoken(pattern.rrule, found) if found is not None else Refusal.BAD_TIME


def _plain(text: str) -> str:
    """Lower case, no accents, one kind of quote and dash, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for written, meant in _SPELLINGS:
        text = re.sub(written, meant, text)
    return " ".join(text.split())


_SPELLINGS = (
    ("[\u2018\u2019\u0060\u00b4]", "'"),  # the apostrophes that keyboards and chat apps make
    ("[\u2010-\u2015]", "-"),  # the dashes that chat apps make of a hyphen
    (r"\b([ap])\.m\b\.?", r"\1m"),
    (r"o'clock", "oclock"),
    (r"t/m|\btot en met\b", " through "),
    (r"\bevery other\b|\bom de( andere)?\b", " everyother "),
    (r"\b(bi|twee|fort)-(?=wee?k|night)", r"\1"),
    (r"\b(?:work|working|business|doordeweekse|week) (day|dag)", r"work\1"),
    (r"'s (?=\w+dags\b)", ""),
)

# ---------------------------------------------------------------- words to tokens

_VOCABULARY = {
    "every": "elke elk iedere ieder alle every each per",
    "alt": "everyother",
    "day": "dag dagen day days",
    "workday": "werkdag werkdagen doordeweeks workday workdays workdag workdagen weekday weekdays",
    "week": "week weken weeks",
    "month": "maand maanden month months",
    "every day": "dagelijks daily",
    "every week": "wekelijks weekly",
    "every month": "maandelijks monthly",
    "alt week": "tweewekelijks fortnightly",
    "twice": "biweekly bimonthly",  # twice a week, or every two weeks?
    "last": "laatste last",
    "#1": "eerste first",
    "#2": "tweede second",
    "#3": "derde third",
    "#4": "vierde fourth",
    "#5": "vijfde fifth",
    "and": "en and & +",
    "or": "or",
    "of": "of van",  # of is Dutch for or
    "in": "in",
    "on": "op on",
    "the": "de het the",
    "through": "through to",
    "-": "-",
    "@": "@",
    "MO": "ma maandag maandagen maandags mon monday mondays",
    "TU": "di dinsdag dinsdagen dinsdags tue tues tuesday tuesdays",
    "WE": "wo woensdag woensdagen woensdags wed wednesday wednesdays",
    "TH": "do donderdag donderdagen donderdags thu thur thurs thursday thursdays",
    "FR": "vr vrijdag vrijdagen vrijdags fri friday fridays",
    "SA": "za zaterdag zaterdagen zaterdags sat saturday saturdays",
    "SU": "zo zondag zondagen zondags sun sunday sundays",
}
_TOKEN = {word: token for token, words in _VOCABULARY.items() for word in words.split()}
_TOKEN |= {word: f"N{number}" for word, number in NUMBERS.items()}
_NUMERAL = re.compile(r"(\d{1,3})(e|de|ste|st|nd|rd|th)?", re.ASCII)


def _tokens(text: str) -> str | None:
    """The phrase in our own words, without the place of the time; None when any word is not understood."""
    words = re.sub(r"[,;!?.()]", " ", re.sub(r"[-&+]", r" \g<0> ", text)).split()
    tokens = [_token(word) for word in words]
    if None in tokens:
        return None
    phrase = re.sub(r"(?:^| )- @|@ -(?: |$)", "@", " ".join(filter(None, tokens)))
    phrase = re.sub(r"^(?:@ ?)+|(?: @)+$| @(?= every| alt| of| in)", "", phrase)
    return phrase.removeprefix("on ") if phrase.startswith(("on every", "on alt")) else phrase


def _token(word: str) -> str | None:
    numeral = _NUMERAL.fullmatch(word)
    if numeral:
        return f"{'#' if numeral[2] else 'N'}{int(numeral[1])}"
    return _TOKEN.get(word)


# ---------------------------------------------------------------- tokens to a pattern

Found = dict[str, str]  # the named groups of a form
_PER_MONTH = {"": (28, 31), "day": (28, 31), "workday": (20, 23)}  # in every month, in some; of a weekday 4 and 5
_LAST_ORDINAL_WORD = 5
_EVERY = r"(?P<every>every|alt|(?:every|alt) N(?P<n>\d+))"
_THE = "(?:on )?(?:the )?"
_DAY = f"(?:{'|'.join(WEEKDAYS)})"
_AND = f"(?: and)? {_THE}"
_DAYS = f"{_THE}(?P<days>workday|{_DAY} (?:through|-) {_DAY}|{_DAY}(?:{_AND}{_DAY})*)"
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
_AMBIGUOUS = _compile(r"every #\d+ (?:week|month)\b.*", r".*\btwice\b.*")
_NO_DAY = _compile("", f"{_EVERY} (?:week|month)")


def _read(phrase: str | None) -> Pattern | Refusal:
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


def _ambiguous(_: Found) -> Refusal:
    return Refusal.AMBIGUOUS


def _day_missing(_: Found) -> Refusal:
    return Refusal.DAY_MISSING


_MEANINGS: tuple[tuple[tuple[re.Pattern[str], ...], Callable[[Found], Pattern | Refusal]], ...] = (
    (_DAILY, _daily),
    (_WEEKLY, _weekly),
    (_MONTHLY, _monthly),
    (_UNSAID_MONTH, _without_month),
    (_AMBIGUOUS, _ambiguous),
    (_NO_DAY, _day_missing),
)
