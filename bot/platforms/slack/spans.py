"""Bodies in Slack's own terms: elements of a `rich_text` block, in which a character is never more than itself.

Slack's other markup (mrkdwn) is used only for words in which nothing could come alive: there *, _, ~ and ` cannot be
escaped, so what a member types would format.
"""

import re
from collections.abc import Iterable
from typing import Any, assert_never

from bot.chat import markup
from bot.chat.markup import Block, Bullets, Paragraph, Quote, Span
from bot.platforms.slack import limits

Json = dict[str, Any]
_ALIVE = re.compile(r"[*_~`<>&@#]|:[^\s:]+:")  # marks, entities, mentions and channels, and :emoji:


def escape(text: str) -> str:
    """Write text so that Slack takes it for text and not for a mention, a channel or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich(body: str) -> list[Json]:
    """Write a body as the elements of a `rich_text` block; none for a body without any text."""
    elements: list[Json] = []
    before: Block | None = None
    for block in markup.parse(body):
        if isinstance(block, Paragraph) and isinstance(before, Paragraph):
            elements[-1]["elements"] += [_text("\n\n"), *_spans(block.spans)]
        else:
            elements += _block(block)
        before = block
    return elements


def muted(body: str) -> Json | None:
    """Write a body as one text object for a `context` block; None where that could not show it as it is."""
    blocks = markup.parse(body)
    paragraphs = [block for block in blocks if isinstance(block, Paragraph)]
    if not blocks or len(paragraphs) < len(blocks):
        return None
    if all(_is_bare(span) for block in paragraphs for span in block.spans):
        return {"type": "plain_text", "text": "\n".join(_said(block.spans) for block in paragraphs), "emoji": False}
    if any(_ALIVE.search(span.text) for block in paragraphs for span in block.spans):
        return None
    dressed = "\n".join("".join(_mrkdwn(span) for span in block.spans) for block in paragraphs)
    return {"type": "mrkdwn", "text": dressed, "verbatim": True}


def facts(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    """Write labels and values, a line each, the labels strong."""
    return [_section([_text(f"{label}: ", bold=True), *_spans((Span(value),))]) for label, value in pairs]


def _block(block: Block) -> list[Json]:
    match block:
        case Paragraph():
            return [_section(_spans(block.spans))] if block.spans else []
        case Bullets():
            items = [_section(_spans(item) or [_text(" ")]) for item in block.items]
            return [{"type": "rich_text_list", "style": "bullet", "elements": items}]
        case Quote():
            return [{"type": "rich_text_quote", "elements": _spans(block.spans)}] if block.spans else []
        case _:
            assert_never(block)


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": elements}


def _spans(spans: Iterable[Span]) -> list[Json]:
    return [_span(span) for span in spans if span.text]


def _span(span: Span) -> Json:
    dress = {"bold": span.strong, "italic": span.emphasis, "code": span.code}
    if span.url is None:
        return _text(span.text, **dress)
    limits.within("link", len(span.url), limits.LINK)
    return _dressed({"type": "link", "url": span.url, "text": span.text}, dress)


def _text(text: str, **dress: bool) -> Json:
    return _dressed({"type": "text", "text": text}, dress)


def _dressed(element: Json, dress: dict[str, bool]) -> Json:
    style = {name: True for name, worn in dress.items() if worn}
    return element | {"style": style} if style else element


def _said(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def _is_bare(span: Span) -> bool:
    return not (span.strong or span.emphasis or span.code or span.url)


def _mrkdwn(span: Span) -> str:
    text = f"<{escape(span.url)}|{span.text}>" if span.url else span.text
    for worn, mark in ((span.code, "`"), (span.emphasis, "_"), (span.strong, "*")):
        text = f"{mark}{text}{mark}" if worn else text
    return text
