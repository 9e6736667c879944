"""A platform in memory that misbehaves when it is told to."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.chat.cards import Card, Form
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Handle, Target, Under
from bot.errors import Misconfigured, PlatformError


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call; `arrives` when what was asked is done all the same."""

    error: Exception
    arrives: bool = False


@dataclass(slots=True)
class Posted:
    """A message of Kring's."""

    handle: Handle
    key: str
    card: Card
    root: Handle | None = None
    only_for: str | None = None


@dataclass
class FakeMessenger:
    """Keeps what it was given; `faults` and `find_faults` say what happens to the next calls, None for nothing wrong.

    `asked` lists the calls by name, also those that failed. With `can_find` it recognises a key, as the port asks.
    """

    platform: str = "fake"
    pace: float = 0.0
    cap: float = 0.0
    can_find: bool = True
    channels: tuple[str, ...] = ("plaza",)
    people: tuple[str, ...] = ("lotte", "daan")
    posts: list[Posted] = field(default_factory=list)
    triggers: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    workspaces: list[str] = field(default_factory=list)
    faults: deque[Fault | PlatformError | None] = field(default_factory=deque)
    find_faults: deque[PlatformError | None] = field(default_factory=deque)

    def will(self, *faults: Fault | PlatformError | None) -> None:
        """Let the next sends go like this, one each."""
        self.faults.extend(faults)

    def at(self, workspace: str) -> "FakeMessenger":
        """Return itself, and note for which workspace it is asked."""
        self.workspaces.append(workspace)
        return self

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:
        """Post a card; once per key where the fake can find it."""
        fault = self._next("post")
        known = self._known(key)
        if known is None:
            known = self._placed(to, card, key)
            self.posts.append(known)
        _raise(fault)
        return known.handle

    async def update(self, at: Handle, card: Card) -> None:
        """Put another card in the place of one that was posted."""
        fault = self._next("update")
        self._at(at).card = card
        _raise(fault)

    async def open_form(self, trigger: str, form: Form) -> None:
        """Lay a form before whoever made the gesture."""
        fault = self._next("open_form")
        if trigger not in self.triggers:
            raise Misconfigured(f"no gesture has the trigger {trigger}")
        self.forms[self.triggers[trigger]] = form
        _raise(fault)

    async def find(self, to: Target, key: str) -> Handle | None:  # noqa: ARG002 - one key, wherever it is
        """Look up whether the post with this key is there."""
        self.asked.append("find")
        if self.find_faults and (error := self.find_faults.popleft()):
            raise error
        known = self._known(key)
        return known.handle if known else None

    def gesture(self, person: str) -> str:
        """Let a person do something that a form may answer, and return its trigger."""
        trigger = f"trigger {len(self.triggers)}"
        self.triggers[trigger] = person
        return trigger

    def said(self) -> list[str]:
        """List what was posted, in order."""
        return [str(post.card.summary) for post in self.posts]

    def _next(self, call: str) -> Fault | None:
        self.asked.append(call)
        fault = self.faults.popleft() if self.faults else None
        fault = Fault(fault) if isinstance(fault, PlatformError) else fault
        if fault and not fault.arrives:
            raise fault.error
        return fault

    def _known(self, key: str) -> Posted | None:
        same = (post for post in self.posts if self.can_find and post.key == key)
        return next(same, None)

    def _placed(self, to: Target, card: Card, key: str) -> Posted:
        number = str(len(self.posts) + 1)
        match to:
            case Channel():
                return Posted(Handle(_one_of(self.channels, to.conversation), number), key, card)
            case Person():
                return Posted(Handle(f"dm:{_one_of(self.people, to.user_id)}", number), key, card)
            case Whisper():
                reader = _one_of(self.people, to.user_id)
                return Posted(Handle(_one_of(self.channels, to.conversation), number), key, card, only_for=reader)
            case Home():
                return Posted(Handle(f"home:{_one_of(self.people, to.user_id)}", number), key, card)
            case Under():
                root = self._at(to.root).handle
                return Posted(Handle(root.conversation, number), key, card, root)

    def _at(self, handle: Handle) -> Posted:
        for post in self.posts:
            if post.handle == handle:
                return post
        raise Misconfigured(f"there is no message {handle.message} in {handle.conversation}")


def _one_of(known: Iterable[str], name: str) -> str:
    if name not in known:
        raise Misconfigured(f"there is no {name} here")
    return name


def _raise(fault: Fault | None) -> None:
    if fault:
        raise fault.error
