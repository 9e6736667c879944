"""What a person's own page is given to show: their peace, and the messages that wait."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.chat.cards import Plain
from bot.chat.prompts import Voice
from bot.domain.message_budget import Verdict, Why
from bot.domain.quiet_hours import NEVER_QUIET, Window
from bot.features.me import views as me
from bot.features.me.views import Item, Peace
from storage.people import Person

ROW = 2**31 - 1  # as long as an id gets
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Argentina/ComodRivadavia")  # the longest name
USUAL = Window()
PAUSED = Window(NEVER_QUIET, frozenset(range(1, 8)), date(2026, 12, 1))
SOON = Verdict(AT)
KNOWN = {"communities": 12, "answers": 3400, "reflections": 56, "journal": 789}


class Given(Protocol):
    """What members typed, and how they are called."""

    @property
    def question(self) -> str: ...

    def person(self) -> Person: ...


def items(title: str, count: int) -> list[Item]:
    """So many messages that wait, each with this title."""
    return [Item(ROW, Plain(title), AT)] * count


def a_peace(
    title: str, verdict: Verdict = SOON, count: int = 2, window: Window = USUAL, chosen: int | None = 1
) -> Peace:
    """Somebody's peace, with so many messages of this title."""
    return Peace(chosen, window, ZONE, items(title, count), verdict)


def page(peace: Callable[[str], Peace]) -> Callable[[Voice, Given], object]:
    """Show the page of somebody whose peace is like this, with messages that wait of a title."""
    return lambda voice, given: me.me(voice, given.person(), KNOWN, peace(given.question))


def waiting(count: int) -> Callable[[Voice, Given], object]:
    """Show so many that waited."""
    return lambda voice, given: me.waiting(voice, items(given.question, count))


ME: dict[str, tuple[Callable[[Voice, Given], object], ...]] = {
    "me.me": (
        page(lambda title: a_peace(title, Verdict(AT, Why.FULL))),
        page(lambda title: a_peace(title, Verdict(AT, Why.QUIET))),
        page(lambda title: a_peace(title, Verdict(AT, Why.PAUSED), window=PAUSED)),
        page(lambda title: a_peace(title, Verdict(None, Why.NEVER), 1, chosen=0)),
        page(lambda title: a_peace(title, count=me.ITEMS_MOST + 50, chosen=None)),
        page(lambda title: a_peace(title, count=0, chosen=2)),
    ),
    "me.waiting": (waiting(2), waiting(me.ITEMS_MOST)),
    "me.peace": (lambda voice, _: me.peace(voice, None), lambda voice, _: me.peace(voice, 1)),
    "me.paused": (lambda voice, _: me.paused(voice, date(2026, 12, 1)),),
    "me.stopped": (lambda voice, _: me.stopped(voice),),
    "me.rest_form": (
        lambda voice, given: me.rest_form(voice, a_peace(given.question)),
        lambda voice, given: me.rest_form(voice, a_peace(given.question, window=PAUSED)),
    ),
    "me.pause_form": (lambda voice, _: me.pause_form(voice, date(2026, 12, 1)),),
    "me.zone_form": (lambda voice, _: me.zone_form(voice),),
}
