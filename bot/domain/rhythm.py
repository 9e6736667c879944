"""When something recurs (R3): a recurrence rule on a local wall clock, resolved in an IANA zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
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


def _slots(rule: Rule, place: ZoneInfo, after: datetime | None) -> Iterator[Slot]:
    start = rule.start.replace(second=0, microsecond=0)
    first = start.date() if after is None else local_date(after, place)
    for local in moments(rule.rrule, start, first):
        if rule.until is not None and local.date() > rule.until:
            return
        at = resolve(local, place)
        if at is not None and (after is None or at > after):
            yield Slot(local.isoformat(timespec="minutes"), at)
