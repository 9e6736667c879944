"""Every view of every feature, in both languages, with ordinary values and with the worst that a member can type."""

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import TypeVar

import pytest

from bot.chat import text
from bot.chat.cards import Card, Form
from bot.chat.prompts import LANGUAGES, Prompts, Voice
from bot.chat.router import Command, Router
from bot.context import Context
from bot.domain.checkin import MAX_ANSWER, MOST_RHYTHMS
from bot.domain.energy import Band, Bands, Picture, Shift, Spread, TooFew, Uniform
from bot.domain.people import Welcome
from bot.domain.reflection import Outcome, Step
from bot.domain.rhythm import Slot
from bot.errors import Refusal
from bot.features import FEATURES
from bot.features.checkin import views as checkin
from bot.features.energy import views as energy
from bot.features.help import views as help_
from bot.features.lost import views as lost
from bot.features.me import views as me
from bot.features.reflection import views as reflection
from bot.features.rhythm import views as rhythm
from bot.features.setup import views as setup
from bot.features.welcome import views as welcome
from bot.platforms.room import limits, render
from storage.checkins import CheckIn, Run
from storage.coming import Coming
from storage.communities import Community
from storage.occurrences import Missed
from storage.people import Member, Person
from storage.pulses import Pulse
from storage.reflections import Reflection
from storage.rhythms import Rhythm, RhythmState
from tests.features import freedays_views
from tests.project.sizes import ROOT

T = TypeVar("T")
View = Callable[[Voice, "Given"], object]
ROW = 2**31 - 1  # as long as an id gets
NAME_MAX = 80  # of a person, on the platforms
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SLOT = Slot("2026-11-24T09:00", AT)
COMING = Coming(SLOT, AT, SLOT.local)
NASTY = "**a** _b_ `c` [d](https://e.nl) <!channel> <@U1> {{ x }} {% y %} \\ & # > - 1. ~ | "
MANY = 60
PROMPTS = Prompts()
REASONS = (*Refusal, "late", "root", "tries")


@dataclass(frozen=True, slots=True)
class Given:
    """What members typed, and how they are called."""

    name: str
    question: str
    option: str
    answer: str
    reflected: str
    community: str
    domain: str
    word: str

    def names(self, count: int) -> list[str]:
        """So many people."""
        return [self.name] * count

    def options(self, count: int = checkin.OPTIONS_MOST) -> list[str]:
        """Answers to choose from."""
        return [f"{number}{self.option}"[: checkin.OPTION_MAX] for number in range(count)]

    def check_in(self, *, options: int = 0) -> CheckIn:
        """Ask this question."""
        choices = re.sub(r"[\"\\]", "-", str(self.options(options))).replace("'", '"')
        return CheckIn(id=ROW, community_id=ROW, question=self.question, options=choices, created_at=AT)

    def person(self) -> Person:
        """Someone of this name."""
        return Person(id=ROW, platform="room", workspace="room", user_id="noor", name=self.name)

    def here(self) -> Community:
        """The community."""
        return Community(
            id=ROW,
            platform="room",
            workspace="room",
            conversation="toetsen",
            name=self.community,
            domain=self.domain,
            language="nl",
            timezone="America/Argentina/ComodRivadavia",
            created_at=AT,
        )


def worst(length: int) -> str:
    """So many characters, all of them trouble."""
    return (NASTY * length)[:length].strip().ljust(length, "*")


ORDINARY = Given(
    name="Noor Jansen",
    question="Wat probeerde je sinds vorige keer?",
    option=" veel ruimte",
    answer="Peerfeedback met een rubric.\n\nRommelig, maar leuk.",
    reflected="Een student bleef stil.",
    community="Leerkring Eigentijds toetsen",
    domain="Hoe we zo toetsen dat studenten er meer van leren.",
    word="chekin",
)
WORST = Given(
    name=worst(NAME_MAX),
    question=worst(checkin.QUESTION_MAX),
    option=worst(checkin.OPTION_MAX),
    answer=worst(MAX_ANSWER),
    reflected=worst(reflection.ANSWER_MAX),
    community=worst(setup.NAME_MAX),
    domain=worst(setup.DOMAIN_MAX),
    word=worst(40),
)


