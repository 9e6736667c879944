"""How often, in words: what is understood, what is asked back, and that nothing is dropped in silence."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.pattern import describe
from bot.domain.recurrence import ONCE, parse
from bot.domain.rhythm import Rule, Slot, next_slot, slots
from bot.domain.rule_words import Refusal, Spoken, begin, understand
from tests.domain.refused import REFUSED
from tests.domain.understood import AMSTERDAM, CLOCKS, DATED, DUTCH, ENGLISH, NOW, TODAY


def heard(text: str, now: datetime = NOW) -> Spoken | Refusal:
    """What is understood of a text that is typed in Amsterdam."""
    return understand(text, now, AMSTERDAM)


@pytest.mark.parametrize(("text", "expected"), [*DUTCH.items(), *ENGLISH.items()])
def test_a_phrase_becomes_a_rule_and_a_time(text: str, expected: tuple[str, str]) -> None:
    assert heard(text) == Spoken(expected[0], time.fromisoformat(expected[1]))


@pytest.mark.parametrize(("text", "expected"), DATED.items())
def test_a_date_becomes_a_rule_that_happens_once(text: str, expected: str) -> None:
    at = datetime.fromisoformat(expected)

    assert heard(text) == Spoken(ONCE, at.time(), at.date())


@pytest.mark.parametrize(("text", "expected"), CLOCKS.items())
def test_a_time_may_be_said_in_many_ways(text: str, expected: str) -> None:
    assert heard(f"elke dinsdag {text}") == Spoken("FREQ=WEEKLY;BYDAY=TU", time.fromisoformat(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("dinsdagochtend om 9 uur", "09:00"), ("dinsdagavond om 8 uur", "20:00"), ("Tuesday evenings at 7", "19:00")],
)
def test_a_part_of_the_day_may_hang_on_the_weekday(text: str, expected: str) -> None:
    assert heard(text) == Spoken("FREQ=WEEKLY;BYDAY=TU", time.fromisoformat(expected))


@pytest.mark.parametrize(("text", "refusal"), [(text, refusal) for refusal in Refusal for text in REFUSED[refusal]])
def test_what_is_unclear_is_refused_with_its_reason(text: str, refusal: Refusal) -> None:
    assert heard(text) is refusal


@pytest.mark.parametrize("extra", ["niet", "behalve", "maybe", "7", "x"])
def test_a_word_that_is_not_understood_is_never_dropped(extra: str) -> None:
    found = [heard(said) for text in [*DUTCH, *ENGLISH, *DATED] for said in (f"{extra} {text}", f"{text} {extra}")]

    assert {type(answer) for answer in found} == {Refusal}


WORDS = sorted({word for phrase in [*DUTCH, *ENGLISH, *DATED, *CLOCKS] for word in phrase.split()})
PHRASES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.text() | PHRASES | st.tuples(PHRASES, st.sampled_from(["9:00", "at 9"])).map(" ".join))
def test_no_text_fails_and_what_is_accepted_fires_and_can_be_worded(text: str) -> None:
    found = heard(text)

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
    spoken = heard(text)
    assert isinstance(spoken, Spoken)

    rule = begin(spoken, NOW, AMSTERDAM)

    assert rule is not None
    assert [slot.local[:10] for slot in slots(rule, NOW, 3)] == dates


def test_what_happens_once_begins_on_its_date_and_comes_no_more() -> None:
    rule = begin(Spoken(ONCE, time(10), date(2027, 3, 12)), NOW, AMSTERDAM)

    assert rule == Rule(ONCE, datetime.fromisoformat("2027-03-12T10:00"), AMSTERDAM)
    assert slots(rule, NOW, 5) == [Slot("2027-03-12T10:00", datetime(2027, 3, 12, 9, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2026-06-02T21:59", "morgen 9:00", "2026-06-03"),
        ("2026-06-02T22:00", "morgen 9:00", "2026-06-04"),  # midnight on the wall
        ("2026-12-31T12:00", "1 januari 9:00", "2027-01-01"),
        ("2027-03-01T12:00", "29 februari 9:00", "2028-02-29"),
        ("2026-06-05T12:00", "next Friday 9:00", "2026-06-12"),  # said on a Friday
        ("2026-06-05T12:00", "komende vrijdag 9:00", "2026-06-12"),
        ("2026-06-06T12:00", "volgende maandag 9:00", "2026-06-08"),
        ("2026-06-07T12:00", "komende maandag 9:00", "2026-06-08"),
        ("2026-06-07T12:00", "volgende maandag 9:00", None),  # said on a Sunday: tomorrow?
        ("2026-06-06T12:00", "next Sunday 9:00", None),
    ],
)
def test_which_date_is_meant_depends_on_the_day_on_the_wall(now: str, text: str, expected: str | None) -> None:
    found = heard(text, datetime.fromisoformat(now).replace(tzinfo=UTC))

    if expected is None:
        assert found is Refusal.UNCLEAR_DATE
    else:
        assert found == Spoken(ONCE, time(9), date.fromisoformat(expected))


DUTCH_MONTHS = ["jan", "feb", "mrt", "april", "mei", "juni", "juli", "augustus", "sept", "okt", "november", "december"]


@settings(max_examples=150, deadline=None)
@given(day=st.dates(TODAY + timedelta(days=1), date(2099, 12, 31)), form=st.integers(0, 6))
def test_a_date_in_any_of_its_spellings_is_that_date(day: date, form: int) -> None:
    spelled = [
        day.isoformat(),
        f"{day.day}-{day.month}-{day.year}",
        f"{day:%d.%m.%Y}",
        f"{day.day} {DUTCH_MONTHS[day.month - 1]} {day.year}",
        f"{day:%b} {day.day}, {day.year}",
        f"{day:%A} {day:%d/%m/%Y}",
        f"the {day.day}th of {day:%B} {day.year}",
    ][form]

    found = heard(f"{spelled} 10:30")

    swapped = form == 5 and day.day <= 12 and date(day.year, day.day, day.month).weekday() == day.weekday()
    same = day.day == day.month
    assert found == (Refusal.UNCLEAR_DATE if swapped and not same else Spoken(ONCE, time(10, 30), day))


def test_a_time_that_is_shown_twice_is_past_after_the_first() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 2:45 in summer time; 2:30 comes again

    assert heard("vandaag 2:30", between) is Refusal.PAST


def test_a_date_that_was_left_out_of_the_calendar_does_not_exist() -> None:
    now = datetime(2011, 12, 29, 12, tzinfo=UTC)

    assert understand("30 december 2011 10:00", now, "Pacific/Apia") is Refusal.BAD_DAY


def test_in_a_zone_that_is_not_there_a_date_is_read_as_in_utc() -> None:
    assert understand("morgen 9:00", NOW, "Europe/Atlantis") == Spoken(ONCE, time(9), TODAY + timedelta(days=1))


def test_a_rule_cannot_begin_in_a_zone_that_is_not_there() -> None:
    assert begin(Spoken("FREQ=DAILY", time(9)), NOW, "Europe/Atlantis") is None


def test_every_rule_that_words_can_make_can_be_read() -> None:
    assert all(parse(rrule) for rrule, _ in [*DUTCH.values(), *ENGLISH.values()])
