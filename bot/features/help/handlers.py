"""A member asks what they can do."""

from bot.chat.actions import Action
from bot.chat.messages import Answers, Reply
from bot.chat.router import Audience, Command
from bot.context import Context
from bot.errors import UserError
from bot.features.help import views
from bot.features.help.routes import routes


@routes.command("help", nl=("help", "hulp"), en=("help",))
async def help_(context: Context, _text: str) -> Answers:
    """Show only what this person may do, here."""
    community = context.here.name if context.settled() else None
    return [Reply(views.help_(context.voice, _allowed(context), community=community))]


@routes.tap("help.run")
async def run(context: Context, action: Action) -> Answers:
    """Do what a button of the list says, as if it had been typed."""
    chosen = next((command for command in _allowed(context) if command.name == action.arg), None)
    if chosen is None:
        raise UserError("chat/stale")
    return await chosen.handler(context, "")


def _allowed(context: Context) -> list[Command[Context]]:
    listed = (command for command in context.commands if command.listed)
    return [command for command in listed if _may(context, command)]


def _may(context: Context, command: Command[Context]) -> bool:
    if not context.settled():
        return command.anywhere
    return command.audience is Audience.ALL or context.facilitates()
