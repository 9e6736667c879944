"""The clock asks everyone to reflect, some at a time, and brings a step back on its date."""

from dataclasses import replace
from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.messages import Answers, Person, Post
from bot.context import Context
from bot.domain.message_budget import Importance
from bot.domain.reflection import State, Step
from bot.features.reflection import inviting, views
from bot.features.reflection.routes import routes
from storage import people, reflections, timers
from storage.people import key_of

INVITED_FOR = timedelta(days=10)  # chosen: longer than a week with a full budget; later it is about too long ago
LASTS = timedelta(days=14)  # chosen: long enough to wait out a full week, short enough to remember the step


@routes.due("reflection.invite")
async def invite(context: Context, action: Action) -> Answers:
    """Ask some of those who were there when a cycle was opened for all, and leave the next ones to the next ring.

    The action's `arg` is the last member who was asked. For all but who opened it, it is a nudge.
    """
    cycle = await reflections.cycle(context.work, action.id or 0)
    if cycle is None:
        return []
    here = key_of(context.here)
    some = await people.some_present(context.work, here, after=int(action.arg), by=cycle.opened_at)
    if some:
        last = str(some[-1][0].id)
        await timers.ring_now(context.work, action.name, key_of(cycle), community_id=here, now=context.now, arg=last)
    others = [(key_of(member), person) for member, person in some if member.id != cycle.opened_by]
    posts = [await inviting.invite(context, cycle, member_id, person) for member_id, person in others]
    return [replace(post, lasts=INVITED_FOR, nudge=Importance.OTHER) for post in posts]


@routes.due("reflection.lookback")
async def look_back(context: Context, action: Action) -> Answers:
    """Ask how the step went; someone who left or who closed it is left in peace.

    It is a nudge, and of all nudges what a person asked for most: it is about their own step.
    """
    found = await reflections.get(context.work, action.id or 0)
    if found is None or found[0].state not in {State.SHARING, State.ACTING}:
        return []
    reflection, _ = found
    member = await people.get_member(context.work, reflection.member_id)
    if member is None or member.left_at is not None:
        return []
    person = await people.person_of(context.work, reflection.member_id)
    step = (await reflections.answers(context.work, action.id or 0)).get(Step.CHANGE, "")
    reflection.state = State.ACTING
    await reflections.add(context.work, reflection)
    card = views.look_back(context.voice_for(person), reflection, step)
    key = f"reflection:{reflection.id}:lookback"
    return [Post(Person(person.user_id), card, key, lasts=LASTS, nudge=Importance.OWN)]
