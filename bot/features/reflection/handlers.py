"""A member reflects: begins, answers step by step, shares or keeps it, and later says how the step went."""

from collections.abc import Mapping

from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.chat.messages import Answer, Answers, Channel, Open, Person, Post, Replace, Reply
from bot.context import Context
from bot.domain.reflection import SHORT_STROKE, Outcome, State, Step, look_back_at, move, next_step
from bot.errors import UserError
from bot.features.reflection import inviting, views
from bot.features.reflection.routes import routes
from storage import people, reflections, timers
from storage.reflections import Cycle, Reflection, key_of

LEARNED = 4  # after the three steps of the short stroke: what the outcome says (handbook 7.1)


@routes.command("reflect", nl=("reflectie", "reflecteren"), en=("reflect", "reflection"), listed=True)
async def reflect(context: Context, _text: str) -> Answers:
    """Offer a short stroke."""
    here = key_of(context.here)
    progress = await reflections.progress(context.work, here)
    return [Reply(views.start(context.voice, here, facilitator=context.facilitates(), progress=progress))]


@routes.tap("reflection.begin")
async def begin(context: Context, action: Action) -> Answers:
    """Begin for oneself alone."""
    await context.enter(action.id or 0)
    cycle = await _cycle(context, for_all=False)
    return [await inviting.invite(context, cycle, key_of(context.me), context.who)]


@routes.tap("reflection.all")
async def begin_all(context: Context, action: Action) -> Answers:
    """Ask everyone, each in private.

    Who opened it asked for it, and has it at once; the clock asks the others, some at a time.
    """
    await context.lead(action.id or 0)
    cycle = await _cycle(context, for_all=True)
    here = key_of(context.here)
    await timers.ring_now(context.work, "reflection.invite", key_of(cycle), community_id=here, now=context.now, arg="0")
    mine = await inviting.invite(context, cycle, key_of(context.me), context.who)
    members = await people.count_present(context.work, here)
    return [mine, Replace(views.opened(context.voice, members))]


@routes.tap("reflection.write")
async def write(context: Context, action: Action) -> Answers:
    """Open the form of one step."""
    reflection, _ = await _mine(context, action)
    step = _step(reflection, action)
    written = (await reflections.answers(context.work, key_of(reflection))).get(step, "")
    return [Open(views.form(context.voice, reflection, step, written), action)]


@routes.form("reflection.answer")
async def answer(context: Context, action: Action, values: Mapping[str, str]) -> Answers:
    """Keep one answer, sealed, and ask the next step."""
    reflection, cycle = await _mine(context, action)
    step = _step(reflection, action)
    filled = Filled(values)
    text = filled.text("text", most=views.ANSWER_MAX)
    filled.check()
    await reflections.answer(context.work, key_of(reflection), step, text)
    if step == LEARNED:
        return [await _finish(context, reflection)]
    _go(reflection, State.COLLECTING)
    return [await _next(context, reflection, cycle, before=text)]


@routes.tap("reflection.decline")
async def decline(context: Context, action: Action) -> Answers:
    """Leave it at this; no reason needed."""
    reflection, _ = await _mine(context, action)
    context.who.expects = None
    reflection.state = State.CLOSED
    await reflections.add(context.work, reflection)
    return [Replace(views.said(context.voice, "declined"))]


@routes.tap("reflection.preview")
async def preview(context: Context, action: Action) -> Answers:
    """Show what the others would see."""
    reflection, _ = await _mine(context, action, shared=False)
    answers = await reflections.answers(context.work, key_of(reflection))
    return [Replace(views.preview(context.voice, reflection, context.who.name, answers, context.here.name))]


@routes.tap("reflection.share")
async def share(context: Context, action: Action) -> Answers:
    """Share it with everyone in the channel, once."""
    reflection, _ = await _mine(context, action, shared=False)
    answers = await reflections.answers(context.work, key_of(reflection))
    reflection.shared_at = context.now
    _go(reflection, State.ACTING)
    await reflections.add(context.work, reflection)
    card = views.shared(context.channel_voice, context.who.name, answers)
    post = Post(Channel(context.here.conversation), card, f"reflection:{reflection.id}:shared")
    return [post, Replace(views.said(context.voice, "placed", date=_date(context, reflection)))]


