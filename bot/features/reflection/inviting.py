"""Asking a step of a reflection in private: at a gesture of one's own, or because everyone is asked."""

from bot.chat.actions import Action
from bot.chat.messages import Person, Post
from bot.context import Context
from bot.domain.reflection import Step
from bot.features.reflection import views
from storage import reflections
from storage.people import Person as StoredPerson
from storage.reflections import Cycle, Reflection, key_of


async def invite(context: Context, cycle: Cycle, member_id: int, person: StoredPerson) -> Post:
    """Begin a reflection for one member, and ask its first step."""
    reflection = Reflection(cycle_id=key_of(cycle), member_id=member_id)
    await reflections.add(context.work, reflection)
    return ask(context, reflection, Step.NOTICE, person, None)


def ask(context: Context, reflection: Reflection, step: int, person: StoredPerson, before: str | None) -> Post:
    """Put a step to a person; what they type next in a direct message is the answer to it."""
    card = views.ask(context.voice_for(person), reflection, step, community=context.here.name, before=before)
    replies = Action("reflection.answer", reflection.id, str(step))
    return Post(Person(person.user_id), card, f"reflection:{reflection.id}:step{step}", replies)
