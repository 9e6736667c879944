"""The small Markdown of our own words, and members' words in the middle of it that stay what they are."""

import pytest
from hypothesis import example, given

from bot.chat.markup import Bullets, Paragraph, Quote, Span, escape, parse, plain, quote
from tests.chat.strategies import texts, written

LINK = "https://kring.example/a_b?c=1"


def normal(text: str) -> str:
    """Lines end in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(written)
@example("- geen lijst\n- echt niet")
@example("eerste alinea\n\ntweede alinea")
@example("\\\n\\\\\n")
@example("**vet** _schuin_ `code` [hier](https://x.nl) <!channel> {{ 7*7 }}")
def test_escaped_text_is_that_text_in_one_block_without_any_dress(text: str) -> None:
    assert parse(escape(text)) == (Paragraph((Span(normal(text)),)),)


@given(texts)
def test_escaped_text_said_plainly_is_that_text_or_as_blank_as_it_was(text: str) -> None:
    said = plain(escape(text))

    assert said == normal(text) or not (said + text).strip()


@given(written)
def test_the_dress_around_a_text_holds_it_and_nothing_else(text: str) -> None:
    words, inner = escape(text), normal(text)
    body = f"Voor **{words}** en _{words}_ en [{words}]({LINK}) na"

    assert parse(body) == (
        Paragraph((
            Span("Voor "),
            Span(inner, strong=True),
            Span(" en "),
            Span(inner, emphasis=True),
            Span(" en "),
            Span(inner, url=LINK),
            Span(" na"),
        )),
    )  # fmt: skip


@given(written, written)
def test_two_texts_in_a_list_are_two_items(first: str, second: str) -> None:
    body = f"- {escape(first)}\n- **{escape(second)}**: 2\n"

    assert parse(body) == (
        Bullets(((Span(normal(first)),), (Span(normal(second), strong=True), Span(": 2")))),
    )  # fmt: skip


@given(written, written)
def test_a_quote_is_all_of_someones_words_and_the_words_after_it_are_ours(name: str, text: str) -> None:
    body = f"**{escape(name)}** schrijft:\n\n{quote(text)}\n\nNiemand anders leest dit.\n"

    assert parse(body) == (
        Paragraph((Span(normal(name), strong=True), Span(" schrijft:"))),
        Quote((Span(normal(text.strip())),)),
        Paragraph((Span("Niemand anders leest dit."),)),
    )


@given(texts)
def test_any_body_at_all_can_be_read_and_loses_no_word(text: str) -> None:
    said = plain(text)

    kept = [character for character in said if character.isalnum()]
    assert all(character in text for character in kept)


def test_our_own_words_are_dressed() -> None:
    body = f"Typ **help**, _rustig_, `/kring` of [lees]({LINK}).\nZelfde alinea.\n\n- een\n- **twee**\n\n> zo\n> is het"

    paragraph, bullets, quoted = parse(body)

    assert paragraph == Paragraph((
        Span("Typ "),
        Span("help", strong=True),
        Span(", "),
        Span("rustig", emphasis=True),
        Span(", "),
        Span("/kring", code=True),
        Span(" of "),
        Span("lees", url=LINK),
        Span(".\nZelfde alinea."),
    ))  # fmt: skip
    assert bullets == Bullets(((Span("een"),), (Span("twee", strong=True),)))
    assert quoted == Quote((Span("zo\nis het"),))


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4",
        "snake_case_name",
        "[geen](javascript:alert(1))",
        "[leeg]()",
        "`open",
        "**",
        "__",
        "\\a",
        "# kop",
        "-x",
    ],
)
def test_what_is_not_our_markdown_is_text(text: str) -> None:
    assert parse(text) == (Paragraph((Span(text),)),)


def test_dress_goes_inside_dress() -> None:
    assert parse(f"**[hier _nu_]({LINK})**") == (
        Paragraph((
            Span("hier ", strong=True, url=LINK),
            Span("nu", strong=True, emphasis=True, url=LINK),
        )),
    )  # fmt: skip
