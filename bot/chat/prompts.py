"""Every text a member reads: a template per message and language, with the blocks `title`, `body`, `note` and `labels`.

Values are escaped as they are put in (`finalize`), never the template's own words; a missing value is an error
(`StrictUndefined`). A folder of one's own wins file by file over the shipped templates; when a template of it fails,
the shipped one is used and the log names it, so that no member goes without an answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError, meta

from bot.chat import markup
from bot.chat.actions import Action
from bot.chat.cards import Button, Card, Markup, Node, Plain, Text
from bot.errors import ConfigError, PromptError
from bot.log import get_logger

SHIPPED = Path(__file__).resolve().parents[2] / "prompts"
LANGUAGES = ("nl", "en")
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Habits:
    """How one talks to Kring on a platform: by what it is called, and whether it must be called under its messages too.

    Where it must, the platform hands Kring nothing of a thread but what begins with its name. With `group_chats` a
    circle may also be one of those: a conversation that is no channel and has no threads.
    """

    call: str = "/kring"
    called_in_threads: bool = False
    group_chats: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """What a template says: a title, a body, a note (who sees this, how to skip it), and labels by name."""

    name: str
    title: Plain
    body: Markup
    note: Markup
    labels: Mapping[str, Plain]

    def card(self, *nodes: Node) -> Card:
        """Make a card of it: title, body, the nodes, and the note last, muted."""
        body = (Text(self.body),) if self.body else ()
        note = (Text(self.note, muted=True),) if self.note else ()
        summary = self.title or Plain(markup.plain(self.body).split("\n", 1)[0])
        return Card(summary, (*body, *nodes, *note), title=self.title or None)

    def button(self, label: str, action: Action, *, primary: bool = False, opens: bool = False) -> Button:
        """Make a button with one of its labels; `opens` where its tap is answered by a form."""
        return Button(self.label(label), action, primary, opens)

    def label(self, name: str) -> Plain:
        """Return one label.

        Raises:
            PromptError: the template has no such label.

        """
        if name not in self.labels:
            message = f"{self.name}: no label {name!r}"
            raise PromptError(message)
        return self.labels[name]


class Prompts:
    """The templates of one Kring, shipped and own."""

    def __init__(self, own: Path | None = None, *, shipped: Path = SHIPPED) -> None:
        """Read from `shipped`, and from `own` first where it has the file."""
        self.shipped = _environment(shipped)
        self.own = _environment(own) if own else None
        self.folder, self.own_folder = shipped, own
        self.habits: dict[str, Habits] = {}
        """By platform; where none are named, the usual."""

    def voice(self, language: str, zone: str = "UTC", platform: str = "") -> "Voice":
        """Speak one language, with times in one IANA zone, by the habits of one platform."""
        spoken = language if language in LANGUAGES else LANGUAGES[0]
        return Voice(self, spoken, ZoneInfo(zone), self.habits.get(platform, Habits()))

    def render(self, path: str, values: Mapping[str, object]) -> dict[str, str]:
        """Render every block of `nl/checkin/ask`, by block name.

        Raises:
            PromptError: the shipped template is not there, is broken, or misses a value.

        """
        if self.own and self.own_folder and (self.own_folder / f"{path}.md.j2").is_file():
            try:
                return _blocks(self.own, path, values)
            except Exception as error:  # noqa: BLE001 - a template can fail in any way, and nobody goes without an answer
                # Only the kind of error: its message may quote a value, and so a member.
                log.warning("prompt.own.failed", template=path, problem=type(error).__name__)
        try:
            return _blocks(self.shipped, path, values)
        except Exception as error:
            message = f"{path}: {error}"
            raise PromptError(message) from error

    def check(self) -> None:
        """Read every template of the own folder.

        Raises:
            ConfigError: one has broken syntax, no shipped counterpart, or a name that its message has no value for.

        """
        if self.own is None or self.own_folder is None:
            return
        if not self.own_folder.is_dir():
            raise _refused(str(self.own_folder), "is not a folder")
        for path in _names(self.own_folder):
            self._check(self.own, path)

    def _check(self, own: Environment, path: str) -> None:
        if not (self.folder / f"{path}.md.j2").is_file():
            raise _refused(f"{path}.md.j2", "is not the name of a message of Kring")
        try:
            unknown = _wanted(own, path) - _wanted(self.shipped, path) - {"voice"}
        except TemplateSyntaxError as error:
            raise _refused(f"{path}.md.j2, line {error.lineno}", str(error.message)) from error
        if unknown:
            raise _refused(f"{path}.md.j2", f"uses {', '.join(sorted(unknown))}, which this message has no value for")


class Voice:
    """One language in one time zone."""

    def __init__(self, prompts: Prompts, language: str, zone: ZoneInfo, habits: Habits) -> None:
        """Bind the templates to a reader."""
        self.habits = habits
        self.prompts = prompts
        self.language = language
        self.zone = zone

    def __call__(self, message: str, **values: object) -> Wording:
        """Word a message: `voice("checkin/ask", question=...)`; raises `PromptError`."""
        blocks = self.prompts.render(f"{self.language}/{message}", {**values, "voice": self})
        labels = dict(_label(line) for line in markup.lines(blocks.get("labels", "")) if line.strip())
        body, note = (Markup(markup.trimmed(blocks.get(name, ""))) for name in ("body", "note"))
        return Wording(message, _plain(blocks.get("title", "")), body, note, labels)

    def day(self, at: datetime | date) -> str:
        """Say a day: "dinsdag 3 november"; an instant is taken to this voice's zone first."""
        return format_date(self.local(at) if isinstance(at, datetime) else at, "EEEE d MMMM", locale=self.language)

    def time(self, at: datetime) -> str:
        """Say a time of day: "09:00"."""
        return format_time(self.local(at), "HH:mm", locale=self.language)

    def weekday(self, number: int) -> str:
        """Say a day of the week; 0 is Monday."""
        return format_date(date(2024, 1, 1 + number), "EEEE", locale=self.language)

    def local(self, at: datetime) -> datetime:
        """Take an aware instant to this voice's zone; leave wall times as they are."""
        return at.astimezone(self.zone) if at.tzinfo else at


@cache
def _environment(folder: Path) -> Environment:
    """Return the environment of a folder, once: a template that was changed on disk is read again all the same."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - no HTML here; `finalize` escapes every value for our own markup
    )
    environment.filters["quote"] = markup.quote
    return environment


def _finalize(value: object) -> object:
    return value if isinstance(value, markup.Escaped) else markup.escape(str(value))


def _blocks(environment: Environment, path: str, values: Mapping[str, object]) -> dict[str, str]:
    template: Template = environment.get_template(f"{path}.md.j2")
    context = template.new_context(dict(values))
    return {name: "".join(block(context)) for name, block in template.blocks.items()}


def _plain(text: str) -> Plain:
    return Plain(markup.plain(markup.trimmed(text)).strip())


def _label(line: str) -> tuple[str, Plain]:
    name, _, text = line.partition(":")
    return name.strip(), _plain(text)


def _names(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.md.j2")):
        yield file.relative_to(folder).as_posix().removesuffix(".md.j2")


def _wanted(environment: Environment, path: str) -> set[str]:
    assert environment.loader  # noqa: S101 - set three functions above
    source, _, _ = environment.loader.get_source(environment, f"{path}.md.j2")
    return meta.find_undeclared_variables(environment.parse(source))


def _refused(what: str, problem: str) -> ConfigError:
    return ConfigError("KRING_PROMPTS_DIR", f"{what} {problem}.", "a copy of prompts/nl/checkin/ask.md.j2")
