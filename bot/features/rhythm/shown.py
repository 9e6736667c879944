"""What the handlers share: the rhythm that a button is about, what is shown of it, and the dates people fill in."""

from datetime import date

from bot.chat.actions import Action
from bot.chat.forms import Filled
from bot.context import Context
from bot.errors import UserError
from bot.features.rhythm.views import SHOWN, Shown
from storage import checkins, coming, rhythms
from storage.rhythms import Rhythm, RhythmState


async def mine(context: Context, action: Action, *states: RhythmState) -> Rhythm:
    """Return the rhythm of a button, for who leads its community; raises `UserError` when it is in another state."""
    found = await rhythms.get(context.work, action.id or 0, lock=True)
    if found is None:
        raise UserError("chat/stale")
    await context.lead(found.community_id)
    if found.state not in states:
        raise UserError("chat/stale")
    return found


async def of(context: Context, rhythm: Rhythm) -> Shown:
    """Look up what a rhythm asks, and its next times."""
    check_in = await checkins.get(context.work, rhythm.subject_id or 0)
    ahead = await coming.of(context.work, rhythm, SHOWN)
    return Shown(check_in.question if check_in else rhythm.kind, rhythm, tuple(ahead))


def date_in(filled: Filled, name: str) -> date | None:
    """Read a date that was filled in; a wrong one is refused."""
    typed = filled.text(name, most=10)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        filled.refuse(name, UserError("rhythm/notadate"))
        return None
