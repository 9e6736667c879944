r"""Bodies in Teams' own terms: runs of text, in which a character is never more than itself.

A `TextRun` knows no markdown, no mentions and no links of its own (adaptivecards.io, TextRun: "Markdown is not
supported"). Where Teams formats a text all the same, it is either plain beyond doubt or escaped.
"""

import re
from collections.abc import Iterable
from typing import Any, assert_never

from bot.chat import markup
from bot.chat.markup import Block, Bullets, Paragraph, Quote, Span
from bot.platforms.teams import limits

Json = dict[str, Any]
BULLET = "•\N{NO-BREAK SPACE}"
_MARKS = re.compile(r"([\\`*_\[\]{}<>#~|&@:.+=$^)-])")  # CommonMark 2.4: a backslash makes any punctuation literal
_FORMULA = re.compile(r"(?<=\{)(?=\{(?:DATE|TIME)\()", re.IGNORECASE)  # Adaptive Cards, text features: {{DATE(...)}}
# Letters, digits and the punctuation of prose; no list or number at the beginning, no address, no emoji's name.
_PLAIN = re.compile(r"(?!\d+[.)])[^\W_](?:[^\W_]|[ ,!?'\"%()/‘’“”–—…-]|[.:;](?=[\s\d]|$))*")


def escape(text: str) -> str:
    """Write text for a place that formats markdown, so that it stays the characters it is."""
    return _MARKS.sub(r"\\\1", text)


def is_plain(text: str) -> bool:
    """Whether markdown, or anything else that looks for something in a text, finds nothing in this one."""
    return _PLAIN.fullmatch(text) is not None


def rich(body: str, **dress: Any) -> list[Json]:  # noqa: ANN401 - properties of a text run
    """Write a body as elements of a card, every run dressed the same; none for a body without any text."""
    return [element for block in markup.parse(body) for element in _block(block, dress)]


def said(text: str, **dress: Any) -> Json:  # noqa: ANN401 - as above
    """Write one text as an element of a card."""
    return _rich_text(_runs((Span(text),), dress))


def fact(label: str, value: str) -> Json:
    """Write a label and a value as one line, the label strong."""
    return _rich_text(_runs((Span(f"{label}: ", strong=True), Span(value)), {}))


def _block(block: Block, dress: Json) -> list[Json]:
    match block:
        case Paragraph():
            return [_rich_text(_runs(block.spans, dress))] if block.spans else []
        case Bullets():
            return [_item(item, dress) for item in block.items]
        case Quote():
            items = [_rich_text(_runs(block.spans, dress))] if block.spans else []
            return [{"type": "Container", "style": "emphasis", "items": items}] if items else []
        case _:
            assert_never(block)


def _item(spans: Iterable[Span], dress: Json) -> Json:
    return _rich_text(_runs((Span(BULLET), *spans), dress)) | {"spacing": "Small"}


def _rich_text(runs: list[Json]) -> Json:
    return {"type": "RichTextBlock", "inlines": runs}


def _runs(spans: Iterable[Span], dress: Json) -> list[Json]:
    return [_run(part, span, dress) for span in spans for part in _FORMULA.split(span.text) if part]


def _run(text: str, span: Span, dress: Json) -> Json:
    worn: Json = {"weight": "Bolder"} if span.strong else {}
    worn |= {"italic": True} if span.emphasis else {}
    worn |= {"fontType": "Monospace"} if span.code else {}
    if span.url is not None:
        limits.within("link", len(span.url), limits.LINK)
        worn |= {"selectAction": {"type": "Action.OpenUrl", "title": text, "url": span.url}}
    return {"type": "TextRun", "text": text, **dress, **worn}
