"""A feature for tests: a drum, of which every beat is worth a post to everyone, a post of its own, and a reply to that.

A beat that comes too late is worth one post that says so.
"""

from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.messages import Answers, Channel, Post, Thread
from bot.context import Context, FeatureRoutes
from storage import occurrences
from tests.contracts.messenger import card

KIND = "drum"
EVERYONE = "plaza"
LASTS = timedelta(days=400)  # nothing expires: whether it does in time is another test's
ASKED = ("all", "own", "reply")
LATE = "late"

routes = FeatureRoutes()


@routes.due(KIND)
async def beat(_: Context, action: Action) -> Answers:
    own = f"drum-{action.id}"
    root = _key(action, "own")
    return [
        _post(Channel(EVERYONE), action, "all"),
        _post(Channel(own), action, "own"),
        _post(Thread(own, root), action, "reply"),
    ]


@routes.due(f"{KIND}.{LATE}")
async def late(context: Context, action: Action) -> Answers:
    missed = await occurrences.say_missed(context.work, action.id or 0)
    return [_post(Channel(f"drum-{action.id}"), Action(KIND, action.id, slot), LATE) for slot in missed.slots]


def words(drum: int | None, slot: str, part: str) -> str:
    """What a post says; it tells them apart where the platform knows no keys."""
    return f"{drum} {slot} {part}"


def _post(to: Channel | Thread, action: Action, part: str) -> Post:
    return Post(to, card(words(action.id, action.arg, part)), _key(action, part), lasts=LASTS)


def _key(action: Action, part: str) -> str:
    return f"drum:{action.id}:{action.arg}:{part}"
