"""From what handlers return to rows that will be sent, in the handler's own transaction."""

from datetime import timedelta
from typing import Any, assert_never

from bot.chat import cards
from bot.chat.cards import Card
from bot.chat.events import Event, Tapped
from bot.chat.messages import (
    ADDRESS,
    Address,
    Answers,
    Channel,
    Home,
    Open,
    Person,
    Post,
    Release,
    Replace,
    Reply,
    Thread,
    Update,
    Whisper,
)
from bot.chat.ports import Clock, Handle
from bot.chat.prompts import Voice
from bot.context import Origin
from bot.delivery import budget, doorway, replacing
from bot.delivery.doorway import Offered
from bot.delivery.engine import Engine, Line
from bot.delivery.replacing import Replacing
from storage import deliveries
from storage.db import UnitOfWork
from storage.deliveries import Act, Loss

REPLY_LASTS = timedelta(days=1)
FORM_LASTS = timedelta(minutes=1)
Row = dict[str, Any]
Made = Post | Reply | Replace | Update | Open


class Outbox:
    """Makes deliveries and offers them to the engine."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Offer to `engine`; times by `clock`."""
        self._engine = engine
        self._clock = clock

    async def put(self, work: UnitOfWork, origin: Origin, answers: Answers, voice: Voice) -> None:
        """Store one delivery per answer; an answer whose key is there already stays the one that was.

        What a person did not ask for is held back where it does not fit their budget or hours.
        """
        numbered = [(answer, f"{origin.key}:{number}") for number, answer in enumerate(answers)]
        freed = [key for answer in answers if isinstance(answer, Release) for key in answer.keys]
        made = [
            (one, self._row(work, origin, key, one, voice)) for one, key in numbered if not isinstance(one, Release)
        ]
        now = self._clock.now()
        rows = await budget.applied(work, origin, made, now)
        for line in (Line.REPLIES, Line.PROMPTS):
            urgent = line is Line.REPLIES
            ids = await deliveries.add(work, [row for row in rows if row["urgent"] == urgent])
            if urgent == (origin.event is not None):
                ids += await budget.released(work, origin, freed, now)
            if ids:
                await self._engine.enqueue(work, line, ids)

    def _row(self, work: UnitOfWork, origin: Origin, key: str, answer: Made, voice: Voice) -> Row:
        match answer:
            case Post():
                return self._post(work, origin, answer)
            case Reply(card):
                return self._to(work, origin, key, _back(origin), card)
            case Replace(card):
                return self._replace(work, origin, key, card)
            case Update(of, card):
                lane = f"{origin.platform}:{origin.workspace}:update:{of}"
                row = self._base(work, origin, key, Act.UPDATE, cards.pack(card), REPLY_LASTS)
                return row | {"target_key": of, "lane": lane}
            case Open():
                return self._open(work, origin, key, answer, voice)
            case _:
                assert_never(answer)

    def _post(self, work: UnitOfWork, origin: Origin, post: Post) -> Row:
        row = self._to(work, origin, post.key, post.to, post.card, post.lasts)
        row["replies"] = post.replies.encode() if post.replies else None
        row["repeat"] = not post.once
        row["target_key"] = post.to.root if isinstance(post.to, Thread) else None
        row["loss"] = (Loss.UNTOLD if post.missed else Loss.PRIVATE).value
        row["urgent"] = _is_awaited(origin, post)
        row["paced"] = row["urgent"] and isinstance(post.to, Person)
        return row

    def _to(
        self, work: UnitOfWork, origin: Origin, key: str, to: Address, card: Card, lasts: timedelta = REPLY_LASTS
    ) -> Row:
        row = self._base(work, origin, key, Act.POST, cards.pack(card), lasts)
        row["paced"] = origin.event is not None and isinstance(to, Person)
        return row | {"address": ADDRESS.dump_json(to).decode(), "lane": _lane(origin, to)}

    def _replace(self, work: UnitOfWork, origin: Origin, key: str, card: Card) -> Row:
        body = origin.event.body if origin.event else None
        if not (origin.event and isinstance(body, Tapped) and body.message):
            return self._to(work, origin, key, _back(origin), card)
        at = Handle(origin.event.place.conversation, body.message)
        row = self._base(work, origin, key, Act.UPDATE, replacing.pack(Replacing(card, at)), REPLY_LASTS)
        return row | {"lane": _lane(origin, _back(origin))}

    def _open(self, work: UnitOfWork, origin: Origin, key: str, answer: Open, voice: Voice) -> Row:
        """Open the form at once, where the gesture allows it; else, or where that fails, it stands behind a button."""
        back, trigger = _back(origin), origin.event.trigger if origin.event else None
        if trigger is None:
            return self._to(work, origin, key, back, doorway.instead_of(answer, voice("chat/doorway")))
        offered = Offered(
            answer.form,
            doorway.after(answer, voice("chat/unopened")),
            ADDRESS.dump_json(back).decode(),
            _lane(origin, back),
            self._clock.now() + REPLY_LASTS,
            isinstance(back, Person),
        )
        row = self._base(work, origin, key, Act.FORM, doorway.pack(offered), FORM_LASTS)
        # A lane of its own: Slack's gestures are good for three seconds, and a form stands in no conversation's order.
        return row | {"address": trigger, "lane": f"{origin.platform}:{origin.workspace}:form:{key}"}

    def _base(self, work: UnitOfWork, origin: Origin, key: str, act: Act, content: bytes, lasts: timedelta) -> Row:
        now = self._clock.now()
        return {
            "dedupe_key": key,
            "community_id": origin.community_id,
            "platform": origin.platform,
            "workspace": origin.workspace,
            "act": act.value,
            "address": "",
            "target_key": None,
            "replies": None,
            "repeat": True,
            "handle_conversation": None,
            "handle_message": None,
            "urgent": origin.event is not None,
            "paced": False,
            "loss": Loss.PRIVATE.value,
            "payload": work.vault.seal(content),
            "state": deliveries.DeliveryState.PENDING.value,
            "reason": "",
            "attempts": 0,
            "lease_until": 0.0,
            "created_at": now,
            "not_before": now,
            "expires_at": now + lasts,
        }


def _is_awaited(origin: Origin, post: Post) -> bool:
    """Whether someone waits for a post: it came of a gesture, and is not for somebody else's direct messages."""
    to_other = isinstance(post.to, Person) and origin.event is not None and post.to.user_id != origin.event.user.id
    return origin.event is not None and not to_other


def _back(origin: Origin) -> Address:
    """Answer who asked where they asked: in a direct message, or in a channel so that only they see it."""
    event: Event | None = origin.event
    if event is None:
        message = "a reply needs an event to reply to"
        raise ValueError(message)
    if event.place.direct:
        return Person(event.user.id)
    return Whisper(event.place.conversation, event.user.id, event.place.message)


def _lane(origin: Origin, to: Address) -> str:
    """Name the conversation whose messages keep their order; whispers to two people in a channel have none."""
    match to:
        case Person() | Home():
            where = f"{to.kind}:{to.user_id}"
        case Whisper():
            where = f"{to.conversation}:{to.user_id}"
        case Channel() | Thread():
            where = to.conversation
        case _:
            assert_never(to)
    return f"{origin.platform}:{origin.workspace}:{where}"
