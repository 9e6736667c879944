r"""The small Markdown of bodies: paragraphs, `- ` lists, `> ` quotes, **strong**, _emphasis_, `code`, [links](https://).

A member's text is always escaped before it gets here: every ASCII punctuation mark behind a backslash, every line break
as a backslash and a line break, so that it stays the characters that were typed, in one block.
"""

import re
from dataclasses import dataclass, replace

_PUNCTUATION = r"!-/:-@\[-`{-~"
_SPECIAL = re.compile(rf"([{_PUNCTUATION}\n])")
_TOKEN = re.compile(
    rf"\\(?P<literal>[{_PUNCTUATION}\n])"
    r"|\*\*(?P<strong>(?:\\.|[^\\*])+)\*\*"
    r"|(?<!\w)_(?P<emphasis>(?:\\.|[^\\_])+)_(?!\w)"
    r"|`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>(?:\\.|[^\\\]])+)\]\((?P<url>https?://[^\s()]+)\)",
    re.DOTALL,
)


class Escaped(str):
    """Text that may be put into a body as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one dress; a line break is the character."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Spans that belong together."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without numbers."""

    items: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Someone's own words."""

    spans: tuple[Span, ...]


Block = Paragraph | Bullets | Quote


def escape(text: str) -> Escaped:
    """Make text mean nothing but itself."""
    return Escaped(_SPECIAL.sub(r"\\\1", text.replace("\r\n", "\n").replace("\r", "\n")))


def quote(text: str) -> Escaped:
    """Put someone's words into a quote, all lines of it."""
    return Escaped("> " + escape(text.strip()))


def parse(text: str) -> tuple[Block, ...]:
    """Read a body into blocks; anything that is not the small Markdown is text."""
    return tuple(_block(cut) for cut in _groups(text))


def plain(text: str) -> str:
    """Say a body without its dress: for titles, labels and one-line places."""
    return "\n".join("".join(span.text for span in spans) for block in parse(text) for spans in _lines(block))


def lines(text: str) -> list[str]:
    """Cut a body into lines; one that ends in a backslash goes on in the next."""
    joined: list[str] = []
    open_line = False
    for line in text.split("\n"):
        if open_line:
            joined[-1] += "\n" + line
        else:
            joined.append(line)
        open_line = (len(line) - len(line.rstrip("\\"))) % 2 == 1
    return joined


def trimmed(text: str) -> str:
    """Take away the blank lines around a body, but no line break that belongs to a value in it."""
    kept = lines(text)
    while kept and not kept[0].strip():
        del kept[0]
    while kept and not kept[-1].strip():
        del kept[-1]
    return "\n".join(kept)


def _lines(block: Block) -> tuple[tuple[Span, ...], ...]:
    return block.items if isinstance(block, Bullets) else (block.spans,)


def _groups(text: str) -> list[list[str]]:
    """Cut a body into blocks of lines; a line that ends in a backslash goes on in the next."""
    groups: list[list[str]] = []
    kind = ""
    for line in lines(text):
        new = "" if not line.strip() else "-" if line.startswith("- ") else ">" if line.startswith("> ") else "p"
        if new and new == kind:
            groups[-1].append(line)
        elif new:
            groups.append([line])
        kind = new
    return groups


def _block(cut: list[str]) -> Block:
    if cut[0].startswith("- "):
        return Bullets(tuple(_spans(line[2:]) for line in cut))
    if cut[0].startswith("> "):
        return Quote(_spans("\n".join(line.removeprefix("> ") for line in cut)))
    return Paragraph(_spans("\n".join(cut)))


def _spans(text: str, dress: Span = Span("")) -> tuple[Span, ...]:
    spans: list[Span] = []
    at = 0
    for found in _TOKEN.finditer(text):
        spans.append(replace(dress, text=text[at : found.start()]))
        spans.extend(_dressed(found, dress))
        at = found.end()
    spans.append(replace(dress, text=text[at:]))
    return _merged(spans)


def _dressed(found: re.Match[str], dress: Span) -> tuple[Span, ...]:
    inner = found.group(found.lastgroup or 0)
    match found.lastgroup:
        case "strong":
            return _spans(inner, replace(dress, strong=True))
        case "emphasis":
            return _spans(inner, replace(dress, emphasis=True))
        case "code":
            return (replace(dress, text=inner, code=True),)
        case "url":
            return _spans(found["label"], replace(dress, url=inner))
        case _:
            return (replace(dress, text=inner),)


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if merged and replace(merged[-1], text="") == replace(span, text=""):
            merged[-1] = replace(span, text=merged[-1].text + span.text)
        else:
            merged.append(span)
    return tuple(merged)
