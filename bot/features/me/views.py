"""What a person's own page shows, and what is said about their peace: to them, and to nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Form, Input
from bot.chat.prompts import LANGUAGES, Voice
from bot.domain.message_budget import BUDGETS, MOST, Verdict
from bot.domain.quiet_hours import Window
from storage.people import Person

ZONE_MAX = 64
LINE_MAX = 100
ITEMS_MOST = 10  # chosen: longer lists are not read; what is left is named the next time


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is held back: its row, the first line of its card, and when it is too late."""

    id: int
    title: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Peace:
    """When Kring writes to somebody unasked: the budget they chose, their window and its clock, and what waits now."""

    chosen: int | None
    window: Window
    zone: ZoneInfo
    waiting: Sequence[Item]
    verdict: Verdict

    @property
    def budget(self) -> int:
        """How many a week."""
        return MOST if self.chosen is None else self.chosen


def me(voice: Voice, person: Person, known: dict[str, int], peace: Peace) -> Card:
    """Show what one chose, when Kring writes unasked and what waits for that, and what Kring keeps of one."""
    shown = peace.waiting[:ITEMS_MOST]
    words = voice(
        "me/me", name=person.name, zone=voice.zone.key, known=known, more=len(peace.waiting) - len(shown),
        waiting=_lines(voice, shown), why=peace.verdict.why, until=_moment(voice, peace.verdict.at, peace.zone),
        **_habits(voice, peace),
    )  # fmt: skip
    names = ("rest", "resume" if peace.window.paused_until or not peace.budget else "pause", "zone")
    others = [words.button(name, Action("me.language", arg=name)) for name in LANGUAGES if name != voice.language]
    buttons = [words.button(name, Action(f"me.{name}"), opens=name != "resume") for name in names]
    return words.card(Buttons((*_shows(voice, shown), *buttons, *others)))


def _habits(voice: Voice, peace: Peace) -> dict[str, object]:
    """Say when Kring writes unasked."""
    window = peace.window
    return {
        "budget": peace.budget,
        "quiet": None if window.quiet.start == window.quiet.end else window.quiet,
        "days": _days(voice, window, ", "),
        "clock": peace.zone.key,
        "paused": window.paused_until and voice.day(window.paused_until),
    }


def _days(voice: Voice, window: Window, between: str) -> str:
    return between.join(voice.weekday(day - 1) for day in sorted(window.days))


def _moment(voice: Voice, at: datetime | None, zone: ZoneInfo) -> str | None:
    """Say an instant by the clock that the hours go by."""
    wall = at.astimezone(zone).replace(tzinfo=None) if at else None
    return f"{voice.day(wall)}, {voice.time(wall)}" if wall else None


def _lines(voice: Voice, items: Sequence[Item]) -> list[tuple[str, str]]:
    """Say of each what it is, and the day on which it is too late."""
    return [(item.title, voice.day(item.expires_at)) for item in items]


def _shows(voice: Voice, items: Sequence[Item]) -> tuple[Button, ...]:
    return tuple(
        voice("me/show", number=number).button("show", Action("me.show", item.id))
        for number, item in enumerate(items, start=1)
    )


def waiting(voice: Voice, items: Sequence[Item]) -> Card:
    """Name several that waited, in one message, each with a button that shows it."""
    words = voice("me/waiting", count=len(items), waiting=_lines(voice, items))
    return words.card(Buttons(_shows(voice, items)))


def peace(voice: Voice, chosen: int | None) -> Card:
    """Ask whether to leave someone in peace; who chose one a week already has nothing less but none."""
    words = voice("me/peace")
    names = ("keep", "less", "ask") if chosen in {None, MOST} else ("keep", "ask")
    return words.card(Buttons(tuple(words.button(name, Action("me.peace", arg=name)) for name in names)))


def paused(voice: Voice, until: date) -> Card:
    """Say until when it is quiet, and how to change that."""
    words = voice("me/paused", until=voice.day(until))
    other = words.button("pause", Action("me.pause"), opens=True)
    return words.card(Buttons((other, words.button("resume", Action("me.resume")))))


def stopped(voice: Voice) -> Card:
    """Say that nothing more comes unasked, and how to change that."""
    words = voice("me/stopped")
    return words.card(Buttons((words.button("resume", Action("me.resume")),)))


def said(voice: Voice, name: str) -> Card:
    """Say something that needs no more than its words: `me/<name>`."""
    return voice(f"me/{name}").card()


def rest_form(voice: Voice, peace: Peace) -> Form:
    """Ask how often, and when."""
    words = voice("me/rest", clock=peace.zone.key)
    window = peace.window
    quiet = "" if window.quiet.start == window.quiet.end else str(window.quiet)
    budgets = tuple((str(number), words.label(f"budget{number}")) for number in BUDGETS)
    return Form(
        words.title,
        (
            Input("budget", words.label("budget"), "choice", initial=str(peace.budget), options=budgets),
            Input("quiet", words.label("quiet"), hint=words.label("quiet_hint"), initial=quiet, required=False,
                  max_length=LINE_MAX),
            Input("days", words.label("days"), hint=words.label("days_hint"), initial=_days(voice, window, " "),
                  max_length=LINE_MAX),
        ),
        words.label("submit"),
        Action("me.setrest"),
        intro=words.body,
    )  # fmt: skip


def pause_form(voice: Voice, until: date) -> Form:
    """Ask until when."""
    words = voice("me/pause")
    box = Input("until", words.label("until"), "date", initial=until.isoformat())
    return Form(words.title, (box,), words.label("submit"), Action("me.setpause"), intro=words.body)


def zone_form(voice: Voice) -> Form:
    """Ask for a time zone."""
    words = voice("me/zone")
    box = Input(
        "timezone", words.label("timezone"), hint=words.label("hint"), initial=voice.zone.key, max_length=ZONE_MAX
    )
    return Form(words.title, (box,), words.label("submit"), Action("me.setzone"), intro=words.body)
