"""What the clock has done: due rhythms become occurrences, and occurrences and timers become deliveries.

Each in a transaction of its own, and any number of planners at once: what one has taken, the others pass by. Planning
twice plans once: an occurrence is unique on its slot, a delivery on its key, and a timer is gone with the transaction
that worked it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.chat.actions import Action
from bot.chat.ports import Clock
from bot.chat.prompts import Prompts
from bot.chat.router import Router
from bot.context import Context, Defaults, Origin, Outbox
from bot.errors import Conflict, StoreError
from bot.log import get_logger
from storage import communities, due, rhythms, timers
from storage.db import Store, UnitOfWork
from storage.occurrences import OccurrenceState
from storage.people import key_of

RETRY_AFTER = timedelta(minutes=15)
TRIES = 3  # of what someone else wrote at the same moment
ROUND = 20  # chosen: of one sort of work, before the others have their turn
log = get_logger(__name__)


async def _nobody() -> None:
    """Give way to nobody."""


@dataclass(slots=True)
class Planner:
    """Called by the clock as often as it likes, and woken when something that is due at once was committed."""

    store: Store
    router: Router[Context]
    prompts: Prompts
    clock: Clock
    outbox: Outbox
    defaults: Defaults = field(default_factory=Defaults)
    woken: Callable[[], None] = lambda: None
    """Called when there is something to plan at once: have the clock ring."""
    give_way: Callable[[], Awaitable[None]] = _nobody
    """Waits a moment while somebody is being answered: what is planned in slices may take that long."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: bool = False
    _conflicts: Counter[tuple[str, int]] = field(default_factory=Counter)
    _at_hand: int | None = None
    """The row that is being worked: what to put aside when that fails. Others may be at work on other rows."""

    def __post_init__(self) -> None:
        """Listen to the store."""
        self.store.bells.append(self._wake)

    def _wake(self) -> None:
        self._asked = True
        if not self._one_at_a_time.locked():
            self.woken()

    async def beat(self) -> None:
        """Plan everything that is due; a store that cannot be used is left for the next beat."""
        async with self._one_at_a_time:
            try:
                self._asked = True
                while self._asked:
                    self._asked = False
                    await self._plan_all()
            except StoreError as error:
                log.warning("clock.stalled", problem=str(error))

    async def catch_up(self) -> None:
        """Plan what was committed to be done at once, without waiting for the clock."""
        if self._asked:
            await self.beat()

    async def reaim(self) -> None:
        """Find the instants of all coming wall times anew, in slices: the rules of a zone may have changed since."""
        ZoneInfo.clear_cache()  # of what was read from the machine's zone database so far
        after: int | None = 0
        while after is not None:
            async with self.store.begin() as work:
                after = await rhythms.reaim(work, after)

    async def _plan_all(self) -> None:
        """Go round for as long as something is taken: what another planner has in hand is not ours to wait for."""
        async with self.store.begin() as work:
            taken = await due.anything(work, self.clock.now())
        while taken:
            taken = False
            for step in (self._tick, self._occurrence, self._timer):
                for _ in range(ROUND):
                    await self.give_way()
                    if not await step():
                        break
                    taken = True

    async def _tick(self) -> bool:
        async with self.store.begin() as work:
            return await due.tick(work, self.clock.now()) > 0

    async def _occurrence(self) -> bool:
        try:
            return await self._plan()
        except Conflict as conflict:
            return self._once_more("occurrence", conflict) or await self._give_up()
        except StoreError:
            raise
        except Exception:
            log.exception("clock.plan.failed")
            return await self._give_up()

    def _once_more(self, sort: str, conflict: Conflict) -> bool:
        """Try again what met a row that someone else wrote at that moment; not for ever, since it may be a fault."""
        row = (sort, self._at_hand or 0)
        self._conflicts[row] += 1
        if self._conflicts[row] < TRIES:
            return True
        del self._conflicts[row]
        log.warning("clock.conflict", problem=str(conflict))
        return False

    async def _plan(self) -> bool:
        """Plan one occurrence; one that comes too late is said to be missed, never passed over in silence."""
        self._at_hand = None
        now = self.clock.now()
        async with self.store.begin() as work:
            found = await due.to_plan(work, now)
            if found is None:
                return False
            occurrence, rhythm = found
            self._at_hand = occurrence.id
            late = rhythm.lateness.is_late(occurrence.due_at, now)
            occurrence.state = OccurrenceState.LATE if late else OccurrenceState.PLANNED
            work.session.add(occurrence)
            if late:
                await due.say_late(work, rhythm, now)
            else:
                action = Action(rhythm.kind, key_of(rhythm), occurrence.local_slot)
                await self._ring(work, rhythm.community_id, action)
            log.info("clock.late" if late else rhythm.kind, rhythm=rhythm.id, slot=occurrence.local_slot)
            return True

    async def _give_up(self) -> bool:
        """Count an occurrence that cannot be planned as missed, so that it is in nobody's way; and have that said."""
        if self._at_hand is None:
            return False
        async with self.store.begin() as work:
            rhythm = await due.give_up(work, self._at_hand)
            if rhythm:
                await due.say_late(work, rhythm, self.clock.now())
        return True

    async def _timer(self) -> bool:
        self._at_hand = None
        try:
            async with self.store.begin() as work:
                timer = await timers.due_timer(work, self.clock.now())
                if timer is None:
                    return False
                self._at_hand = timer.id
                await self._ring(work, timer.community_id, Action(timer.kind, timer.subject_id, timer.arg))
                log.info(timer.kind, subject=timer.subject_id)
                return True
        except Conflict as conflict:
            if self._once_more("timer", conflict):
                return True
        except StoreError:
            raise
        except Exception:
            log.exception("clock.timer.failed")
        return await self._postpone()

    async def _postpone(self) -> bool:
        if self._at_hand is None:
            return False
        async with self.store.begin() as work:
            await timers.postpone(work, self._at_hand, self.clock.now() + RETRY_AFTER)
        return True

    async def _ring(self, work: UnitOfWork, community_id: int, action: Action) -> None:
        community = await communities.get(work, community_id)
        handler = self.router.routes.dues.get(action.name)
        if handler is None or community is None or community.left_at is not None:
            log.warning("clock.unheard", kind=action.name)
            return
        context = self._context(work, community)
        key = f"{action.name}:{action.id}:{action.arg}"
        origin = Origin(key, community.platform, community.workspace, None, community_id)
        await self.outbox.put(work, origin, await handler(context, action), context.voice)

    def _context(self, work: UnitOfWork, community: communities.Community) -> Context:
        context = Context(work, self.prompts, self.clock.now(), community.platform, community.workspace, self.defaults)
        return replace(context, community=community)
