"""The texts: the same in both languages, all of them used, given what they ask for, and in Kring's voice."""

import ast
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from bot.chat.prompts import LANGUAGES, SHIPPED, Prompts
from bot.domain.pattern import describe
from bot.domain.people import Welcome
from bot.domain.rule_words import Refusal, Spoken, understand
from tests.domain.understood import AMSTERDAM, DATED, DUTCH, ENGLISH, NOW
from tests.project.sizes import ROOT

ENVIRONMENT = Environment()  # noqa: S701 - templates are parsed here, never rendered
ENVIRONMENT.filters["quote"] = str
BLOCKS = {"title", "body", "note", "labels"}
ASKING = (
    "checkin/ask",
    "energy/ask",
    "reflection/step1",
    "reflection/lookback",
    "welcome/new",
    "me/peace",
    "me/waiting",
)
CALM = ("energy", "reflection")
EMOJI = re.compile(
    "[\N{WHITE SMILING FACE}\N{HEAVY BLACK HEART}\N{BLACK SUN WITH RAYS}\U0001f000-\U0001faff]|:[a-z_]+:"
)
FORMAL = re.compile(r"\b(?:u|uw|uzelf)\b", re.IGNORECASE)
HOLE = "\0"  # stands in an f-string's text for what it puts in
SENTENCE_OF_WHO = {"nl": ("ziet", "zien"), "en": ("see", "sees")}
WAY_OUT = {"nl": "overslaan mag", "en": "skipping is"}


def names(language: str) -> list[str]:
    """Every message of a language: `checkin/ask` and so on."""
    folder = SHIPPED / language
    return sorted(file.relative_to(folder).as_posix().removesuffix(".md.j2") for file in folder.rglob("*.md.j2"))


ONLY_CHANNELS = ("room/", "slack/", "home/", "pages/", "platforms/", "setup/archived", "setup/restored", "checkin/ask")
"""What is not read in a group chat (one is never archived), or tells apart by itself what is true where."""
TIED = {"nl": ("kanaal", "deze draad"), "en": ("channel", "this thread")}
BESIDE = {"nl": "groepschat", "en": "group chat"}


DAY = date(2026, 11, 2)
ALL = names("nl")
BOTH = [(language, name) for language in LANGUAGES for name in names(language)]


def source(language: str, name: str) -> str:
    """The template as it was written."""
    return (SHIPPED / language / f"{name}.md.j2").read_text(encoding="utf-8")


@cache
def parsed(language: str, name: str) -> nodes.Template:
    """The template as Jinja reads it."""
    return ENVIRONMENT.parse(source(language, name))


def blocks(language: str, name: str) -> set[str]:
    """The names of its blocks."""
    return {block.name for block in parsed(language, name).find_all(nodes.Block)}


def wanted(language: str, name: str) -> set[str]:
    """The values it needs, without the voice that every template has."""
    return meta.find_undeclared_variables(parsed(language, name)) - {"voice"}


def block(language: str, name: str, which: str) -> str:
    """One block as it was written; empty when it is not there."""
    found = re.search(rf"{{% block {which} %}}(.*?){{% endblock %}}", source(language, name), re.DOTALL)
    return found[1] if found else ""


def labels(language: str, name: str) -> list[str]:
    """The names of its labels, in order."""
    lines = block(language, name, "labels").splitlines()
    return [line.partition(":")[0].strip() for line in lines if line.strip()]


def spoken(language: str, name: str) -> str:
    """What it can say: its own words and the texts in its expressions, without the rest of Jinja."""
    inner = re.compile(r"{%-?\s*(?:block|endblock|for|endfor|if|elif|else|endif|set)\b.*?%}", re.DOTALL)
    text = inner.sub(" ", source(language, name))
    return re.sub(r"{{(.*?)}}", lambda found: " ".join(re.findall(r'"([^"]*)"', found[1])), text)


def test_both_languages_have_the_same_messages() -> None:
    assert names("nl") == names("en")


@pytest.mark.parametrize("name", ALL)
def test_a_message_is_built_alike_in_both_languages(name: str) -> None:
    assert blocks("nl", name) == blocks("en", name)
    assert blocks("nl", name) <= BLOCKS
    assert labels("nl", name) == labels("en", name)
    assert wanted("nl", name) == wanted("en", name)


@pytest.mark.parametrize("name", ALL)
def test_a_label_stands_once(name: str) -> None:
    assert len(labels("nl", name)) == len(set(labels("nl", name)))


def test_every_message_is_used() -> None:
    unused = [name for name in ALL if not is_used(name)]

    assert unused == []


def test_code_names_only_messages_that_exist() -> None:
    called = {name for name, _ in calls()}

    assert called - set(ALL) == set()


def test_a_message_is_given_every_value_that_it_asks_for() -> None:
    missing = [
        f"{name}: {', '.join(sorted(wanted('nl', name) - given))}"
        for name, given in calls()
        if name in ALL and not wanted("nl", name) <= given and "**" not in given
    ]

    assert missing == []


@pytest.mark.parametrize("name", ALL)
def test_dutch_says_je_and_never_u(name: str) -> None:
    assert FORMAL.findall(spoken("nl", name)) == []


