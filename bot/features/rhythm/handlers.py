"""A facilitator looks at what recurs, and pauses it, for a while or without an end, or lets it go on."""

from collections.abc import Mapping
from datetime import date

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answers, Open, Reply
from bot.chat.router import Audience
from bot.context import Context
from bot.domain.calendar import local_date, zone
from bot.errors import FormError, UserError
from bot.features.rhythm import shown, views
from bot.features.rhythm.routes import routes
from storage import coming, rhythms
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState


@routes.command("rhythm", nl=("ritme",), en=("rhythm",), audience=Audience.FACILITATORS, listed=True)
async def rhythm(context: Context, _text: str) -> Answers:
    """List everything that recurs; the only one at once with what can be done about it."""
    going = [await shown.of(context, found) for found in await rhythms.of_community(context.work, key_of(context.here))]
    if len(going) == 1:
        return [Reply(views.one(context.voice, going[0]))]
    return [Reply(views.overview(context.voice, going))]


@routes.tap("rhythm.open")
async def open_(context: Context, action: Action) -> Answers:
    """Show one, with what can be done about it."""
    found = await shown.mine(context, action, RhythmState.ACTIVE, RhythmState.PAUSED)
    return [Reply(views.one(context.voice, await shown.of(context, found)))]


@routes.tap("rhythm.pause")
async def pause(context: Context, action: Action) -> Answers:
    """Ask nothing until it is resumed."""
    found = await shown.mine(context, action, RhythmState.ACTIVE)
    await rhythms.pause(context.work, found)
    return [Reply(views.said(context.voice, "paused"))]


@routes.tap("rhythm.pause.until")
async def until(context: Context, action: Action) -> Answers:
    """Open the form for a pause that ends by itself."""
    await shown.mine(context, action, RhythmState.ACTIVE, RhythmState.PAUSED)
    return [Open(views.until_form(context.voice, action.id or 0), action)]


@routes.form("rhythm.pause.until")
async def pause_until(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Ask nothing until a date; the first time on it or after it ends the pause."""
    found = await shown.mine(context, action, RhythmState.ACTIVE, RhythmState.PAUSED)
    filled = Filled(values)
    on = shown.date_in(filled, "on")
    if on and on <= _today(context, found):
        filled.refuse("on", UserError("rhythm/notahead"))
    filled.check()
    assert on is not None  # noqa: S101 - `check` refused what gave none
    if await rhythms.pause_until(context.work, found, on) is None:
        raise FormError({"on": UserError("rhythm/pastend")})
    return [Reply(views.paused_until(context.voice, await shown.of(context, found), on))]


@routes.tap("rhythm.resume")
async def resume(context: Context, action: Action) -> Answers:
    """Go on with the next time."""
    found = await shown.mine(context, action, RhythmState.PAUSED)
    await rhythms.resume(context.work, found, now=context.now)
    following = await coming.following(context.work, found)
    said = following and times.moment(context.voice, following.local)
    return [Reply(views.said(context.voice, "resumed", following=said))]


def _today(context: Context, rhythm: Rhythm) -> date:
    place = zone(rhythm.timezone)
    return local_date(context.now, place) if place else context.now.date()
