"""How the platform behaves: what it recognises, what goes wrong, and how fast it may be spoken to."""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with one post."""

    LIMITED = "limited"
    """429 with Retry-After; nothing was posted."""
    REFUSED = "refused"
    """503; nothing was posted."""
    DROPPED = "dropped"
    """The line is cut; nothing was posted."""
    BROKEN = "broken"
    """500, and it was posted all the same."""
    CUT = "cut"
    """The line is cut, and it was posted all the same."""


DOUBTFUL = (Fault.BROKEN, Fault.CUT)
SILENT = (Fault.REFUSED, Fault.DROPPED)


@dataclass
class Manners:
    """What `POST /manners` may set, and then all begins anew.

    With `recognises` a key posted twice is one message; with `answers` it can be asked what became of a key. `rates`
    are chances by fault; `script` goes before them, one fault a post, None for nothing wrong. A conversation may hear
    `burst` posts at once and from then on one every `pace` seconds. `places` are the conversations there are; with none
    named, there is any.
    """

    recognises: bool = True
    answers: bool = True
    rates: dict[str, float] = field(default_factory=dict)
    script: list[str | None] = field(default_factory=list)
    retry_after: float = 0.3
    latency: float = 0.0
    pace: float = 0.0
    burst: int = 4
    places: list[str] = field(default_factory=list)
    seed: int = 0

    def __post_init__(self) -> None:
        """Throw the same dice for the same seed."""
        self._dice = random.Random(self.seed)  # noqa: S311 - dice, not a secret

    def fault(self) -> Fault | None:
        """Say what goes wrong with the next post."""
        if self.script:
            scripted = self.script.pop(0)
            return Fault(scripted) if scripted else None
        thrown = self._dice.random()
        for name, chance in self.rates.items():
            thrown -= chance
            if thrown < 0:
                return Fault(name)
        return None

    def delay(self) -> float:
        """Say how long half of the way takes, in seconds."""
        return self._dice.uniform(0.0, self.latency / 2)


@dataclass
class Patience:
    """Who spoke too soon: during a Retry-After (`impatient`), or faster than a conversation may hear (`hasty`)."""

    counts: Counter[str] = field(default_factory=Counter)
    _quiet_until: dict[str, float] = field(default_factory=dict)
    _full_until: dict[str, float] = field(default_factory=dict)

    def hush(self, conversation: str, until: float) -> None:
        """Want nothing more in a conversation until then."""
        self._quiet_until[conversation] = until

    def wanted(self, conversation: str, at: float, manners: Manners) -> float:
        """Say in how many seconds a post is welcome, 0.0 for now, and count one that is not."""
        quiet = self._quiet_until.get(conversation, 0.0) - at
        if quiet > 0:
            self.counts["impatient"] += 1
            return quiet
        full = max(self._full_until.get(conversation, 0.0), at) + manners.pace
        if full - at > manners.pace * manners.burst:
            self.counts["hasty"] += 1
            return manners.pace
        self._full_until[conversation] = full
        return 0.0
