"""From what a member did to the handler that answers it: command words in Dutch and English, buttons, forms, the clock.

A feature fills one `Routes`; main merges them into one `Router`. Handlers are kept by the names that stand on buttons
and in tables, so that a rename of a function never loses anything.
"""

import difflib
import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from bot.chat.actions import Action
from bot.chat.messages import Answers

C = TypeVar("C")
TapHandler = Callable[[C, Action], Awaitable[Answers]]
FormHandler = Callable[[C, Action, Mapping[str, str]], Awaitable[Answers]]
WordHandler = Callable[[C, str], Awaitable[Answers]]
EventHandler = Callable[[C], Awaitable[Answers]]
TakesText = bool | Literal["always"]
H = TypeVar("H")
_LONGEST = 4  # words in a phrase; what is typed behind it need not be tried


class Audience(StrEnum):
    """Who may use a command; `founders` are whoever is first in a channel, and its facilitators from then on."""

    ALL = "all"
    FOUNDERS = "founders"
    FACILITATORS = "facilitators"


@dataclass(frozen=True, slots=True)
class Command(Generic[C]):
    """A command: its name, its phrases per language (the first is the one we show), who may, and who answers.

    `takes_text` says that words behind the phrase are for the handler: "always" also where Kring asked something and
    these could be the answer. `listed` says that help shows it, and `anywhere` that it makes sense outside a community
    too.
    """

    name: str
    phrases: Mapping[str, tuple[str, ...]]
    handler: WordHandler[C]
    audience: Audience = Audience.ALL
    takes_text: TakesText = False
    listed: bool = False
    anywhere: bool = False


@dataclass(slots=True)
class Routes(Generic[C]):
    """What one feature answers to."""

    commands: list[Command[C]] = field(default_factory=list)
    taps: dict[str, TapHandler[C]] = field(default_factory=dict)
    forms: dict[str, FormHandler[C]] = field(default_factory=dict)
    events: dict[str, EventHandler[C]] = field(default_factory=dict)
    dues: dict[str, TapHandler[C]] = field(default_factory=dict)

    def command(
        self,
        name: str,
        *,
        nl: tuple[str, ...],
        en: tuple[str, ...],
        audience: Audience = Audience.ALL,
        takes_text: TakesText = False,
        listed: bool = False,
        anywhere: bool = False,
    ) -> Callable[[WordHandler[C]], WordHandler[C]]:
        """Answer the phrases `nl` and `en`; the rest is as in `Command`."""

        def register(handler: WordHandler[C]) -> WordHandler[C]:
            phrases = {"nl": nl, "en": en}
            self.commands.append(Command(name, phrases, handler, audience, takes_text, listed, anywhere))
            return handler

        return register

    def tap(self, name: str) -> Callable[[TapHandler[C]], TapHandler[C]]:
        """Answer a button."""
        return _registrar(self.taps, name)

    def form(self, name: str) -> Callable[[FormHandler[C]], FormHandler[C]]:
        """Answer a form, or the words typed where a form was offered."""
        return _registrar(self.forms, name)

    def event(self, kind: str) -> Callable[[EventHandler[C]], EventHandler[C]]:
        """Answer what happened without a word: the `kind` of an event, such as `joined`, `removed` or `changed`."""
        return _registrar(self.events, kind)

    def due(self, name: str) -> Callable[[TapHandler[C]], TapHandler[C]]:
        """Do what the clock asks: a rhythm's occurrence or a timer, by kind."""
        return _registrar(self.dues, name)


def _registrar(table: dict[str, H], name: str) -> Callable[[H], H]:
    def register(handler: H) -> H:
        if name in table:
            message = f"{name} is taken"
            raise ValueError(message)
        table[name] = handler
        return handler

    return register


class Router(Generic[C]):
    """All routes of all features."""

    def __init__(self, routes: Iterable[Routes[C]]) -> None:
        """Merge the routes; a phrase, button, form or kind that two features claim is a `ValueError`."""
        self.routes: Routes[C] = Routes()
        self.phrases: dict[str, Command[C]] = {}
        for some in routes:
            self._merge(some)

    def _merge(self, some: Routes[C]) -> None:
        for name, tap in some.taps.items():
            self.routes.tap(name)(tap)
        for name, form in some.forms.items():
            self.routes.form(name)(form)
        for name, event in some.events.items():
            self.routes.event(name)(event)
        for name, due in some.dues.items():
            self.routes.due(name)(due)
        for command in some.commands:
            self.routes.commands.append(command)
            for phrase in {normal(phrase) for phrases in command.phrases.values() for phrase in phrases}:
                _registrar(self.phrases, phrase)(command)

    def command(self, text: str) -> tuple[Command[C], str] | None:
        """Find the command whose phrase the text begins with, the longest first, and the words behind it."""
        words = text.split()
        for taken in range(min(len(words), _LONGEST), 0, -1):
            command = self.phrases.get(normal("".join(words[:taken])))
            if command and (taken == len(words) or command.takes_text):
                return command, " ".join(words[taken:])
        return None

    def nearest(self, text: str, language: str) -> str | None:
        """Offer the phrase that looks most like what was typed, in the language given; None when nothing does."""
        words = text.split()
        for taken in range(min(len(words), _LONGEST), 0, -1):
            found = difflib.get_close_matches(normal("".join(words[:taken])), self.phrases, n=1, cutoff=0.7)
            if found:
                return self.phrases[found[0]].phrases[language][0]
        return None


def normal(text: str) -> str:
    """Fold what does not matter in a command: capitals, spaces, hyphens, punctuation, accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", letters)
