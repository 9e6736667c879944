"""Templates: our words are ours, values are text, and what is wrong with a template is named."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from bot.chat import markup
from bot.chat.actions import Action
from bot.chat.cards import Markup, Plain, Text
from bot.chat.markup import Paragraph, Quote, Span, parse
from bot.chat.prompts import Habits, Prompts
from bot.errors import ConfigError, PromptError
from tests.chat.strategies import written

ASK = "{% block title %}{{ question }}{% endblock %}\n{% block body %}\n**{{ name }}** vraagt:\n\n{{ question | quote }}\n\nDoe je _mee_?\n{% endblock %}\n{% block labels %}\nyes: Ja, {{ name }}\nno: Nee: liever niet\n{% endblock %}\n"  # noqa: E501 - as it stands in a file


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped")
    write(folder, "nl/quiz/ask", ASK)
    write(folder, "en/quiz/ask", ASK.replace("vraagt", "asks"))
    write(folder, "nl/quiz/bye", "{% block body %}\nDag {{ name }}.\n{% endblock %}\n")
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def write(folder: Path, message: str, template: str) -> None:
    file = folder / f"{message}.md.j2"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(template, encoding="utf-8")


def said(prompts: Prompts, message: str = "quiz/bye", **values: object) -> str:
    return prompts.voice("nl")(message, **values).body


@given(written, written)
@settings(deadline=None)
@example("{{ 7*7 }}", "{% raw %}")
@example("{# weg #}", "{% endblock %}")
@example("**", "> ")
def test_values_are_text_and_the_templates_own_words_are_ours(shipped: Path, name: str, question: str) -> None:
    name, question = (text.replace("\r\n", "\n").replace("\r", "\n") for text in (name, question))

    words = Prompts(shipped=shipped).voice("nl")("quiz/ask", name=name, question=question)

    assert parse(words.body) == (
        Paragraph((Span(name, strong=True), Span(" vraagt:"))),
        Quote((Span(question.strip()),)),
        Paragraph((Span("Doe je "), Span("mee", emphasis=True), Span("?"))),
    )


def test_a_title_and_a_label_are_said_without_dress(shipped: Path) -> None:
    words = Prompts(shipped=shipped).voice("nl")("quiz/ask", name="_Ad_ **B**", question="Wat *leerde* je?")

    assert words.title == "Wat *leerde* je?"
    assert words.labels == {"yes": "Ja, _Ad_ **B**", "no": "Nee: liever niet"}


def test_a_missing_value_is_named(shipped: Path) -> None:
    voice = Prompts(shipped=shipped).voice("nl")

    with pytest.raises(PromptError, match=r"nl/quiz/bye.*'name' is undefined"):
        voice("quiz/bye")


def test_a_template_that_is_not_there_is_named(shipped: Path) -> None:
    with pytest.raises(PromptError, match="nl/quiz/lost"):
        Prompts(shipped=shipped).voice("nl")("quiz/lost")


def test_a_label_that_is_not_there_is_named(shipped: Path) -> None:
    words = Prompts(shipped=shipped).voice("nl")("quiz/ask", name="Ad", question="Wat?")

    with pytest.raises(PromptError, match="quiz/ask: no label 'maybe'"):
        words.button("maybe", Action("quiz.answer"))


def test_a_card_has_title_body_nodes_and_then_the_note(own: Path) -> None:
    write(
        own,
        "nl/quiz/ask",
        "{% block title %}T{% endblock %}{% block body %}B{% endblock %}{% block note %}N{% endblock %}",
    )
    middle = Text(Markup("midden"))

    card = Prompts(shipped=own).voice("nl")("quiz/ask").card(middle)

    assert (card.summary, card.title) == ("T", "T")
    assert card.nodes == (Text(Markup("B")), middle, Text(Markup("N"), muted=True))


def test_a_card_without_a_title_is_summed_up_by_its_body(shipped: Path) -> None:
    card = Prompts(shipped=shipped).voice("nl")("quiz/bye", name="Noor").card()

    assert (card.summary, card.title) == (Plain("Dag Noor."), None)


def test_an_own_folder_wins_file_by_file(shipped: Path, own: Path) -> None:
    write(own, "nl/quiz/bye", "{% block body %}\nTot gauw, {{ name }}!\n{% endblock %}\n")
    prompts = Prompts(own, shipped=shipped)

    assert said(prompts, name="Noor") == "Tot gauw, Noor!"
    assert "vraagt" in said(prompts, "quiz/ask", name="Noor", question="Wat?")


@pytest.mark.parametrize("template", ["{% block body %}{{ nome }}{% endblock %}", "{% block body %}{{", "{% if %}"])
def test_an_own_template_that_fails_falls_back_to_the_shipped_one(shipped: Path, own: Path, template: str) -> None:
    write(own, "nl/quiz/bye", template)

    assert said(Prompts(own, shipped=shipped), name="Noor") == "Dag Noor."


def test_own_templates_that_are_right_pass_the_check(shipped: Path, own: Path) -> None:
    write(own, "nl/quiz/bye", "{% block body %}{{ voice.language }} {{ name }}{% endblock %}")

    Prompts(own, shipped=shipped).check()
    Prompts(shipped=shipped).check()


@pytest.mark.parametrize(
    ("message", "template", "problem"),
    [
        ("nl/quiz/bye", "{% block body %}\nDag\n{{ name }\n{% endblock %}", r"nl/quiz/bye\.md\.j2, line 3"),
        ("nl/quiz/bye", "{% block body %}{{ nome }}{% endblock %}", r"nl/quiz/bye\.md\.j2 uses nome"),
        ("nl/quiz/dag", "{% block body %}Dag{% endblock %}", r"nl/quiz/dag\.md\.j2 is not the name of a message"),
        ("fr/quiz/bye", "{% block body %}Salut{% endblock %}", r"fr/quiz/bye\.md\.j2 is not the name of a message"),
    ],
    ids=["syntax", "unknown name", "unknown file", "unknown language"],
)
def test_the_check_names_the_file_and_what_is_wrong(
    shipped: Path, own: Path, message: str, template: str, problem: str
) -> None:
    write(own, message, template)

    with pytest.raises(ConfigError, match=problem) as refused:
        Prompts(own, shipped=shipped).check()
    assert refused.value.name == "KRING_PROMPTS_DIR"


def test_an_own_folder_that_is_not_there_is_named(shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere is not a folder"):
        Prompts(tmp_path / "nowhere", shipped=shipped).check()


def test_days_and_times_are_said_in_the_language_and_the_zone() -> None:
    late = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    dutch, english = Prompts().voice("nl", "Europe/Amsterdam"), Prompts().voice("en", "Europe/London")

    assert (dutch.day(late), dutch.time(late)) == ("dinsdag 3 november", "00:30")
    assert (english.day(late), english.time(late)) == ("Monday 2 November", "23:30")
    assert dutch.day(date(2026, 12, 5)) == "zaterdag 5 december"
    assert [dutch.weekday(0), english.weekday(6)] == ["maandag", "Sunday"]


def test_a_wall_time_stays_as_it_is() -> None:
    assert Prompts().voice("nl", "America/New_York").time(datetime(2026, 11, 2, 9, 0)) == "09:00"  # noqa: DTZ001 - a wall time


def test_summer_and_winter_are_told_apart() -> None:
    voice = Prompts().voice("nl", "Europe/Amsterdam")

    assert voice.time(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == "01:59"
    assert voice.time(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "03:00"


def test_a_language_that_we_do_not_speak_becomes_dutch() -> None:
    assert Prompts().voice("fr").language == "nl"


def test_a_message_is_worded_by_the_habits_of_the_platform() -> None:
    prompts = Prompts()
    prompts.habits["teams"] = Habits("@Kring", called_in_threads=True, group_chats=True)
    asked = {"question": "Wat?", "options": [], "closes": "morgen"}

    usual, teams = (prompts.voice("nl", "UTC", platform) for platform in ("slack", "teams"))

    assert "/kring start" in markup.plain(usual("setup/direct").body)
    assert "@Kring start" in markup.plain(teams("setup/direct").body)
    assert "groepschat" not in markup.plain(usual("setup/direct").body)
    assert "kanaal of groepschat" in markup.plain(teams("setup/direct").body)
    assert markup.plain(usual("checkin/ask", **asked).body) == "Antwoord in deze draad, of via de knop."
    assert (
        markup.plain(teams("checkin/ask", **asked).body)
        == "Antwoord via de knop. In een kanaal mag het ook in deze draad, met @Kring ervoor."
    )
