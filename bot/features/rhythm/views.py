"""What the rhythm of a community shows."""

from collections.abc import Sequence

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Node, Text
from bot.chat.prompts import Voice
from storage.coming import Coming
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState

SHOWN = 3


def overview(voice: Voice, rhythms: Sequence[tuple[str, Rhythm, Sequence[Coming]]]) -> Card:
    """List everything that recurs, with its next dates in words and what can be done about it."""
    nodes: list[Node] = []
    buttons: list[Button] = []
    for number, (what, rhythm, coming) in enumerate(rhythms, start=1):
        paused = rhythm.state == RhythmState.PAUSED
        dates = [] if paused else [times.moment(voice, one.local) for one in coming if one.skipped is None]
        row = voice(
            "rhythm/row",
            number=number,
            what=what,
            rule=times.rule(voice, rhythm.rrule, rhythm.start_local),
            paused=paused,
            dates=dates,
        )
        nodes.append(Text(row.body))
        buttons += _buttons(voice, rhythm, number, paused=paused)
    words = voice("rhythm/overview", empty=not rhythms)
    return words.card(*nodes, Buttons(tuple(buttons))) if buttons else words.card()


def _buttons(voice: Voice, rhythm: Rhythm, number: int, *, paused: bool) -> list[Button]:
    labels = voice("rhythm/buttons", number=number)
    names = ("resume",) if paused else ("skip", "pause")
    return [labels.button(name, Action(f"rhythm.{name}", key_of(rhythm))) for name in names]


def said(voice: Voice, name: str, **values: object) -> Card:
    """Say something that needs no more than its words: `rhythm/<name>`."""
    return voice(f"rhythm/{name}", **values).card()
