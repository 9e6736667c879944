"""How often, in words: what is understood, what is asked back, and that nothing is dropped in silence."""

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.pattern import WORKING_DAYS, Pattern, describe
from bot.domain.recurrence import Freq, parse
from bot.domain.rhythm import Rule, Slot, next_slot, slots
from bot.domain.rule_words import Refusal, Spoken, begin, understand

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)  # a Tuesday
AMSTERDAM = "Europe/Amsterdam"
EACH_WORKING_DAY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
LAST_WORKING_DAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
DAY_31_OR_LAST = "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"

DUTCH = {
    "elke dinsdag 9:00": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "Elke  DINSDAG, om 9.30 uur!": ("FREQ=WEEKLY;BYDAY=TU", "09:30"),
    "iedere dinsdag om 9 uur": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "dinsdag 09.00": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "elke week op dinsdag 9:00": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "dinsdag 9:00 elke week": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "wekelijks op dinsdag 9:00": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "’s maandags om kwart over negen": ("FREQ=WEEKLY;BYDAY=MO", "09:15"),
    "elke di en do 14u30": ("FREQ=WEEKLY;BYDAY=TU,TH", "14:30"),
    "do, ma en wo om 12 uur": ("FREQ=WEEKLY;BYDAY=MO,WE,TH", "12:00"),
    "om de week op donderdag 14:00": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "14:00"),
    "tweewekelijks op donderdag 14:00": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "14:00"),
    "elke twee weken op maandag 10:00": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "10:00"),
    "op maandag elke twee weken om 10 uur": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "10:00"),
    "elke 3 weken op vrijdag om half tien": ("FREQ=WEEKLY;INTERVAL=3;BYDAY=FR", "09:30"),
    "elke werkdag 8:45": (EACH_WORKING_DAY, "08:45"),
    "ma t/m vr 8:45": (EACH_WORKING_DAY, "08:45"),
    "ma–vr 8:45": (EACH_WORKING_DAY, "08:45"),
    "vrijdag tot en met maandag 8:45": ("FREQ=WEEKLY;BYDAY=MO,FR,SA,SU", "08:45"),
    "elke dag 9:00": ("FREQ=DAILY", "09:00"),
    "dagelijks om twaalf uur": ("FREQ=DAILY", "12:00"),
    "om de dag 9:00": ("FREQ=DAILY;INTERVAL=2", "09:00"),
    "eerste maandag van de maand 10:00": ("FREQ=MONTHLY;BYDAY=1MO", "10:00"),
    "elke eerste maandag 10:00": ("FREQ=MONTHLY;BYDAY=1MO", "10:00"),
    "elke maand op de eerste maandag 10:00": ("FREQ=MONTHLY;BYDAY=1MO", "10:00"),
    "elke tweede dinsdag van de maand 10:00": ("FREQ=MONTHLY;BYDAY=2TU", "10:00"),
    "1e en 3e dinsdag van de maand 16:00": ("FREQ=MONTHLY;BYDAY=1TU,3TU", "16:00"),
    "om de maand op de tweede dinsdag 9:00": ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU", "09:00"),
    "laatste vrijdag van de maand om half drie": ("FREQ=MONTHLY;BYDAY=-1FR", "14:30"),
    "laatste werkdag van de maand 16:00": (LAST_WORKING_DAY, "16:00"),
    "elke 15e van de maand 9:00": ("FREQ=MONTHLY;BYMONTHDAY=15", "09:00"),
    "elke maand op de laatste dag 9:00": ("FREQ=MONTHLY;BYMONTHDAY=-1", "09:00"),
    "de 31e of de laatste dag van de maand om 9 uur": (DAY_31_OR_LAST, "09:00"),
    "elke 31e van de maand of de laatste dag 9:00": (DAY_31_OR_LAST, "09:00"),
}
ENGLISH = {
    "every Tuesday at 10": ("FREQ=WEEKLY;BYDAY=TU", "10:00"),
    "every tuesday at 10am": ("FREQ=WEEKLY;BYDAY=TU", "10:00"),
    "Tuesdays 9:30": ("FREQ=WEEKLY;BYDAY=TU", "09:30"),
    "at 9 on Tuesdays": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "on every Tuesday at 9 a.m.": ("FREQ=WEEKLY;BYDAY=TU", "09:00"),
    "Tuesdays @ 9:30": ("FREQ=WEEKLY;BYDAY=TU", "09:30"),
    "every week on Tuesday & Thursday 12:00": ("FREQ=WEEKLY;BYDAY=TU,TH", "12:00"),
    "every other Thursday 2 pm": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "14:00"),
    "fortnightly on Thursday at two o'clock": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "14:00"),
    "every 2 weeks on Monday 10:00": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "10:00"),
    "Tuesday at 10 every 2 weeks": ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "10:00"),
    "weekdays at 9": (EACH_WORKING_DAY, "09:00"),
    "Monday to Friday at 9": (EACH_WORKING_DAY, "09:00"),
    "every working day at 9": (EACH_WORKING_DAY, "09:00"),
    "daily 9:00": ("FREQ=DAILY", "09:00"),
    "every 3 days at 9": ("FREQ=DAILY;INTERVAL=3", "09:00"),
    "first Monday of the month at 10": ("FREQ=MONTHLY;BYDAY=1MO", "10:00"),
    "first Monday at 10 of each month": ("FREQ=MONTHLY;BYDAY=1MO", "10:00"),
    "every last Friday 16:00": ("FREQ=MONTHLY;BYDAY=-1FR", "16:00"),
    "every other month on the second Tuesday 9:00": ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU", "09:00"),
    "first and last Tuesday of the month at 4 pm": ("FREQ=MONTHLY;BYDAY=1TU,-1TU", "16:00"),
    "the last working day of the month 16:00": (LAST_WORKING_DAY, "16:00"),
    "second working day of the month 9:00": ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2", "09:00"),
    "every month on the 15th 9:00": ("FREQ=MONTHLY;BYMONTHDAY=15", "09:00"),
    "on the 15th and the 1st of the month at 9": ("FREQ=MONTHLY;BYMONTHDAY=1,15", "09:00"),
    "the 15th and the last day of the month 9:00": ("FREQ=MONTHLY;BYMONTHDAY=15,-1", "09:00"),
    "the 31st or the last day 9:00": (DAY_31_OR_LAST, "09:00"),
    "the 29th or the last day of the month 9:00": ("FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1", "09:00"),
}
CLOCKS = {
    "9:00": "09:00",
    "3:00": "03:00",  # as written
    "0:15": "00:15",
    "23:59": "23:59",
    "14h30": "14:30",
    "14u": "14:00",
    "om 3 uur": "15:00",  # the afternoon, because communities meet by day
    "om 7 uur": "07:00",
    "om zeven uur 's avonds": "19:00",
    "om 6 uur 's ochtends": "06:00",
    "3:00 's middags": "15:00",
    "om half een": "12:30",
    "kwart voor een": "12:45",
    "om één uur": "13:00",
    "tien voor half drie": "14:20",
    "5 over half 10": "09:35",
    "20 over 9": "09:20",
    "quarter past nine": "09:15",
    "a quarter to one": "12:45",
    "half past three": "15:30",
    "ten to ten pm": "21:50",
    "12:30 am": "00:30",
    "12 pm": "12:00",
    "noon": "12:00",
    "at 9 in the evening": "21:00",
    "om 9 uur om 9:00": "09:00",  # twice the same
}
REFUSED = {
    Refusal.NOT_UNDERSTOOD: [
        "",
        "   ",
        "?!",
        "soms",
        "elke blursdag 9:00",
        "niet op dinsdag 9:00",
        "every Tuesday except in July at 9",
        "elke dinsdag 9:00 behalve in juli",
        "dinsdag of donderdag 9:00",
        "morgen 9:00",
        "dinsdag 9",
        "dinsdag 9:000",
        "Tuesday 10 to 11",
        "tuesday at half nine",  # 8:30 for the Dutch, 9:30 for the British
        "every Tuesday at ten at night",
        "elke 2 uur op dinsdag",
        "elke 0 weken op dinsdag 9:00",
        "every 99 weeks on Tuesday 9:00",
        "elke laatste 9:00",
        "om de werkdag 9:00",
        "every other other day 9:00",
        "de het op dinsdag 9:00",
        "alt dinsdag 9:00",  # a word of our own, not of a member
        "om de 2 uur op dinsdag",
        "elke dinsdag 9:00 " + "en dinsdag " * 20,
    ],
    Refusal.DAY_MISSING: ["9:00", "elke week 9:00", "every 2 weeks at 9", "monthly at 9", "om de maand 9:00"],
    Refusal.TIME_MISSING: ["elke dinsdag", "every other Thursday", "laatste werkdag van de maand", "dinsdagochtend"],
    Refusal.BAD_DAY: ["de 32e van de maand 9:00", "6e maandag van de maand 9:00", "0th of the month 9:00"],
    Refusal.BAD_TIME: [
        "dinsdag 25:00",
        "dinsdag 24:00",
        "dinsdag 9:60",
        "dinsdag 15:00 's ochtends",
        "tuesday 13 pm",
        "tuesday 0 am",
        "tuesday 9 am in the evening",
        "dinsdag om 31 uur",
        "dinsdag om 45 over 9",
        "dinsdag om half 0",
    ],
    Refusal.TWO_TIMES: ["dinsdag 9:00 of 10:00", "di 9:00 en do 10:00", "Tuesday from 10:00 to 11:00", "tue noon at 9"],
    Refusal.AMBIGUOUS: [
        "every second tuesday",
        "every second Tuesday at 9",
        "elke tweede dinsdag 9:00",
        "every third day 9:00",
        "every second week on Tuesday 9:00",
        "biweekly on Tuesday 9:00",
        "bi-weekly on Tuesday 9:00",
        "eerste maandag 9:00",
        "the 15th at 9",
    ],
    Refusal.SHORT_MONTHS: [
        "elke 31e van de maand 9:00",
        "every month on the 30th 9:00",
        "fifth Monday of the month 9:00",
        "21e werkdag van de maand 9:00",
    ],
}


