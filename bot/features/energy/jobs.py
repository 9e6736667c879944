"""The clock closes a pulse."""

from bot.chat.actions import Action
from bot.chat.messages import Answers, Channel, Post
from bot.context import Context
from bot.domain.energy import disclose
from bot.features.energy import views
from bot.features.energy.routes import routes
from storage import people, pulses
from storage.people import key_of


@routes.due("energy.close")
async def close(context: Context, action: Action) -> Answers:
    """Take nothing more, forget who answered, and show everyone what may be shown (5.2.1)."""
    pulse = await pulses.get(context.work, action.id or 0)
    if pulse is None or pulse.closed_at is not None:
        return []
    await pulses.close(context.work, pulse, at=context.now)
    members = len(await people.present(context.work, key_of(context.here)))
    scores = await pulses.scores(context.work, key_of(pulse))
    picture = disclose(scores, invited=pulse.invited, members=members, min_n=pulse.min_n)
    card = views.result(context.channel_voice, picture)
    return [Post(Channel(context.here.conversation), card, f"energy:{pulse.id}:result")]
