"""Rhythms: what recurs, and where each of them has come to.

`next_local`, a wall time, says where a rhythm goes on; `next_at` is the instant of it, and the one column that the tick
looks at. It is computed anew whenever the zone or its rules may have changed, so neither repeats or loses a time. What
makes no occurrences now (a draft, a pause without an end, what has ended) has neither.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from bot.domain.calendar import at_local, zone
from bot.domain.rhythm import DEFAULT_LATENESS, LATENESS, CatchUp, Lateness, Rule, Slot, next_slot, walk
from storage import occurrences
from storage.db import UnitOfWork, table_of
from storage.occurrences import Occurrence, OccurrenceState, Reason
from storage.people import key_of

SLICE = 500  # chosen: rhythms that are looked through in one transaction, some 10 ms


class RhythmState(StrEnum):
    """Whether a rhythm makes occurrences; a draft waits for its maker to say that it was understood."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Rhythm(SQLModel, table=True):
    """When something recurs.

    An RRULE on local wall time in an IANA zone. `subject_id` is a row of the kind's own table. A pause that ends by
    itself has `paused_until_on`: the first local date that counts again.
    """

    __tablename__ = "rhythm"

    id: int | None = Field(default=None, primary_key=True)
    community_id: int = Field(foreign_key="community.id", index=True)
    kind: str
    subject_id: int | None = None
    rrule: str
    start_local: str
    until_on: str | None = None
    timezone: str
    catch_up: str = CatchUp.LATEST
    grace_seconds: int
    state: str = RhythmState.ACTIVE
    paused_until_on: str | None = None
    next_local: str | None = None
    next_at: datetime | None = Field(default=None, index=True)

    @property
    def rule(self) -> Rule:
        """The rule as the domain knows it."""
        until = date.fromisoformat(self.until_on) if self.until_on else None
        return Rule(self.rrule, datetime.fromisoformat(self.start_local), self.timezone, until)

    @property
    def lateness(self) -> Lateness:
        """What is still asked of what came too late."""
        return Lateness(CatchUp(self.catch_up), timedelta(seconds=self.grace_seconds))

    def take(self, rule: Rule) -> None:
        """Recur by this rule from now on; aim it as well."""
        self.rrule, self.start_local, self.timezone = rule.rrule, rule.start.isoformat(), rule.zone
        self.until_on = rule.until.isoformat() if rule.until else None

    def aim(self, slot: Slot | None) -> None:
        """Go on with this slot; without one nothing is made any more."""
        self.next_local = slot.local if slot else None
        self.next_at = slot.at.astimezone(UTC) if slot else None


def draft(community_id: int, kind: str, rule: Rule) -> Rhythm:
    """Make a rhythm of this kind that does not count yet; how late it may be is that of the kind."""
    late = LATENESS.get(kind, DEFAULT_LATENESS)
    made = Rhythm(community_id=community_id, kind=kind, rrule="", start_local="", timezone="", catch_up=late.catch_up,
                  grace_seconds=int(late.grace.total_seconds()), state=RhythmState.DRAFT)  # fmt: skip
    made.take(rule)
    return made


async def add(work: UnitOfWork, rhythm: Rhythm) -> Rhythm:
    """Store a rhythm, or what changed in it."""
    work.session.add(rhythm)
    await work.session.flush()
    return rhythm


async def get(work: UnitOfWork, rhythm_id: int, *, lock: bool = False) -> Rhythm | None:
    """Return a rhythm; locked when it is to be changed, so that no tick comes in between."""
    query = select(Rhythm).where(Rhythm.id == rhythm_id)
    return (await work.session.exec(query.with_for_update() if lock else query)).first()


async def of_community(work: UnitOfWork, community_id: int) -> list[Rhythm]:
    """List what recurs in a community: active or paused."""
    going = col(Rhythm.state).in_([RhythmState.ACTIVE, RhythmState.PAUSED])
    query = select(Rhythm).where(Rhythm.community_id == community_id, going)
    return list((await work.session.exec(query.order_by(col(Rhythm.id)))).all())


async def pause(work: UnitOfWork, rhythm: Rhythm) -> None:
    """Stop making occurrences until it is resumed; what was moved waits with it."""
    rhythm.state, rhythm.paused_until_on = RhythmState.PAUSED, None
    rhythm.aim(None)
    await add(work, rhythm)
    await occurrences.hold(work, key_of(rhythm), Reason.PAUSED)


