"""What the clock has done: due rhythms become occurrences, and occurrences and timers become deliveries.

Each in a transaction of its own. Planning twice plans once: an occurrence is unique on its slot, a delivery on its
key, and a timer is gone with the transaction that worked it.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.chat.actions import Action
from bot.chat.ports import Clock
from bot.chat.prompts import Prompts
from bot.chat.router import Router
from bot.context import Context, Defaults, Origin, Outbox
from bot.errors import StoreError
from bot.log import get_logger
from storage import communities, rhythms
from storage.db import Store, UnitOfWork
from storage.people import key_of
from storage.rhythms import OccurrenceState

RETRY_AFTER = timedelta(minutes=15)
log = get_logger(__name__)


@dataclass(slots=True)
class Planner:
    """Called by the clock as often as it likes."""

    store: Store
    router: Router[Context]
    prompts: Prompts
    clock: Clock
    outbox: Outbox
    defaults: Defaults = field(default_factory=Defaults)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _at_hand: int | None = None
    """The row that is being worked: what to put aside when that fails. Others may be at work on other rows."""

    async def beat(self) -> None:
        """Plan everything that is due; a store that cannot be used is left for the next beat."""
        async with self._one_at_a_time:
            try:
                while await self._anything():
                    await self._tick()
                    while await self._occurrence():
                        pass
                    while await self._timer():
                        pass
            except StoreError as error:
                log.warning("clock.stalled", problem=str(error))

    async def _anything(self) -> bool:
        async with self.store.begin() as work:
            return await rhythms.anything_due(work, self.clock.now())

    async def _tick(self) -> int:
        async with self.store.begin() as work:
            return await rhythms.tick(work, self.clock.now())

    async def _occurrence(self) -> bool:
        try:
            return await self._plan()
        except StoreError:
            raise
        except Exception:
            log.exception("clock.plan.failed")
            return await self._give_up()

    async def _plan(self) -> bool:
        """Plan one occurrence; one that comes too late is said to be missed, never passed over in silence."""
        self._at_hand = None
        async with self.store.begin() as work:
            found = await rhythms.to_plan(work)
            if found is None:
                return False
            occurrence, rhythm = found
            self._at_hand = occurrence.id
            late = occurrence.state == OccurrenceState.LATE
            occurrence.state = OccurrenceState.MISSED if late else OccurrenceState.PLANNED
            work.session.add(occurrence)
            kind = f"{rhythm.kind}.late" if late else rhythm.kind
            action = Action(kind, key_of(rhythm), occurrence.local_slot)
            await self._ring(work, rhythm.community_id, action)
            log.info(kind, rhythm=rhythm.id, slot=occurrence.local_slot)
            return True

    async def _give_up(self) -> bool:
        """Put aside an occurrence that cannot be planned, so that it does not stand in the way of others."""
        if self._at_hand is None:
            return False
        async with self.store.begin() as work:
            await rhythms.put_aside(work, self._at_hand)
        return True

    async def _timer(self) -> bool:
        self._at_hand = None
        try:
            async with self.store.begin() as work:
                timer = await rhythms.due_timer(work, self.clock.now())
                if timer is None:
                    return False
                self._at_hand = timer.id
                await self._ring(work, timer.community_id, Action(timer.kind, timer.subject_id))
                log.info(timer.kind, subject=timer.subject_id)
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
            await rhythms.postpone(work, self._at_hand, self.clock.now() + RETRY_AFTER)
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
