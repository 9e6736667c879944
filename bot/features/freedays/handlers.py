"""A facilitator looks at the free days, chooses a country and a school region, and adds or removes a period."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answers, Open, Reply
from bot.chat.router import Audience
from bot.context import Context
from bot.domain.calendar import local_date
from bot.domain.free_calendar import NAME_MAX, clipped
from bot.domain.free_days import COUNTRIES, Period, SchoolRegion
from bot.errors import UserError
from bot.features.freedays import views
from bot.features.freedays.routes import routes
from storage import free_calendars, free_days
from storage.people import key_of

MOST_BY_HAND = 20  # chosen: more are a calendar, and can be read from one
LONGEST = timedelta(days=366)  # chosen: a longer rest is a pause


@routes.command("freedays", nl=("vrije dagen", "vakantie"), en=("free days", "holidays"),
                audience=Audience.FACILITATORS, listed=True)  # fmt: skip
async def overview(context: Context, _text: str) -> Answers:
    """Show what is kept free, and what comes of that."""
    here = key_of(context.here)
    free = await free_days.of(context.work, here)
    shown = views.Shown(
        here,
        free,
        local_date(context.now, ZoneInfo(context.here.timezone)),
        await free_days.by_hand(context.work, here),
        await free_calendars.of_community(context.work, here),
    )
    return [Reply(views.overview(context.voice, shown))]


@routes.tap("freedays.open")
async def open_(context: Context, action: Action) -> Answers:
    """Show it from a button, such as one below the rhythm."""
    await context.lead(action.id or 0)
    return await overview(context, "")


@routes.tap("freedays.choose")
async def choose(context: Context, action: Action) -> Answers:
    """Open the form with the country and the school region."""
    await context.lead(action.id or 0)
    free = await free_days.of(context.work, key_of(context.here))
    return [Open(views.choose_form(context.voice, key_of(context.here), free), action)]


@routes.form("freedays.choose")
async def chosen(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep whose public holidays and which school holidays are free."""
    await context.lead(action.id or 0)
    filled = Filled(values)
    country = filled.option("country", (*COUNTRIES, views.NONE))
    region = filled.option("region", (*SchoolRegion, views.NONE))
    filled.check()
    await free_days.choose(
        context.work,
        key_of(context.here),
        country=None if country == views.NONE else country,
        region=None if region == views.NONE else SchoolRegion(region),
    )
    return await overview(context, "")


@routes.tap("freedays.period")
async def period(context: Context, action: Action) -> Answers:
    """Open the form for a period."""
    await context.lead(action.id or 0)
    await _room_for_one(context)
    return [Open(views.period_form(context.voice, key_of(context.here)), action)]


@routes.form("freedays.period")
async def add(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep a period free."""
    await context.lead(action.id or 0)
    await _room_for_one(context)
    new = _read(values)
    await free_days.add_period(context.work, key_of(context.here), new)
    said = views.said(context.voice, "added", what=new.name, span=views.span(context.voice, new))
    return [Reply(said)]


async def _room_for_one(context: Context) -> None:
    if len(await free_days.by_hand(context.work, key_of(context.here))) >= MOST_BY_HAND:
        raise UserError("freedays/enough", most=MOST_BY_HAND)


def _read(values: Mapping[str, str]) -> Period:
    filled = Filled(values)
    name = clipped(filled.text("name", most=NAME_MAX), "")
    first = _date(filled, "first")
    last = _date(filled, "last", required=False) or first
    if first and last and last < first:
        filled.refuse("last", UserError("freedays/backwards"))
    if first and last and last - first > LONGEST:
        filled.refuse("last", UserError("freedays/toolong"))
    filled.check()
    assert first is not None  # noqa: S101 - `check` refused what gave none
    assert last is not None  # noqa: S101 - idem
    return Period(name, first, last)


def _date(filled: Filled, name: str, *, required: bool = True) -> date | None:
    typed = filled.text(name, most=10, required=required)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        filled.refuse(name, UserError("freedays/baddate"))
        return None


@routes.tap("freedays.remove")
async def remove(context: Context, action: Action) -> Answers:
    """Take out a period that was typed by hand."""
    await context.lead(action.id or 0)
    number = int(action.arg) if action.arg.isdecimal() else 0
    removed = await free_days.remove_period(context.work, key_of(context.here), number)
    if removed is None:
        raise UserError("chat/stale")
    return [Reply(views.said(context.voice, "removed", what=removed.name))]
