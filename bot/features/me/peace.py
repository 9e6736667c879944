"""A person says how often and when Kring may write to them unasked: a budget, hours, days, a pause, or nothing at all.

It holds in every community (R58), and nobody else is told. `pause` and `stop` always work (handbook, stages 3.2.8).
"""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.chat.actions import Action
from bot.chat.cards import Card
from bot.chat.forms import Filled
from bot.chat.messages import Answer, Answers, Open, Release, Replace, Reply
from bot.context import Context
from bot.domain.message_budget import BUDGETS
from bot.domain.peace_words import read_days, read_quiet, read_until
from bot.errors import UserError
from bot.features.me import views
from bot.features.me.page import page, peace, today
from bot.features.me.routes import routes
from storage import nudges
from storage.nudges import NudgeState
from storage.people import key_of

PAUSE = timedelta(days=14)  # chosen: a holiday; the answer says until when, and offers another date


@routes.command("pause", nl=("pauze", "pauzeer"), en=("pause",), anywhere=True)
async def pause(context: Context, _text: str) -> Answers:
    """Write nothing unasked for two weeks."""
    return await _paused(context, await today(context) + PAUSE)


@routes.command(
    "pause.until", nl=("pauze tot", "pauzeer tot"), en=("pause until", "pause till"), takes_text="always", anywhere=True
)
async def pause_until(context: Context, text: str) -> Answers:
    """Write nothing unasked until a date, on which it ends by itself."""
    until = read_until(text, await today(context))
    if until is None:
        raise UserError("me/baddate")
    return await _paused(context, until)


@routes.command("stop", nl=("stop",), en=("stop",), anywhere=True)
async def stop(context: Context, _text: str) -> Answers:
    """Write nothing unasked any more, and wait for no words either."""
    context.who.expects = None
    await _choose(context, 0)
    return [Reply(views.stopped(context.voice))]


@routes.command("resume", nl=("hervat", "ga door"), en=("resume",), anywhere=True)
async def resume(context: Context, _text: str) -> Answers:
    """End a pause, or a stop."""
    return [Reply(await _resumed(context))]


@routes.tap("me.resume")
async def tap_resume(context: Context, _action: Action) -> Answers:
    """End a pause, or a stop, with a tap."""
    return [Replace(await _resumed(context))]


@routes.tap("me.pause")
async def open_pause(context: Context, action: Action) -> Answers:
    """Ask until when."""
    until = context.who.paused_until_on
    now = await today(context)
    return [Open(views.pause_form(context.voice, until if until and until > now else now + PAUSE), action)]


@routes.form("me.setpause")
async def set_pause(context: Context, _action: Action, values: Mapping[str, str]) -> Answers:
    """Keep until when."""
    filled = Filled(values)
    until = read_until(filled.text("until", most=views.LINE_MAX), await today(context))
    if until is None:
        filled.refuse("until", UserError("me/baddate"))
    filled.check()
    assert until is not None  # noqa: S101 - `check` refused what gave none
    return await _paused(context, until)


@routes.tap("me.rest")
async def open_rest(context: Context, action: Action) -> Answers:
    """Ask how often and when."""
    return [Open(views.rest_form(context.voice, await peace(context)), action)]


@routes.form("me.setrest")
async def set_rest(context: Context, _action: Action, values: Mapping[str, str]) -> Answers:
    """Keep how often and when; what is not understood is refused with an example."""
    filled = Filled(values)
    budget = filled.option("budget", [str(number) for number in BUDGETS])
    quiet = read_quiet(filled.text("quiet", most=views.LINE_MAX, required=False))
    days = read_days(filled.text("days", most=views.LINE_MAX))
    if quiet is None:
        filled.refuse("quiet", UserError("me/badquiet"))
    if days is None:
        filled.refuse("days", UserError("me/baddays"))
    filled.check()
    assert days is not None  # noqa: S101 - `check` refused what gave none
    context.who.quiet_hours, context.who.working_days = str(quiet), "".join(str(day) for day in sorted(days))
    await _choose(context, int(budget))
    return [Reply(await page(context))]


@routes.tap("me.show")
async def show(context: Context, action: Action) -> Answers:
    """Show what waits, at once: now it is asked for, and counts no more."""
    nudge = await nudges.get(context.work, action.id or 0)
    if nudge is None:
        raise UserError("chat/stale")
    if nudge.person_id != context.who.id:
        raise UserError("chat/notyours")
    alive = {one.nudge.id for one in await nudges.waiting(context.work, [nudge.person_id], context.now) if one.alive}
    if nudge.id not in alive:
        raise UserError("chat/stale")
    nudge.state, nudge.look_at = NudgeState.SHOWN, None
    context.work.session.add(nudge)
    answers: list[Answer] = [Release((nudge.dedupe_key,))]
    if context.event and not context.event.place.direct:
        answers.append(Reply(views.said(context.voice, "shown")))
    return answers


@routes.tap("me.peace")
async def answer(context: Context, action: Action) -> Answers:
    """Keep sending, less, or only when they ask. That they answered at all began the count anew."""
    match action.arg:
        case "keep":
            card = views.said(context.voice, "going")
        case "less":
            await _choose(context, 1)
            card = views.said(context.voice, "less")
        case "ask":
            await _choose(context, 0)
            card = views.stopped(context.voice)
        case _:
            raise UserError("chat/stale")
    return [Replace(card)]


async def _paused(context: Context, until: date) -> Answers:
    context.who.paused_until_on = until
    await _changed(context)
    return [Reply(views.paused(context.voice, until))]


async def _resumed(context: Context) -> Card:
    context.who.paused_until_on = None
    await _choose(context, None if context.who.message_budget == 0 else context.who.message_budget)
    return views.said(context.voice, "going")


async def _choose(context: Context, budget: int | None) -> None:
    context.who.message_budget = budget
    await _changed(context)


async def _changed(context: Context) -> None:
    """Look again at what waits: it may go sooner now, or later."""
    context.work.session.add(context.who)
    await nudges.stir(context.work, key_of(context.who), context.now)
