"""A card in Slack: every limit by name, and no character that a member types is more than itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import markup
from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Facts, Image, Markup, Node, Plain, Text
from bot.platforms.slack import render, spans
from bot.platforms.slack.spans import Json
from tests.contracts.messenger import card
from tests.fakes.slack import checks

BUTTON = Button(Plain("x"), Action("energy.answer"))
ALIVE = [
    "<!channel>", "<!here>", "<@U1>", "<#C1>", "<https://a.nl|b>", "@channel", "#toetsen", "*a*", "_a_", "~a~", "`a`",
    "> a", "&lt;!channel&gt;", ":tada:", "https://a.nl",
]  # fmt: skip


def texts(part: object) -> list[str]:
    """All texts in a layout."""
    return [one["text"] for one in checks.walk(part) if isinstance(one.get("text"), str)]


def layout(node: Node) -> list[Json]:
    """The blocks of one node."""
    blocks: list[Json] = render.message(Card(Plain("x"), (node,)))["blocks"]
    return blocks


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("text", Text(Markup("x" * 3001))),
        ("muted text", Text(Markup("x" * 3001), muted=True)),
        ("link", Text(Markup(f"[x](https://a.nl/{'x' * 3000})"))),
        ("number of buttons", Buttons((BUTTON,) * 26)),
        ("button label", Buttons((replace(BUTTON, label=Plain("x" * 76)),))),
        ("number of options", Choice(Plain("x"), (BUTTON,) * 101)),
        ("option", Choice(Plain("x"), (replace(BUTTON, label=Plain("x" * 76)),))),
        ("choice label", Choice(Plain("x" * 151), (BUTTON,))),
        ("number of facts", Facts(((Plain("x"), Plain("y")),) * 11)),
        ("fact", Facts(((Plain("x"), Plain("y" * 2001)),))),
        ("alt text", Image("https://a.nl/b.png", Plain("x" * 2001))),
        ("image address", Image(f"https://a.nl/{'x' * 3000}", Plain("x"))),
    ],
)
def test_a_node_over_a_limit_is_refused_by_name(name: str, node: Node) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        layout(node)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("summary", card("x" * 4001)),
        ("summary", replace(card("x"), summary=Plain(""))),
        ("title", replace(card("x"), title=Plain("x" * 151))),
        ("number of blocks", Card(Plain("x"), (Text(Markup("x")),) * 51)),
        ("message", Card(Plain("x"), (Text(Markup("x" * 2999)),) * 4)),
    ],
    ids=str,
)
def test_a_card_over_a_limit_is_refused_by_name(name: str, made: Card) -> None:
    with pytest.raises(ValueError, match=f"^{name} is "):
        render.message(made)


def test_a_home_tab_holds_more_than_a_message_and_not_everything() -> None:
    full = Card(Plain("x"), (Text(Markup("x")),) * 50)

    assert len(render.home([full])["blocks"]) == 50
    with pytest.raises(ValueError, match=r"^number of blocks is 101"):
        render.home([full, full])


def test_a_node_at_its_limits_is_taken() -> None:
    long = Button(Plain("x" * 75), Action("energy.answer"))
    nodes: list[Node] = [
        Text(Markup("x" * 3000)),
        Buttons((long,)),
        Choice(Plain("x" * 150), (long,) * 100),
        Facts(((Plain("x"), Plain("y" * 2000)),)),
        Image("https://a.nl", Plain("x" * 2000)),
    ]

    assert [wrong for node in nodes for wrong in checks.blocks(layout(node))] == []


@pytest.mark.parametrize("muted", [True, False])
@pytest.mark.parametrize("typed", ALIVE)
def test_what_a_member_types_stays_the_characters_they_typed(typed: str, *, muted: bool) -> None:
    blocks = layout(Text(Markup(f"**Noor** schrijft {markup.escape(typed)}"), muted=muted))

    assert "".join(texts(blocks)) == f"Noor schrijft {typed}" or _unmarked(blocks) == f"*Noor* schrijft {typed}"
    assert checks.blocks(blocks) == []


def _unmarked(blocks: list[Json]) -> str | None:
    """What a small text with marks says, where it has no character that could come alive."""
    (block,) = blocks
    (text,) = texts(blocks)
    harmless = block["type"] == "context" and block["elements"][0]["verbatim"] and not set("<>&@#~`") & set(text)
    return text if harmless and text.count("*") == 2 and "_" not in text else None


@pytest.mark.parametrize("typed", ALIVE)
def test_a_summary_pings_nobody(typed: str) -> None:
    text = render.message(card(typed))["text"]

    assert not {"<", ">"} & set(text)
    assert spans.escape(typed) == text


def test_small_print_is_small_with_marks_of_our_own_too() -> None:
    blocks = layout(Text(Markup("Typ **kring help** of lees [dit](https://a.nl/?a=1&b=2)."), muted=True))

    element = {"type": "mrkdwn", "text": "Typ *kring help* of lees <https://a.nl/?a=1&amp;b=2|dit>.", "verbatim": True}
    assert blocks == [{"type": "context", "elements": [element]}]


def test_small_print_in_which_something_could_come_alive_is_of_ordinary_size() -> None:
    blocks = layout(Text(Markup(f"**Noor** {markup.escape('*a*')}"), muted=True))

    assert blocks[0]["type"] == "rich_text"
    assert "".join(texts(blocks)) == "Noor *a*"


def test_a_paragraph_after_a_paragraph_has_a_blank_line_between() -> None:
    (block,) = layout(Text(Markup("een\n\ntwee\n\n- drie\n- vier\n\n> vijf\n\nzes")))

    kinds = [element["type"] for element in block["elements"]]
    assert kinds == ["rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_section"]
    assert texts(block["elements"][0]) == ["een", "\n\n", "twee"]


def test_two_buttons_that_do_the_same_have_different_ids_and_the_same_value() -> None:
    (block,) = layout(Buttons((BUTTON, BUTTON)))

    first, second = block["elements"]
    assert first["action_id"] != second["action_id"]
    assert first["value"] == second["value"] == BUTTON.action.encode()


def test_a_body_without_text_is_no_block() -> None:
    assert layout(Text(Markup(""))) == layout(Text(Markup(""), muted=True)) == []


@given(st.text(alphabet=st.sampled_from("ab *_`[]()>-\\\n<!@&:"), max_size=60) | st.text(max_size=60))
def test_whatever_is_in_a_body_all_of_it_is_shown_and_slack_takes_it(body: str) -> None:
    for muted in (False, True):
        blocks = layout(Text(Markup(body), muted=muted))

        assert checks.blocks(blocks) == []
        if not any(part.get("type") == "mrkdwn" for part in checks.walk(blocks)):
            assert "".join("".join(texts(blocks)).split()) == "".join(markup.plain(body).split())
