"""Free days: names of public and school holidays in both languages, and periods of one's own before them."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.free_days import COUNTRIES, FreeDays, Period, SchoolRegion

CHRISTMAS = date(2026, 12, 25)
EXAMS = Period("Tentamenweek", date(2026, 10, 19), date(2026, 10, 23))
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
periods = st.builds(
    lambda name, first, length: Period(name, first, first + timedelta(days=length)),
    st.sampled_from(["Tentamens", "Heidag", "Brugdag"]),
    days,
    st.integers(0, 40),
)


def test_who_chose_nothing_has_no_free_days() -> None:
    nothing = FreeDays()

    assert nothing.name_on(CHRISTMAS) is None
    assert nothing.coming(date(2026, 1, 1)) == []
    assert nothing.schools_known_until is None


@pytest.mark.parametrize(
    ("on", "language", "name"),
    [
        ("2026-04-27", "nl", "Koningsdag"),
        ("2026-04-27", "en", "King's Day"),
        ("2026-05-14", "nl", "Hemelvaartsdag"),
        ("2026-12-26", "nl", "Tweede kerstdag"),
        ("2025-05-05", "nl", "Bevrijdingsdag"),  # a day off once in five years
        ("2026-05-05", "nl", None),
        ("2027-01-01", "en", "New Year's Day"),
        ("2026-04-28", "nl", None),
    ],
)
def test_a_dutch_public_holiday_has_its_name_in_both_languages(on: str, language: str, name: str | None) -> None:
    free = FreeDays("NL", language=language)

    assert free.name_on(date.fromisoformat(on)) == name


@pytest.mark.parametrize(
    ("region", "on", "language", "name"),
    [
        (SchoolRegion.NOORD, "2026-10-12", "nl", "Herfstvakantie"),
        (SchoolRegion.MIDDEN, "2026-10-19", "nl", "Herfstvakantie"),
        (SchoolRegion.NOORD, "2026-10-19", "nl", None),
        (SchoolRegion.ZUID, "2026-10-19", "en", "Autumn Break"),
    ],
)
def test_a_school_holiday_is_that_of_the_region(region: SchoolRegion, on: str, language: str, name: str | None) -> None:
    free = FreeDays(region=region, language=language)

    assert free.name_on(date.fromisoformat(on)) == name


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_a_name_and_a_free_first_of_january(country: str, language: str) -> None:
    assert Locale(language).territories[country]
    assert FreeDays(country, language=language).name_on(date(2027, 1, 1))


def test_a_country_without_dutch_names_is_named_in_english() -> None:
    assert FreeDays("DE", language="nl").name_on(date(2026, 10, 3)) == "German Unity Day"


def test_a_period_of_ones_own_comes_before_school_and_school_before_a_public_holiday() -> None:
    public = FreeDays("NL")
    school = FreeDays("NL", SchoolRegion.MIDDEN)
    own = FreeDays("NL", SchoolRegion.MIDDEN, (Period("Rustweek", CHRISTMAS, CHRISTMAS),))

    names = [free.name_on(CHRISTMAS) for free in (public, school, own)]

    assert names == ["Eerste kerstdag", "Kerstvakantie", "Rustweek"]


def test_a_period_holds_from_its_first_to_its_last_day() -> None:
    free = FreeDays(periods=(EXAMS,))

    named = [free.name_on(on) for on in (date(2026, 10, 18), EXAMS.first_on, EXAMS.last_on, date(2026, 10, 24))]

    assert named == [None, "Tentamenweek", "Tentamenweek", None]


def test_what_is_coming_is_said_as_periods_and_begins_today() -> None:
    free = FreeDays("NL", SchoolRegion.MIDDEN, (EXAMS,))

    coming = free.coming(date(2026, 10, 21), timedelta(days=80))

    assert coming == [
        Period("Tentamenweek", date(2026, 10, 21), date(2026, 10, 23)),
        Period("Herfstvakantie", date(2026, 10, 24), date(2026, 10, 25)),
        Period("Kerstvakantie", date(2026, 12, 19), date(2027, 1, 3)),
    ]


def test_school_holidays_say_until_when_they_are_known_and_are_silent_after_it() -> None:
    free = FreeDays(region=SchoolRegion.ZUID)

    known = free.schools_known_until

    assert known
    assert known.year >= 2030
    assert free.name_on(known)
    assert free.coming(known + timedelta(days=1)) == []


@pytest.mark.parametrize("on", [date.min, date(1900, 1, 1), date(2150, 12, 25), date.max])
def test_years_that_nobody_knows_are_no_fault(on: date) -> None:
    assert FreeDays("NL", SchoolRegion.NOORD).name_on(on) is None


@settings(max_examples=60, deadline=None)
@given(own=st.lists(periods, max_size=5), start=days)
def test_what_is_coming_names_exactly_the_days_that_are_free(own: list[Period], start: date) -> None:
    free = FreeDays("BE", SchoolRegion.ZUID, tuple(own))

    coming = free.coming(start, timedelta(days=120))

    shown = {
        period.first_on + timedelta(days=step): period.name
        for period in coming
        for step in range((period.last_on - period.first_on).days + 1)
    }
    ahead = [start + timedelta(days=step) for step in range(121)]
    assert shown == {on: name for on in ahead if (name := free.name_on(on))}


def test_who_chose_no_country_does_not_pay_for_the_package() -> None:
    source = "import sys, bot.domain.free_days as f, datetime as d; f.FreeDays().name_on(d.date(2026, 1, 1))"

    told = subprocess.run(
        [sys.executable, "-c", f"{source}; print('holidays' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "False"
