"""When rhythms fire: known cases first, then walks along the days."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.rhythm import (
    LATENESS,
    Between,
    CatchUp,
    Lateness,
    MoveRefusal,
    Rule,
    Slot,
    move,
    next_slot,
    slots,
    walk,
)

AMSTERDAM = "Europe/Amsterdam"
ZONES = [AMSTERDAM, "America/New_York", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "rrule", "start", "after", "expected"),
    [
        pytest.param(
            AMSTERDAM, "FREQ=DAILY", "2026-01-01T02:30", "2026-03-27T23:00",
            {"2026-03-28T02:30": "2026-03-28T01:30", "2026-03-29T02:30": "2026-03-29T01:00",
             "2026-03-30T02:30": "2026-03-30T00:30"},
            id="Amsterdam, the skipped half hour of spring comes at three",
        ),
        pytest.param(
            AMSTERDAM, "FREQ=DAILY", "2026-01-01T02:30", "2026-10-23T22:00",
            {"2026-10-24T02:30": "2026-10-24T00:30", "2026-10-25T02:30": "2026-10-25T00:30",
             "2026-10-26T02:30": "2026-10-26T01:30"},
            id="Amsterdam, the double hour of autumn comes once",
        ),
        pytest.param(
            "America/New_York", "FREQ=DAILY", "2026-01-01T02:30", "2026-03-07T05:00",
            {"2026-03-07T02:30": "2026-03-07T07:30", "2026-03-08T02:30": "2026-03-08T07:00",
             "2026-03-09T02:30": "2026-03-09T06:30"},
            id="New York in spring",
        ),
        pytest.param(
            "America/New_York", "FREQ=DAILY", "2026-01-01T01:30", "2026-10-31T04:00",
            {"2026-10-31T01:30": "2026-10-31T05:30", "2026-11-01T01:30": "2026-11-01T05:30",
             "2026-11-02T01:30": "2026-11-02T06:30"},
            id="New York in autumn",
        ),
        pytest.param(
            "Pacific/Apia", "FREQ=DAILY", "2011-12-01T10:00", "2011-12-28T11:00",
            {"2011-12-28T10:00": "2011-12-28T20:00", "2011-12-29T10:00": "2011-12-29T20:00",
             "2011-12-31T10:00": "2011-12-30T20:00"},
            id="Apia, a date that never was is left out",
        ),
        pytest.param(
            "Asia/Kolkata", "FREQ=DAILY", "2026-01-01T09:00", "2026-03-28T23:00",
            {"2026-03-29T09:00": "2026-03-29T03:30", "2026-03-30T09:00": "2026-03-30T03:30"},
            id="Kolkata, half an hour off and no summer time",
        ),
        pytest.param(
            "Australia/Lord_Howe", "FREQ=DAILY", "2026-01-01T02:15", "2026-10-02T20:00",
            {"2026-10-04T02:15": "2026-10-03T15:30", "2026-10-05T02:15": "2026-10-04T15:15"},
            id="Lord Howe, a gap of half an hour",
        ),
        pytest.param(
            AMSTERDAM, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "2026-01-01T10:00", "2026-01-01T00:00",
            {"2026-01-31T10:00": "2026-01-31T09:00", "2026-02-28T10:00": "2026-02-28T09:00",
             "2026-03-31T10:00": "2026-03-31T08:00", "2026-04-30T10:00": "2026-04-30T08:00"},
            id="the 31st, or the last day",
        ),
        pytest.param(
            AMSTERDAM, "FREQ=MONTHLY;BYDAY=2TU", "2026-01-01T10:00", "2026-01-01T00:00",
            {"2026-01-13T10:00": "2026-01-13T09:00", "2026-02-10T10:00": "2026-02-10T09:00"},
            id="the second Tuesday",
        ),
        pytest.param(
            AMSTERDAM, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-12-01T10:00", "2026-12-20T00:00",
            {"2026-12-29T10:00": "2026-12-29T09:00", "2027-01-12T10:00": "2027-01-12T09:00"},
            id="every two weeks, across the end of the year",
        ),
        pytest.param(
            AMSTERDAM, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01T16:00", "2026-01-01T00:00",
            {"2026-01-30T16:00": "2026-01-30T15:00", "2026-02-27T16:00": "2026-02-27T15:00",
             "2026-03-31T16:00": "2026-03-31T14:00"},
            id="the last working day",
        ),
    ],
)  # fmt: skip
def test_a_rhythm_keeps_to_the_clock_on_the_wall(
    name: str, rrule: str, start: str, after: str, expected: dict[str, str]
) -> None:
    rule = Rule(rrule, wall(start), name)

    found = slots(rule, instant(after), len(expected))

    assert {slot.local: slot.at for slot in found} == {local: instant(at) for local, at in expected.items()}


def test_without_an_instant_a_rhythm_begins_at_its_start() -> None:
    rule = Rule("FREQ=WEEKLY;BYDAY=TH", wall("2026-06-04T09:00:59.000001"), AMSTERDAM)

    found = next_slot(rule, None)

    assert found == Slot("2026-06-04T09:00", instant("2026-06-04T07:00"))


def test_a_slot_is_strictly_after_the_one_before() -> None:
    rule = Rule("FREQ=WEEKLY;BYDAY=TH", wall("2026-06-04T09:00"), AMSTERDAM)

    found = next_slot(rule, instant("2026-06-04T07:00"))

    assert found == Slot("2026-06-11T09:00", instant("2026-06-11T07:00"))


def test_the_last_date_of_a_rhythm_still_counts() -> None:
    rule = Rule("FREQ=DAILY", wall("2026-06-01T23:30"), AMSTERDAM, until=date(2026, 6, 3))

    found = slots(rule, None, 10)

    assert [slot.local[:10] for slot in found] == ["2026-06-01", "2026-06-02", "2026-06-03"]


@pytest.mark.parametrize(
    "rule",
    [
        Rule("FREQ=HOURLY", wall("2026-01-01T00:00"), AMSTERDAM),
        Rule("FREQ=DAILY", wall("2026-01-01T00:00"), "Europe/Atlantis"),
        Rule("FREQ=DAILY", wall("2026-01-02T00:00"), AMSTERDAM, until=date(2026, 1, 1)),
        Rule("FREQ=DAILY", wall("9500-01-01T00:00"), AMSTERDAM),
    ],
)
def test_a_rhythm_that_cannot_be_read_or_is_over_never_fires(rule: Rule) -> None:
    assert next_slot(rule, None) is None
    assert slots(rule, instant("2026-01-01T00:00"), 5) == []


@pytest.mark.parametrize("limit", [0, -1])
def test_asking_for_no_slots_gives_none(limit: int) -> None:
    assert slots(Rule("FREQ=DAILY", wall("2026-01-01T00:00"), AMSTERDAM), None, limit) == []


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",  # from a Thursday
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=60",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=MONTHLY;BYDAY=2MO;BYMONTHDAY=20",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",  # from January
    ],
)
def test_a_rhythm_that_never_fires_says_so_at_once(rrule: str) -> None:
    rule = Rule(rrule, wall("2026-01-01T09:00"), AMSTERDAM)
    next_slot(rule, None)  # the zone and the rule have been read

    took, found = min(timed(rule) for _ in range(3))

    assert found == []
    assert took < 0.05


def test_an_old_rhythm_takes_no_longer_than_a_young_one() -> None:
    old = Rule("FREQ=DAILY", wall("1970-01-01T09:00"), AMSTERDAM)

    took, found = min(timed(old) for _ in range(3))

    assert found == ["2026-06-01T09:00"]
    assert took < 0.005


@settings(max_examples=120, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    days=st.sets(st.integers(0, 6), min_size=1),
    interval=st.integers(1, 3),
    start=st.datetimes(wall("2010-01-01T00:00"), wall("2019-01-01T00:00")),
    later=st.integers(0, 60 * 24 * 400),
)
@example(name="Pacific/Apia", days={3, 4, 5}, interval=1, start=wall("2011-12-20T10:00"), later=60 * 24 * 9)
@example(name=AMSTERDAM, days={6}, interval=1, start=wall("2011-03-20T02:30"), later=60 * 24 * 7)
@example(name=AMSTERDAM, days={6}, interval=1, start=wall("2011-10-23T02:30"), later=60 * 24 * 7)
def test_slots_come_once_each_and_in_order_and_are_those_of_a_walk_along_the_days(
    name: str, days: set[int], interval: int, start: datetime, later: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    byday = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day] for day in sorted(days))
    rule = Rule(f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={byday}", start, name)
    after = start.replace(tzinfo=UTC) + timedelta(minutes=later)

    found = slots(rule, after, 20)

    instants = [slot.at for slot in found]
    assert all(one < other for one, other in zip([after, *instants], instants, strict=False))
    assert len({slot.local for slot in found}) == 20
    assert found == slots_by_walking(rule, days, interval, after, 20)


@settings(max_examples=30, deadline=None)
@given(name=st.sampled_from(ZONES), minutes=st.integers(0, 24 * 60 - 1))
def test_going_from_slot_to_slot_gives_the_same_as_asking_for_all(name: str, minutes: int) -> None:
    start = wall("2011-09-15T00:00") + timedelta(minutes=minutes)
    rule = Rule("FREQ=DAILY", start, name, until=date(2012, 1, 15))

    one_by_one: list[Slot] = []
    while found := next_slot(rule, one_by_one[-1].at if one_by_one else None):
        one_by_one.append(found)

    assert one_by_one == slots(rule, None, 1000)


def slots_by_walking(rule: Rule, days: set[int], interval: int, after: datetime, limit: int) -> list[Slot]:
    """An oracle that shares nothing with the code: every minute of the wall clock that is on, from date to date."""
    place, found = ZoneInfo(rule.zone), list[Slot]()
    monday = rule.start.date() - timedelta(days=rule.start.weekday())
    day = rule.start.date()
    while len(found) < limit:
        if day.weekday() in days and (day - monday).days // 7 % interval == 0:
            local = datetime.combine(day, rule.start.time())
            at = first_minute(local, place)
            if at and at > after:
                found.append(Slot(f"{local:%Y-%m-%dT%H:%M}", at))
        day += timedelta(days=1)
    return found


def first_minute(local: datetime, place: ZoneInfo) -> datetime | None:
    """The first whole minute at which a clock there shows this time or a later one of the same date."""
    around = [local.replace(tzinfo=UTC) - timedelta(minutes=minutes) for minutes in OFFSETS]
    exact = [at for at in around if at.astimezone(place).replace(tzinfo=None) == local]
    if exact:
        return min(exact)
    midnight = datetime.combine(local.date(), time(), UTC)
    minutes = (midnight + timedelta(minutes=minute) for minute in range(-15 * 60, 39 * 60, 15))
    later = (at for at in minutes if at.astimezone(place).replace(tzinfo=None) > local)
    return next((at for at in later if at.astimezone(place).date() == local.date()), None)


OFFSETS = range(-12 * 60, 15 * 60, 15)  # those that zones have had since 1990, in minutes


def timed(rule: Rule) -> tuple[float, list[str]]:
    began = process_time()
    found = next_slot(rule, instant("2026-05-31T12:00"))
    return process_time() - began, [found.local] if found else []


def test_a_walk_goes_on_from_the_wall_and_not_from_an_instant() -> None:
    rule = Rule("FREQ=DAILY", wall("2026-01-01T02:30"), AMSTERDAM)

    found = [slot.local for slot in islice(walk(rule, wall("2026-10-25T02:30")), 2)]
    after = [slot.local for slot in islice(walk(rule, wall("2026-10-25T02:31")), 2)]

    assert found == ["2026-10-25T02:30", "2026-10-26T02:30"]
    assert after == ["2026-10-26T02:30", "2026-10-27T02:30"]


def test_a_walk_in_a_zone_that_nobody_knows_goes_nowhere() -> None:
    assert list(walk(Rule("FREQ=DAILY", wall("2026-01-01T09:00"), "Europe/Atlantis"), wall("2026-01-01T00:00"))) == []


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(ZONES), since=st.datetimes(wall("2010-01-01T00:00"), wall("2019-01-01T00:00")))
def test_a_walk_from_a_slot_goes_on_where_the_instant_of_that_slot_does(name: str, since: datetime) -> None:
    rule = Rule("FREQ=DAILY", wall("2009-01-01T02:30"), name)
    first = next(walk(rule, since))

    assert [first, *slots(rule, first.at, 5)] == list(islice(walk(rule, first.wall), 6))


NINE = instant("2026-11-03T08:00")


@pytest.mark.parametrize(
    ("catch_up", "hours", "newest", "asks"),
    [
        (CatchUp.LATEST, 24, True, True),
        (CatchUp.LATEST, 24.01, True, False),
        (CatchUp.LATEST, 1, False, False),
        (CatchUp.ALL, 24, False, True),
        (CatchUp.ALL, 25, False, False),
        (CatchUp.NONE, 0.01, True, True),
        (CatchUp.NONE, 0.1, True, False),
        (CatchUp.NONE, 0, False, False),
    ],
)
def test_a_kind_says_what_it_still_asks(catch_up: CatchUp, hours: float, *, newest: bool, asks: bool) -> None:
    lateness = Lateness(catch_up, timedelta(hours=24))

    assert lateness.asks(NINE, NINE + timedelta(hours=hours), newest=newest) is asks


def test_a_check_in_is_asked_the_latest_and_within_a_day() -> None:
    assert LATENESS["checkin"] == Lateness(CatchUp.LATEST, timedelta(hours=24))


TUESDAY = Slot("2027-03-23T09:00", instant("2027-03-23T08:00"))
BETWEEN = Between(instant("2027-03-22T08:00"), after=instant("2027-03-30T07:00"))


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("2027-03-24T14:00", instant("2027-03-24T13:00")),
        ("2027-03-22T17:00", instant("2027-03-22T16:00")),
        ("2027-03-29T14:00", instant("2027-03-29T12:00")),  # across the change of the clocks
        ("2027-03-28T02:30", MoveRefusal.NOT_THERE),
        ("2027-03-22T09:00", MoveRefusal.PAST),
        ("2027-03-20T09:00", MoveRefusal.PAST),
        ("2027-03-23T09:00", MoveRefusal.UNMOVED),
        ("2027-03-30T09:00", MoveRefusal.TOO_LATE),
        ("2027-04-03T09:00", MoveRefusal.TOO_LATE),
        ("9999-12-31T09:00", MoveRefusal.NOT_THERE),
    ],
)
def test_a_time_is_moved_to_where_it_can_be(to: str, expected: datetime | MoveRefusal) -> None:
    assert move(TUESDAY, wall(to), AMSTERDAM, BETWEEN) == expected


def test_a_time_is_not_moved_before_the_one_that_comes_before_it() -> None:
    between = Between(instant("2027-03-15T08:00"), before=instant("2027-03-16T08:00"))

    assert move(TUESDAY, wall("2027-03-16T09:00"), AMSTERDAM, between) is MoveRefusal.TOO_EARLY
    assert move(TUESDAY, wall("2027-03-16T09:01"), AMSTERDAM, between) == instant("2027-03-16T08:01")


def test_a_time_is_not_moved_to_a_date_that_never_was() -> None:
    slot = Slot("2011-12-29T10:00", instant("2011-12-29T20:00"))

    assert move(slot, wall("2011-12-30T10:00"), "Pacific/Apia", Between(instant("2011-12-01T00:00"))) is (
        MoveRefusal.NOT_THERE
    )