@pytest.mark.parametrize(("text", "expected"), [*DUTCH.items(), *ENGLISH.items()])
def test_a_phrase_becomes_a_rule_and_a_time(text: str, expected: tuple[str, str]) -> None:
    assert understand(text) == Spoken(expected[0], time.fromisoformat(expected[1]))


@pytest.mark.parametrize(("text", "expected"), CLOCKS.items())
def test_a_time_may_be_said_in_many_ways(text: str, expected: str) -> None:
    assert understand(f"elke dinsdag {text}") == Spoken("FREQ=WEEKLY;BYDAY=TU", time.fromisoformat(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("dinsdagochtend om 9 uur", "09:00"), ("dinsdagavond om 8 uur", "20:00"), ("Tuesday evenings at 7", "19:00")],
)
def test_a_part_of_the_day_may_hang_on_the_weekday(text: str, expected: str) -> None:
    assert understand(text) == Spoken("FREQ=WEEKLY;BYDAY=TU", time.fromisoformat(expected))


@pytest.mark.parametrize(("text", "refusal"), [(text, refusal) for refusal in Refusal for text in REFUSED[refusal]])
def test_what_is_unclear_is_refused_with_its_reason(text: str, refusal: Refusal) -> None:
    assert understand(text) is refusal


@pytest.mark.parametrize("extra", ["niet", "behalve", "maybe", "7", "x"])
def test_a_word_that_is_not_understood_is_never_dropped(extra: str) -> None:
    found = [understand(said) for text in [*DUTCH, *ENGLISH] for said in (f"{extra} {text}", f"{text} {extra}")]

    assert {type(answer) for answer in found} == {Refusal}


