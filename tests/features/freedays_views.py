"""The values with which `test_views.py` looks at what free days show."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.chat.prompts import Voice
from bot.domain.free_calendar import MOST_CALENDARS, Trouble
from bot.domain.free_days import FreeDays, Period, SchoolRegion
from bot.features.freedays import views
from bot.features.freedays.handlers import MOST_BY_HAND
from storage.free_days import CalendarState, FreeCalendar, FreePeriod

if TYPE_CHECKING:
    from tests.features.given import Given

View = Callable[[Voice, "Given"], object]
ROW = 2**31 - 1  # as long as an id gets
TODAY = date(2026, 11, 24)
NAME_MAX = 80
HOST_MAX = 253  # RFC 1035


def a_calendar(
    given: "Given", state: CalendarState = CalendarState.ACTIVE, outcome: str = "read", left_out: int = 0
) -> FreeCalendar:
    return FreeCalendar(
        id=ROW,
        community_id=ROW,
        person_id=ROW,
        name=given.community,
        host="rooster.example.org".rjust(HOST_MAX, "x"),
        link=b"sealed",
        state=state,
        outcome=outcome,
        left_out=left_out,
    )


def a_period(given: "Given", number: int, days: int = 300) -> Period:
    first = TODAY + timedelta(days=number)
    return Period(f"{number}{given.community}"[:NAME_MAX], first, first + timedelta(days=days))


def periods(given: "Given", count: int) -> list[Period]:
    return [a_period(given, number) for number in range(count)]


def shown(given: "Given", count: int) -> views.Shown:
    """So many periods by hand, and as many calendars as a community may have, one in each state."""
    own = [
        FreePeriod(id=ROW, community_id=ROW, name=period.name, first_on=period.first_on, last_on=period.last_on)
        for period in periods(given, count)
    ]
    calendars = [
        *(a_calendar(given, state) for state in CalendarState),
        *(a_calendar(given, outcome=trouble.value) for trouble in Trouble),
    ]
    free = FreeDays("GB", SchoolRegion.MIDDEN, tuple(row.period for row in own))
    return views.Shown(ROW, free, TODAY, own, calendars[:MOST_CALENDARS])


def troubled(troubles: Iterable[Trouble], view: Callable[[Voice, FreeCalendar], object]) -> tuple[View, ...]:
    """Call a view once for each reason why a calendar could not be read."""
    return tuple(_bound(view, trouble) for trouble in troubles)


def _bound(view: Callable[[Voice, FreeCalendar], object], trouble: Trouble) -> View:
    return lambda voice, given: view(voice, a_calendar(given, outcome=trouble.value))


VIEWS: dict[str, Sequence[View]] = {
    "freedays.overview": (
        lambda voice, _: views.overview(voice, views.Shown(ROW, FreeDays(), TODAY, [], [])),
        lambda voice, given: views.overview(voice, shown(given, 1)),
        lambda voice, given: views.overview(voice, shown(given, MOST_BY_HAND)),
    ),
    "freedays.choose_form": (
        lambda voice, _: views.choose_form(voice, ROW, FreeDays()),
        lambda voice, _: views.choose_form(voice, ROW, FreeDays("BE", SchoolRegion.ZUID)),
    ),
    "freedays.period_form": (lambda voice, _: views.period_form(voice, ROW),),
    "freedays.calendar_form": (lambda voice, _: views.calendar_form(voice, ROW),),
    "freedays.preview": (
        lambda voice, given: views.preview(voice, a_calendar(given), periods(given, 1)),
        lambda voice, given: views.preview(voice, a_calendar(given, left_out=1), periods(given, 7)),
        lambda voice, given: views.preview(voice, a_calendar(given, left_out=60), periods(given, 60)),
    ),
    "freedays.drop": (lambda voice, given: views.drop(voice, a_calendar(given)),),
    "freedays.unread": troubled(Trouble, views.unread),
    "freedays.lost": troubled(Trouble, views.lost),
    "freedays.reason": troubled(Trouble, views.reason),
    "freedays.span": (
        lambda voice, given: views.span(voice, a_period(given, -35, days=0)),
        lambda voice, given: views.span(voice, a_period(given, -35, days=4)),
    ),
    "freedays.name_of": (lambda voice, given: f"{voice.language} {views.name_of(a_calendar(given))}",),
    "freedays.country_name": (lambda voice, _: views.country_name(voice, "DE"),),
}

SAID: dict[str, Callable[["Given"], Mapping[str, object]]] = {
    "added": lambda given: {"what": given.community, "span": "19–23 okt 2026"},
    "removed": lambda given: {"what": given.community},
    "reading": lambda _: {"host": "rooster.example.org"},
    "confirmed": lambda given: {"what": given.community},
    "cancelled": lambda _: {},
    "dropped": lambda given: {"what": given.community},
}
