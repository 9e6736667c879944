"""The clock asks for a pulse, and closes it."""

from zoneinfo import ZoneInfo

from bot.chat.actions import Action
from bot.chat.cards import Card
from bot.chat.messages import Answers, Channel, Person, Post
from bot.context import Context
from bot.domain.energy import disclose
from bot.domain.message_budget import Importance
from bot.features.energy import views
from bot.features.energy.routes import routes
from storage import people, pulses, timers
from storage.people import key_of
from storage.pulses import Pulse


@routes.due("energy.ask")
async def ask(context: Context, action: Action) -> Answers:
    """Ask some of those who were there when the pulse was opened, and leave the next ones to the next ring.

    The action's `arg` is the last member who was asked, and who opened the pulse and has the question already.
    """
    pulse = await pulses.get(context.work, action.id or 0)
    if pulse is None or pulse.closed_at is not None:
        return []
    here = key_of(context.here)
    after, opener = (int(part) for part in action.arg.split())
    some = await people.some_present(context.work, here, after=after, by=pulse.opened_at)
    if some:
        arg = f"{some[-1][0].id} {opener}"
        await timers.ring_now(context.work, action.name, key_of(pulse), community_id=here, now=context.now, arg=arg)
    cards: dict[tuple[str, ZoneInfo], Card] = {}  # the same for all who read in one language and zone
    posts = []
    for member, person in some:
        voice = context.voice_for(person)
        spoken = voice.language, voice.zone
        if spoken not in cards:
            cards[spoken] = views.ask(voice, context.here.name, pulse)
        if member.id != opener:
            posts.append(question(context, pulse, member, person, cards[spoken], Importance.PULSE))
    return posts


def question(
    context: Context,
    pulse: Pulse,
    member: people.Member,
    person: people.Person,
    card: Card,
    nudge: Importance | None = None,
) -> Post:
    """Ask one member in private: a nudge for everyone but who opened the pulse."""
    key = f"energy:{pulse.id}:ask:{member.id}"
    return Post(Person(person.user_id), card, key, lasts=pulse.closes_at - context.now, nudge=nudge)


@routes.due("energy.close")
async def close(context: Context, action: Action) -> Answers:
    """Take nothing more, forget who answered, and show everyone what may be shown (5.2.1)."""
    pulse = await pulses.get(context.work, action.id or 0)
    if pulse is None or pulse.closed_at is not None:
        return []
    await pulses.close(context.work, pulse, at=context.now)
    members = await people.count_present(context.work, key_of(context.here))
    scores = await pulses.scores(context.work, key_of(pulse))
    picture = disclose(scores, invited=pulse.invited, members=members, min_n=pulse.min_n)
    card = views.result(context.channel_voice, picture)
    return [Post(Channel(context.here.conversation), card, f"energy:{pulse.id}:result")]
