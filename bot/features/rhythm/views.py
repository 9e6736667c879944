"""What the rhythm of a community shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Form, Input, Node, Plain, Text
from bot.chat.prompts import Voice, Wording
from storage.coming import Coming
from storage.people import key_of
from storage.rhythms import Rhythm, RhythmState

SHOWN = 5  # expectations 16: the next five dates, in words
TIME_MAX = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """A rhythm with what it asks and its next times."""

    what: str
    rhythm: Rhythm
    ahead: tuple[Coming, ...]

    @property
    def paused(self) -> bool:
        """Whether nothing is asked now."""
        return self.rhythm.state == RhythmState.PAUSED


def overview(voice: Voice, rhythms: Sequence[Shown]) -> Card:
    """List everything that recurs, with its next dates in words, and a way into each."""
    words = voice("rhythm/overview", empty=not rhythms)
    nodes: list[Node] = [Text(_row(voice, one, number).body) for number, one in enumerate(rhythms, start=1)]
    buttons = tuple(
        Button(Plain(f"{number} {words.label('open')}"), Action("rhythm.open", key_of(one.rhythm)))
        for number, one in enumerate(rhythms, start=1)
    )
    return words.card(*nodes, Buttons(buttons)) if buttons else words.card()


def one(voice: Voice, shown: Shown) -> Card:
    """Show one that recurs, with what can be done about it."""
    labels = voice("rhythm/buttons")
    names = ("resume", "pause.until") if shown.paused else ("skip", "move", "pause", "pause.until")
    buttons = tuple(
        labels.button(
            name.replace(".", ""), Action(f"rhythm.{name}", key_of(shown.rhythm)), opens=name == "pause.until"
        )
        for name in names
    )
    words = voice("rhythm/overview", empty=False)
    return words.card(Text(_row(voice, shown).body), Buttons(buttons))


def _row(voice: Voice, shown: Shown, number: int = 0) -> Wording:
    rhythm = shown.rhythm
    on = rhythm.paused_until_on
    return voice(
        "rhythm/row",
        number=number,
        what=shown.what,
        rule=times.rule(voice, rhythm.rrule, rhythm.start_local),
        paused=shown.paused,
        until=voice.day(date.fromisoformat(on)) if on else None,
        dates=[_line(voice, coming) for coming in shown.ahead],
    )


def _line(voice: Voice, coming: Coming) -> Plain:
    """Say one of the next times, and what is different about it."""
    was = times.moment(voice, coming.slot.local) if coming.moved else None
    when = times.moment(voice, coming.local)
    return voice("rhythm/date", when=when, skipped=coming.skipped, free_day=coming.free_day, was=was).title


def which(voice: Voice, rhythm_id: int, what: str, ahead: Sequence[Coming]) -> Card:
    """Ask which of the next times it is about: `what` is to "skip" or to "move" one."""
    words = voice("rhythm/which", what=what)
    options = tuple(
        Button(
            Plain(times.moment(voice, one.local)),
            Action(f"rhythm.{what}.one", rhythm_id, one.slot.local),
            opens=what == "move",
        )
        for one in ahead
    )
    return words.card(Choice(words.label("which"), options))


def skipped(voice: Voice, shown: Shown, one: Coming) -> Card:
    """Tell what was skipped, and what comes of it."""
    words = voice("rhythm/skipped", skipped=times.moment(voice, one.local))
    return words.card(Text(_row(voice, shown).body))


def moved(voice: Voice, shown: Shown, one: Coming, to: datetime) -> Card:
    """Tell what was moved to where, and what comes of it."""
    words = voice("rhythm/moved", was=times.moment(voice, one.local), to=times.moment(voice, to.isoformat()))
    return words.card(Text(_row(voice, shown).body))


def paused_until(voice: Voice, shown: Shown, on: date) -> Card:
    """Tell until when nothing is asked, and what comes after that."""
    words = voice("rhythm/pauseduntil", on=voice.day(on))
    return words.card(Text(_row(voice, shown).body))


def until_form(voice: Voice, rhythm_id: int) -> Form:
    """Ask until which date nothing is asked."""
    words = voice("rhythm/untilform")
    on = Input("on", words.label("on"), "date", hint=words.label("on_hint"))
    return Form(words.title, (on,), words.label("submit"), Action("rhythm.pause.until", rhythm_id), intro=words.body)


def move_form(voice: Voice, action: Action, one: Coming) -> Form:
    """Ask to which moment one time is moved; it begins with where it is now."""
    words = voice("rhythm/moveform", when=times.moment(voice, one.local))
    wall = one.slot.wall
    inputs = (
        Input("on", words.label("on"), "date", initial=wall.date().isoformat()),
        Input("time", words.label("time"), hint=words.label("time_hint"), initial=f"{wall:%H:%M}", max_length=TIME_MAX),
    )
    return Form(words.title, inputs, words.label("submit"), action, intro=words.body)


def said(voice: Voice, name: str, **values: object) -> Card:
    """Say something that needs no more than its words: `rhythm/<name>`."""
    return voice(f"rhythm/{name}", **values).card()
