"""What help shows."""

from collections.abc import Sequence

from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card
from bot.chat.prompts import Voice
from bot.chat.router import Command
from bot.context import Context

FORMS = frozenset({"setup"})  # commands that are answered by a form


def help_(voice: Voice, commands: Sequence[Command[Context]], *, community: str | None) -> Card:
    """List what this person can do here, as words to type and as buttons to tap."""
    labels = voice("help/commands").labels
    lines = [(command.phrases[voice.language][0], labels[command.name]) for command in commands]
    buttons = tuple(
        words.button(command.name, Action("help.run", arg=command.name), opens=command.name in FORMS)
        for words in (voice("help/buttons"),)
        for command in commands
    )
    return voice("help/help", commands=lines, community=community).card(Buttons(buttons))
