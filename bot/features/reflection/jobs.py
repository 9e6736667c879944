"""The clock brings a step back on its date."""

from bot.chat.actions import Action
from bot.chat.messages import Answers, Person, Post
from bot.context import Context
from bot.domain.reflection import State, Step
from bot.features.reflection import views
from bot.features.reflection.routes import routes
from storage import people, reflections


@routes.due("reflection.lookback")
async def look_back(context: Context, action: Action) -> Answers:
    """Ask how the step went; someone who left or who closed it is left in peace."""
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
    return [Post(Person(person.user_id), card, f"reflection:{reflection.id}:lookback")]
