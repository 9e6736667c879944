"""The values with which `test_views.py` looks at what one's own page shows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.chat.prompts import Voice
from bot.domain.checkin import MOST_RHYTHMS
from bot.domain.suggestion import Suggestion
from bot.features.home import views

if TYPE_CHECKING:
    from tests.features.given import Given

View = Callable[[Voice, "Given"], object]
ROW = 2**31 - 1  # as long as an id gets
KNOWN = {"communities": 12, "answers": 3400, "reflections": 56, "journal": 789}


def a_circle(given: "Given") -> views.Circle:
    return views.Circle(ROW, given.community, [(given.question, "2026-11-24T09:00")] * MOST_RHYTHMS, list(Suggestion))


VIEWS: dict[str, Sequence[View]] = {
    "home.home": (
        lambda voice, _: views.home(voice, [], KNOWN),
        lambda voice, given: views.home(voice, [a_circle(given)], KNOWN),
        lambda voice, given: views.home(voice, [a_circle(given)] * 12, KNOWN),
    ),
}
