"""The clock tells the facilitators what did not arrive, once, together, and with what can be done about it."""

from collections import Counter
from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.messages import ADDRESS, Answers, Person, Post
from bot.context import Context
from bot.domain.message_budget import Importance
from bot.features.lost import views
from bot.features.lost.routes import routes
from storage import deliveries
from storage.communities import key_of

LASTS = timedelta(days=10)  # chosen: longer than a full week; later it is of no use to a facilitator any more


@routes.due("delivery.lost")
async def tell(context: Context, _action: Action) -> Answers:
    """Count what was lost by where it was to go and why; whose it was is not told, since it may be personal.

    It is a nudge of the kind that only tells.
    """
    lost = await deliveries.lost(context.work, key_of(context.here))
    if not lost:
        return []
    counts = Counter((ADDRESS.validate_json(one.address).kind, one.reason) for one in lost)
    return [
        Post(
            Person(person.user_id),
            views.notice(context.voice_for(person), context.here.name, sorted(counts.items())),
            f"lost:{lost[-1].id}:{member.id}",
            lasts=LASTS,
            missed=False,
            nudge=Importance.NOTE,
        )
        for member, person in await context.facilitators()
    ]
