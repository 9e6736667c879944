"""A scenario: what is played and what goes wrong in it; and an outcome: what became of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.faults import verdict
from tests.faults.verdict import Verdict
from tests.faults.ward import Death


class Knows(StrEnum):
    """What a platform makes of the key of a post."""

    KEYS = "keys"
    """A key that is posted twice is one message; it cannot be asked about one."""
    ANSWERS = "answers"
    """It can be asked what became of a key; posted twice, it is two messages."""
    NOTHING = "nothing"

    @property
    def enough(self) -> bool:
        """Whether nothing has to be there twice."""
        return self is not Knows.NOTHING


@dataclass(frozen=True)
class Scenario:
    """What is played, and what goes wrong.

    `knows`: what the platform makes of a key. `deaths`: the failpoints at which one is killed, in turn.
    `random_kills` more are spread over the window, and so are `steps` of all clocks (hours), `cuts` of PostgreSQL, and
    `people` who each ask something and are answered. `ahead`: how far each clock is ahead of the one before it (hours).
    """

    name: str
    window: str
    replicas: int = 1
    postgresql: bool = False
    knows: Knows = Knows.ANSWERS
    deaths: tuple[Death, ...] = ()
    random_kills: int = 0
    cuts: int = 0
    steps: tuple[float, ...] = ()
    rates: dict[str, float] = field(default_factory=dict)
    latency: float = 0.02
    pace: float = 0.0
    people: int = 0
    ahead: float = 0.0
    seed: int = 1
    patience: float = 60.0


@dataclass
class Outcome:
    """What became of it."""

    scenario: Scenario
    verdict: Verdict
    kills: list[str]
    counts: dict[str, int]
    engine: str
    seconds: float

    @property
    def allowed(self) -> int:
        """How many posts may be there twice: none where the platform knows keys, else one for each kill.

        And one for each post that happened and of which the platform said that it had not.
        """
        return 0 if self.scenario.knows.enough else len(self.kills) + verdict.doubtful(self.counts)

    @property
    def wrong(self) -> list[str]:
        """Everything that is not as it must be."""
        found = [f"lost: {one}" for one in self.verdict.lost] + self.verdict.wrong
        if self.verdict.twice and self.scenario.knows.enough:
            found.append(f"{self.verdict.twice} twice")
        if self.verdict.late and not self.scenario.steps:
            found.append(f"{self.verdict.late} said to be late")
        if self.counts.get("impatient", 0) > len(self.kills):
            found.append(f"{self.counts['impatient']} posts during a wait that was asked for")
        if self.counts.get("hasty"):
            found.append(f"{self.counts['hasty']} posts faster than a conversation can hear")
        return found

    @property
    def notes(self) -> list[str]:
        """What is worth knowing: a kill finds posts to several conversations under way, and each may come twice."""
        more = 0 if self.scenario.knows.enough else self.verdict.twice - self.allowed
        return [f"{more} more than one a kill; not more than one a kill in any conversation"] if more > 0 else []