WORDS = sorted({word for phrase in [*DUTCH, *ENGLISH, *CLOCKS] for word in phrase.split()})
PHRASES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.text() | PHRASES | st.tuples(PHRASES, st.sampled_from(["9:00", "at 9"])).map(" ".join))
def test_no_text_fails_and_what_is_accepted_fires_and_can_be_worded(text: str) -> None:
    found = understand(text)

    if isinstance(found, Spoken):
        rule = begin(found, NOW, AMSTERDAM)
        assert rule is not None
        assert next_slot(rule, NOW) == Slot(f"{rule.start:%Y-%m-%dT%H:%M}", slots(rule, NOW, 1)[0].at)
        pattern = describe(found.rrule)
        assert pattern is not None
        assert pattern.rrule == found.rrule


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("every other Thursday 14:00", ["2026-06-04", "2026-06-18", "2026-07-02"]),
        ("every other Tuesday 9:00", ["2026-06-09", "2026-06-23", "2026-07-07"]),  # this Tuesday's 9:00 is past
        ("every other Tuesday 14:30", ["2026-06-02", "2026-06-16", "2026-06-30"]),
        ("om de week op maandag en donderdag 9:00", ["2026-06-04", "2026-06-15", "2026-06-18"]),
        ("every 3 days at 9", ["2026-06-03", "2026-06-06", "2026-06-09"]),
        ("om de maand op de eerste maandag 9:00", ["2026-07-06", "2026-09-07", "2026-11-02"]),
        ("de 31e of de laatste dag 9:00", ["2026-06-30", "2026-07-31", "2026-08-31"]),
    ],
)
def test_a_rule_begins_at_its_first_coming_date_and_counts_from_there(text: str, dates: list[str]) -> None:
    spoken = understand(text)
    assert isinstance(spoken, Spoken)

    rule = begin(spoken, NOW, AMSTERDAM)

    assert rule is not None
    assert [slot.local[:10] for slot in slots(rule, NOW, 3)] == dates


