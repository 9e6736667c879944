"""What a facilitator could do next, in the order in which it matters: at most three things, each with a why (R30)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST = 3  # handbook, expectations 58: "max 3 suggested actions, each with why"
QUIET_FOR = timedelta(weeks=4)  # chosen: a month without being asked is long, and asking more often is a burden


class Suggestion(StrEnum):
    """One thing to do, by the reason for it."""

    RHYTHM = "rhythm"
    """Nothing recurs, and regular interaction is what a community lives of (R3)."""
    PULSE = "pulse"
    """Nobody knows how the energy is."""
    REFLECT = "reflect"
    """Nobody was asked to look back together."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a community stands: how many recurring questions, how many members, and when it was last asked what."""

    rhythms: int
    members: int
    pulsed_at: datetime | None = None
    reflected_at: datetime | None = None


def suggestions(standing: Standing, now: datetime, *, small: int) -> list[Suggestion]:
    """Suggest what has not been done for a while; a pulse only where a group of `small` or more can answer safely."""
    pulse = standing.members >= small and _is_long_ago(standing.pulsed_at, now)
    asked = {
        Suggestion.RHYTHM: standing.rhythms == 0,
        Suggestion.PULSE: pulse,
        Suggestion.REFLECT: standing.rhythms > 0 and _is_long_ago(standing.reflected_at, now),
    }
    return [suggestion for suggestion, wanted in asked.items() if wanted][:MOST]


def _is_long_ago(at: datetime | None, now: datetime) -> bool:
    return at is None or now - at >= QUIET_FOR
