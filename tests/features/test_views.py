"""Every view of every feature, in both languages, with ordinary values and with the worst that a member can type."""

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import ModuleType
from typing import TypeVar

import pytest

from bot.chat import text
from bot.chat.actions import Action
from bot.chat.cards import Card, Form
from bot.chat.prompts import LANGUAGES, Prompts, Voice
from bot.chat.router import Command, Router
from bot.context import Context
from bot.domain.checkin import MAX_ANSWER, MOST_RHYTHMS
from bot.domain.energy import Shift
from bot.domain.people import Welcome
from bot.domain.reflection import Outcome, Step
from bot.errors import Refusal
from bot.features import FEATURES
from bot.features.checkin import views as checkin
from bot.features.energy import views as energy
from bot.features.help import views as help_
from bot.features.lost import views as lost
from bot.features.reflection import views as reflection
from bot.features.rhythm import views as rhythm
from bot.features.setup import views as setup
from bot.features.welcome import views as welcome
from bot.platforms.room import limits, render
from storage.occurrences import Missed
from storage.rhythms import RhythmState
from tests.features import freedays_views, home_views
from tests.features.given import (
    AT,
    COMING,
    EXCEPTIONS,
    MANY,
    NAME_MAX,
    ORDINARY,
    ROW,
    SLOT,
    WORST,
    Given,
    a_free_day,
    a_member,
    a_pulse,
    a_reflection,
    a_rhythm,
    a_run,
    answers,
    pictures,
    planned,
    shown,
)
from tests.features.peace_shown import ME
from tests.project.sizes import ROOT

T = TypeVar("T")
View = Callable[[Voice, Given], object]
PROMPTS = Prompts()
REASONS = (*Refusal, "late", "root", "tries")


def listed() -> list[Command[Context]]:
    return [command for command in Router(FEATURES).routes.commands if command.listed]


def each(values: Iterable[T], view: Callable[[Voice, Given, T], object]) -> tuple[View, ...]:
    """Call a view once for each of these values."""
    return tuple(bound(view, value) for value in values)


def bound(view: Callable[[Voice, Given, T], object], value: T) -> View:
    return lambda voice, given: view(voice, given, value)


def progress(invited: int) -> dict[str, int]:
    return {"invited": invited, "begun": invited // 2, "shared": invited // 3}


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
        lambda voice, given: checkin.form(
            voice,
            ROW,
            given.check_in(options=5),
            checkin.Planned(given.answer[: checkin.WHEN_MAX], "2026-11-24", "2027-01-31"),
        ),
    ),
    "checkin.preview": (
        lambda voice, given: checkin.preview(voice, given.check_in(options=5), a_rhythm(), ZONES),
        lambda voice, given: checkin.preview(voice, given.check_in(), a_rhythm(), [SLOT], "2026-11-24"),
    ),
    "checkin.confirmed": (lambda voice, given: checkin.confirmed(voice, given.check_in(), COMING),),
    "checkin.late": (
        lambda voice, given: checkin.late(voice, given.check_in(), Missed((SLOT.local,)), None),
        lambda voice, given: checkin.late(voice, given.check_in(), Missed((SLOT.local,) * 2, asked=True), COMING),
        lambda voice, given: checkin.late(voice, given.check_in(), Missed((SLOT.local,) * 200), COMING),
    ),
    "checkin.free": each(
        (None, COMING), lambda voice, given, next_: checkin.free(voice, given.check_in(), a_free_day(), next_)
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
    **ME,
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
        lambda voice, given: rhythm.overview(voice, [shown(given)]),
        lambda voice, given: rhythm.overview(voice, [shown(given, a_rhythm(RhythmState.PAUSED))]),
        lambda voice, given: rhythm.overview(voice, [shown(given)] * MOST_RHYTHMS),
    ),
    "rhythm.one": (
        lambda voice, given: rhythm.one(voice, shown(given)),
        lambda voice, given: rhythm.one(voice, shown(given, a_rhythm(RhythmState.PAUSED))),
        lambda voice, given: rhythm.one(voice, rhythm.Shown(given.question, a_rhythm(), ())),
    ),
    "rhythm.which": each(("skip", "move"), lambda voice, _, what: rhythm.which(voice, ROW, what, EXCEPTIONS)),
    "rhythm.skipped": (lambda voice, given: rhythm.skipped(voice, shown(given), COMING),),
    "rhythm.moved": (lambda voice, given: rhythm.moved(voice, shown(given), COMING, SLOT.wall),),
    "rhythm.paused_until": (lambda voice, given: rhythm.paused_until(voice, shown(given), date(2027, 1, 4)),),
    "rhythm.until_form": (lambda voice, _: rhythm.until_form(voice, ROW),),
    "rhythm.move_form": (lambda voice, _: rhythm.move_form(voice, Action("rhythm.move.one", ROW, SLOT.local), COMING),),
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
    "setup.back": (lambda voice, given: setup.back(voice, given.here()),),
    "setup.removed": (lambda voice, given: setup.removed(voice, given.here()),),
    "setup.archived": (lambda voice, given: setup.archived(voice, given.here()),),
    "setup.restored": (lambda voice, given: setup.restored(voice, given.here()),),
    **home_views.VIEWS,
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
    "me": {"going": lambda _: {}, "less": lambda _: {}, "shown": lambda _: {}},
    "reflection": {
        "declined": lambda _: {},
        "finished": lambda _: {},
        "placed": lambda _: {"date": MOMENT},
        "kept": lambda _: {"date": MOMENT},
    },
    "rhythm": {
        "paused": lambda _: {},
        "resumed": lambda _: {"following": None},
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_every_item_of_a_list_begins_a_line(name: str, language: str) -> None:
    shown = CASES[name](PROMPTS.voice(language, "Europe/Amsterdam"), ORDINARY)

    assert not isinstance(shown, Card) or not re.search(r"[^\s>]- ", text.render(shown))


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("welcome.visit")])
def test_the_two_languages_differ(name: str) -> None:
    dutch, english = (CASES[name](PROMPTS.voice(language, "Europe/Amsterdam"), ORDINARY) for language in LANGUAGES)

    assert dutch != english


def test_the_worst_is_as_long_as_it_may_be() -> None:
    assert {len(WORST.name), len(WORST.community)} == {NAME_MAX}
    assert len(WORST.question) == checkin.QUESTION_MAX
    assert len(WORST.answer) == MAX_ANSWER
    assert len(WORST.options()) == checkin.OPTIONS_MOST
