"""What nobody asked for goes within a person's message budget and hours, and else waits (handbook, stages 3.2.1).

Part of the transaction that makes the deliveries, and in bulk: a pulse goes to thousands. What waits is looked at again
by the clock, whose handler stands in `features/me`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.chat.messages import ADDRESS, Answer, Person, Post, Update
from bot.context import Origin
from bot.domain.message_budget import Importance, Standing, verdict
from storage import communities, deliveries, nudges, people
from storage.db import UnitOfWork
from storage.deliveries import DeliveryState
from storage.nudges import NudgeState

AT_ONCE = 1000  # chosen: persons in one statement; at ten values each well under the 32,766 that SQLite takes
Row = dict[str, Any]
Made = tuple[Answer, Row]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Unasked:
    """A direct message nobody asked for, and the row of its delivery."""

    key: str
    user_id: str
    importance: Importance
    row: Row


@dataclass(slots=True)
class _Weighed:
    """What came of weighing: the rows to note, and who is asked something now, by key."""

    noted: list[dict[str, object]] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    waits: bool = False


async def applied(work: UnitOfWork, origin: Origin, made: Sequence[Made], now: datetime) -> list[Row]:
    """Return the rows to store: what must wait is held back, and what was settled while it waited is dropped."""
    late = await deliveries.held(work, [answer.of for answer, _ in made if isinstance(answer, Update)])
    await nudges.overtaken(work, late)
    await deliveries.withdraw(work, late, "settled while it was held back")
    kept = [(answer, row) for answer, row in made if not (isinstance(answer, Update) and answer.of in late)]
    for some in _some([_Unasked(*unasked) for unasked in _unasked(kept)]):
        await _weigh(work, origin, some, now)
    words = {to.user_id: row["replies"] for to, row in _to_persons(kept) if row["replies"]}
    await people.expect(work, origin.platform, origin.workspace, words)
    return [row for _, row in kept]


async def released(work: UnitOfWork, origin: Origin, keys: Sequence[str], now: datetime) -> list[int]:
    """Let go of posts that were held back, and return their deliveries; what is typed next is taken for them."""
    urgent = origin.event is not None
    freed = [row for some in _some(keys) for row in await deliveries.let_go(work, some, at=now, urgent=urgent)]
    words = {_user(row.address): row.replies for row in freed if row.replies}
    await people.expect(work, origin.platform, origin.workspace, words)
    return [row.id for row in freed]


def _unasked(made: Sequence[Made]) -> Iterator[tuple[str, str, Importance, Row]]:
    for answer, row in made:
        if isinstance(answer, Post) and answer.nudge and isinstance(answer.to, Person):
            yield answer.key, answer.to.user_id, answer.nudge, row


def _to_persons(made: Sequence[Made]) -> Iterator[tuple[Person, Row]]:
    """The direct messages that go now."""
    for answer, row in made:
        if isinstance(answer, Post) and isinstance(answer.to, Person) and row["state"] != DeliveryState.HELD:
            yield answer.to, row


def _user(address: str) -> str:
    to = ADDRESS.validate_json(address)
    assert isinstance(to, Person)  # noqa: S101 - nothing else is ever held back
    return to.user_id


def _some(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


async def _weigh(work: UnitOfWork, origin: Origin, unasked: Sequence[_Unasked], now: datetime) -> None:
    """Decide for each whether it goes now, mark the row of one that waits, and note both."""
    community = await communities.get(work, origin.community_id or 0)
    assert community is not None  # noqa: S101 - only a community has a reason to write to anyone unasked
    users = {one.user_id for one in unasked}
    known = await nudges.addressed(work, origin.platform, origin.workspace, users, community.timezone, now)
    weighed = _judged(unasked, known, communities.key_of(community), now)
    new = await nudges.add(work, weighed.noted)
    await nudges.count_unanswered(work, Counter(person for key, person in weighed.asked.items() if key in new))
    await nudges.forget(work, [person for person, _ in known.values()], now)
    if weighed.waits:
        await nudges.ring(work, communities.key_of(community))


def _judged(
    unasked: Sequence[_Unasked], known: Mapping[str, tuple[int, Standing]], community_id: int, now: datetime
) -> _Weighed:
    """Whoever Kring does not know has no budget yet: what is for them goes."""
    standings, weighed = dict(known), _Weighed()
    for one in unasked:
        if one.user_id not in standings:
            continue
        person_id, standing = standings[one.user_id]
        expires_at = one.row["expires_at"]
        noted = nudges.a_row(one.key, person_id, community_id, one.importance, now, expires_at)
        found = verdict(standing, now)
        if found.at == now and not found.ask:
            standings[one.user_id] = person_id, replace(standing, sent=(*standing.sent, now))
            weighed.asked |= {one.key: person_id} if one.importance.asks else {}
        else:
            one.row["state"] = DeliveryState.HELD.value
            noted |= {"state": NudgeState.HELD.value, "look_at": min(found.at or expires_at, expires_at)}
            weighed.waits = True
        weighed.noted.append(noted)
    return weighed
