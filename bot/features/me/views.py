"""What a person's own page shows."""

from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card, Form, Input
from bot.chat.prompts import LANGUAGES, Voice
from storage.people import Person

ZONE_MAX = 64


def me(voice: Voice, person: Person, known: dict[str, int]) -> Card:
    """Show what one chose, and what Kring keeps of one."""
    words = voice("me/me", name=person.name, zone=voice.zone.key, known=known)
    others = (language for language in LANGUAGES if language != voice.language)
    buttons = [words.button(language, Action("me.language", arg=language)) for language in others]
    return words.card(Buttons((*buttons, words.button("zone", Action("me.zone")))))


def zone_form(voice: Voice) -> Form:
    """Ask for a time zone."""
    words = voice("me/zone")
    box = Input(
        "timezone", words.label("timezone"), hint=words.label("hint"), initial=voice.zone.key, max_length=ZONE_MAX
    )
    return Form(words.title, (box,), words.label("submit"), Action("me.setzone"), intro=words.body)
