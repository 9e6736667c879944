"""What the HTTP response to an invoke shows.

Sources: learn.microsoft.com, "Universal Action Model" (the response of `adaptiveCard/action`) and "Use dialogs in
Microsoft Teams bots" (those of `task/fetch` and `task/submit`).
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.chat import markup, text
from bot.chat.cards import Buttons, Card, Choice, Form, Input, Markup, Text
from bot.chat.events import Place
from bot.platforms.teams import blocks, forms, limits, render, spans
from bot.platforms.teams.forms import Sent
from bot.platforms.teams.inbound import Way
from bot.platforms.teams.invokes import Own, Shown
from bot.platforms.teams.spans import Json

_OK = 200
_CARD = render.ADAPTIVE
_MESSAGE = "application/vnd.microsoft.activity.message"


def showing(way: Way, shown: Shown, place: Place) -> Json | None:
    """Show a form or a card to who made the gesture; None where nothing is to be. `place` is where it was made.

    Raises:
        ValueError: a part is over a limit, which the message names.

    """
    match shown:
        case Form():
            how = forms.Way.INLINE if way == "execute" else forms.Way.DIALOG
            return _form(way, shown.title, forms.card_of(shown, place, how))
        case Card():
            return _form(way, shown.title or shown.summary, render.card(shown))
        case Own(card):
            return _form(way, card.title or card.summary, blocks.own(render.card(card)))
        case _:
            return None


def whispered(own: Own) -> Json:
    """Say words beside the card that was tapped, which stays as it is, so that whoever tapped can change their mind.

    What one can tap in its turn has to be seen, and nobody says whether a client formats these words: what has buttons,
    or could format, stands in the place of the card.
    """
    said = _in_one_line(own.card)
    if spans.is_plain(said) and not any(isinstance(node, Buttons | Choice) for node in own.card.nodes):
        return _said("execute", said)
    return _form("execute", "", blocks.own(render.card(own.card)))


def nothing(way: Way, arrived: str) -> Json | None:
    """Leave everything as it is: a card stays, a dialog closes.

    Where Teams wants a message it is told that the gesture `arrived`: an empty one is a failed answer, with an error in
    the client, which asks again (vercel/chat issue 731). A dialog that was asked for must hold something too, or the
    client says that the app cannot be reached; what there is to say stands in the chat behind it by then.
    """
    return _said(way, arrived) if way in {"execute", "fetch"} else None


def again(way: Way, sent: Sent, refused: Mapping[str, str], given: Mapping[str, str]) -> Json:
    """Show a form once more, with why it was refused at its inputs, and what was filled in still in them.

    One that cannot be shown again, which a client may have made of ours, is not: why it was refused is said in words.
    """
    try:
        return _form(way, sent.form.title, forms.card_of(sent.form, sent.place, sent.way, refused, given))
    except ValueError:
        return _said(way, "\n\n".join(refused.values()))


def taken(sent: Sent, given: Mapping[str, str]) -> Json:
    """Show what was filled in, in place of the form, where that cannot be taken away.

    Raises:
        ValueError: it is more than a card holds, which no form of ours asks for.

    """
    told = ((part.label, dict(part.options).get(given[part.name], given[part.name])) for part in _filled(sent, given))
    nodes = tuple(Text(Markup(f"{markup.escape(label)}\n\n{markup.quote(value)}")) for label, value in told)
    return _form("execute", "", render.card(Card(sent.form.title, nodes, sent.form.title)))


def _in_one_line(card: Card) -> str:
    said = " ".join(text.render(replace(card, title=None)).split())
    return ": ".join(part for part in (card.title, said) if part)


def _filled(sent: Sent, given: Mapping[str, str]) -> list[Input]:
    return [part for part in sent.form.inputs if given.get(part.name, "").strip()]


def _form(way: Way, title: str, card: Json) -> Json:
    limits.within("card in a response", limits.size(card), limits.MESSAGE)
    return _executed(_CARD, card) if way == "execute" else forms.dialog_of(title, card)


def _said(way: Way, said: str) -> Json:
    """Say words: beside a card, where some would format, or in a box in the place of a dialog."""
    if way != "execute":
        return {"task": {"type": "message", "value": said}}
    return _executed(_MESSAGE, said if spans.is_plain(said) else spans.escape(said))


def _executed(kind: str, value: object) -> Json:
    return {"statusCode": _OK, "type": kind, "value": value}
