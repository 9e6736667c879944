"""Someone joins or leaves, chooses a language, is greeted."""

from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.events import Changed
from bot.chat.messages import Answer, Answers, Person, Post, Replace, Update
from bot.context import Context
from bot.domain.message_budget import Importance
from bot.domain.people import Welcome, welcome_kind
from bot.errors import UserError
from bot.features.welcome import views
from bot.features.welcome.routes import routes
from storage import people
from storage.people import Member, key_of

NOTE_LASTS = timedelta(days=10)  # chosen: longer than a full week; later a hello is no welcome any more


@routes.event("joined")
async def joined(context: Context) -> Answers:
    """Welcome a new member once a stay, and ask the facilitators to have a human say hello (R90).

    Who is back within 90 days is greeted briefly, and the facilitators know them already. A welcome is no nudge: who
    just came is greeted at once, whatever the hour.
    """
    if not context.settled():
        return []
    community = context.here
    before = context.member
    if before is not None and before.left_at is None:
        return []
    kind = welcome_kind(before.left_at if before else None, context.now)
    member = await people.join(context.work, key_of(community), key_of(context.who), at=context.now)
    member.welcomed_at, member.greeted_by = context.now, None
    card = views.welcome(context.voice, community, member, context.who, kind)
    welcome = Post(Person(context.who.user_id), card, views.visit(member))
    return [welcome, *(await _notes(context, member) if kind is Welcome.NEW else [])]


async def _notes(context: Context, newcomer: Member) -> list[Answer]:
    """Ask the facilitators who says hello: nobody asked for it, and few things matter more to who just came."""
    return [
        Post(
            Person(person.user_id),
            views.note(context.voice_for(person), context.here, newcomer, context.who),
            f"{views.visit(newcomer)}:note:{facilitator.id}",
            lasts=NOTE_LASTS,
            nudge=Importance.NOTE,
        )
        for facilitator, person in await context.facilitators()
        if facilitator.id != newcomer.id
    ]


@routes.event("left")
async def left(context: Context) -> Answers:
    """Let someone go without a word; nothing more is sent to them from this community."""
    if context.member is not None and context.member.left_at is None:
        context.member.left_at = context.now
        context.work.session.add(context.member)
    return []


@routes.event("changed")
async def changed(context: Context) -> Answers:
    """Let someone go whose account was switched off, and have them back without a word when it is on again."""
    event = context.event
    active = event is not None and isinstance(event.body, Changed) and event.body.active
    if not active and context.who.inactive_since is None:
        await people.switch_off(context.work, context.who, at=context.now)
    elif active and context.who.inactive_since is not None:
        await people.switch_on(context.work, context.who)
    return []


@routes.tap("welcome.language")
async def language(context: Context, action: Action) -> Answers:
    """Go on in the language that was chosen, here and everywhere."""
    member = await _member(context, action)
    if member.person_id != context.who.id:
        raise UserError("chat/notyours")
    context.who.chosen_language = action.arg
    return [Replace(views.welcome(context.voice, context.here, member, context.who, Welcome.NEW))]


@routes.tap("welcome.hello")
async def hello(context: Context, action: Action) -> Answers:
    """Keep which facilitator says hello, and tell the others, so that nobody has to ask."""
    newcomer = await _member(context, action)
    if not context.facilitates():
        raise UserError("chat/notyours")
    person = await people.person_of(context.work, key_of(newcomer))
    if newcomer.greeted_by is not None:
        greeter = await people.person_of(context.work, newcomer.greeted_by)
        return [Replace(views.taken(context.voice, person, greeter))]
    newcomer.greeted_by = key_of(context.me)
    context.work.session.add(newcomer)
    others: list[Answer] = [
        Update(f"{views.visit(newcomer)}:note:{member.id}", views.taken(context.voice_for(other), person, context.who))
        for member, other in await context.facilitators()
        if member.id != context.me.id
    ]
    return [Replace(views.yours(context.voice, person, context.here.name)), *others]


async def _member(context: Context, action: Action) -> Member:
    member = await people.get_member(context.work, action.id or 0)
    if member is None:
        raise UserError("chat/stale")
    await context.enter(member.community_id)
    return member
