"""A card in Teams: every limit by name, buttons that fit, and no character that a member types is more than itself."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import markup
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Divider, Facts, Image, Markup, Node, Plain, Text
from bot.chat.payloads import Payload
from bot.platforms.teams import blocks, limits, render, spans
from bot.platforms.teams.spans import Json
from tests.chat.strategies import several_buttons, texts, whole_cards
from tests.contracts.messenger import card
from tests.platforms.teams.official import parts, refusals

BUTTON = Button(Plain("x"), Action("energy.answer"))
ALIVE = [
    "**a**", "*a*", "_a_", "~~a~~", "`a`", "# a", "> a", "- a", "+ a", "1. a", "12) a", "[a](https://a.nl)", "![a](b)",
    "https://a.nl", "www.a.nl", "a.nl", "a@b.nl", "<at>Noor</at>", "<b>a</b>", "&lt;", ":tada:", "a|b", "\\*", "a\nb",
    "a ;-)", "{{DATE(2026-03-02T08:00:00Z)}}", "{{TIME(2026-03-02T08:00:00Z)}}", "{{x}}", "${x}", "---",
    "===", "19:x@thread.v2",
]  # fmt: skip
TYPED = st.text(alphabet=st.sampled_from("ab *_`[]()>-\\\n<!@&:.1{D"), max_size=60) | st.text(max_size=60)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["action"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def said(part: object) -> str:
    """What the texts of a card say, in order."""
    return "".join(one["text"] for one in parts(part) if one.get("type") in {"TextRun", "TextBlock"})


def body(*nodes: Node) -> list[Json]:
    """The elements of some nodes."""
    elements: list[Json] = render.card(Card(Plain("x"), nodes))["body"]
    return elements


def buttons(*labels: str) -> Buttons:
    """Buttons with these labels."""
    return Buttons(tuple(replace(BUTTON, label=Plain(label)) for label in labels))


def options(count: int, label: str = "optie", *, opens: bool = False) -> tuple[Button, ...]:
    """So many options, each with an action of its own."""
    return tuple(
        Button(Plain(f"{label} {number}"), Action("rhythm.skip.one", number, "a"), opens=opens)
        for number in range(count)
    )


def rows(elements: list[Json]) -> list[list[str]]:
    """The labels of the buttons, row by row."""
    return [[one["title"] for one in part["actions"]] for part in elements if part["type"] == "ActionSet"]


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("link", Text(Markup(f"[x](https://a.nl/{'x' * 2000})"))),
        ("number of buttons", Buttons((BUTTON,) * 26)),
        ("number of buttons", Buttons(())),
        ("button label", buttons("x" * 76)),
        ("button label", buttons("")),
        ("number of options", Choice(Plain("x"), options(101))),
        ("number of options", Choice(Plain("x"), ())),
        ("option", Choice(Plain("x"), options(20, "x" * 75))),
        ("choice label", Choice(Plain("x" * 76), (BUTTON,))),
        ("number of facts", Facts(((Plain("x"), Plain("y")),) * 11)),
        ("fact", Facts(((Plain("x"), Plain("y" * 2001)),))),
        ("alt text", Image("https://a.nl/b.png", Plain("x" * 501))),
        ("image address", Image(f"https://a.nl/{'x' * 2000}", Plain("x"))),
    ],
)
def test_a_node_over_a_limit_is_refused_by_name(name: str, node: Node) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        body(node)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("summary", card("x" * 4001)),
        ("summary", replace(card("x"), summary=Plain(""))),
        ("message", Card(Plain("x"), (Text(Markup("x" * 20_000)),))),
        ("message", Card(Plain("x"), (Text(Markup("é" * 20_000)),))),
    ],
    ids=str,
)
def test_a_message_over_a_limit_is_refused_by_name(name: str, made: Card) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        render.message(made)


def test_a_message_of_nearly_all_that_teams_takes_is_sent() -> None:
    written = render.message(Card(Plain("x"), (Text(Markup("x" * 19_700)),)))

    assert 79_000 < limits.size(written) <= 80_000


def test_a_size_is_in_bytes_of_utf_16() -> None:
    assert limits.size("a") == limits.size("é") == 6
    assert limits.size("👩") == 8
    assert limits.size("\ud800") == 6


def test_a_node_at_its_limits_is_taken() -> None:
    long = Button(Plain("x" * 75), Action("energy.answer"))
    nodes: list[Node] = [
        Buttons((long,) * 25),
        Choice(Plain("x" * 75), (long,) * 100),
        Facts(((Plain("x"), Plain("y" * 2000)),) * 10),
        Image("https://a.nl", Plain("x" * 500)),
    ]

    assert [wrong for node in nodes for wrong in refusals(render.card(Card(Plain("x"), (node,))))] == []


@settings(deadline=None)  # how long the official schema takes, the machine decides
@given(whole_cards)
def test_whatever_is_on_a_card_microsoft_takes_it_or_a_limit_is_named(made: Card) -> None:
    try:
        found = refusals(render.card(made))
    except ValueError as error:
        found = [str(error)]

    assert [wrong for wrong in found if not re.search(r" is the (most|least) for Teams$", wrong)] == []


def test_a_message_is_its_card_and_says_nothing_beside_it() -> None:
    made = replace(card("Hallo"), title=Plain("Dag"))

    written = render.message(made)

    assert written.keys() == {"type", "summary", "attachments"}
    assert (written["type"], written["summary"]) == ("message", "Hallo")
    (attachment,) = written["attachments"]
    assert attachment == {"contentType": "application/vnd.microsoft.card.adaptive", "content": render.card(made)}


def test_a_card_with_nothing_on_it_shows_its_summary() -> None:
    assert said(render.card(Card(Plain("Niets te zien"), ()))) == "Niets te zien"


@pytest.mark.parametrize("muted", [True, False])
@pytest.mark.parametrize("typed", ALIVE)
def test_what_a_member_types_stays_the_characters_they_typed(typed: str, *, muted: bool) -> None:
    written = body(Text(Markup(f"**Noor** schrijft {markup.escape(typed)}"), muted=muted))

    assert said(written) == f"Noor schrijft {typed}"
    assert not any(part.get("type") == "TextBlock" for part in parts(written))
    assert not any("{{DATE" in run["text"] or "{{TIME" in run["text"] for run in written[0]["inlines"])


@pytest.mark.parametrize("typed", ALIVE)
def test_a_title_in_which_something_could_come_alive_is_no_text_that_formats(typed: str) -> None:
    (title, *_) = render.card(replace(card("x"), title=Plain(typed)))["body"]

    assert (title["type"], said(title)) == ("RichTextBlock", typed)


@pytest.mark.parametrize(
    "typed",
    [
        "Wat probeerde je sinds de vorige keer?",
        "Hoeveel energie geeft 'Eigentijds toetsen' je, op dit moment (9:00)?",
        "Één ding: zien of horen – nog geen mening…",
        "2026 begint op 1 januari.",
    ],
)
def test_a_title_in_plain_words_is_a_heading_for_screen_readers_too(typed: str) -> None:
    (title, *_) = render.card(replace(card("x"), title=Plain(typed)))["body"]

    assert (title["type"], title["style"], title["text"], title["wrap"]) == ("TextBlock", "heading", typed, True)


def test_the_words_for_a_client_that_shows_no_card_are_escaped() -> None:
    written = render.card(Card(Plain("x"), (Text(Markup(markup.escape("**a** [b](https://c.nl)\n- d"))),)))

    assert written["fallbackText"] == r"\*\*a\*\* \[b\](https\://c\.nl\)" + "\n" + r"\- d"


@given(texts)
def test_an_escaped_text_says_the_same_and_keeps_no_mark(typed: str) -> None:
    escaped = spans.escape(typed)

    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped) == typed
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>#~|]", escaped)


def test_bodies_are_paragraphs_bullets_and_quotes_that_can_be_told_apart() -> None:
    written = body(Text(Markup("een\n\ntwee **sterk** _zacht_ `code`\n\n- drie\n- vier\n\n> vijf")))

    first, second, *items, quote = written
    assert [said(one) for one in (first, second, *items)] == ["een", "twee sterk zacht code", "•\xa0drie", "•\xa0vier"]
    dressed = {run["text"]: run for run in second["inlines"]}
    assert dressed["sterk"]["weight"] == "Bolder"
    assert dressed["zacht"]["italic"]
    assert dressed["code"]["fontType"] == "Monospace"
    assert (quote["type"], quote["style"], said(quote)) == ("Container", "emphasis", "vijf")


def test_words_that_may_be_skipped_are_small_and_subtle() -> None:
    (element,) = body(Text(Markup("Alleen **jij** ziet dit."), muted=True))

    assert all((run["isSubtle"], run["size"]) == (True, "Small") for run in element["inlines"])


def test_a_link_of_our_own_is_one_that_can_be_followed() -> None:
    (element,) = body(Text(Markup("Lees [dit](https://a.nl/?a=1&b=2).")))

    (_, link, _) = element["inlines"]
    assert link["text"] == "dit"
    assert link["selectAction"] == {"type": "Action.OpenUrl", "title": "dit", "url": "https://a.nl/?a=1&b=2"}


def test_a_fact_is_a_line_that_formats_nothing() -> None:
    written = body(Facts(((Plain("Wanneer"), Plain("**nu**")), (Plain("Waar"), Plain("#toetsen")))))

    assert [said(line) for line in written] == ["Wanneer: **nu**", "Waar: #toetsen"]
    assert [[run.get("weight") for run in line["inlines"]] for line in written] == [["Bolder", None]] * 2


def test_a_divider_is_a_line_above_what_comes_next() -> None:
    hello = Text(Markup("a"))

    written = body(Divider(), hello, Divider(), Text(Markup("")), hello, hello, Divider())

    assert [element.get("separator", False) for element in written] == [True, True, False]


def test_an_image_has_words_for_who_does_not_see_it() -> None:
    (image,) = body(Image("https://a.nl/b.png", Plain("Stoelen in een kring")))

    assert image == {"type": "Image", "url": "https://a.nl/b.png", "altText": "Stoelen in een kring"}


def test_a_button_is_answered_in_place_and_by_a_message_where_that_is_not_known() -> None:
    (row,) = body(Buttons((Button(Plain("Sla over"), Action("checkin.skip", 3)),)))

    (action,) = row["actions"]
    data = {"kring": {"action": "checkin.skip|3|"}}
    assert (action["type"], action["verb"], action["data"]) == ("Action.Execute", "checkin.skip", data)
    assert (action["fallback"]["type"], action["fallback"]["data"]) == ("Action.Submit", data)
    assert action["fallback"]["title"] == action["title"] == "Sla over"


def test_a_button_that_opens_a_form_asks_teams_for_a_dialog() -> None:
    (row,) = body(Buttons((Button(Plain("Antwoord"), Action("checkin.open", 3), primary=True, opens=True),)))

    (action,) = row["actions"]
    assert (action["type"], action["style"]) == ("Action.Submit", "positive")
    assert action["data"] == {"msteams": {"type": "task/fetch"}, "kring": {"action": "checkin.open|3|"}}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["a"] * 6, [6]),
        (["a"] * 7, [4, 3]),
        (["a"] * 13, [5, 5, 3]),
        (["x" * 75] * 3, [1, 1, 1]),
        (["x" * 27] * 5, [2, 2, 1]),
        (["x" * 29, "x" * 17, "x" * 18, "x" * 38], [2, 1, 1]),
    ],
)
def test_buttons_stand_in_as_few_rows_as_show_their_labels_whole(labels: list[str], expected: list[int]) -> None:
    assert [len(row) for row in rows(body(buttons(*labels)))] == expected


@given(several_buttons.filter(bool), st.integers(1, 8))
def test_no_button_is_lost_or_changes_places(some: tuple[Button, ...], times: int) -> None:
    every = [Plain(f"{number} {one.label}"[:75]) for number, one in enumerate(some * times)]

    found = rows(body(buttons(*every)))

    assert [label for row in found for label in row] == every
    assert all(len(row) <= 6 for row in found)


def test_a_few_options_are_buttons() -> None:
    question, *sets = body(Choice(Plain("Welke keer?"), options(5)))

    assert said(question) == "Welke keer?"
    assert [blocks.action_of(one["data"]) for part in sets for one in part["actions"]] == [
        one.action for one in options(5)
    ]


@pytest.mark.parametrize("opens", [True, False])
def test_many_options_are_a_list_with_a_button(*, opens: bool) -> None:
    many = options(30, "een tamelijk lange optie", opens=opens)

    box, row = body(Text(Markup("")), Choice(Plain("Weghalen"), many))

    assert (box["type"], box["label"], box["isRequired"]) == ("Input.ChoiceSet", "Weghalen", True)
    assert [one["title"] for one in box["choices"]] == [one.label for one in many]
    (action,) = row["actions"]
    assert action["type"] == ("Action.Submit" if opens else "Action.Execute")
    assert "associatedInputs" not in action
    for option, choice in zip(many, box["choices"], strict=True):
        assert blocks.action_of({**action["data"], box["id"]: choice["value"]}) == option.action


def test_two_lists_on_a_card_are_told_apart_and_other_buttons_wait_for_neither() -> None:
    many = options(30, "een tamelijk lange optie")

    written = body(Choice(Plain("a"), many), Choice(Plain("b"), many), buttons("c"))

    boxes = [one["id"] for one in written if one["type"] == "Input.ChoiceSet"]
    assert len(boxes) == len(set(boxes)) == 2
    assert written[-1]["actions"][0]["associatedInputs"] == "none"


@given(several_buttons)
def test_what_a_button_sends_is_read_back(some: tuple[Button, ...]) -> None:
    for button in some:
        (row,) = body(Buttons((replace(button, label=Plain("x")),)))

        assert blocks.action_of(row["actions"][0]["data"]) == button.action


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kring": None},
        {"kring": []},
        {"kring": "checkin.skip|3|"},
        {"action": "checkin.skip|3|"},
        {"kring": {"action": 3}},
        {"kring": {"action": "drop table"}},
        {"kring": {"choice": "choice.1"}},
        {"kring": {"choice": "kring"}},
        {"kring": {"choice": ""}},
        {"kring": {"choice": "a"}, "a": ["checkin.skip|3|"]},
    ],
)
def test_what_kring_did_not_write_is_no_action(data: Payload) -> None:
    assert blocks.action_of(data) is None


@given(ANYTHING, ANYTHING)
def test_whatever_is_sent_is_an_action_or_none(ours: object, other: object) -> None:
    for data in ({"kring": ours}, {"kring": {"action": ours}}, {"kring": {"choice": "a"}, "a": other}):
        found = blocks.action_of(data)

        assert found is None or isinstance(found, Action)


@settings(deadline=None)  # how long the official schema takes, the machine decides
@given(TYPED)
def test_whatever_is_in_a_body_all_of_it_is_shown_and_microsoft_takes_it(typed: str) -> None:
    for muted in (False, True):
        written = body(Text(Markup(typed), muted=muted), Text(Markup("einde")))

        shown = said(written).removesuffix("einde").replace(spans.BULLET, "")
        assert "".join(shown.split()) == "".join(markup.plain(typed).split())
        assert refusals(render.card(Card(Plain("x"), (Text(Markup(typed), muted=muted),)))) == []
