"""The main job as a list of steps, from the first day to the energy picture: for tests that stop anywhere and go on.

The conversation in `tests/features/test_play.py` says what is seen on the way; here stands only what people do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.talk import CHANNEL, DIRECT

QUESTION = "Wat probeerde je sinds vorige keer?"
LABELS = {2: "2 een beetje leeg", 3: "3 neutraal", 4: "4 geeft energie", 5: "5 geeft veel energie"}


@dataclass(frozen=True, slots=True)
class Join:
    """Someone comes into the channel."""

    who: str


@dataclass(frozen=True, slots=True)
class Say:
    """Someone types; `under` is a part of the message whose thread it goes in."""

    who: str
    text: str
    where: str = DIRECT
    under: str | None = None


@dataclass(frozen=True, slots=True)
class Tap:
    """Someone taps the newest button with this label, on a message that says `on`."""

    who: str
    label: str
    on: str = ""
    where: str = DIRECT


@dataclass(frozen=True, slots=True)
class Fill:
    """Someone fills in the form that lies open and sends it."""

    who: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tick:
    """It becomes this moment; an instant and not a while, so that doing it twice changes nothing."""

    to: str


Step = Join | Say | Tap | Fill | Tick


def _welcome() -> Iterator[Step]:
    yield Join("noor")
    yield Tap("karim", "Ik zeg hallo")


def _check_in() -> Iterator[Step]:
    yield Say("sanne", "/kring check-in nieuw", CHANNEL)
    yield Fill("sanne", {"question": QUESTION, "when": "elke dinsdag 9:00"})
    yield Tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
    yield Tick("2026-11-03 09:00 Europe/Amsterdam")
    yield Say("lotte", "Peerfeedback met rubrics.", CHANNEL, under=QUESTION)
    for words in ("Een mondelinge toets.", "Een mondelinge toets, in duo's."):
        yield Tap("daan", "Antwoord geven", where=CHANNEL)
        yield Fill("daan", {"text": words})
    yield Tick("2026-11-06 09:00 Europe/Amsterdam")


def _short_stroke() -> Iterator[Step]:
    yield Say("karim", "reflectie")
    yield Tap("karim", "Iedereen vragen")
    for words in ("Een student bleef stil.", "Niemand vroeg door.", "Ik vraag één keer door."):
        yield Say("amina", words)
    yield Tap("amina", "Laat zien wat ik deel")
    yield Tap("amina", "Delen met de kring")
    yield Tick("2026-11-13 09:00 Europe/Amsterdam")
    yield Tap("amina", "Half")
    yield Say("amina", "Doorvragen kost moed.")


def _pulse(scores: Mapping[str, int], until: str) -> Iterator[Step]:
    yield Say("sanne", "energie")
    yield Tap("sanne", "Peiling openen")
    for who, score in scores.items():
        yield Tap(who, LABELS[score], on="Hoeveel energie geeft")
    yield Tick(until)


FOUR = {"sanne": 4, "karim": 5, "lotte": 2, "daan": 3}
PLAY: tuple[Step, ...] = (
    *_welcome(),
    *_check_in(),
    *_short_stroke(),
    *_pulse(FOUR, "2026-11-23 09:00 Europe/Amsterdam"),
    *_pulse({**FOUR, "noor": 4}, "2026-12-03 09:00 Europe/Amsterdam"),
)
