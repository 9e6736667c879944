"""What energy shows. A pulse is confidential: its answer is stored without its author (handbook, Energy 5.2)."""

from collections.abc import Sequence
from datetime import datetime

from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card
from bot.chat.prompts import Voice
from bot.domain.energy import SCORES, SMALL_COMMUNITY, Bands, Picture, Shift, Spread, TooFew, Uniform
from storage.pulses import Pulse, key_of


def overview(
    voice: Voice,
    community_id: int,
    mine: Sequence[tuple[datetime, int]],
    pulses: Sequence[tuple[datetime, Picture]],
    shift: Shift,
    *,
    facilitator: bool,
) -> Card:
    """Show one's own journal, the pulses that have closed, and whether the last two differ from those before."""
    journal = [(voice.day(at), score) for at, score in mine]
    closed = [(voice.day(at), in_words(voice, picture)) for at, picture in pulses]
    words = voice("energy/overview", journal=journal, pulses=closed, shift=shift)
    buttons = [words.button(f"score{score}", Action("energy.log", community_id, str(score))) for score in SCORES]
    if facilitator:
        buttons.append(words.button("start", Action("energy.start", community_id)))
    return words.card(Buttons(tuple(buttons)))


def logged(voice: Voice, score: int, pulse: Pulse | None) -> Card:
    """Tell that it is in the journal; with a pulse open, ask whether it may count there too."""
    words = voice("energy/logged", score=score, pulse=pulse is not None)
    if pulse is None:
        return words.card()
    return words.card(Buttons((words.button("count", Action("energy.answer", key_of(pulse), str(score))),)))


def small(voice: Voice, community_id: int, members: int) -> Card:
    """Advise a round in the meeting to a small community, and leave the choice."""
    words = voice("energy/small", members=members, enough=SMALL_COMMUNITY)
    return words.card(Buttons((words.button("anyway", Action("energy.start", community_id, "sure")),)))


def started(voice: Voice, pulse: Pulse) -> Card:
    """Tell the facilitator that everyone was asked, and until when."""
    return voice("energy/started", invited=pulse.invited, closes=voice.day(pulse.closes_at), least=pulse.min_n).card()


def ask(voice: Voice, community: str, pulse: Pulse) -> Card:
    """Ask one member, in private: one tap."""
    row = key_of(pulse)
    words = voice("energy/ask", community=community, closes=voice.day(pulse.closes_at), least=pulse.min_n)
    scores = tuple(words.button(f"score{score}", Action("energy.answer", row, str(score))) for score in SCORES)
    return words.card(Buttons((*scores, words.button("skip", Action("energy.skip", row)))))


def said(voice: Voice, name: str, **values: object) -> Card:
    """Say something that needs no more than its words: `energy/<name>`."""
    return voice(f"energy/{name}", **values).card()


def result(voice: Voice, picture: Picture) -> Card:
    """Show a closed pulse to everyone, in words."""
    return voice("energy/result", picture=in_words(voice, picture), shown=not isinstance(picture, TooFew)).card()


def in_words(voice: Voice, picture: Picture) -> str:
    """Say what may be shown of a pulse, in one line."""
    match picture:
        case TooFew():
            return voice("energy/toofew", offer_round=picture.offer_round).title
        case Uniform():
            return voice("energy/uniform", band=picture.band, n=picture.n, invited=picture.invited).title
        case Bands():
            return voice("energy/bands", picture=picture, mean=_number(voice, picture.mean)).title
        case Spread():
            return voice("energy/spread", picture=picture, mean=_number(voice, picture.mean)).title


def _number(voice: Voice, number: object) -> str:
    return str(number).replace(".", ",") if voice.language == "nl" else str(number)
