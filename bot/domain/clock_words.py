"""The time of day in words, Dutch and English: "9:00", "14u30", "half drie", "kwart over negen", "2 pm", "noon".

H:MM is the clock of 24 hours, as written. A bare hour from 1 to 6 ("om 3 uur", "half drie") is taken for the
afternoon, because communities meet by day; am, pm or a part of the day ("'s ochtends") says otherwise. That one guess
is safe as long as what was understood is shown before it is saved.
"""

import re
from datetime import time

_DUTCH = ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")
_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: number for words in (_DUTCH, _ENGLISH) for number, word in enumerate(words, 1)}
_MINUTES = {"kwart": 15, "quarter": 15, "half": 30, "twintig": 20, "twenty": 20} | NUMBERS
_MOST_OFF = 30  # "31 voor tien" is not said
HOUR, NOON = 60, 12 * 60  # minutes

_AFTERNOON = {hour: hour + 12 for hour in range(1, 7)}
_HOURS = {
    "written": {hour: hour for hour in range(24)},
    "spoken": {hour: hour for hour in (0, *range(7, 24))} | _AFTERNOON,
    "am": {hour: hour % 12 for hour in range(1, 13)},
    "pm": {hour: hour % 12 + 12 for hour in range(1, 13)},
    "morning": {hour: hour for hour in range(4, 12)},
    "afternoon": {hour: hour for hour in range(12, 19)} | _AFTERNOON,
    "evening": {hour: hour for hour in range(17, 24)} | {hour: hour + 12 for hour in range(5, 12)},
}

_PARTS = {"ochtend": "morning", "morgen": "morning", "middag": "afternoon", "namiddag": "afternoon", "avond": "evening"}
_PART = re.compile(
    r"(?:'s |\bin the )?\b(?P<en>morning|afternoon|evening)s?\b"
    r"|(?:'s )?\b(?P<nl>ochtend|middag|namiddag|avond)s?\b"
    r"|'s (?P<genitive>morgen)s\b"  # "morgen" by itself is tomorrow
    r"|(?<=dag)(?P<compound>ochtend|morgen|middag|namiddag|avond)(?:en)?\b"
)

_NL, _EN = (rf"(?P<hour>\d\d?|{'|'.join(words)})" for words in (_DUTCH, _ENGLISH))
_ANY = rf"(?P<hour>\d\d?|{'|'.join(NUMBERS)})"
_OFF_NL = r"(?P<off>\d\d?|kwart|vijf|tien|twintig) (?:minuten )?(?P<way>over|voor) "
_OFF_EN = r"(?:a )?(?P<off>half|quarter|five|ten|twenty) (?:minutes )?(?P<way>past|to) "
_HALF_DAY = r"(?: ?(?P<part>am|pm))"
_NO_INTERVAL = "".join(f"(?<!{word} )" for word in ("elke", "iedere", "every", "each", "everyother"))  # "elke 2 uur"
_AT = "(?:(?:om|at) )?"
_CLOCKS = tuple(
    re.compile(rf"(?<![\w:.])(?:{written})(?![\w:])")
    for written in (
        rf"{_AT}(?P<hour>\d\d?)[:.uh](?P<minute>\d\d)(?: ?(?:uur|u|h))?{_HALF_DAY}?",
        rf"{_AT}(?:{_OFF_NL})?(?P<half>half) {_NL}(?: uur)?",
        rf"{_AT}{_OFF_NL}{_NL}(?: uur)?",
        rf"{_AT}{_OFF_EN}{_EN}(?: oclock)?{_HALF_DAY}?",
        rf"{_AT}{_ANY}{_HALF_DAY}",
        rf"{_AT}{_NO_INTERVAL}{_ANY} ?(?:uur|u|h|oclock){_HALF_DAY}?",
        rf"{_AT}(?P<noon>noon|midday)",
        rf"(?:om|at) {_ANY}",
    )
)


def take_times(text: str) -> tuple[str, set[time | None]]:
    """Take every time of day out of a phrase (lower case, no accents), and leave an @ where it stood.

    Gives the rest and the different times, None among them for one that does not exist: 25:00, 15:00 in the morning.
    """
    clocks: list[re.Match[str]] = []
    for clock in _CLOCKS:
        clocks += clock.finditer(text)
        text = clock.sub(" @ ", text)
    named = {_part(found) for found in _PART.finditer(text)}
    return _PART.sub(" ", text), {_time_of_day(found.groupdict(""), named) for found in clocks}


def _part(found: re.Match[str]) -> str:
    word = next(word for word in found.groups() if word)
    return _PARTS.get(word, word)


def _time_of_day(clock: dict[str, str], named: set[str]) -> time | None:
    """The time, or None when a part of the day contradicts it or the clock has no such time."""
    hour, minute = divmod(_minutes(clock), 60)
    parts = named | ({clock["part"]} if clock.get("part") else set())
    hours = {_HOURS[part].get(hour) for part in parts or {"spoken" if "minute" not in clock else "written"}}
    found = hours.pop()
    return None if hours or found is None else time(found, minute)


def _minutes(clock: dict[str, str]) -> int:
    """Minutes since midnight on the face of the clock, before am or pm; below 0 for what is on no clock."""
    if "noon" in clock:
        return NOON
    hour, past, off = _number(clock["hour"]), int(clock.get("minute", 0)), _number(clock.get("off", ""))
    if past >= HOUR or off > _MOST_OFF:
        return -HOUR
    past += off if clock.get("way") in {"over", "past"} else -off
    face = hour * HOUR + past - (_MINUTES["half"] if clock.get("half") else 0)
    return face + NOON if hour == 1 and face < HOUR else face  # "half een" is half past twelve


def _number(word: str) -> int:
    return _MINUTES[word] if word in _MINUTES else int(word or 0)