def a_rhythm(state: RhythmState = RhythmState.ACTIVE, rrule: str = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,SU") -> Rhythm:
    return Rhythm(
        id=ROW,
        community_id=ROW,
        kind="checkin",
        rrule=rrule,
        start_local="2026-11-24T09:00:00",
        timezone="Europe/Amsterdam",
        grace_seconds=86_400,
        state=state,
        next_local=SLOT.local,
        next_at=AT,
    )


def a_run() -> Run:
    return Run(id=ROW, check_in_id=ROW, local_slot=SLOT.local, opened_at=AT, closes_at=AT + timedelta(days=2))


def a_member() -> Member:
    return Member(id=ROW, community_id=ROW, person_id=ROW, joined_at=AT)


def a_pulse() -> Pulse:
    return Pulse(id=ROW, community_id=ROW, opened_at=AT, closes_at=AT + timedelta(days=7), invited=1000, min_n=5)


def a_reflection() -> Reflection:
    return Reflection(id=ROW, cycle_id=ROW, member_id=ROW)


def pictures() -> list[Picture]:
    return [
        TooFew(4, offer_round=True),
        TooFew(4, offer_round=False),
        *(Uniform(band, 5, 8) for band in Band),
        Bands(1, 2, 4, Decimal("3.6"), 7, 12),
        Spread((100, 200, 300, 400, 500), Decimal("3.7"), 1500, 2000),
    ]


def planned(given: Given, count: int) -> list[tuple[CheckIn, Rhythm, Coming | None]]:
    return [(given.check_in(), a_rhythm(), COMING if number % 2 == 0 else None) for number in range(count)]


def answers(given: Given) -> dict[int, str]:
    return dict.fromkeys(Step, given.reflected)


def listed() -> list[Command[Context]]:
    return [command for command in Router(FEATURES).routes.commands if command.listed]


def each(values: Iterable[T], view: Callable[[Voice, Given, T], object]) -> tuple[View, ...]:
    """Call a view once for each of these values."""
    return tuple(bound(view, value) for value in values)


def bound(view: Callable[[Voice, Given, T], object], value: T) -> View:
    return lambda voice, given: view(voice, given, value)


def progress(invited: int) -> dict[str, int]:
    return {"invited": invited, "begun": invited // 2, "shared": invited // 3}


KNOWN = {"communities": 12, "answers": 3400, "reflections": 56, "journal": 789}
ZONES = [SLOT] * checkin.PREVIEWED

VIEWS: dict[str, Sequence[View]] = {
    "checkin.overview": (
        lambda voice, _: checkin.overview(voice, ROW, []),
        lambda voice, given: checkin.overview(voice, ROW, planned(given, 1)),
        lambda voice, given: checkin.overview(voice, ROW, planned(given, 3)),
        lambda voice, _: checkin.overview(voice, ROW, planned(ORDINARY, MOST_RHYTHMS)),
    ),
    "checkin.form": (
        lambda voice, _: checkin.form(voice, ROW),
        lambda voice, given: checkin.form(voice, ROW, given.check_in(options=5), given.answer[: checkin.WHEN_MAX]),
    ),
    "checkin.preview": (
        lambda voice, given: checkin.preview(voice, given.check_in(options=5), a_rhythm(), ZONES),
        lambda voice, given: checkin.preview(voice, given.check_in(), a_rhythm(), [SLOT]),
    ),
    "checkin.confirmed": (lambda voice, given: checkin.confirmed(voice, given.check_in(), COMING),),
    "checkin.late": (
        lambda voice, given: checkin.late(voice, given.check_in(), Missed((SLOT.local,)), None),
        lambda voice, given: checkin.late(voice, given.check_in(), Missed((SLOT.local,) * 2, asked=True), COMING),
        lambda voice, given: checkin.late(voice, given.check_in(), Missed((SLOT.local,) * 200), COMING),
    ),
    "checkin.ask": (
        lambda voice, given: checkin.ask(voice, given.check_in(), a_run()),
        lambda voice, given: checkin.ask(voice, given.check_in(options=5), a_run()),
    ),
    "checkin.closed": each((0, 1, MANY), lambda voice, given, count: checkin.closed(voice, given.check_in(), count)),
    "checkin.answer_form": (
        lambda voice, given: checkin.answer_form(voice, given.check_in(), a_run(), ""),
        lambda voice, given: checkin.answer_form(voice, given.check_in(), a_run(), given.answer),
    ),
    "checkin.answer": (lambda voice, given: checkin.answer(voice, given.name, given.answer),),
    "checkin.summary": (
        lambda voice, given: checkin.summary(voice, [], given.names(1), final=False),
        lambda voice, _: checkin.summary(voice, [], ORDINARY.names(MANY), final=True),
        lambda voice, given: checkin.summary(voice, [], given.names(MANY), final=True),
        lambda voice, given: checkin.summary(
            voice, [(option, given.names(MANY // 5)) for option in given.options()], given.names(MANY), final=True
        ),
        lambda voice, given: checkin.summary(
            voice, [(option, []) for option in given.options()], given.names(1), final=False
        ),
    ),
    "energy.overview": (
        lambda voice, _: energy.overview(voice, ROW, [], [], Shift.TOO_LITTLE, facilitator=False),
        *each(
            tuple(Shift),
            lambda voice, _, shift: energy.overview(
                voice, ROW, [(AT, 5)] * 8, [(AT, picture) for picture in pictures()], shift, facilitator=True
            ),
        ),
    ),
    "energy.logged": (
        lambda voice, _: energy.logged(voice, 3, None),
        lambda voice, _: energy.logged(voice, 3, a_pulse()),
    ),
    "energy.small": (lambda voice, _: energy.small(voice, ROW, 1), lambda voice, _: energy.small(voice, ROW, 7)),
    "energy.started": (lambda voice, _: energy.started(voice, a_pulse()),),
    "energy.ask": (lambda voice, given: energy.ask(voice, given.community, a_pulse()),),
    "energy.result": each(pictures(), lambda voice, _, picture: energy.result(voice, picture)),
    "energy.in_words": each(pictures(), lambda voice, _, picture: energy.in_words(voice, picture)),
    **freedays_views.VIEWS,
    "help.help_": (
        lambda voice, given: help_.help_(voice, listed(), community=given.community),
        lambda voice, _: help_.help_(voice, listed()[:1], community=None),
    ),
    "me.me": (lambda voice, given: me.me(voice, given.person(), KNOWN),),
    "me.zone_form": (lambda voice, _: me.zone_form(voice),),
    "reflection.start": (
        lambda voice, _: reflection.start(voice, ROW, facilitator=False, progress=progress(0)),
        lambda voice, _: reflection.start(voice, ROW, facilitator=True, progress=progress(0)),
        lambda voice, _: reflection.start(voice, ROW, facilitator=True, progress=progress(MANY)),
    ),
    "reflection.opened": each((1, MANY), lambda voice, _, count: reflection.opened(voice, count)),
    "reflection.ask": each(
        Step,
        lambda voice, given, step: reflection.ask(
            voice,
            a_reflection(),
            step,
            community=given.community,
            before=given.reflected if step != Step.NOTICE else None,
        ),
    ),
    "reflection.form": each(
        (*Step, 4), lambda voice, given, step: reflection.form(voice, a_reflection(), step, given.reflected)
    ),
    "reflection.complete": (
        lambda voice, given: reflection.complete(voice, a_reflection(), answers(given), date(2026, 12, 1)),
    ),
    "reflection.preview": (
        lambda voice, given: reflection.preview(voice, a_reflection(), given.name, answers(given), given.community),
    ),
    "reflection.shared": (lambda voice, given: reflection.shared(voice, given.name, answers(given)),),
    "reflection.look_back": (lambda voice, given: reflection.look_back(voice, a_reflection(), given.reflected),),
    "reflection.learned": each(Outcome, lambda voice, _, outcome: reflection.learned(voice, a_reflection(), outcome)),
    "rhythm.overview": (
        lambda voice, _: rhythm.overview(voice, []),
        lambda voice, given: rhythm.overview(voice, [(given.question, a_rhythm(), [COMING] * 3)]),
        lambda voice, given: rhythm.overview(voice, [(given.question, a_rhythm(RhythmState.PAUSED), [])]),
        lambda voice, _: rhythm.overview(voice, [(ORDINARY.question, a_rhythm(), [COMING] * 3)] * MOST_RHYTHMS),
    ),
    "setup.invited": (lambda voice, given: setup.invited(voice, given.here()),),
    "setup.form": (
        lambda voice, given: setup.form(voice, given.here(), []),
        lambda voice, given: setup.form(voice, given.here(), [given.person()] * setup.PARTNERS_MOST),
    ),
    "setup.hello": (lambda voice, given: setup.hello(voice, given.here()),),
    "setup.saved": (
        *each(
            (0, 1, MANY),
            lambda voice, given, members: setup.saved(voice, given.here(), first=members > 0, members=members),
        ),
        lambda voice, given: setup.saved(voice, given.here(), first=False, members=8, moved=2),
    ),
    "lost.notice": (
        lambda voice, given: lost.notice(voice, given.community, [(("person", reason), 5000) for reason in REASONS]),
        lambda voice, given: lost.notice(voice, given.community, [(("channel", "gone"), 1), (("thread", "x"), 2)]),
    ),
    "welcome.welcome": each(
        Welcome, lambda voice, given, kind: welcome.welcome(voice, given.here(), a_member(), given.person(), kind)
    ),
    "welcome.note": (lambda voice, given: welcome.note(voice, given.here(), a_member(), given.person()),),
    "welcome.taken": (lambda voice, given: welcome.taken(voice, given.person(), given.person()),),
    "welcome.yours": (lambda voice, given: welcome.yours(voice, given.person(), given.community),),
    "welcome.visit": (lambda _voice, _given: welcome.visit(a_member()),),
}

MOMENT = "dinsdag 24 november, 09:00"
SAID: dict[str, dict[str, Callable[[Given], Mapping[str, object]]]] = {
    "checkin": {
        "thanks": lambda _: {"closes": MOMENT},
        "tapone": lambda _: {},
        "skipped": lambda _: {},
        "cancelled": lambda _: {},
        "stopped": lambda given: {"question": given.question},
    },
    "energy": {"thanks": lambda _: {"closes": MOMENT, "least": 5}, "skipped": lambda _: {}},
    "freedays": freedays_views.SAID,
    "reflection": {
        "declined": lambda _: {},
        "finished": lambda _: {},
        "placed": lambda _: {"date": MOMENT},
        "kept": lambda _: {"date": MOMENT},
    },
    "rhythm": {
        "paused": lambda _: {},
        "resumed": lambda _: {"following": None},
        "skipped": lambda _: {"skipped": MOMENT, "following": None},
    },
}


def modules() -> dict[str, ModuleType]:
    """The views of every feature."""
    folders = sorted(file.parent.name for file in (ROOT / "bot" / "features").glob("*/views.py"))
    return {name: importlib.import_module(f"bot.features.{name}.views") for name in folders}


def public(module: ModuleType) -> Iterator[str]:
    """The functions that a handler can call, and whatever makes a card or a form."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ != module.__name__:
            continue
        if not name.startswith("_") or inspect.signature(function).return_annotation in {Card, Form}:
            yield name


def cases() -> Iterator[tuple[str, View]]:
    """Every call of every view, named after it."""
    for name, calls in VIEWS.items():
        for number, call in enumerate(calls, start=1):
            yield f"{name} {number}", call
    for feature, said in SAID.items():
        for name, values in said.items():
            yield f"{feature}.said {name}", spoken(modules()[feature], name, values)


def spoken(views: ModuleType, name: str, values: Callable[[Given], Mapping[str, object]]) -> View:
    return lambda voice, given: views.said(voice, name, **values(given))


CASES = dict(cases())


def test_every_view_is_looked_at() -> None:
    found = {f"{feature}.{name}" for feature, module in modules().items() for name in public(module)}

    assert found - {f"{feature}.said" for feature in SAID} == set(VIEWS)


@pytest.mark.parametrize("feature", modules())
def test_everything_that_is_merely_said_is_looked_at(feature: str) -> None:
    code = [file.read_text(encoding="utf-8") for file in (ROOT / "bot" / "features" / feature).glob("*.py")]

    said = {name for source in code for name in re.findall(r'views\.said\([^"]*?"(\w+)"', source)}

    assert said == set(SAID.get(feature, {}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("given", [pytest.param(ORDINARY, id="ordinary"), pytest.param(WORST, id="worst")])
@pytest.mark.parametrize("name", CASES)
def test_a_view_is_readable_and_fits(name: str, given: Given, language: str) -> None:
    shown = CASES[name](PROMPTS.voice(language, "Europe/Amsterdam"), given)

    match shown:
        case Card():
            assert shown.summary.strip()
            assert text.render(shown).strip()
            assert render.card(shown)
        case Form():
            assert render.form(shown)
            assert len(shown.submit) <= limits.SUBMIT
        case _:
            assert str(shown).strip()


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("welcome.visit")])
def test_the_two_languages_differ(name: str) -> None:
    dutch, english = (CASES[name](PROMPTS.voice(language, "Europe/Amsterdam"), ORDINARY) for language in LANGUAGES)

    assert dutch != english


def test_the_worst_is_as_long_as_it_may_be() -> None:
    assert {len(WORST.name), len(WORST.community)} == {NAME_MAX}
    assert len(WORST.question) == checkin.QUESTION_MAX
    assert len(WORST.answer) == MAX_ANSWER
    assert len(WORST.options()) == checkin.OPTIONS_MOST