def test_a_rule_cannot_begin_in_a_zone_that_is_not_there() -> None:
    assert begin(Spoken("FREQ=DAILY", time(9)), NOW, "Europe/Atlantis") is None


@pytest.mark.parametrize(
    ("rrule", "pattern"),
    [
        ("FREQ=DAILY", Pattern(Freq.DAILY)),
        ("FREQ=WEEKLY", Pattern(Freq.WEEKLY)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", Pattern(Freq.WEEKLY, 2, ("TU", "TH"))),
        (EACH_WORKING_DAY, Pattern(Freq.WEEKLY, 1, WORKING_DAYS)),
        ("FREQ=MONTHLY;BYDAY=1MO,-1MO", Pattern(Freq.MONTHLY, 1, ("MO",), (1, -1))),
        (LAST_WORKING_DAY, Pattern(Freq.MONTHLY, 1, WORKING_DAYS, (-1,))),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,-1", Pattern(Freq.MONTHLY, 3, monthdays=(1, -1))),
        (DAY_31_OR_LAST, Pattern(Freq.MONTHLY, monthdays=(31,), or_last=True)),
    ],
)
def test_a_rule_is_described_as_data_and_back(rrule: str, pattern: Pattern) -> None:
    assert describe(rrule) == pattern
    assert pattern.rrule == rrule


def test_a_pattern_tells_a_template_what_it_needs() -> None:
    every_working_day, last_day = describe(EACH_WORKING_DAY), describe("FREQ=MONTHLY;BYMONTHDAY=-1")

    assert every_working_day is not None
    assert every_working_day.working_days
    assert not every_working_day.last_day
    assert last_day is not None
    assert last_day.last_day
    assert not last_day.working_days


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=3",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=13;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=1MO,2TU",
        "FREQ=MONTHLY;BYMONTHDAY=5,6;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
    ],
)
def test_a_rule_beyond_the_words_is_not_described_as_something_else(rrule: str) -> None:
    assert describe(rrule) is None


def test_the_day_or_the_last_one_comes_once_a_month() -> None:
    rule = Rule(DAY_31_OR_LAST, datetime.fromisoformat("2026-01-01T09:00"), AMSTERDAM)

    months = [slot.local[:7] for slot in slots(rule, None, 36)]

    assert all(one < other for one, other in pairwise(months))
    assert months[-1] == "2028-12"


def test_every_rule_that_words_can_make_can_be_read() -> None:
    assert all(parse(rrule) for rrule, _ in [*DUTCH.values(), *ENGLISH.values()])
