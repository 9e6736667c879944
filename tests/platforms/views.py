"""Every view of every feature, for a platform to write, and the files that keep what it once wrote."""

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.chat.cards import Card, Form
from bot.chat.prompts import LANGUAGES
from tests.features.given import ORDINARY, WORST, Given
from tests.features.test_views import CASES, PROMPTS

Json = dict[str, Any]
Test = TypeVar("Test", bound=Callable[..., None])
GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@cache
def _shown(name: str, given: Given, language: str) -> object:
    return CASES[name](PROMPTS.voice(language, "Europe/Amsterdam"), given)


CARDS = [name for name in CASES if isinstance(_shown(name, ORDINARY, "nl"), Card)]
FORMS = [name for name in CASES if isinstance(_shown(name, ORDINARY, "nl"), Form)]
VIEWS = [name for name in CASES if name in {*CARDS, *FORMS}]
"""What is a card or a form of its own, and not a part of another."""

with_each_given = pytest.mark.parametrize(
    "given", [pytest.param(ORDINARY, id="ordinary"), pytest.param(WORST, id="worst")]
)
with_each_feature = pytest.mark.parametrize("feature", sorted({name.partition(".")[0] for name in CASES}))


def with_each_view(test: Test) -> Test:
    """Run a test for every view, with ordinary values and the worst, in both languages."""
    for each in (
        pytest.mark.parametrize("name", VIEWS), with_each_given, pytest.mark.parametrize("language", LANGUAGES)
    ):  # fmt: skip
        test = each(test)
    return test


def card(name: str, given: Given) -> Card:
    """What a view that is a card shows."""
    view = _shown(name, given, "nl")
    assert isinstance(view, Card)
    return view


def form(name: str, given: Given) -> Form:
    """What a view that is a form shows."""
    view = _shown(name, given, "nl")
    assert isinstance(view, Form)
    return view


def shown(name: str, given: Given, language: str) -> Card | Form:
    """What a view shows."""
    view = _shown(name, given, language)
    assert isinstance(view, Card | Form)
    return view


def of_feature(feature: str) -> dict[str, Card | Form]:
    """The views of one feature, as they are usually."""
    return {name: shown(name, ORDINARY, "nl") for name in VIEWS if name.startswith(f"{feature}.")}


def squeezed(text: str) -> str:
    """Only what is read, wherever its lines end."""
    return re.sub(r"\s", "", text)


def golden(platform: str, name: str, views: Mapping[str, Json], parts: str) -> Json:
    """Read what is kept of these views; with `KRING_GOLDEN=write` it is kept anew, with each of its parts on a line."""
    file = GOLDEN / platform / f"{name}.json"
    if os.environ.get("KRING_GOLDEN") == "write":
        file.write_text(_lines(views, parts), encoding="utf-8")
    kept: Json = json.loads(file.read_text(encoding="utf-8"))
    return kept


def _lines(views: Mapping[str, Json], parts: str) -> str:
    written = []
    for name, view in views.items():
        head = _line({key: one for key, one in view.items() if key != parts})
        body = ",\n  ".join(_line(part) for part in view[parts])
        written.append(f'{_line(name)}: {head[:-1]}, "{parts}": [\n  {body}\n]}}')
    return "{\n" + ",\n".join(written) + "\n}\n"


def _line(part: object) -> str:
    return json.dumps(part, ensure_ascii=False, sort_keys=True)
