"""Group commit: whatever was asked meanwhile is done in one transaction, so that the disk is waited for once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from storage.db import Store, UnitOfWork

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Asked(Generic[T, R]):
    item: T
    done: "asyncio.Future[R]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batch(Generic[T, R]):
    """Collects items while a transaction is under way, and hands the next one all of them."""

    def __init__(
        self, store: Store, work: Callable[[UnitOfWork, Sequence[T]], Awaitable[Sequence[R]]], *, linger: float = 0.0
    ) -> None:
        """`work` does all items of a batch and returns one result for each, in order.

        Where several came together, the next transaction waits `linger` seconds for more: fewer and larger ones cost
        less. What comes alone goes at once.
        """
        self._store = store
        self._work = work
        self._linger = linger
        self._crowded = False
        self._waiting: list[_Asked[T, R]] = []
        self._writer: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Return the result once it is committed; raises what the transaction raised, `StoreError` for one."""
        asked: _Asked[T, R] = _Asked(item)
        self._waiting.append(asked)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await asked.done

    async def _write(self) -> None:
        while self._waiting:
            if self._crowded:
                await asyncio.sleep(self._linger)
            batch, self._waiting = self._waiting, []
            self._crowded = self._linger > 0 and len(batch) > 1
            try:
                async with self._store.begin() as work:
                    results = await self._work(work, [asked.item for asked in batch])
                    answered = list(zip(batch, results, strict=True))
            except Exception as error:  # noqa: BLE001 - handed to everyone who waits for this batch
                for asked in batch:
                    _settle(asked, error)
            else:
                for asked, result in answered:
                    if not asked.done.done():
                        asked.done.set_result(result)


def _settle(asked: _Asked[T, R], error: Exception) -> None:
    if not asked.done.done():
        asked.done.set_exception(error)
