"""A member answers a check-in: by button, by form, or by typing under the question; skips it, or changes their mind."""

from collections.abc import Mapping

from bot.chat.actions import Action
from bot.chat.events import Commanded, Said
from bot.chat.forms import Filled
from bot.chat.messages import Answer as Outgoing
from bot.chat.messages import Answers, Open, Post, Reply, Thread, Update
from bot.chat.router import normal
from bot.context import Context
from bot.domain.checkin import MAX_ANSWER, RunState
from bot.errors import UserError
from bot.features.checkin import tally, views
from bot.features.checkin.routes import routes
from storage import checkins
from storage.checkins import Answer, CheckIn, Run, key_of


@routes.tap("checkin.open")
async def open_(context: Context, action: Action) -> Answers:
    """Open the form, with one's own answer in it if there is one."""
    run, check_in, mine = await _open_run(context, action)
    written = context.work.vault.read(mine.words) if mine and mine.words else ""
    return [Open(views.answer_form(context.voice, check_in, run, written), action)]


@routes.form("checkin.answer")
async def answer(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep an answer in words. Typed in the thread it stands there already; from the form it is posted there.

    What a member types under the question after their answer is talk among people: it is not kept. Who calls Kring by
    its name there speaks to Kring, and changes the answer.
    """
    body = context.event.body if context.event else None
    overheard = isinstance(body, Said)
    run, check_in, mine = await _open_run(context, action, quiet=overheard)
    if overheard and mine and not mine.skipped:
        return []
    if check_in.choices():
        return await _chosen_in_words(context, action, check_in, values.get("text", ""))
    filled = Filled(values)
    text = filled.text("text", most=MAX_ANSWER)
    filled.check()
    first_here = mine is None or mine.typed or mine.skipped
    mine = mine or Answer(run_id=key_of(run), member_id=key_of(context.me), at=context.now)
    mine.words, mine.option, mine.skipped = context.work.vault.seal(text), None, False
    mine.typed = first_here and isinstance(body, Said | Commanded)
    await checkins.add(context.work, mine)
    posts = [] if mine.typed else [_in_thread(context, run, text, first=first_here)]
    return [*posts, *await tally.summed(context, run, check_in), _receipt(context, run)]


@routes.tap("checkin.choose")
async def choose(context: Context, action: Action) -> Answers:
    """Keep which option was tapped."""
    run, check_in, mine = await _open_run(context, action)
    if not action.arg.isdigit() or int(action.arg) >= len(check_in.choices()):
        raise UserError("chat/stale")
    mine = mine or Answer(run_id=key_of(run), member_id=key_of(context.me), at=context.now)
    mine.option, mine.skipped = int(action.arg), False
    await checkins.add(context.work, mine)
    return [*await tally.summed(context, run, check_in), _receipt(context, run)]


async def _chosen_in_words(context: Context, action: Action, check_in: CheckIn, text: str) -> Answers:
    """Take typed words for the option they name; other words are talk, and who has not answered hears how to."""
    named = [number for number, option in enumerate(check_in.choices()) if normal(option) == normal(text)]
    if not named:
        return [Reply(views.said(context.voice, "tapone"))]
    return await choose(context, Action(action.name, action.id, str(named[0])))


@routes.tap("checkin.skip")
async def skip(context: Context, action: Action) -> Answers:
    """Leave someone in peace this time; nobody is told."""
    run, _, mine = await _open_run(context, action)
    if mine is not None and not mine.skipped:
        raise UserError("checkin/answered")
    if mine is None:
        row = Answer(run_id=key_of(run), member_id=key_of(context.me), skipped=True, at=context.now)
        await checkins.add(context.work, row)
    return [Reply(views.said(context.voice, "skipped"))]


def _in_thread(context: Context, run: Run, text: str, *, first: bool) -> Outgoing:
    card = views.answer(context.channel_voice, context.who.name, text)
    key = f"checkin:{run.id}:answer:{context.me.id}"
    return Post(Thread(context.here.conversation, tally.root(run)), card, key) if first else Update(key, card)


def _receipt(context: Context, run: Run) -> Outgoing:
    voice = context.voice
    closes = f"{voice.day(run.closes_at)} {voice.time(run.closes_at)}"
    return Reply(views.said(voice, "thanks", closes=closes))


async def _open_run(context: Context, action: Action, *, quiet: bool = False) -> tuple[Run, CheckIn, Answer | None]:
    """Return an open run, and the member's own answer in it; a closed one is a kind refusal."""
    found = await checkins.run_of(context.work, action.id or 0)
    if found is None:
        raise UserError("chat/stale")
    run, check_in = found
    await context.enter(check_in.community_id)
    mine = await checkins.answer_of(context.work, key_of(run), key_of(context.me))
    answered = mine is not None and not mine.skipped
    if run.state != RunState.OPEN and not (quiet and answered):
        raise UserError("checkin/toolate")
    return run, check_in, mine
