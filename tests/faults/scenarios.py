"""What is played: a handful in every run of the tests, all of them by `make faults`."""

import random
from dataclasses import replace
from typing import Any

from tests.faults.failpoints import NAMES
from tests.faults.scenario import Knows, Scenario
from tests.faults.ward import Death

MOODY = {"limited": 0.04, "refused": 0.02, "dropped": 0.02, "broken": 0.02, "cut": 0.02}
SOME = ("plan after commit", "claim after commit", "send after", "finish before commit")
PATIENCE = 200.0  # seconds, on a machine that has other things to do
STEPS = (1, -1, -1, 1, 24, -24, -24, 24)  # hours: there and back, back and there


def deaths(seed: int, names: tuple[str, ...] = NAMES) -> tuple[Death, ...]:
    """Every failpoint once, in any order, at its first or second visit."""
    dice = random.Random(seed)  # noqa: S311 - dice, not a secret
    return tuple((name, dice.randint(1, 2)) for name in dice.sample(names, len(names)))


def short(seed: int = 1) -> list[Scenario]:
    """A handful, for every run of the tests: together they hold everything at least once."""
    return [
        Scenario("every failpoint", "late october", deaths=deaths(seed), rates=MOODY, people=8, seed=seed),
        Scenario(
            "failpoints, a cut, steps", "late march", replicas=2, postgresql=True, knows=Knows.NOTHING, rates=MOODY,
            people=8, deaths=deaths(seed, SOME), random_kills=2, cuts=1, steps=(1, -1), seed=seed,
        ),
    ]  # fmt: skip


def long(seed: int = 1) -> list[Scenario]:
    """All of them: every window, store, number of replicas, kind of platform and kind of bad luck."""
    found = [
        *(Scenario("undisturbed", window, people=4) for window in ("autumn", "spring")),
        *(Scenario("killed at random", f"apia, {when}", random_kills=3) for when in ("no friday", "autumn", "spring")),
    ]
    alone = Scenario("", "autumn", people=12, patience=PATIENCE)
    found += [
        _at_every_failpoint(alone, seed, window="spring"),
        _at_every_failpoint(alone, seed + 1, knows=Knows.NOTHING),
        replace(alone, name="killed at random", random_kills=12, rates=MOODY),
        replace(alone, name="killed at random", random_kills=6, rates=MOODY, knows=Knows.KEYS),
        replace(alone, name="killed at random", window="spring", random_kills=12, knows=Knows.NOTHING),
        replace(alone, name="clock stepped", steps=STEPS, random_kills=3),
        replace(alone, name="slow and paced", window="late october", pace=0.1, latency=0.2, rates={"limited": 0.1}),
    ]
    for replicas in (1, 2, 3):
        found += _together(replace(alone, window="late october", replicas=replicas, postgresql=True), seed)
    return [replace(one, seed=seed + number) for number, one in enumerate(found)]


def _together(kind: Scenario, seed: int) -> list[Scenario]:
    """On PostgreSQL: what differs with the number of replicas for each, the rest shared out among them."""
    same = [
        _at_every_failpoint(kind, seed, knows=Knows.NOTHING if kind.replicas == 2 else Knows.ANSWERS),
        replace(kind, name="killed at random", random_kills=8, rates=MOODY),
        replace(kind, name="database cut", window="late march", cuts=3, random_kills=2, rates=MOODY),
    ]
    own = {
        1: [replace(kind, name="slow and paced", pace=0.1, latency=0.2, rates={"limited": 0.1})],
        2: [
            replace(kind, name="killed at random", window="late march", random_kills=8, knows=Knows.NOTHING),
            replace(kind, name="clocks apart", window="late march", ahead=1.0, random_kills=3),
        ],
        3: [
            replace(kind, name="killed at random", window="late march", random_kills=6, knows=Knows.KEYS),
            replace(kind, name="database cut", window="spring", cuts=3, knows=Knows.NOTHING),
            replace(kind, name="clock stepped", window="autumn", steps=STEPS, random_kills=3),
        ],
    }
    return same + own[kind.replicas]


def _at_every_failpoint(kind: Scenario, seed: int, **more: Any) -> Scenario:  # noqa: ANN401 - whatever a scenario has
    return replace(kind, name="every failpoint", deaths=deaths(seed), rates=MOODY, **more)
