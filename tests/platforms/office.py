"""Deliveries, by the real sender, to a pretend platform."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.chat import cards
from bot.delivery.sender import Sender
from storage.db import Store
from tests.contracts.messenger import card
from tests.storage.rows import a_delivery, look_one, put, run


@dataclass
class AnyOffice:
    """A sender; `where` are the columns that say where it sends to, where nothing else is chosen."""

    store: Store
    sender: Sender
    where: Mapping[str, object]

    async def put(self, key: str, **chosen: object) -> int:
        """Store a post for the channel."""
        payload = self.store.vault.seal(cards.pack(card(key)))
        (number,) = await put(self.store, a_delivery(key, **{**self.where, "payload": payload, **chosen}))
        return number

    async def try_once(self, number: int) -> float | None:
        """Try to send, as soon as the lane is free."""
        await run(self.store, "update lane set free_at = 1, next_at = 1")
        return (await self.sender([number])).get(number)

    async def state(self, number: int) -> tuple[str, str]:
        """How far it is, and why."""
        state, reason = await look_one(self.store, "select state, reason from delivery where id = :id", id=number)
        return state, reason
