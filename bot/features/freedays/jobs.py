"""The clock tells how reading a calendar went: what was understood, or that it could not be read."""

from dataclasses import replace
from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.cards import Card
from bot.chat.messages import Answer, Answers, Person, Post
from bot.chat.prompts import Voice
from bot.context import Context
from bot.domain.free_days import Period
from bot.domain.message_budget import Importance
from bot.features.freedays import views
from bot.features.freedays.routes import routes
from storage import free_calendars
from storage.free_days import CalendarState, FreeCalendar
from storage.people import key_of

NOTE_LASTS = timedelta(days=10)  # chosen: longer than a full week; later it is of no use to a facilitator any more


@routes.due("freedays.told")
async def told(context: Context, action: Action) -> Answers:
    """Tell who gave the link, as long as they lead; of a calendar that counts, tell all facilitators.

    A link that could not be read the first time is forgotten. Who gave it asked how it went; for the others it is a
    nudge, of the kind that only tells.
    """
    row = await free_calendars.get(context.work, action.id or 0)
    if row is None:
        return []
    periods = await free_calendars.periods(context.work, key_of(row))
    if row.state == CalendarState.WANTED:
        await free_calendars.remove(context.work, row)
    everyone = await context.facilitators()
    giver = [(member, person) for member, person in everyone if person.id == row.person_id]
    answers: list[Answer] = []
    for member, person in everyone if row.state == CalendarState.ACTIVE else giver:
        key = f"freedays:told:{row.id}:{row.state}:{row.fetched_at:%Y%m%dT%H%M%S}:{member.id}"
        card = _card(context.voice_for(person), row, periods)
        post = Post(Person(person.user_id), card, key)
        unasked = row.state == CalendarState.ACTIVE
        answers.append(replace(post, lasts=NOTE_LASTS, nudge=Importance.NOTE) if unasked else post)
    return answers


def _card(voice: Voice, row: FreeCalendar, periods: list[Period]) -> Card:
    if row.state == CalendarState.SEEN:
        return views.preview(voice, row, periods)
    return views.unread(voice, row) if row.state == CalendarState.WANTED else views.lost(voice, row)
