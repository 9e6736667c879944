"""A rule as data, for templates to put in words, and back."""

from datetime import datetime
from itertools import pairwise

import pytest

from bot.domain.pattern import WORKING_DAYS, Pattern, describe
from bot.domain.recurrence import ONCE, Freq
from bot.domain.rhythm import Rule, slots

AMSTERDAM = "Europe/Amsterdam"
EACH_WORKING_DAY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
LAST_WORKING_DAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
DAY_31_OR_LAST = "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"


@pytest.mark.parametrize(
    ("rrule", "pattern"),
    [
        ("FREQ=DAILY", Pattern(Freq.DAILY)),
        (ONCE, Pattern(Freq.DAILY, once=True)),
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
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTHDAY=15",
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
