"""A facilitator looks at what recurs, and pauses, resumes or skips."""

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.messages import Answers, Reply
from bot.chat.router import Audience
from bot.context import Context
from bot.errors import UserError
from bot.features.rhythm import views
from bot.features.rhythm.routes import routes
from storage import checkins, coming, occurrences, rhythms
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState


@routes.command("rhythm", nl=("ritme",), en=("rhythm",), audience=Audience.FACILITATORS, listed=True)
async def rhythm(context: Context, _text: str) -> Answers:
    """List everything that recurs."""
    rows = []
    for found in await rhythms.of_community(context.work, key_of(context.here)):
        check_in = await checkins.get(context.work, found.subject_id or 0)
        ahead = await coming.of(context.work, found, views.SHOWN)
        rows.append((check_in.question if check_in else found.kind, found, ahead))
    return [Reply(views.overview(context.voice, rows))]


@routes.tap("rhythm.pause")
async def pause(context: Context, action: Action) -> Answers:
    """Ask nothing until it is resumed."""
    found = await _mine(context, action, RhythmState.ACTIVE)
    await rhythms.pause(context.work, found)
    return [Reply(views.said(context.voice, "paused"))]


@routes.tap("rhythm.resume")
async def resume(context: Context, action: Action) -> Answers:
    """Go on with the next time."""
    found = await _mine(context, action, RhythmState.PAUSED)
    await rhythms.resume(context.work, found, now=context.now)
    return [Reply(views.said(context.voice, "resumed", following=await _following(context, found)))]


@routes.tap("rhythm.skip")
async def skip(context: Context, action: Action) -> Answers:
    """Call off the next time."""
    found = await _mine(context, action, RhythmState.ACTIVE)
    ahead = await coming.following(context.work, found)
    if ahead is None or not await occurrences.call_off(context.work, key_of(found), ahead.slot):
        raise UserError("rhythm/over")
    skipped = times.moment(context.voice, ahead.local)
    values = {"skipped": skipped, "following": await _following(context, found)}
    return [Reply(views.said(context.voice, "skipped", **values))]


async def _following(context: Context, rhythm: Rhythm) -> str | None:
    ahead = await coming.following(context.work, rhythm)
    return times.moment(context.voice, ahead.local) if ahead else None


async def _mine(context: Context, action: Action, state: RhythmState) -> Rhythm:
    found = await rhythms.get(context.work, action.id or 0, lock=True)
    if found is None:
        raise UserError("chat/stale")
    await context.lead(found.community_id)
    if found.state != state:
        raise UserError("chat/stale")
    return found
