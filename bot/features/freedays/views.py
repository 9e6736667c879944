"""What the free days of a community show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel import Locale
from babel.dates import format_interval

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Form, Input, Node, Plain
from bot.chat.prompts import Voice
from bot.domain.free_calendar import HOST_SHOWN, LINK_MAX, NAME_MAX, TELL_AFTER, shortened
from bot.domain.free_days import COUNTRIES, FreeDays, Period, SchoolRegion
from storage.free_calendars import READ
from storage.free_days import CalendarState, FreeCalendar, FreePeriod
from storage.people import key_of

NONE = "none"
SHOWN = 8  # periods that come next: about a year
EXAMPLES = 5  # of what was read in a calendar
NAME_SHOWN = 40  # on a button, beside its dates
_LOCALES = {"nl": "nl", "en": "en_GB"}  # the day before the month, as elsewhere


@dataclass(frozen=True, slots=True)
class Shown:
    """What the overview is made of."""

    community_id: int
    free: FreeDays
    today: date
    by_hand: Sequence[FreePeriod]
    calendars: Sequence[FreeCalendar]


def span(voice: Voice, period: Period) -> Plain:
    """Say the days of a period: "19–23 okt 2026"."""
    said = format_interval(period.first_on, period.last_on, skeleton="yMMMd", locale=_LOCALES[voice.language])
    return Plain(said.replace("\N{THIN SPACE}", " "))


def country_name(voice: Voice, country: str) -> Plain:
    """Name a country in the language of the reader."""
    return Plain(Locale(voice.language).territories[country])


def overview(voice: Voice, shown: Shown) -> Card:
    """Show what is kept free, what comes of it in the year ahead, and what can be done."""
    free, known = shown.free, shown.free.schools_known_until
    coming = free.coming(shown.today)
    words = voice(
        "freedays/overview",
        country=free.country and country_name(voice, free.country),
        region=free.region and free.region.value,
        known=known and span(voice, Period("", known, known)),
        coming=[(period.name, span(voice, period)) for period in coming[:SHOWN]],
        more=max(0, len(coming) - SHOWN),
        calendars=[_calendar(voice, row) for row in shown.calendars],
    )
    here = shown.community_id
    forms = ("choose", "period", "calendar")
    buttons = [words.button(name, Action(f"freedays.{name}", here), opens=True) for name in forms]
    buttons += [
        Button(Plain(f"{words.label('look')}: {shortened(name_of(row), NAME_SHOWN)}"), Action("freedays.look", row.id))
        for row in shown.calendars
        if row.state == CalendarState.SEEN
    ]
    removable = [
        Button(
            Plain(f"{shortened(row.name, NAME_SHOWN)}, {span(voice, row.period)}"),
            Action("freedays.remove", here, str(row.id)),
        )
        for row in shown.by_hand
    ]
    removable += [
        Button(Plain(f"{shortened(name_of(row), NAME_SHOWN)} ({words.label('link')})"), Action("freedays.drop", row.id))
        for row in shown.calendars
    ]
    nodes: list[Node] = [Buttons(tuple(buttons))]
    if removable:
        nodes.append(Choice(words.label("remove"), tuple(removable)))
    return words.card(*nodes)


def _calendar(voice: Voice, row: FreeCalendar) -> tuple[str, str, str, str | None]:
    """The name, the host, the state, and why it could not be read last time."""
    trouble = row.outcome if row.outcome not in {None, READ} else None
    return name_of(row), shortened(row.host, HOST_SHOWN), row.state, trouble and reason(voice, row)


def name_of(row: FreeCalendar) -> str:
    """What a calendar is called; before it was read that may be its host."""
    return row.name or shortened(row.host, HOST_SHOWN)


def reason(voice: Voice, row: FreeCalendar) -> Plain:
    """Say why a calendar could not be read."""
    return voice("freedays/reasons").label(row.outcome or "")


def choose_form(voice: Voice, community_id: int, free: FreeDays) -> Form:
    """Ask whose public holidays and which school holidays are free."""
    words = voice("freedays/choose")
    nothing = (NONE, words.label("none"))
    countries = sorted(((code, country_name(voice, code)) for code in COUNTRIES), key=lambda pair: pair[1])
    regions = [(region.value, words.label(region.name.lower())) for region in SchoolRegion]
    chosen_region = free.region.value if free.region else NONE
    return Form(
        words.title,
        (
            Input(
                "country", words.label("country"), "choice", initial=free.country or NONE, options=(nothing, *countries)
            ),
            Input(
                "region",
                words.label("region"),
                "choice",
                hint=words.label("region_hint"),
                initial=chosen_region,
                options=(nothing, *regions),
            ),
        ),
        words.label("submit"),
        Action("freedays.choose", community_id),
        intro=words.body,
    )


def period_form(voice: Voice, community_id: int) -> Form:
    """Ask for a period and what it is called."""
    words = voice("freedays/period")
    return Form(
        words.title,
        (
            Input("name", words.label("name"), hint=words.label("name_hint"), max_length=NAME_MAX),
            Input("first", words.label("first"), "date"),
            Input("last", words.label("last"), "date", hint=words.label("last_hint"), required=False),
        ),
        words.label("submit"),
        Action("freedays.period", community_id),
        intro=words.body,
    )


def calendar_form(voice: Voice, community_id: int) -> Form:
    """Ask for the link of a calendar."""
    words = voice("freedays/calendar")
    return Form(
        words.title,
        (
            Input("link", words.label("link"), hint=words.label("link_hint"), max_length=LINK_MAX),
            Input("name", words.label("name"), hint=words.label("name_hint"), required=False, max_length=NAME_MAX),
        ),
        words.label("submit"),
        Action("freedays.calendar", community_id),
        intro=words.body,
    )


def preview(voice: Voice, row: FreeCalendar, periods: Sequence[Period]) -> Card:
    """Show what was understood of a calendar before it counts."""
    days = {period.first_on + timedelta(days=step) for period in periods for step in range(_length(period))}
    whole = Period("", min(days), max(days)) if days else None
    words = voice(
        "freedays/preview",
        name=name_of(row),
        host=shortened(row.host, HOST_SHOWN),
        count=len(periods),
        days=len(days),
        whole=whole and span(voice, whole),
        examples=[(period.name, span(voice, period)) for period in periods[:EXAMPLES]],
        left_out=row.left_out,
    )
    confirm = words.button("confirm", Action("freedays.confirm", key_of(row)), primary=True)
    return words.card(Buttons((confirm, words.button("cancel", Action("freedays.cancel", key_of(row))))))


def _length(period: Period) -> int:
    return (period.last_on - period.first_on).days + 1


def unread(voice: Voice, row: FreeCalendar) -> Card:
    """Say that a new calendar could not be read, and ask for another link."""
    words = voice("freedays/unread", host=shortened(row.host, HOST_SHOWN), reason=reason(voice, row))
    return words.card(Buttons((words.button("again", Action("freedays.calendar", row.community_id), opens=True),)))


def lost(voice: Voice, row: FreeCalendar) -> Card:
    """Say that a calendar cannot be read any more; what was known of it stays."""
    words = voice(
        "freedays/lost",
        name=name_of(row),
        host=shortened(row.host, HOST_SHOWN),
        reason=reason(voice, row),
        times=TELL_AFTER,
    )
    return words.card(Buttons((words.button("open", Action("freedays.open", row.community_id)),)))


def drop(voice: Voice, row: FreeCalendar) -> Card:
    """Ask whether a calendar may go."""
    words = voice("freedays/drop", name=name_of(row), host=shortened(row.host, HOST_SHOWN))
    return words.card(Buttons((words.button("erase", Action("freedays.erase", key_of(row))),)))


def said(voice: Voice, name: str, **values: object) -> Card:
    """Say something that needs no more than its words: `freedays/<name>`."""
    return voice(f"freedays/{name}", **values).card()
