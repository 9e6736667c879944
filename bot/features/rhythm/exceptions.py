"""A facilitator makes an exception: skips one of the next times, or moves it to another moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answers, Open, Replace, Reply
from bot.context import Context
from bot.domain.clock_words import take_times
from bot.domain.rhythm import Between, MoveRefusal, move
from bot.domain.vocabulary import plain
from bot.errors import FormError, UserError
from bot.features.rhythm import shown, views
from bot.features.rhythm.routes import routes
from storage import coming, occurrences
from storage.coming import Coming
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState


@routes.tap("rhythm.skip")
async def skip(context: Context, action: Action) -> Answers:
    """Ask which of the next times to skip."""
    found = await shown.mine(context, action, RhythmState.ACTIVE)
    ahead = await coming.of(context.work, found, views.SHOWN)
    return [_which(context, found, "skip", [one for one in ahead if one.skipped is None])]


@routes.tap("rhythm.skip.one")
async def skip_one(context: Context, action: Action) -> Answers:
    """Skip this time."""
    found, one = await _chosen(context, action)
    if not await occurrences.call_off(context.work, key_of(found), one.slot):
        raise UserError("rhythm/changed")
    return [Replace(views.skipped(context.voice, await shown.of(context, found), one))]


@routes.tap("rhythm.move")
async def move_(context: Context, action: Action) -> Answers:
    """Ask which of the next times to move."""
    found = await shown.mine(context, action, RhythmState.ACTIVE)
    ahead = await coming.of(context.work, found, views.SHOWN)
    return [_which(context, found, "move", [one for one in ahead if one.skipped is None and not one.moved])]


@routes.tap("rhythm.move.one")
async def move_one(context: Context, action: Action) -> Answers:
    """Open the form for where to."""
    _, one = await _chosen(context, action)
    _unmoved(context, one)
    return [Open(views.move_form(context.voice, action, one), action)]


@routes.form("rhythm.move.one")
async def move_to(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Move this time to another moment, between the times before and after it."""
    found, one = await _chosen(context, action)
    _unmoved(context, one)
    filled = Filled(values)
    on, at_time = shown.date_in(filled, "on"), _time(filled)
    filled.check()
    assert on is not None  # noqa: S101 - `check` refused what gave none
    assert at_time is not None  # noqa: S101 - as above
    to, between = datetime.combine(on, at_time), await _between(context, found, one)
    at = move(one.slot, to, found.timezone, between)
    if isinstance(at, MoveRefusal):
        raise FormError({"on": _refusal(context, at, between, found)})
    if not await occurrences.move(context.work, key_of(found), one.slot, to, at):
        raise UserError("rhythm/changed")
    return [Reply(views.moved(context.voice, await shown.of(context, found), one, to))]


def _which(context: Context, rhythm: Rhythm, what: str, ahead: Sequence[Coming]) -> Reply:
    if not ahead:
        raise UserError("rhythm/over")
    return Reply(views.which(context.voice, key_of(rhythm), what, ahead))


async def _chosen(context: Context, action: Action) -> tuple[Rhythm, Coming]:
    """Return the rhythm, and the one of its next times that was chosen, if that is still to come."""
    found = await shown.mine(context, action, RhythmState.ACTIVE)
    ahead = await coming.of(context.work, found, coming.LOOKED)
    one = next((one for one in ahead if one.slot.local == action.arg and one.at > context.now), None)
    if one is None:
        raise UserError("rhythm/gone")
    if one.skipped:
        raise UserError("rhythm/changed")
    return found, one


def _unmoved(context: Context, one: Coming) -> None:
    if one.moved:
        raise UserError("rhythm/alreadymoved", to=times.moment(context.voice, one.local))


def _time(filled: Filled) -> time | None:
    """Read a time of day: "14:30", "half drie", or a bare hour."""
    typed = filled.text("time", most=views.TIME_MAX)
    for words in (typed, f"om {typed}"):
        rest, found = take_times(plain(words))
        if len(found) == 1 and not rest.replace("@", "").strip():
            at = found.pop()
            if at is not None:
                return at
    filled.refuse("time", UserError("rhythm/notatime"))
    return None


async def _between(context: Context, rhythm: Rhythm, one: Coming) -> Between:
    """Find the times on both sides of one that will be asked."""
    ahead = [other for other in await coming.of(context.work, rhythm, coming.LOOKED) if other.skipped is None]
    place = ahead.index(one)
    before = ahead[place - 1].at if place else None
    after = ahead[place + 1].at if place + 1 < len(ahead) else None
    return Between(context.now, before, after)


def _refusal(context: Context, refusal: MoveRefusal, between: Between, rhythm: Rhythm) -> UserError:
    zone_voice = context.prompts.voice(context.voice.language, rhythm.timezone, context.platform)
    neighbour = {MoveRefusal.TOO_EARLY: between.before, MoveRefusal.TOO_LATE: between.after}.get(refusal)
    other = f"{zone_voice.day(neighbour)}, {zone_voice.time(neighbour)}" if neighbour else ""
    return UserError(f"rhythm/move{refusal.value.replace('_', '')}", other=other, zone=rhythm.timezone)
