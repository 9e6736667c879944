"""One event in, one answer out, one transaction around them; refusals made kind, failures given a reference.

The event is a row before it is acknowledged (`receive`), and worked from that row (`run`), in the order events came.
"""

import asyncio
import hashlib
import math
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from bot.chat import actions, events, markup
from bot.chat.cards import Card, Text
from bot.chat.events import Changed, Commanded, Event, Joined, Left, Said, Submitted, Tapped
from bot.chat.messages import Answer, Answers, Open, Post, Replace, Reply, Whisper
from bot.chat.ports import Clock, Receipt
from bot.chat.prompts import Prompts, Voice
from bot.chat.router import Audience, Command, Router
from bot.context import Context, Defaults, Origin, Outbox
from bot.errors import Conflict, FormError, KringError, StoreError, UserError
from bot.log import BoundLogger, get_logger
from storage import communities, deliveries, inbox, nudges, people
from storage.batch import Batch
from storage.db import Store, UnitOfWork
from storage.inbox import Arrival, InboxState
from storage.people import key_of

log = get_logger(__name__)
Offer = Callable[[UnitOfWork, Sequence[int]], Awaitable[None]]
"""Has events worked by somebody, should this process die before it did: called in the transaction that keeps them."""
_BATCH = 50
_LINGER = 0.005  # seconds that an event waits for others, where several come together; Slack gives three
_SWEEP = 30.0  # seconds between two looks through the inbox
_PATIENCE = 5.0  # seconds between tries while the store cannot be used
_MOMENT = 0.05  # seconds until another process has probably worked what comes first
_TRIES = 3  # of an event for which someone else wrote the same row at the same moment