async def pause_until(work: UnitOfWork, rhythm: Rhythm, on: date) -> Slot | None:
    """Stop making occurrences until a local date, and return the first slot after it; None, and no pause, without one.

    The rhythm aims at that slot already: the tick that makes it ends the pause.
    """
    first = next(walk(rhythm.rule, datetime.combine(on, time())), None)
    place = zone(rhythm.timezone)
    if first is None or place is None:
        return None
    rhythm.state, rhythm.paused_until_on = RhythmState.PAUSED, on.isoformat()
    rhythm.aim(first)
    await add(work, rhythm)
    await occurrences.hold(work, key_of(rhythm), Reason.PAUSED, until=at_local(on, time(), place))
    return first


async def end(work: UnitOfWork, rhythm: Rhythm) -> None:
    """Stop for good."""
    rhythm.state, rhythm.paused_until_on = RhythmState.ENDED, None
    rhythm.aim(None)
    await add(work, rhythm)
    await occurrences.hold(work, key_of(rhythm), Reason.STOPPED)


async def resume(work: UnitOfWork, rhythm: Rhythm, *, now: datetime) -> None:
    """Begin, or go on, with the first slot after `now`; what fell in a pause stays out."""
    slot = next_slot(rhythm.rule, now)
    rhythm.state, rhythm.paused_until_on = RhythmState.ACTIVE if slot else RhythmState.ENDED, None
    rhythm.aim(slot)
    await add(work, rhythm)
    await occurrences.let_go(work, key_of(rhythm), now)


async def move_zone(work: UnitOfWork, community_id: int, old: str, new: str) -> int:
    """Take what recurs in a community along to another zone, at the same times on the wall; say how many rhythms.

    Each goes on from the wall time at which it was: nothing is repeated, and what the new zone has behind it already
    is due now. What was set in a zone of its own stays there.
    """
    going = col(Rhythm.state) != RhythmState.ENDED
    query = select(Rhythm).where(Rhythm.community_id == community_id, Rhythm.timezone == old, going)
    moved = (await work.session.exec(query.with_for_update())).all()
    for rhythm in moved:
        rhythm.timezone = new
        if rhythm.next_local:
            rhythm.aim(next(walk(rhythm.rule, datetime.fromisoformat(rhythm.next_local)), None))
        await add(work, rhythm)
    await _reaim_moved(work, [key_of(rhythm) for rhythm in moved])
    return len([rhythm for rhythm in moved if rhythm.state != RhythmState.DRAFT])


async def reaim(work: UnitOfWork, after: int = 0) -> int | None:
    """Resolve the next wall times of a slice of the rhythms anew.

    Returns where the next slice begins, or None at the end. For when the rules of a zone may have changed (tzdata).
    Rhythms that are being ticked are left to their tick.
    """
    row = table_of(Rhythm).c
    query = sa.select(row.id, row.next_local, row.next_at, row.timezone).where(row.id > after, row.next_at.is_not(None))
    found = (await work.run(query.order_by(row.id).limit(SLICE).with_for_update(skip_locked=True))).all()
    aims = [(one.id, one.next_at, _instant(one.next_local, one.timezone)) for one in found]
    changed = [{"key": key, "at": at} for key, was, at in aims if at is not None and at != was]
    put = sa.update(Rhythm).where(row.id == sa.bindparam("key")).values(next_at=sa.bindparam("at"))
    if changed:
        await work.connection.execute(put, changed)
    await _reaim_moved(work, [one.id for one in found])
    return found[-1].id if len(found) == SLICE else None


async def _reaim_moved(work: UnitOfWork, rhythm_ids: list[int]) -> None:
    """Resolve anew what was moved to a wall time that is still to come."""
    waits = col(Occurrence.state) == OccurrenceState.OPEN, col(Occurrence.moved_to).is_not(None)
    query = (
        select(Occurrence, Rhythm.timezone)
        .join(Rhythm, col(Rhythm.id) == col(Occurrence.rhythm_id))
        .where(col(Occurrence.rhythm_id).in_(rhythm_ids), *waits)
    )
    for occurrence, timezone in (await work.session.exec(query)).all():
        occurrence.due_at = _instant(occurrence.moved_to or occurrence.local_slot, timezone) or occurrence.due_at
        work.session.add(occurrence)


def _instant(local: str, timezone: str) -> datetime | None:
    """The instant of a wall time; of one on a date that is left out there, the same time on the next date."""
    place, wall = zone(timezone), datetime.fromisoformat(local)
    return at_local(wall.date(), wall.time(), place) if place else None
