"""Rules in words: said the way they can be typed, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.prompts import LANGUAGES, Prompts
from bot.chat.times import rule
from bot.domain.pattern import LAST, WORKING_DAYS, Pattern
from bot.domain.recurrence import ONCE, WEEKDAYS, Freq
from bot.domain.rule_words import MAX_EVERY, Spoken, understand

AMSTERDAM = "Europe/Amsterdam"
NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
VOICES = {language: Prompts().voice(language) for language in LANGUAGES}
INTERVALS = st.integers(1, MAX_EVERY)
DAYS = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(day for day in WEEKDAYS if day in days))


def some(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    """One or more of them in the order of a month, the last one last."""
    ordered = st.sets(numbers, min_size=1, max_size=3).map(lambda found: sorted(found, key=lambda n: (n < 0, n)))
    return ordered.map(tuple)


PATTERNS = st.one_of(
    st.builds(Pattern, st.just(Freq.DAILY), INTERVALS),
    st.builds(Pattern, st.just(Freq.WEEKLY), INTERVALS, DAYS),
    st.builds(
        Pattern,
        st.just(Freq.MONTHLY),
        INTERVALS,
        st.sampled_from([(day,) for day in WEEKDAYS] + [WORKING_DAYS]),
        some(st.sampled_from([1, 2, 3, 4, LAST])),
    ),
    st.builds(Pattern, st.just(Freq.MONTHLY), INTERVALS, monthdays=some(st.integers(1, 28) | st.just(LAST))),
    st.builds(
        Pattern,
        st.just(Freq.MONTHLY),
        INTERVALS,
        monthdays=st.sampled_from([(29,), (30,), (31,)]),
        or_last=st.just(True),  # noqa: FBT003 - what a strategy gives
    ),
    st.just(Pattern(Freq.DAILY, once=True)),
)
MINUTES = st.integers(1, 5 * 366 * 24 * 60)  # the moments of five years


@settings(max_examples=150, deadline=None)
@given(language=st.sampled_from(LANGUAGES), pattern=PATTERNS, minutes=MINUTES)
def test_what_is_worded_is_understood_again(language: str, pattern: Pattern, minutes: int) -> None:
    start = NOW.replace(hour=14, tzinfo=None) + timedelta(minutes=minutes)

    said = rule(VOICES[language], pattern.rrule, start.isoformat())

    on = start.date() if pattern.once else None
    assert understand(said, NOW, AMSTERDAM) == Spoken(pattern.rrule, start.time(), on)


@pytest.mark.parametrize(
    ("rrule", "dutch", "english"),
    [
        (ONCE, "eenmalig, op vrijdag 12 maart 2027 om 10:00", "once, on Friday 12 March 2027 at 10:00"),
        ("FREQ=WEEKLY", "elke vrijdag om 10:00", "every Friday at 10:00"),  # the day of its start
        ("FREQ=WEEKLY;INTERVAL=2", "om de week op vrijdag om 10:00", "every other week on Friday at 10:00"),
        ("FREQ=MONTHLY", "elke maand op de 12e om 10:00", "every month on the 12th at 10:00"),
    ],
)
def test_a_rule_says_the_day_that_follows_from_its_start(rrule: str, dutch: str, english: str) -> None:
    assert rule(VOICES["nl"], rrule, "2027-03-12T10:00") == dutch
    assert rule(VOICES["en"], rrule, "2027-03-12T10:00") == english
