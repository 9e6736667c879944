"""The message budget: how often Kring may write to a person who did not ask (R58; handbook, stages 3.2.1 and 3.2.2).

Over all features and communities together at most two such messages in any seven days. Who leaves two unanswered gets
half as many, who leaves four gets none, after one question. What does not fit waits, by importance, and several that
wait together go as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from bot.domain.quiet_hours import Window, opens_at

MOST = 2  # in any seven days (3.2.1); a person can lower it for themselves, nobody can raise it
BUDGETS = (2, 1, 0)  # what a person can choose; 0 is only when they ask
WEEK = timedelta(days=7)
LESS_AFTER = 2  # unanswered in a row: half as often (3.2.2)
STOP_AFTER = 4  # unanswered in a row: none, and one question (3.2.2)
REMEMBERED = 2 * WEEK  # the longest that half as often looks back


class Importance(IntEnum):
    """What goes first when not everything fits. A welcome is none of these: who just came is always welcomed."""

    OWN = 1  # what one asked for oneself earlier: the look back on one's own step
    NOTE = 2  # to a facilitator, who is the only one to hear it: somebody is new, a check-in was missed
    PULSE = 3  # the community's pulse of energy
    OTHER = 4  # every other invitation

    @property
    def asks(self) -> bool:
        """Tell whether it asks for an answer. A note only tells, so it is never left unanswered."""
        return self is not Importance.NOTE


class Why(StrEnum):
    """Why a message waits, for the person themselves and nobody else.

    Unanswered ones are not among them: who looks has just done something, and then they do not count any more.
    """

    FULL = "full"  # the budget of these seven days is used
    QUIET = "quiet"  # not in their hours, or not on their working days
    PAUSED = "paused"
    NEVER = "never"  # they chose: only when I ask


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most so many in any stretch of this length."""

    most: int
    per: timedelta = WEEK


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands: their window, the budget they chose, and the unasked messages they had lately."""

    zone: ZoneInfo
    window: Window = field(default_factory=Window)
    chosen: int | None = None
    unanswered: int = 0
    asked: bool = False
    """Whether Kring asked already if it should leave them in peace."""
    sent: tuple[datetime, ...] = ()

    @property
    def stopped(self) -> bool:
        """Tell whether so many stayed unanswered that nothing more goes."""
        return self.unanswered >= STOP_AFTER


@dataclass(frozen=True, slots=True)
class Verdict:
    """When the next unasked message may go: `now`, later, or never by itself (None), and why not now.

    `ask`: what may go then is not what waits, but the one question whether to leave them in peace.
    """

    at: datetime | None
    why: Why | None = None
    ask: bool = False


def allowance(chosen: int | None, unanswered: int = 0) -> Allowance:
    """What somebody may get who chose this budget (None is the usual), and left so many unanswered in a row."""
    most = MOST if chosen is None else max(0, min(chosen, MOST))
    if unanswered < LESS_AFTER:
        return Allowance(most)
    return Allowance(most // 2) if most > 1 else Allowance(most, 2 * WEEK)


def room_at(allowed: Allowance, sent: Iterable[datetime], now: datetime) -> datetime | None:
    """The first instant from `now` on at which one more fits; None when nothing ever does."""
    if allowed.most <= 0:
        return None
    recent = sorted(at for at in sent if at > now - allowed.per)
    return now if len(recent) < allowed.most else recent[-allowed.most] + allowed.per


def verdict(standing: Standing, now: datetime) -> Verdict:
    """Whether an unasked message may go to somebody now, and else when and why not now."""
    room = room_at(allowance(standing.chosen, standing.unanswered), standing.sent, now)
    if room is None:
        return Verdict(None, Why.NEVER)
    if standing.stopped and standing.asked:
        return Verdict(None)
    at = opens_at(standing.window, room, standing.zone)
    if standing.stopped:
        return Verdict(at, ask=True)
    return Verdict(at, None if at == now else _why(standing, now, room))


def _why(standing: Standing, now: datetime, room: datetime) -> Why:
    if standing.window.pauses(now, standing.zone):
        return Why.PAUSED
    return Why.FULL if room > now else Why.QUIET
