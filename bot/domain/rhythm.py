"""When something recurs (R3): a recurrence rule on a local wall clock, resolved in an IANA zone.

And what is still asked of what came too late, and where a single time may be moved to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from bot.domain.calendar import local_date, resolve, zone
from bot.domain.recurrence import moments


@dataclass(frozen=True, slots=True)
class Rule:
    """An RRULE, its first possible moment (naive, local), its IANA zone, and the last local date that still counts.

    `start` also gives the time of day, and the period from which an interval counts: with INTERVAL=2 the week of
    `start` counts and the week after it does not.
    """

    rrule: str
    start: datetime
    zone: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One occurrence: the wall time that was asked for, such as 2026-10-25T02:30, and its instant (aware, UTC).

    `local` is the key on which an occurrence is unique, so that no change of the clocks can repeat one.
    """

    local: str
    at: datetime

    @property
    def wall(self) -> datetime:
        """The wall time that was asked for, naive."""
        return datetime.fromisoformat(self.local)


def next_slot(rule: Rule, after: datetime | None) -> Slot | None:
    """The first slot strictly after an instant, or the very first; None when there is none within the horizon."""
    return next(iter(slots(rule, after, 1)), None)


def slots(rule: Rule, after: datetime | None, limit: int) -> list[Slot]:
    """At most `limit` slots strictly after an instant (aware), in order, within `HORIZON_YEARS` of it.

    Without an instant, from the start of the rule. A slot on a local date that does not exist is left out. Empty for a
    rule or a zone that cannot be read.
    """
    place = zone(rule.zone)
    return list(islice(_slots(rule, place, after), max(0, limit))) if place else []


def walk(rule: Rule, since: datetime) -> Iterator[Slot]:
    """The slots whose wall time (naive) is `since` or later, in order, within `HORIZON_YEARS` of it.

    To go on from a wall time and not from an instant is what keeps a change of the zone, of its rules or of the
    machine's clock from repeating a slot or losing one.
    """
    place = zone(rule.zone)
    return (slot for slot in _from(rule, place, since.date()) if slot.wall >= since) if place else iter(())


def _slots(rule: Rule, place: ZoneInfo, after: datetime | None) -> Iterator[Slot]:
    first = rule.start.date() if after is None else local_date(after, place)
    return (slot for slot in _from(rule, place, first) if after is None or slot.at > after)


def _from(rule: Rule, place: ZoneInfo, first: date) -> Iterator[Slot]:
    for local in moments(rule.rrule, rule.start.replace(second=0, microsecond=0), first):
        if rule.until is not None and local.date() > rule.until:
            return
        at = resolve(local, place)
        if at is not None:
            yield Slot(local.isoformat(timespec="minutes"), at)


class CatchUp(StrEnum):
    """What is still asked of the times that went by while nobody looked; each only within its grace."""

    LATEST = "latest"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a kind may be: what it catches up with, and how long after its time one is still worth asking."""

    catch_up: CatchUp
    grace: timedelta

    def is_late(self, at: datetime, now: datetime) -> bool:
        """Tell whether what was due at an instant is not worth asking any more."""
        return now - at > (min(self.grace, PUNCTUAL) if self.catch_up is CatchUp.NONE else self.grace)

    def asks(self, at: datetime, now: datetime, *, newest: bool) -> bool:
        """Tell whether one of several that are due is still asked."""
        return (newest or self.catch_up is CatchUp.ALL) and not self.is_late(at, now)


PUNCTUAL = timedelta(minutes=1)  # chosen: many beats of the clock; whoever is later than that was away
DEFAULT_LATENESS = Lateness(CatchUp.LATEST, timedelta(hours=1))  # chosen: for a kind that says nothing of itself
LATENESS: Mapping[str, Lateness] = {
    # chosen: the question of the day is still worth asking the next day, not later, and never two days' at once
    "checkin": Lateness(CatchUp.LATEST, timedelta(hours=24)),
}


class MoveRefusal(StrEnum):
    """Why a time cannot be moved to there."""

    PAST = "past"
    NOT_THERE = "not_there"
    """The clocks skip it: in the night of spring, or a date that never was."""
    UNMOVED = "unmoved"
    TOO_EARLY = "too_early"
    """Before the time that comes before it."""
    TOO_LATE = "too_late"
    """After the time that comes after it."""


@dataclass(frozen=True, slots=True)
class Between:
    """What lies on both sides of one time (instants, aware): the present or the time before it, and the time after."""

    now: datetime
    before: datetime | None = None
    after: datetime | None = None


def move(slot: Slot, to: datetime, zone_of_rule: str, between: Between) -> datetime | MoveRefusal:
    """The instant of the wall time (naive) that a slot is moved to, or why it cannot be."""
    place = zone(zone_of_rule)
    at = resolve(to, place) if place else None
    if at is None or place is None or at.astimezone(place).replace(tzinfo=None) != to:
        return MoveRefusal.NOT_THERE
    if at <= between.now:
        return MoveRefusal.PAST
    if at == slot.at:
        return MoveRefusal.UNMOVED
    if between.before is not None and at <= between.before:
        return MoveRefusal.TOO_EARLY
    if between.after is not None and at >= between.after:
        return MoveRefusal.TOO_LATE
    return at