@pytest.mark.parametrize(("language", "name"), [both for both in BOTH if both[1].split("/")[0] in CALM])
def test_reflection_and_energy_are_calm(language: str, name: str) -> None:
    said = spoken(language, name)

    assert "!" not in said
    assert EMOJI.search(said) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ASKING)
def test_whoever_is_asked_reads_who_sees_it_and_how_to_skip(language: str, name: str) -> None:
    note = block(language, name, "note").lower()

    assert any(word in note.split() for word in SENTENCE_OF_WHO[language])
    assert WAY_OUT[language] in note


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Welcome)
def test_a_welcome_is_short(language: str, kind: Welcome) -> None:
    domain = "Hoe we zo toetsen dat studenten er meer van leren en wij er minder van hoeven nakijken."
    values = {"name": "Noor Jansen", "community": "Leerkring Eigentijds toetsen", "domain": domain}

    body = Prompts().voice(language)(f"welcome/{kind}", **values).body

    assert len(body.split()) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in ALL if name.startswith("welcome/")])
def test_every_message_around_a_welcome_is_short(language: str, name: str) -> None:
    assert len(re.sub(r"{[{%].*?[}%]}", "x", block(language, name, "body")).split()) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", [*DUTCH, *ENGLISH, *DATED])
def test_a_rhythm_in_our_words_can_be_typed_again(language: str, typed: str) -> None:
    meant = understand(typed, NOW, AMSTERDAM)
    assert isinstance(meant, Spoken)

    start = datetime.combine(meant.on or DAY, meant.time)
    shown = Prompts().voice(language)("rhythm/rule", pattern=describe(meant.rrule), start=start).title

    assert understand(shown, NOW, AMSTERDAM) == meant


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_a_rhythm_has_its_words(language: str, refusal: Refusal) -> None:
    said = Prompts().voice(language)(f"rhythm/{refusal.value.replace('_', '')}")

    assert said.title
    assert said.body


def is_used(name: str) -> bool:
    """Whether code names it: as it is, or by an f-string whose hole is filled with a word or number of its feature."""
    if any(name == text for text in strings("bot")):
        return True
    folder = name.split("/", maxsplit=1)[0]
    fillers = {text.replace("_", "") for place in (f"bot/features/{folder}", "bot/domain") for text in strings(place)}
    for text in strings("bot"):
        if HOLE in text and "/" in text.split(HOLE)[0]:
            found = re.fullmatch(re.escape(text).replace(re.escape(HOLE), "(.+)"), name)
            if found and fillers.issuperset(found.groups()):
                return True
    return False


@cache
def strings(folder: str) -> frozenset[str]:
    """Every string and number in the code of a folder, docstrings left out; an f-string has a mark for each hole."""
    return frozenset(text for tree in trees(folder) for node in ast.walk(tree) for text in _texts(node))


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if _is_text(part) else HOLE for part in node.values)  # type: ignore[attr-defined]
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        yield str(node.value)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@cache
def trees(folder: str) -> tuple[ast.Module, ...]:
    """The modules of a folder, without their docstrings."""
    return tuple(_without_docstrings(file) for file in sorted((ROOT / folder).rglob("*.py")))


def _without_docstrings(file: Path) -> ast.Module:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and _is_text(body[0].value):
            body[0] = ast.Pass()
    return tree


@cache
def calls() -> tuple[tuple[str, frozenset[str]], ...]:
    """Every call that names a message (`voice("me/me", ...)`, `UserError("me/me", ...)`), with the values it is given.

    `views.said(voice, "thanks", ...)` in `features/checkin` names `checkin/thanks`.
    """
    found = [_named(node) for tree in trees("bot") for node in ast.walk(tree) if isinstance(node, ast.Call)]
    said = [
        (f"{feature.name}/{node.args[1].value}", _given(node))  # type: ignore[attr-defined]
        for feature in sorted((ROOT / "bot" / "features").iterdir())
        for tree in trees(f"bot/features/{feature.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_said(node)
    ]
    return tuple(call for call in [*found, *said] if call)


def _named(node: ast.Call) -> tuple[str, frozenset[str]] | None:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    is_name = isinstance(text, str) and re.fullmatch(r"[a-z]+/[a-z0-9]+", text)
    return (str(text), _given(node)) if is_name and called in {"voice", "UserError"} else None


def _is_said(node: ast.Call) -> bool:
    is_said = isinstance(node.func, ast.Attribute) and node.func.attr == "said"
    return is_said and len(node.args) > 1 and _is_text(node.args[1])


def _given(node: ast.Call) -> frozenset[str]:
    return frozenset(keyword.arg or "**" for keyword in node.keywords)


@pytest.mark.parametrize(("language", "name"), [both for both in BOTH if not both[1].startswith(ONLY_CHANNELS)])
def test_what_members_read_is_true_in_a_group_chat_too(language: str, name: str) -> None:
    said = re.sub(r"{%.*?%}", "\n", source(language, name))
    said = re.sub(r"{{(.*?)}}", lambda value: " ".join(re.findall(r'"([^"]*)"', value[1])), said)

    for sentence in re.split(r"(?<=[.?])\s|\n", said.lower()):
        assert not any(tied in sentence for tied in TIED[language]) or BESIDE[language] in sentence, sentence
