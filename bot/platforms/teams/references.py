"""How conversations are reached: looked up once, kept anew only when they moved."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.domain.reference import Reference

_MOST = 10_000  # conversations remembered; beyond that they are looked up again


class References(Protocol):
    """Where references of one tenant are kept."""

    async def find(self, conversation: str) -> Reference | None:
        """Return how a conversation is reached."""
        ...

    async def direct(self, user_id: str) -> Reference | None:
        """Return the direct conversation with a person."""
        ...

    async def of_group(self, group: str) -> list[Reference]:
        """List the channels of a team that are known."""
        ...

    async def latest(self) -> Reference | None:
        """Return the one that moved last, of whatever conversation."""
        ...

    async def keep(self, reference: Reference, *, at: datetime) -> None:
        """Keep a reference, in the place of an earlier one of the same conversation."""
        ...

    async def erase(self, conversation: str) -> None:
        """Forget how a conversation is reached."""
        ...


class Remembered:
    """References that were seen by this process, in front of where they are kept."""

    def __init__(self, kept: References, clock: Callable[[], datetime]) -> None:
        """Look in `kept` for what was not seen yet; `clock` tells the real time."""
        self._kept, self._clock = kept, clock
        self._seen: dict[str, Reference] = {}
        self._direct: dict[str, Reference] = {}

    async def find(self, conversation: str) -> Reference | None:
        """Return how a conversation is reached."""
        return self._seen.get(conversation) or self._remember(await self._kept.find(conversation))

    async def direct(self, user_id: str) -> Reference | None:
        """Return the direct conversation with a person."""
        return self._direct.get(user_id) or self._remember(await self._kept.direct(user_id))

    async def of_group(self, group: str) -> list[Reference]:
        """List the channels of a team that are known."""
        return await self._kept.of_group(group)

    async def latest(self) -> Reference | None:
        """Return the one that moved last, of whatever conversation."""
        return await self._kept.latest()

    async def keep(self, reference: Reference) -> None:
        """Keep a reference where it says something new; a name that is not said now stays what it was."""
        known = await self.find(reference.conversation)
        if known is not None:
            reference = Reference(
                reference.conversation,
                reference.service_url,
                reference.group or known.group,
                reference.user_id or known.user_id,
                reference.name or known.name,
            )
        if reference != known:
            await self._kept.keep(reference, at=self._clock())
            self._remember(reference)

    async def erase(self, conversation: str) -> None:
        """Forget how a conversation is reached."""
        known = self._seen.pop(conversation, None)
        if known and known.user_id:
            self._direct.pop(known.user_id, None)
        await self._kept.erase(conversation)

    def forget(self, conversation: str) -> None:
        """Look it up again the next time: another process may have seen that it moved."""
        known = self._seen.pop(conversation, None)
        if known and known.user_id:
            self._direct.pop(known.user_id, None)

    def _remember(self, reference: Reference | None) -> Reference | None:
        if reference is not None:
            if len(self._seen) >= _MOST:
                self._seen.clear()
                self._direct.clear()
            self._seen[reference.conversation] = reference
            if reference.user_id:
                self._direct[reference.user_id] = reference
        return reference
