"""One try of one delivery: claim, look whether it is there already, send, record. The same for every engine.

At least once towards the platform, made once by the dedupe key: a try that was cut short is looked up where the
platform can be asked. What is not sent in time expires with a note in the log; 429 keeps the lane quiet for as long as
told.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.chat import cards
from bot.chat.messages import ADDRESS, Channel, Home, Person, Thread, Whisper
from bot.chat.ports import Clock, Handle, Messenger, Target, Under
from bot.delivery import doorway, replacing
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, StoreError, Unsure
from bot.log import get_logger
from storage import claims, deliveries, results, timers
from storage.batch import Batch
from storage.claims import Claim, Claimed, Pace, Wait
from storage.db import Store, UnitOfWork
from storage.deliveries import NOWHERE, Act, DeliveryState, Loss, Place, Row
from storage.results import Result, Turned

MAX_TRIES = 10
_LONGEST_WAIT = 300.0
_SHORT_WAIT = 3.0  # seconds that a delivery which must wait is kept in hand, rather than offered again
_AGAIN_SOON = 1.0
_AGAIN_LATEST = 30.0  # seconds: by then the clock of the schedule may have been set, or another's may be ahead of ours
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds between tries to record, while the store can't be used
LOST = "delivery.lost"  # the timer that has the facilitators told
_TELL_AFTER = timedelta(minutes=1)  # so that what is lost together is told together
log = get_logger(__name__)


class Sender:
    """The handler that an engine calls."""

    def __init__(self, store: Store, messengers: Mapping[str, Messenger], clock: Clock) -> None:
        """Send over the messenger of the delivery's platform; claims and results are written in groups."""
        self._messengers = messengers
        self._clock = clock
        self._vault = store.vault
        self._claims: Batch[int, Claimed] = Batch(store, self._claim)
        self._results: Batch[Result, None] = Batch(store, self._finish)

    async def __call__(self, ids: Sequence[int]) -> Mapping[int, float]:
        """Try each once; return what must be offered again and in how many seconds."""
        waits = await asyncio.gather(*(self._tried(number) for number in ids))
        return {number: seconds for number, seconds in zip(ids, waits, strict=True) if seconds is not None}

    async def _tried(self, number: int) -> float | None:
        try:
            return await self._try(number)
        except StoreError as error:
            log.warning("delivery.stalled", problem=str(error))
        except Exception:
            log.exception("delivery.failed", delivery=number)
        return _AGAIN_SOON

    async def _try(self, number: int) -> float | None:
        patience, pause = _SHORT_WAIT, 0.0
        claim = await self._claims.submit(number)
        while isinstance(claim, Wait):
            pause = max(2 * pause, claim.seconds)
            if pause > patience:
                return min(max(claim.seconds, _AGAIN_SOON), _AGAIN_LATEST)
            patience -= pause
            await asyncio.sleep(pause)
            claim = await self._claims.submit(number)
        return await self._sent(claim) if claim else None

    async def _sent(self, claim: Claim) -> float | None:
        began = time.perf_counter()
        result = self._or_a_door(self._refused(claim) or await self._send(claim))
        took = round(time.perf_counter() - began, 6)
        await self._record(result)
        where = {"delivery": claim.row.id, "platform": claim.row.platform}
        log.info(f"delivery.{result.state}", **where, reason=result.reason, took=took)
        return result.quiet if result.state in deliveries.OPEN else None

    async def _claim(self, work: UnitOfWork, ids: Sequence[int]) -> Sequence[Claimed]:
        paces = {name: Pace(messenger.pace, messenger.cap) for name, messenger in self._messengers.items()}
        return await claims.claim(work, ids, now=self._clock.now(), paces=paces)

    async def _finish(self, work: UnitOfWork, found: Sequence[Result]) -> Sequence[None]:
        """Record results; who leads the community hears, a little later, of what did not arrive."""
        await results.finish(work, found)
        at = self._clock.now() + _TELL_AFTER
        for community_id in {result.row.community_id for result in found if _is_lost(result)}:
            await timers.set_timer(work, LOST, community_id, community_id=community_id, due_at=at)
        return [None] * len(found)

    def _refused(self, claim: Claim) -> Result | None:
        """Say no to what must not, or cannot, be sent any more."""
        row = claim.row
        if row.expires_at < self._clock.now():
            return Result(row, DeliveryState.EXPIRED, "late")
        if row.target_key and (claim.root is None or claim.root.message is None):
            return Result(row, DeliveryState.DEAD, "root")
        if row.platform not in self._messengers:
            return Result(row, DeliveryState.DEAD, "platform")
        if claim.look and not row.repeat and not self._messengers[row.platform].can_find:
            return Result(row, DeliveryState.DEAD, "unsure")  # better lost than said twice
        return None

    def _or_a_door(self, result: Result) -> Result:
        """Where a form could not be opened, have the door to it posted."""
        row = result.row
        if row.act != Act.FORM or result.state is DeliveryState.SENT or result.state in deliveries.OPEN:
            return result
        offered = doorway.unpack(self._vault.open(row.payload))
        door = Turned(
            offered.address, offered.lane, self._vault.seal(cards.pack(offered.door)), offered.until, offered.paced
        )
        return Result(row, DeliveryState.PENDING, result.reason, turned=door)

    async def _send(self, claim: Claim) -> Result:
        row = claim.row
        # What may have been posted stays in doubt until it was looked for: a failure now says nothing of then.
        known = DeliveryState.UNKNOWN if claim.look else DeliveryState.PENDING
        try:
            handle = await self._act(claim)
        except RateLimited as limit:
            return Result(row, known, "rate limited", quiet=limit.retry_after, counts=False)
        except Misconfigured as error:
            log.warning("delivery.refused", delivery=row.id, problem=str(error))
            if error.refusal is Refusal.ACCESS:
                return Result(row, known, error.refusal, quiet=_LONGEST_WAIT, counts=False)
            return Result(row, DeliveryState.DEAD, error.refusal)
        except Unsure:
            return _again(row, DeliveryState.UNKNOWN, _backoff(row.attempts), "outcome unknown")
        except PlatformError as error:
            return _again(row, known, _backoff(row.attempts), type(error).__name__)
        except Exception as error:
            # A fault of ours, perhaps after it was posted: look before trying again, and give up after MAX_TRIES.
            log.exception("delivery.broken", delivery=row.id)
            return _again(row, DeliveryState.UNKNOWN, _backoff(row.attempts), type(error).__name__)
        place = Place(handle.conversation, handle.message) if handle else NOWHERE
        return Result(row, DeliveryState.SENT, place=place)

    async def _act(self, claim: Claim) -> Handle | None:
        row = claim.row
        messenger = self._messengers[row.platform].at(row.workspace)
        content = self._vault.open(row.payload)
        match Act(row.act):
            case Act.FORM:
                await messenger.open_form(row.address, doorway.unpack(content).form)
                return None
            case Act.UPDATE:
                if row.target_key:
                    await messenger.update(_root(claim), cards.unpack_card(content))
                else:
                    told = replacing.unpack(content)
                    await messenger.update(told.at, told.card)
                return None
            case Act.POST:
                target = _target(claim)
                found = await messenger.find(target, row.dedupe_key) if claim.look and messenger.can_find else None
                return found or await messenger.post(target, cards.unpack_card(content), key=row.dedupe_key)

    async def _record(self, result: Result) -> None:
        """Write down what became of it. The effect has happened, so this is tried until the database answers."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._results.submit(result)
            except StoreError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return


def _is_lost(result: Result) -> bool:
    lost = result.state in {DeliveryState.DEAD, DeliveryState.EXPIRED}
    return lost and result.row.loss == Loss.UNTOLD and result.row.community_id is not None


def _again(row: Row, state: DeliveryState, seconds: float, reason: str) -> Result:
    """Give the row back and keep its lane quiet meanwhile, so that its messages keep their order; at last give up."""
    if row.attempts >= MAX_TRIES:
        return Result(row, DeliveryState.DEAD, "tries")
    return Result(row, state, reason, quiet=seconds)


def _backoff(attempts: int) -> float:
    """Double from a second up to five minutes, with jitter, so that replicas do not come back all at once."""
    return min(_LONGEST_WAIT, 2.0 ** (attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret


def _root(claim: Claim) -> Handle:
    """Say where the post is that this belongs to; where there is none, it was refused before."""
    root = claim.root or NOWHERE
    return Handle(root.conversation or "", root.message or "")


def _target(claim: Claim) -> Target:
    match ADDRESS.validate_json(claim.row.address):
        case Thread():
            return Under(_root(claim))
        case Channel() | Person() | Whisper() | Home() as address:
            return address
