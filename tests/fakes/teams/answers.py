"""What a client makes of the response to a gesture; what no client understands is an `UnknownAnswer`."""

from typing import Any

from tests.fakes.teams import checks
from tests.fakes.teams.ways import Answered
from tests.fakes.teams.world import WRONG, Conversation, Dialog, Json, Message, World

MESSAGE = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
SIZES = {"small", "medium", "large"}


class UnknownAnswer(AssertionError):
    """The app answered what Teams has no meaning for."""


def executed(world: World, name: str, message: Message, answered: Answered) -> None:
    """Show what answers an Action.Execute: another card, to this person alone, or words beside it.

    Source: learn.microsoft.com, "Universal Action Model", response format.
    """
    if answered.status != 200 or not answered.body:  # a bare 200 is an error to the client
        world.notice(name, WRONG)
        return
    match answered.body:
        case {"statusCode": 200, "type": checks.ADAPTIVE, "value": dict() as card, **more} if not more:
            message.views[name] = sound(card)
        case {"statusCode": 200, "type": str(kind), "value": str(words), **more} if kind == MESSAGE and not more:
            world.notice(name, words or WRONG)  # an empty one is a failed answer: vercel/chat issue 731
        case {"statusCode": int(), "type": str(kind), "value": {"code": str(), "message": str()}} if kind == ERROR:
            world.notice(name, WRONG)
        case _:
            raise UnknownAnswer(answered.text)


def dialog(world: World, name: str, place: Conversation, root: str | None, answered: Answered) -> None:
    """Show what answers task/fetch and task/submit: a dialog, words in its place, or nothing: it closes.

    Source: learn.microsoft.com, "Dialogs in bots", responses to the messages.
    """
    if answered.status != 200:
        world.notice(name, WRONG)
        return
    match answered.body:
        case None | {} if not answered.body:
            if world.dialogs.pop(name, None) is None:
                world.notice(name, WRONG)  # there was none: a fetch that is answered with nothing
        case {"task": {"type": "continue", "value": dict() as value, **no}, **more} if not more and not no:
            world.dialogs[name] = Dialog(_title(value), _card(value), place.id, root)
        case {"task": {"type": "message", "value": str(words), **no}, **more} if not more and not no:
            world.dialogs.pop(name, None)
            world.notice(name, words)
        case _:
            raise UnknownAnswer(answered.text)


def sound(card: Json) -> Json:
    """A card that a client can show."""
    wrong = checks.card(card)
    if wrong:
        raise UnknownAnswer("; ".join(wrong))
    return card


def _title(value: Json) -> str:
    title = value.get("title", "")
    wrong = value.keys() - {"title", "height", "width", "card", "fallbackUrl", "completionBotId"}
    if not isinstance(title, str) or wrong or not all(_size(value.get(side)) for side in ("height", "width")):
        raise UnknownAnswer(str(value.keys()))
    return title


def _size(side: Any) -> bool:  # noqa: ANN401 - whatever an app says
    return side is None or side in SIZES or isinstance(side, int)


def _card(value: Json) -> Json:
    match value.get("card"):
        case {"contentType": checks.ADAPTIVE, "content": dict() as card}:
            return sound(card)
        case _:
            raise UnknownAnswer("a dialog without a card")
