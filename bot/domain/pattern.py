"""A recurrence rule as data, for the templates of prompts/ to put in words, and for pickers to make a rule of."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.recurrence import ONCE, WEEKDAYS, Freq, Recurrence, parse

WORKING_DAYS = WEEKDAYS[:5]
LAST = -1
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which days, and in which weeks or months.

    `weekdays` are RRULE's names. By month they are picked by `nth` (1 is the first, -1 the last): of one weekday, or
    of all working days together. `monthdays` are days of the month, -1 the last one; with `or_last`, the last day in
    months that are too short. Without either, the day follows from the start of the rule; with `once` it is that date.
    """

    freq: Freq
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    nth: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    or_last: bool = False
    once: bool = False

    @property
    def working_days(self) -> bool:
        """Whether it is about Monday to Friday: every one of them, or by month the nth."""
        return self.weekdays == WORKING_DAYS

    @property
    def last_day(self) -> bool:
        """Whether it is the last day of the month."""
        return self.monthdays == (LAST,)

    @property
    def rrule(self) -> str:
        """The same as an RRULE."""
        if self.once:
            return ONCE
        parts = [f"FREQ={self.freq}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        return ";".join([*parts, *self._by()])

    def _by(self) -> Iterator[str]:
        days = range(_SHORTEST_MONTH, self.monthdays[0] + 1) if self.or_last else self.monthdays
        picked = (LAST,) if self.or_last else self.nth if self.working_days else ()
        nth = [""] if picked or not self.nth else [str(number) for number in self.nth]
        if self.weekdays:
            yield "BYDAY=" + ",".join(number + day for number in nth for day in self.weekdays)
        if days:
            yield "BYMONTHDAY=" + ",".join(map(str, days))
        if picked:
            yield "BYSETPOS=" + ",".join(map(str, picked))


def describe(rrule: str) -> Pattern | None:
    """The pattern of an RRULE, for templates to word; None for a rule that the words of `Pattern` would not cover."""
    recurrence = parse(rrule)
    pattern = _pattern_of(recurrence) if recurrence else None
    return pattern if pattern and parse(pattern.rrule) == recurrence else None


def _pattern_of(recurrence: Recurrence) -> Pattern | None:
    """The only pattern that it could be; what the pattern cannot hold is left out, and noticed by `describe`."""
    if recurrence.freq is Freq.YEARLY or (recurrence.freq is Freq.DAILY and recurrence.byday):
        return None
    weekdays = tuple(dict.fromkeys(WEEKDAYS[weekday] for _, weekday in recurrence.byday))
    nth = recurrence.bysetpos or tuple(dict.fromkeys(number for number, _ in recurrence.byday if number))
    monthdays, or_last = recurrence.bymonthday, bool(recurrence.bymonthday and recurrence.bysetpos)
    if or_last:
        nth, monthdays = (), (max(monthdays),)
    return Pattern(recurrence.freq, recurrence.interval, weekdays, nth, monthdays, or_last, recurrence.once)
