"""Who is in a conversation, as Teams says; single people are remembered for a while."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping

from bot.domain.reference import Reference
from bot.errors import Misconfigured
from bot.platforms.teams.connector import Connector, Member

LASTS = 600.0  # seconds; chosen: somebody who moves to another organisation meanwhile is no hurry
_FEW = 5  # people who are asked for one by one; of more the whole roster is read
_MOST = 10_000  # people remembered
Roster = Mapping[str, Member]


class Rosters:
    """Those in conversations, by id; every way to ask raises `PlatformError` where Teams does not say."""

    def __init__(self, connector: Connector, tenant: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask `connector`; whoever is of `tenant` is one of ours."""
        self._connector, self._tenant, self._clock = connector, tenant, clock
        self._known: dict[tuple[str, str], tuple[float, Member | None]] = {}

    def is_ours(self, member: Member) -> bool:
        """Say whether somebody is a person of our own organisation, as far as Teams says."""
        return not member.bot and member.tenant in {"", self._tenant}

    async def everyone(self, at: Reference) -> Roster:
        """All who are there."""
        return {member.user.id: member for member in await self._connector.members(at)}

    async def some(self, at: Reference, user_ids: Collection[str]) -> Roster:
        """At least these, as far as they are there."""
        if len(user_ids) > _FEW:
            return await self.everyone(at)
        found = await asyncio.gather(*(self._asked(at, user_id) for user_id in user_ids))
        return {member.user.id: member for member in found if member}

    async def one(self, at: Reference, user_id: str) -> Member | None:
        """Somebody in particular; None where Teams does not count them there, or may not tell us."""
        asked_at, found = self._known.get((at.conversation, user_id), (None, None))
        if asked_at is None or self._clock() - asked_at > LASTS:
            found = await self._asked(at, user_id)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[at.conversation, user_id] = self._clock(), found
        return found

    async def _asked(self, at: Reference, user_id: str) -> Member | None:
        try:
            return await self._connector.member(at, user_id)
        except Misconfigured:
            return None
