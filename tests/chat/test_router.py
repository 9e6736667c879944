"""A command is understood in both languages, however it is typed; what is not understood gets the nearest word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.messages import Answers
from bot.chat.router import Router, Routes, normal
from bot.features import FEATURES
from tests.chat.strategies import texts

ROUTER = Router(FEATURES)


async def nothing(_context: object, *_rest: object) -> Answers:
    return []


def understood(text: str) -> tuple[str, str] | None:
    found = ROUTER.command(text)
    return (found[0].name, found[1]) if found else None


@pytest.mark.parametrize(
    ("nl", "en", "name"),
    [
        ("help", "help", "help"),
        ("hulp", "help", "help"),
        ("check-in", "check-in", "checkin"),
        ("check-in nieuw", "check-in new", "checkin.new"),
        ("nieuwe check-in", "new check-in", "checkin.new"),
        ("check-in nu", "check-in now", "checkin.now"),
        ("reflectie", "reflection", "reflect"),
        ("energie", "energy", "energy"),
        ("ritme", "rhythm", "rhythm"),
        ("ik", "me", "me"),
        ("start", "setup", "setup"),
    ],
)
def test_a_command_has_a_dutch_and_an_english_word(nl: str, en: str, name: str) -> None:
    assert understood(nl) == (name, "")
    assert understood(en) == (name, "")


@pytest.mark.parametrize("text", ["Check-in", "CHECKIN", "check in", "  check - in  ", "chéck-in!", "check\u2011in"])
def test_capitals_spaces_hyphens_and_accents_do_not_matter(text: str) -> None:
    assert understood(text) == ("checkin", "")


def test_the_longest_phrase_wins() -> None:
    assert understood("check in Nieuw") == ("checkin.new", "")
    assert understood("checkin") == ("checkin", "")


def test_words_behind_a_phrase_are_for_a_command_that_takes_them() -> None:
    assert understood("Energie  4") == ("energy", "4")
    assert understood("ritme elke dag") is None


@pytest.mark.parametrize(
    ("typed", "language", "offered"),
    [
        ("refelctie", "nl", "reflectie"),
        ("refelctie", "en", "reflect"),
        ("chek-in", "nl", "check-in"),
        ("energiee", "nl", "energie"),
        ("enery", "en", "energy"),
        ("rithm", "nl", "ritme"),
        ("reflectie graag wat korter", "nl", "reflectie"),
        ("mozzarella", "nl", None),
        ("", "nl", None),
        ("???", "en", None),
    ],
)
def test_a_typo_gets_the_nearest_word_in_the_language_asked(typed: str, language: str, offered: str | None) -> None:
    assert ROUTER.nearest(typed, language) == offered


@given(texts, st.sampled_from(["nl", "en"]))
def test_whatever_is_typed_is_understood_or_not_and_never_fails(text: str, language: str) -> None:
    found, near = ROUTER.command(text), ROUTER.nearest(text, language)

    assert found is None or found[0] in ROUTER.routes.commands
    assert near is None or ROUTER.command(near) is not None


@given(texts)
def test_a_word_folded_once_stays_as_it_is(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_two_features_that_claim_one_phrase_are_refused() -> None:
    first, second = Routes[object](), Routes[object]()
    first.command("one", nl=("check-in",), en=("check-in",))(nothing)
    second.command("other", nl=("Check in",), en=("other",))(nothing)

    with pytest.raises(ValueError, match="checkin is taken"):
        Router([first, second])


@pytest.mark.parametrize("kind", ["tap", "form", "event", "due"])
def test_two_features_that_claim_one_name_are_refused(kind: str) -> None:
    features = (Routes[object](), Routes[object]())
    for feature in features:
        getattr(feature, kind)("energy.answer")(nothing)

    with pytest.raises(ValueError, match=r"energy\.answer is taken"):
        Router(features)


def test_one_command_may_have_the_same_phrase_in_both_languages() -> None:
    feature = Routes[object]()
    feature.command("help", nl=("help",), en=("help",))(nothing)

    assert Router([feature]).nearest("hepl", "nl") == "help"
