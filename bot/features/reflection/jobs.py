"""The clock brings a step back on its date."""

from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.messages import Answers, Person, Post
from bot.context import Context
from bot.domain.message_budget import Importance
from bot.domain.reflection import State, Step
from bot.features.reflection import views
from bot.features.reflection.routes import routes
from storage import people, reflections

LASTS = timedelta(days=14)  # chosen: long enough to wait out a full week, short enough to remember the step


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
