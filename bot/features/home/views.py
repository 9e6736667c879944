"""What one's own page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card, Divider, Node, Text
from bot.chat.prompts import Voice
from bot.domain.suggestion import MOST, Suggestion

SHOWN = 3  # questions that come, of one circle
CIRCLES = 5  # what one page can hold; the command `me` counts them all
_DOES = {Suggestion.RHYTHM: "checkin.new", Suggestion.PULSE: "energy.start", Suggestion.REFLECT: "reflection.all"}


@dataclass(frozen=True, slots=True)
class Circle:
    """A community of the reader's: the questions that come, by local moment, and what they could do next."""

    id: int
    name: str
    coming: Sequence[tuple[str, str]] = ()
    suggestions: Sequence[Suggestion] = ()


def home(voice: Voice, circles: Sequence[Circle], known: dict[str, int]) -> Card:
    """Show the circles with what comes, what Kring keeps of the reader, and at most three things to do, with why."""
    nodes: list[Node] = [node for circle in circles[:CIRCLES] for node in _circle(voice, circle)]
    tips = [(circle, tip) for circle in circles[:CIRCLES] for tip in circle.suggestions][:MOST]
    for circle, tip in tips:
        words = voice(f"home/{tip}", circle=circle.name)
        opens = tip is Suggestion.RHYTHM
        nodes += [Text(words.body), Buttons((words.button("do", Action(_DOES[tip], circle.id), opens=opens),))]
    words = voice("home/home", circles=len(circles), more=max(0, len(circles) - CIRCLES), known=known)
    return words.card(*nodes, Divider(), Buttons((words.button("me", Action("help.run", arg="me")),)))


def _circle(voice: Voice, circle: Circle) -> list[Node]:
    coming = [(what, times.moment(voice, local)) for what, local in circle.coming[:SHOWN]]
    return [Divider(), Text(voice("home/circle", circle=circle.name, coming=coming).body)]