@dataclass(slots=True)
class Dispatcher:
    """The way from the inbox to the handlers."""

    store: Store
    router: Router[Context]
    prompts: Prompts
    clock: Clock
    outbox: Outbox
    offer: Offer
    defaults: Defaults = field(default_factory=Defaults)
    _inbox: Batch[Arrival, int | None] = field(init=False)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _diary: BoundLogger = field(init=False)
    _arriving: int = 0
    _fresh: deque[int] = field(default_factory=deque)
    _swept_at: float = -math.inf
    _waiting: dict[int, "asyncio.Future[Receipt]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the inbox of the store."""
        self._inbox = Batch(self.store, self._keep, linger=_LINGER)
        self._diary = log.bind()  # once, since it is written in for every event

    @property
    def at_work(self) -> bool:
        """Whether there are events in hand that have not been worked yet."""
        return self._arriving > 0 or bool(self._fresh)

    async def receive(self, event: Event, *, wait: float = 0.0) -> Receipt:
        """Keep the event and have it worked; see `Intake`."""
        began = time.perf_counter()
        named = (event.platform, event.workspace, event.id, events.pack(event))
        arrival = Arrival(*named, self.clock.now(), _sequence(event))
        self._arriving += 1
        try:
            row_id = await self._inbox.submit(arrival)
        finally:
            self._arriving -= 1
        if row_id is None:
            return Receipt(new=False)
        self._fresh.append(row_id)
        self._diary.info(f"inbox.{event.body.kind}", platform=event.platform, row=row_id, took=_since(began))
        if wait <= 0:
            self._wake.set()
            return Receipt()
        return await self._outcome(row_id, wait)

    async def _keep(self, work: UnitOfWork, batch: Sequence[Arrival]) -> Sequence[int | None]:
        kept = await inbox.keep(work, batch)
        fresh = [row_id for row_id in kept if row_id is not None]
        if fresh:
            await self.offer(work, fresh)
        return kept

    async def _outcome(self, row_id: int, wait: float) -> Receipt:
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting[row_id] = future
        self._wake.set()
        try:
            async with asyncio.timeout(wait):
                return await future
        except TimeoutError:
            return Receipt()
        finally:
            self._waiting.pop(row_id, None)

    async def run(self) -> None:
        """Work the inbox until cancelled; while the store is away, wait and try again."""
        while True:
            self._wake.clear()
            try:
                await self.drain()
            except StoreError as error:
                log.warning("inbox.stalled", problem=str(error))
                await asyncio.sleep(_PATIENCE)
            else:
                # Not `wait_for`, which on Python 3.11 may swallow a cancellation that comes together with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_SWEEP):
                        await self._wake.wait()

    async def drain(self) -> None:
        """Work everything that waits now, one at a time, in the order it came.

        What came in through this process is known by number; now and then, and first of all, the inbox itself is looked
        through for what another process, or an earlier life of this one, took in and did not finish.
        """
        async with self._one_at_a_time:
            while time.monotonic() - self._swept_at >= _SWEEP:
                await self._sweep()
                await self._work_fresh()
            await self._work_fresh()

    async def _sweep(self) -> None:
        """Look through the inbox; where more waits than one look holds, the next is due at once."""
        async with self.store.begin() as work:
            rows = await inbox.waiting(work, _BATCH)
        self._fresh = deque(sorted({*self._fresh, *rows}))
        if len(rows) < _BATCH:
            self._swept_at = time.monotonic()

    async def _work_fresh(self) -> None:
        while self._fresh:
            try:
                await self._work(self._fresh[0])
            except inbox.Behind:
                self._fresh.rotate(-1)
                await asyncio.sleep(_MOMENT)
            except StoreError:
                self._swept_at = -math.inf
                raise
            else:
                self._fresh.popleft()

    async def rescue(self, row_ids: Sequence[int]) -> Mapping[int, float]:
        """Work what another process may have left behind; say what is not at its turn yet, and to ask again when."""
        behind: dict[int, float] = {}
        async with self._one_at_a_time:
            for row_id in row_ids:
                try:
                    await self._work(row_id)
                except (inbox.Behind, StoreError):
                    behind[row_id] = _PATIENCE
        return behind

    async def _work(self, row_id: int) -> None:
        """Work one row: answered, refused, or failed with a reference; whichever it is, once."""
        receipt = Receipt()
        try:
            receipt = await self._answered_at_last(row_id)
        except (inbox.Behind, StoreError):
            raise
        except Exception:
            reference = secrets.token_hex(3)
            log.exception("inbox.failed", reference=reference, row=row_id)
            await self._fail(row_id, reference)
        future = self._waiting.pop(row_id, None)
        if future and not future.done():
            future.set_result(receipt)

    async def _answered_at_last(self, row_id: int) -> Receipt:
        """Answer; when someone else wrote the same at the same moment, once more with what is there now."""
        for _ in range(_TRIES - 1):
            with suppress(Conflict):
                return await self._answered(row_id)
        try:
            return await self._answered(row_id)
        except Conflict as conflict:  # no store that is away, but a fault of ours
            raise KringError(str(conflict)) from conflict

    async def _answered(self, row_id: int) -> Receipt:
        """Answer or refuse; return what was refused per input, where someone waits for that."""
        try:
            return Receipt(follows=await self._attempt(row_id, self._answer))
        except FormError as refusal:
            return await self._refuse_form(row_id, refusal)
        except UserError as refusal:
            log.info("inbox.refused", reason=refusal.prompt, row=row_id)
            return Receipt(follows=await self._attempt(row_id, _refusal(refusal)))

    async def _attempt(self, row_id: int, answer: "Callable[[Context, Event], object]") -> bool:
        """Answer in one transaction; say whether the answer belongs where the gesture was made."""
        async with self.store.begin() as work:
            payload = await inbox.take(work, row_id)
            if payload is None:
                return False
            event = events.unpack(payload)
            context = await self._context(work, event)
            answers: Answers = await answer(context, event)  # type: ignore[misc]
            await self._send(context, event, row_id, answers)
            return any(_follows(event, one) for one in answers)

    async def _send(self, context: Context, event: Event, row_id: int, answers: Answers) -> None:
        community = context.community.id if context.community else None
        origin = Origin(f"inbox:{row_id}", event.platform, event.workspace, event, community)
        await self.outbox.put(context.work, origin, answers, context.voice)

    async def _refuse_form(self, row_id: int, refusal: FormError) -> Receipt:
        """Say per input what is wrong.

        In the form where someone waits for that, else in a message that gives the words back.
        """
        worded: dict[str, str] = {}

        async def answer(context: Context, event: Event) -> Answers:
            for name, problem in refusal.fields.items():
                worded[name] = _text(context.voice, problem)
            if row_id in self._waiting:
                return []
            given = event.body.values if isinstance(event.body, Submitted) else {}
            return [Reply(_sorry(context.voice, refusal, given))]

        return Receipt(fields=worded, follows=await self._attempt(row_id, answer))

    async def _fail(self, row_id: int, reference: str) -> None:
        async def answer(context: Context, event: Event) -> Answers:
            if not event.user.id:
                return []
            return [Reply(_sorry(context.voice, UserError("chat/failed", reference=reference)))]

        try:
            await self._attempt(row_id, answer)
        except StoreError:
            raise
        except Exception:
            # Not even the apology could be made: the row is closed, so that it does not stand in the way of others.
            log.exception("inbox.failed.twice", reference=reference, row=row_id)
            async with self.store.begin() as work:
                await inbox.settle(work, row_id, InboxState.FAILED)

    async def _context(self, work: UnitOfWork, event: Event) -> Context:
        person = await _person(work, event)
        if person and person.unanswered and not isinstance(event.body, Joined | Left | Changed):
            await nudges.answered(work, person, self.clock.now())
        context = Context(
            work,
            self.prompts,
            self.clock.now(),
            event.platform,
            event.workspace,
            self.defaults,
            event,
            person,
            commands=self.router.routes.commands,
        )
        await self._locate(context, event)
        return context

    async def _locate(self, context: Context, event: Event) -> None:
        """Find the community: the channel's, or in a direct message the only one the person is in."""
        if event.place.direct:
            mine = await communities.of_person(context.work, key_of(context.who)) if context.person else []
            found: tuple[communities.Community, people.Member | None] | None = mine[0] if len(mine) == 1 else None
        else:
            where = (event.platform, event.workspace, event.place.conversation)
            found = await communities.at(context.work, *where, key_of(context.who) if context.person else None)
        if found:
            context.community, context.member = found

    async def _answer(self, context: Context, event: Event) -> Answers:
        match event.body:
            case Commanded(text):
                asked = await self._asked_there(context, event) if event.place.message else None
                return await self._command_or_words(context, asked, text)
            case Said(text):
                return await self._said(context, event, text)
            case Tapped(action):
                tap = self.router.routes.taps.get(action.name)
                if tap is None:
                    raise UserError("chat/stale")
                return await tap(context, action)
            case Submitted(action, values):
                return await self._form(context, action, values)
            case Changed() if context.person is None:
                return []
            case body:
                handler = self.router.routes.events.get(body.kind)
                return await handler(context) if handler else []

    async def _form(self, context: Context, action: actions.Action, values: Mapping[str, str]) -> Answers:
        form = self.router.routes.forms.get(action.name)
        if form is None:
            raise UserError("chat/stale")
        return await form(context, action, values)

    async def _command(self, context: Context, text: str) -> Answers:
        found = self.router.command(text.strip() or "help")
        if found is None:
            raise self._unknown(context, text)
        command, rest = found
        self._allow(context, command)
        return await command.handler(context, rest)

    def _unknown(self, context: Context, text: str) -> UserError:
        word = text.split(maxsplit=1)[0][:40]
        return UserError("help/unknown", word=word, nearest=self.router.nearest(text, context.voice.language))

    @staticmethod
    def _allow(context: Context, command: Command[Context]) -> None:
        # Founders are told apart by the handler, which knows whether the channel is a community yet.
        if command.audience is Audience.FACILITATORS and not context.facilitates():
            raise UserError("help/facilitators" if context.settled() else "setup/nowhere")

    async def _said(self, context: Context, event: Event, text: str) -> Answers:
        """Take typed words: under one of our posts for that post.

        In a direct message a command, or what was asked for.
        """
        if event.place.message:
            action = await self._asked_there(context, event)
            return await self._form(context, action, {"text": text}) if action else []
        expects = context.who.expects
        return await self._command_or_words(context, actions.decode(expects) if expects else None, text)

    async def _command_or_words(self, context: Context, asked: actions.Action | None, text: str) -> Answers:
        """Take words that were said to Kring where it may have asked for some: a command, or what was asked for."""
        found = self.router.command(text)
        if asked and text.strip() and not (found and (found[0].takes_text == "always" or not found[1])):
            return await self._form(context, asked, {"text": text})
        return await self._command(context, text)

    @staticmethod
    async def _asked_there(context: Context, event: Event) -> actions.Action | None:
        """Say which action takes the words under a message, if it is a post of Kring's that asks for some."""
        root = await deliveries.posted_as(
            context.work, event.platform, event.workspace, event.place.conversation, event.place.message or ""
        )
        return actions.decode(root.replies) if root and root.replies else None


async def _person(work: UnitOfWork, event: Event) -> people.Person | None:
    """Know who did it; nobody is kept only because their platform said something of them."""
    user = event.user
    named = {"platform": event.platform, "workspace": event.workspace, "user_id": user.id}
    if not user.id or (isinstance(event.body, Changed) and await people.find(work, **named) is None):
        return None
    return await people.known(work, **named, name=user.name, language=user.language, timezone=user.timezone)


def _sequence(event: Event) -> str:
    """Name whose event it is, so that each person's are worked in order; a digest, since the store need not say who."""
    who = f"{event.platform}:{event.workspace}:{event.user.id}"
    return hashlib.blake2b(who.encode(), digest_size=8).hexdigest()


def _follows(event: Event, answer: Answer) -> bool:
    """Whether an answer belongs where the gesture was made, and not in a message of its own."""
    match answer:
        case Open() | Replace():
            return True
        case Reply():
            return not event.place.direct
        case Post(Whisper(conversation, user_id)):
            return (conversation, user_id) == (event.place.conversation, event.user.id)
        case _:
            return False


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 6)


def _refusal(refusal: UserError) -> "Callable[[Context, Event], object]":
    async def answer(context: Context, event: Event) -> Answers:
        given = event.body.values if isinstance(event.body, Submitted) else {}
        return [Reply(_sorry(context.voice, refusal, given))]

    return answer


def _sorry(voice: Voice, refusal: UserError, given: Mapping[str, str] | None = None) -> Card:
    """Word a refusal, and give back what was filled in, so that nobody has to think of it twice."""
    words = voice(refusal.prompt, **refusal.values)
    written = [value for value in (given or {}).values() if value.strip()]
    return words.card(Text(voice("chat/given", written=written).body, muted=True)) if written else words.card()


def _text(voice: Voice, refusal: UserError) -> str:
    return markup.plain(voice(refusal.prompt, **refusal.values).body)
