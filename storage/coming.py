"""The next times of a rhythm: what will be skipped of them and why, and what was moved to where."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.domain.free_days import FreeDays
from bot.domain.rhythm import Slot, walk
from storage import free_days, occurrences
from storage.db import UnitOfWork
from storage.occurrences import Occurrence, OccurrenceState, Reason
from storage.people import key_of
from storage.rhythms import Rhythm

LOOKED = 100  # chosen: times to look through for one that is not skipped: more than any holiday has


@dataclass(frozen=True, slots=True)
class Coming:
    """One of the next times.

    `local` is the wall time and `at` the instant at which it comes. `skipped` says why it will not, and `free_day` how
    that day is called.
    """

    slot: Slot
    at: datetime
    local: str
    skipped: Reason | None = None
    free_day: str = ""

    @property
    def moved(self) -> bool:
        """Whether it comes at another time than that of its rhythm."""
        return self.local != self.slot.local


async def of(work: UnitOfWork, rhythm: Rhythm, count: int) -> list[Coming]:
    """List the next times of a rhythm, those that will be skipped among them, in the order in which they come."""
    known = {one.local_slot: one for one in await occurrences.ahead(work, key_of(rhythm), rhythm.next_local)}
    free = await free_days.of(work, rhythm.community_id)
    ahead = list(islice(_walked(rhythm, known, free), count))
    behind = [_moved(rhythm, one) for one in known.values() if one.moved_to and _is_behind(rhythm, one)]
    return sorted((*behind, *ahead), key=lambda coming: coming.at)[:count]


async def following(work: UnitOfWork, rhythm: Rhythm) -> Coming | None:
    """Return the next time that is not skipped."""
    return next((coming for coming in await of(work, rhythm, LOOKED) if coming.skipped is None), None)


def _walked(rhythm: Rhythm, known: dict[str, Occurrence], free: FreeDays) -> Iterator[Coming]:
    if rhythm.next_local is None:
        return
    for slot in walk(rhythm.rule, datetime.fromisoformat(rhythm.next_local)):
        exception = known.get(slot.local)
        name = free.name_on(slot.wall.date()) if exception is None else None
        if name:
            yield Coming(slot, slot.at, slot.local, Reason.FREE, name)
        elif exception is None or exception.state in {OccurrenceState.OPEN, OccurrenceState.SKIPPED}:
            yield _coming(slot, exception)  # of the others one was moved forward, and has been


def _is_behind(rhythm: Rhythm, occurrence: Occurrence) -> bool:
    """Tell whether the slot of what was moved has passed, so that only the occurrence knows of it."""
    return rhythm.next_local is None or occurrence.local_slot < rhythm.next_local


def _moved(rhythm: Rhythm, occurrence: Occurrence) -> Coming:
    wall = datetime.fromisoformat(occurrence.local_slot)
    slot = next(walk(rhythm.rule, wall), Slot(occurrence.local_slot, occurrence.due_at))
    return _coming(slot, occurrence)


def _coming(slot: Slot, exception: Occurrence | None) -> Coming:
    if exception is None:
        return Coming(slot, slot.at, slot.local)
    if exception.state == OccurrenceState.SKIPPED:
        return Coming(slot, slot.at, slot.local, Reason(exception.reason), exception.free_day)
    return Coming(slot, exception.due_at, exception.moved_to or slot.local)