@routes.tap("reflection.keep")
async def keep(context: Context, action: Action) -> Answers:
    """Keep it private."""
    reflection, _ = await _mine(context, action, shared=False)
    _go(reflection, State.ACTING)
    await reflections.add(context.work, reflection)
    return [Replace(views.said(context.voice, "kept", date=_date(context, reflection)))]


@routes.tap("reflection.outcome")
async def outcome(context: Context, action: Action) -> Answers:
    """Keep how the step went, and ask what that says."""
    reflection, _ = await _mine(context, action)
    if action.arg not in set(Outcome):
        raise UserError("chat/stale")
    reflection.outcome = action.arg
    _go(reflection, State.REVIEWED)
    await reflections.add(context.work, reflection)
    context.who.expects = Action("reflection.answer", reflection.id, str(LEARNED)).encode()
    return [Replace(views.learned(context.voice, reflection, action.arg))]


async def _cycle(context: Context, *, for_all: bool) -> Cycle:
    cycle = Cycle(
        community_id=key_of(context.here),
        model=SHORT_STROKE,
        opened_by=key_of(context.me),
        for_all=for_all,
        opened_at=context.now,
    )
    await reflections.add(context.work, cycle)
    return cycle


async def _next(context: Context, reflection: Reflection, cycle: Cycle, *, before: str) -> Answer:
    """Ask the next step, or show the whole and set the date on which the step comes back."""
    answers = await reflections.answers(context.work, key_of(reflection))
    step = next_step(answers.keys())
    if step is not None:
        await reflections.add(context.work, reflection)
        return inviting.ask(context, reflection, step, context.who, before)
    context.who.expects = None
    zone = context.voice.zone
    back = look_back_at(context.now, zone)
    reflection.look_back_on = back.astimezone(zone).date()
    _go(reflection, State.SHARING)
    await reflections.add(context.work, reflection)
    await timers.set_timer(
        context.work, "reflection.lookback", key_of(reflection), community_id=cycle.community_id, due_at=back
    )
    key = f"reflection:{reflection.id}:complete"
    card = views.complete(context.voice, reflection, answers, reflection.look_back_on)
    return Post(Person(context.who.user_id), card, key)


async def _finish(context: Context, reflection: Reflection) -> Answer:
    context.who.expects = None
    reflection.state = State.CLOSED
    await reflections.add(context.work, reflection)
    return Post(Person(context.who.user_id), views.said(context.voice, "finished"), f"reflection:{reflection.id}:done")


def _go(reflection: Reflection, to: State) -> None:
    """Move on; staying where it is, or where it can't go from here, changes nothing."""
    reflection.state = move(State(reflection.state), to) or reflection.state


def _step(reflection: Reflection, action: Action) -> int:
    step = int(action.arg) if action.arg.isdigit() else 0
    if step == LEARNED and reflection.state == State.REVIEWED:
        return step
    if step in set(Step) and reflection.state in {State.OPEN, State.COLLECTING}:
        return step
    raise UserError("chat/stale")


def _date(context: Context, reflection: Reflection) -> str:
    return context.voice.day(reflection.look_back_on) if reflection.look_back_on else ""


async def _mine(context: Context, action: Action, *, shared: bool | None = None) -> tuple[Reflection, Cycle]:
    """Return one's own reflection that is still going; another's, and one that is over, is a kind refusal."""
    found = await reflections.get(context.work, action.id or 0)
    if found is None:
        raise UserError("chat/stale")
    reflection, cycle = found
    await context.enter(cycle.community_id)
    if context.member is None or reflection.member_id != context.member.id:
        raise UserError("chat/notyours")
    over = reflection.state == State.CLOSED or (shared is False and reflection.shared_at is not None)
    if over or (shared is False and reflection.state not in {State.SHARING, State.ACTING}):
        raise UserError("chat/stale")
    return reflection, cycle
