"""A facilitator gives the link of a calendar, sees what was understood, and lets it count or not."""

from collections.abc import Mapping

from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answers, Open, Replace, Reply
from bot.context import Context
from bot.domain.free_calendar import HOST_SHOWN, LINK_MAX, MOST_CALENDARS, NAME_MAX, calendar_link, clipped, shortened
from bot.errors import UserError
from bot.features.freedays import views
from bot.features.freedays.routes import routes
from storage import free_calendars
from storage.free_days import CalendarState, FreeCalendar
from storage.people import key_of


@routes.tap("freedays.calendar")
async def calendar(context: Context, action: Action) -> Answers:
    """Open the form for a link."""
    await context.lead(action.id or 0)
    await _room_for_one(context)
    return [Open(views.calendar_form(context.voice, key_of(context.here)), action)]


@routes.form("freedays.calendar")
async def add(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep the link; it is read in a moment, outside of this transaction."""
    await context.lead(action.id or 0)
    await _room_for_one(context)
    filled = Filled(values)
    typed = filled.text("link", most=LINK_MAX)
    name = clipped(filled.text("name", most=NAME_MAX, required=False), "")
    link = calendar_link(typed)
    if link is None:
        filled.refuse("link", UserError("freedays/badlink"))
    filled.check()
    assert link is not None  # noqa: S101 - `check` refused what gave none
    here, who = key_of(context.here), key_of(context.who)
    row = await free_calendars.add(context.work, here, who, link=link, name=name, now=context.now)
    return [Reply(views.said(context.voice, "reading", host=shortened(row.host, HOST_SHOWN)))]


async def _room_for_one(context: Context) -> None:
    if len(await free_calendars.of_community(context.work, key_of(context.here))) >= MOST_CALENDARS:
        raise UserError("freedays/enoughcalendars", most=MOST_CALENDARS)


@routes.tap("freedays.look")
async def look(context: Context, action: Action) -> Answers:
    """Show once more what was understood."""
    row = await _mine(context, action, CalendarState.SEEN)
    periods = await free_calendars.periods(context.work, key_of(row))
    return [Reply(views.preview(context.voice, row, periods))]


@routes.tap("freedays.confirm")
async def confirm(context: Context, action: Action) -> Answers:
    """Let it count from now on."""
    row = await _mine(context, action, CalendarState.SEEN)
    await free_calendars.confirm(context.work, row, now=context.now)
    return [Replace(views.said(context.voice, "confirmed", what=row.name))]


@routes.tap("freedays.cancel")
async def cancel(context: Context, action: Action) -> Answers:
    """Forget a calendar that was not what was meant."""
    row = await _mine(context, action, CalendarState.SEEN)
    await free_calendars.remove(context.work, row)
    return [Replace(views.said(context.voice, "cancelled"))]


@routes.tap("freedays.drop")
async def drop(context: Context, action: Action) -> Answers:
    """Ask first: the link is not kept, and a choice in a list is easily made."""
    row = await _mine(context, action, *CalendarState)
    return [Reply(views.drop(context.voice, row))]


@routes.tap("freedays.erase")
async def erase(context: Context, action: Action) -> Answers:
    """Forget a calendar, its link and its days."""
    row = await _mine(context, action, *CalendarState)
    await free_calendars.remove(context.work, row)
    return [Replace(views.said(context.voice, "dropped", what=views.name_of(row)))]


async def _mine(context: Context, action: Action, *states: CalendarState) -> FreeCalendar:
    row = await free_calendars.get(context.work, action.id or 0)
    if row is None:
        raise UserError("chat/stale")
    await context.lead(row.community_id)
    if row.state not in states:
        raise UserError("chat/stale")
    return row
