"""Keeps calendars up to date: whatever is due is fetched and read outside of any transaction, then kept in one.

What a facilitator must hear is a timer in that same transaction, by kind; the feature that knows the words answers it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from bot.calendars import reader
from bot.chat.ports import Clock, Fetcher, NotFetched
from bot.domain.calendar import local_date
from bot.domain.free_calendar import AHEAD, Trouble, Understood
from bot.errors import StoreError
from bot.log import get_logger
from storage import free_calendars, timers
from storage.db import Store
from storage.people import key_of

TOLD = "freedays.told"  # the kind of the timer
EVERY = 5.0  # seconds between two looks; one query by an index
Reader = Callable[[bytes, date, date, str], Understood | Trouble]
log = get_logger(__name__)


@dataclass(slots=True)
class Keeper:
    """Works off calendars that wait to be read, one after the other."""

    store: Store
    clock: Clock
    fetcher: Fetcher
    read: Reader = reader.read

    async def run(self) -> None:
        """Keep at it until cancelled; a store that cannot be used is left for the next look."""
        while True:
            try:
                await self.drain()
            except StoreError as error:
                log.warning("calendar.stalled", problem=str(error))
            await asyncio.sleep(EVERY)

    async def drain(self) -> None:
        """Read everything that is due now."""
        while await self._one():
            pass

    async def _one(self) -> bool:
        now = self.clock.now()
        async with self.store.begin() as work:
            claimed = await free_calendars.claim(work, now)
            if claimed is None:
                return False
            calendar, zone = claimed
            link = work.vault.read(calendar.link)
        today = local_date(now, ZoneInfo(zone))
        read = await self._understood(link, today, zone)
        async with self.store.begin() as work:
            if await free_calendars.record(work, key_of(calendar), read, now=now, today=today):
                where = calendar.community_id
                await timers.set_timer(work, TOLD, key_of(calendar), community_id=where, due_at=now)
        outcome = read.value if isinstance(read, Trouble) else free_calendars.READ
        log.info("calendar.read", calendar=calendar.id, outcome=outcome)
        return True

    async def _understood(self, link: str, today: date, zone: str) -> Understood | Trouble:
        try:
            data = await self.fetcher.fetch(link)
        except NotFetched as error:
            return error.trouble
        return await asyncio.to_thread(self.read, data, today, today + AHEAD, zone)
