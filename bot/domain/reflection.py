"""The reflection cycle: look at an experience, give it meaning, change one thing, look back (R38, R39).

Of the cycles in the handbook this is the short stroke (7.1): ten minutes, three steps, right after a meeting.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from bot.domain.calendar import at_local, local_date

SHORT_STROKE = "short_stroke"  # the cycle's name in code (7.1)
LOOK_BACK_DAYS = 7  # chosen: "before next time" (7.1, step 3), where a community meets weekly
LOOK_BACK_TIME = time(9)  # chosen: the member's own morning (expectations, row 11)


class Step(IntEnum):
    """The three steps of the short stroke (7.1)."""

    NOTICE = 1  # one thing you saw or heard, no opinion yet
    MEANING = 2  # why does this one stick, what could it mean
    CHANGE = 3  # what will you do differently before next time


class State(StrEnum):
    """Where a cycle is (handbook, reflection cycles, shared mechanics), in this order."""

    OPEN = "open"
    COLLECTING = "collecting"
    SHARING = "sharing"
    ACTING = "acting"
    REVIEWED = "reviewed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How the planned step went (7.1); all three are equal, none is a failure."""

    DONE = "done"
    HALF = "half"
    NOT = "not"


_ONWARD = {
    State.OPEN: {State.COLLECTING},
    State.COLLECTING: {State.SHARING, State.ACTING},  # sharing is a choice; answers are private by default
    State.SHARING: {State.ACTING},
    State.ACTING: {State.REVIEWED},
}


def move(state: State, to: State) -> State | None:
    """The state after a step, or None when a cycle cannot go there from here.

    Onward only, and only `sharing` may be passed over. Any cycle may be closed at any moment, once.
    """
    allowed = _ONWARD.get(state, set()) | ({State.CLOSED} - {state})
    return to if to in allowed else None


def next_step(answered: Collection[int]) -> Step | None:
    """The first step that has no answer yet, or None when all three have one."""
    return next((step for step in Step if step not in answered), None)


def look_back_at(planned_at: datetime, zone: ZoneInfo, days: int = LOOK_BACK_DAYS) -> datetime:
    """When to ask how the step went (aware, UTC): so many local dates later, at nine in the morning.

    Every cycle ends with a look-back date (R39).
    """
    return at_local(local_date(planned_at, zone) + timedelta(days=days), LOOK_BACK_TIME, zone)
