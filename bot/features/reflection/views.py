"""What a reflection shows. No jokes and no emoji here (handbook, manners 7)."""

from collections.abc import Mapping
from datetime import date

from bot.chat import markup
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Form, Input, Markup, Text
from bot.chat.prompts import Voice, Wording
from bot.domain.reflection import Outcome, Step
from storage.reflections import Reflection, key_of

ANSWER_MAX = 1500


def start(voice: Voice, community_id: int, *, facilitator: bool, progress: Mapping[str, int]) -> Card:
    """Offer a short stroke: for oneself, and for a facilitator also for everyone."""
    words = voice("reflection/start", facilitator=facilitator, progress=progress)
    buttons = [words.button("mine", Action("reflection.begin", community_id), primary=True)]
    if facilitator:
        buttons.append(words.button("all", Action("reflection.all", community_id)))
    return words.card(Buttons(tuple(buttons)))


def opened(voice: Voice, invited: int) -> Card:
    """Tell the facilitator that everyone was asked."""
    return voice("reflection/opened", invited=invited).card()


def ask(voice: Voice, reflection: Reflection, step: int, *, community: str, before: str | None) -> Card:
    """Ask one step; from the second on the answer before it is said back in one line."""
    words = voice(f"reflection/step{step}", community=community, before=before)
    row = key_of(reflection)
    write = Action("reflection.write", row, str(step))
    buttons: tuple[Button, ...] = (words.button("answer", write, primary=True, opens=True),)
    if step == Step.NOTICE:
        buttons = (*buttons, words.button("decline", Action("reflection.decline", row)))
    return words.card(Buttons(buttons))


def form(voice: Voice, reflection: Reflection, step: int, written: str) -> Form:
    """Take one answer, with the earlier one in it."""
    question = voice(f"reflection/step{step}", community="", before=None).title
    words = voice("reflection/form", question=question)
    box = Input("text", words.label("text"), "text", initial=written, max_length=ANSWER_MAX)
    action = Action("reflection.answer", key_of(reflection), str(step))
    return Form(words.title, (box,), words.label("submit"), action, intro=words.body)


def complete(voice: Voice, reflection: Reflection, answers: Mapping[int, str], on: date) -> Card:
    """Show the whole of it to who wrote it, and ask whether it may be shared."""
    words = voice("reflection/complete", date=voice.day(on))
    return words.card(*_quotes(answers), _choice(words, reflection, "preview", "keep"))


def preview(voice: Voice, reflection: Reflection, name: str, answers: Mapping[int, str], channel: str) -> Card:
    """Show what the others would see, before anyone does."""
    words = voice("reflection/preview", name=name, channel=channel)
    return words.card(*_quotes(answers), _choice(words, reflection, "share", "keep"))


def shared(voice: Voice, name: str, answers: Mapping[int, str]) -> Card:
    """Show a reflection in the channel."""
    return voice("reflection/shared", name=name).card(*_quotes(answers))


def said(voice: Voice, name: str, **values: object) -> Card:
    """Say something that needs no more than its words: `reflection/<name>`."""
    return voice(f"reflection/{name}", **values).card()


def look_back(voice: Voice, reflection: Reflection, step: str) -> Card:
    """Bring the step back on its date; all answers are equal."""
    words = voice("reflection/lookback", step=step)
    row = key_of(reflection)
    outcomes = (words.button(outcome, Action("reflection.outcome", row, outcome)) for outcome in Outcome)
    return words.card(Buttons((*outcomes, words.button("skip", Action("reflection.decline", row)))))


def learned(voice: Voice, reflection: Reflection, outcome: str) -> Card:
    """Ask what it says, and let it be when it says nothing."""
    words = voice("reflection/learned", outcome=outcome)
    row = key_of(reflection)
    write = words.button("answer", Action("reflection.write", row, "4"), primary=True, opens=True)
    return words.card(Buttons((write, words.button("done", Action("reflection.decline", row)))))


def _choice(words: Wording, reflection: Reflection, *names: str) -> Buttons:
    row = key_of(reflection)
    return Buttons(
        tuple(words.button(name, Action(f"reflection.{name}", row), primary=name != "keep") for name in names)
    )


def _quotes(answers: Mapping[int, str]) -> list[Text]:
    """Put each answer in a text of its own, so that three long ones fit on every platform."""
    return [Text(Markup(markup.quote(answers[step]))) for step in Step if step in answers]
