"""What a check-in shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat import times
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Form, Input, Plain
from bot.chat.prompts import Voice
from bot.domain.checkin import MAX_ANSWER
from bot.domain.rhythm import Slot
from storage.checkins import CheckIn, Run, key_of
from storage.coming import Coming
from storage.due import WALKED
from storage.occurrences import Missed, Occurrence
from storage.rhythms import Rhythm

QUESTION_MAX = 150  # it is the title of its post, and Slack takes no longer one
OPTION_MAX = 60
OPTIONS_MOST = 5
OPTIONS_MAX = OPTIONS_MOST * (OPTION_MAX + 2)  # all of them, each with a comma and a space behind it
WHEN_MAX = 200
NAMED = 6  # names in a summary, per line; the others are a number, so that it stays one screen
PREVIEWED = 5  # expectations 16: the next five dates, in words


def overview(voice: Voice, community_id: int, planned: Sequence[tuple[CheckIn, Rhythm, Coming | None]]) -> Card:
    """List the check-ins of a community, with what can be done about each."""
    rows = [
        (
            check_in.question,
            times.rule(voice, rhythm.rrule, rhythm.start_local),
            following and times.moment(voice, following.local),
        )
        for check_in, rhythm, following in planned
    ]
    words = voice("checkin/overview", planned=rows)
    buttons = [words.button("new", Action("checkin.new", community_id), primary=True, opens=True)]
    for number, (check_in, _, _) in enumerate(planned, start=1):
        suffix = f" {number}" if len(planned) > 1 else ""
        for name in ("now", "stop"):
            label = Plain(words.label(name) + suffix)
            buttons.append(Button(label, Action(f"checkin.{name}", key_of(check_in))))
    return words.card(Buttons(tuple(buttons)))


@dataclass(frozen=True, slots=True)
class Planned:
    """When a draft recurs, as it was filled in; dates as ISO 8601."""

    when: str = ""
    start: str = ""
    until: str = ""


UNPLANNED = Planned()


def form(voice: Voice, community_id: int, draft: CheckIn | None = None, planned: Planned = UNPLANNED) -> Form:
    """Ask for a question and for when it recurs."""
    words = voice("checkin/form")
    question, options = (draft.question, ", ".join(draft.choices())) if draft else ("", "")
    return Form(
        words.title,
        (
            Input("question", words.label("question"), "text", initial=question, max_length=QUESTION_MAX),
            Input("when", words.label("when"), hint=words.label("when_hint"), initial=planned.when,
                  max_length=WHEN_MAX),
            Input(
                "options", words.label("options"), hint=words.label("options_hint"), initial=options, required=False,
                max_length=OPTIONS_MAX,
            ),
            Input("start", words.label("start"), "date", hint=words.label("start_hint"), initial=planned.start,
                  required=False),
            Input("until", words.label("until"), "date", hint=words.label("until_hint"), initial=planned.until,
                  required=False),
        ),
        words.label("submit"),
        Action("checkin.create", community_id, str(draft.id) if draft else ""),
        intro=words.body,
    )  # fmt: skip


def preview(voice: Voice, check_in: CheckIn, rhythm: Rhythm, slots: Sequence[Slot], start: str = "") -> Card:
    """Show what was understood before it is saved; `start` is the first date that was filled in, for a change."""
    dates = [times.moment(voice, slot.local) for slot in slots]
    words = voice(
        "checkin/preview",
        question=check_in.question,
        options=check_in.choices(),
        rule=times.rule(voice, rhythm.rrule, rhythm.start_local),
        dates=dates,
    )
    row = key_of(check_in)
    return words.card(
        Buttons((
            words.button("confirm", Action("checkin.confirm", row), primary=True),
            words.button("change", Action("checkin.change", row, start), opens=True),
            words.button("cancel", Action("checkin.cancel", row)),
        ))
    )  # fmt: skip


def confirmed(voice: Voice, check_in: CheckIn, first: Coming) -> Card:
    """Say when the first one is."""
    return voice("checkin/confirmed", question=check_in.question, first=times.moment(voice, first.local)).card()


def late(voice: Voice, check_in: CheckIn, missed: Missed, following: Coming | None) -> Card:
    """Tell a facilitator what was not asked: once or several times, and whether the last time still was."""
    slots = missed.slots
    return voice(
        "checkin/late",
        question=check_in.question,
        first=times.moment(voice, slots[0]),
        last=times.moment(voice, slots[-1]),
        count=len(slots),
        many=len(slots) >= WALKED,
        asked=missed.asked,
        following=following and times.moment(voice, following.local),
    ).card()


def free(voice: Voice, check_in: CheckIn, skipped: Occurrence, following: Coming | None) -> Card:
    """Tell a facilitator that a question is not asked on a free day."""
    return voice(
        "checkin/free",
        question=check_in.question,
        day=voice.day(datetime.fromisoformat(skipped.local_slot)),
        free_day=skipped.free_day,
        following=following and times.moment(voice, following.local),
    ).card()


def said(voice: Voice, name: str, **values: object) -> Card:
    """Say something that needs no more than its words: `checkin/<name>`."""
    return voice(f"checkin/{name}", **values).card()


def ask(voice: Voice, check_in: CheckIn, run: Run) -> Card:
    """Ask everyone: the root post of a run."""
    row = key_of(run)
    closes = f"{voice.day(run.closes_at)} {voice.time(run.closes_at)}"
    words = voice("checkin/ask", question=check_in.question, closes=closes, options=check_in.choices())
    if check_in.choices():
        chosen = enumerate(check_in.choices())
        answers = tuple(Button(Plain(option), Action("checkin.choose", row, str(number))) for number, option in chosen)
    else:
        answers = (words.button("answer", Action("checkin.open", row), primary=True, opens=True),)
    return words.card(Buttons((*answers, words.button("skip", Action("checkin.skip", row)))))


def closed(voice: Voice, check_in: CheckIn, answers: int) -> Card:
    """Show the root post after closing: nothing left to tap."""
    return voice("checkin/closed", question=check_in.question, answers=answers).card()


def answer_form(voice: Voice, check_in: CheckIn, run: Run, mine: str) -> Form:
    """Ask for an answer in words, with one's own earlier answer in it."""
    words = voice("checkin/answer", question=check_in.question)
    question = Input("text", Plain(words.label("text")), "text", initial=mine, max_length=MAX_ANSWER)
    return Form(
        words.title, (question,), words.label("submit"), Action("checkin.answer", key_of(run)), intro=words.body
    )


def answer(voice: Voice, name: str, text: str) -> Card:
    """Show one member's answer in the thread, in their name."""
    return voice("checkin/said", name=name, text=text).card()


def summary(voice: Voice, options: Sequence[tuple[str, Sequence[str]]], names: Sequence[str], *, final: bool) -> Card:
    """Sum up a run: who answered, and for one that is tapped what they chose. Who skipped is not told."""
    chosen = [(option, len(who), who[:NAMED], max(0, len(who) - NAMED)) for option, who in options]
    others = max(0, len(names) - NAMED)
    return voice(
        "checkin/summary", options=chosen, count=len(names), names=names[:NAMED], others=others, final=final
    ).card()
