"""The room as a program: every gesture a person can make, with or without a page in front of it.

A gesture is kept together with the event it causes, and only then given to Kring. When Kring cannot take it at that
moment it waits, in order, and is offered again with the next gesture or by `keep_delivering`.
"""

import asyncio
import uuid
from collections.abc import Mapping

from bot.chat.actions import decode
from bot.chat.events import Body, Invited, Joined, Left, Place, Submitted, Tapped
from bot.chat.ports import Clock, Intake, Receipt
from bot.errors import StoreError, UserError
from bot.log import get_logger
from bot.platforms.room import inbound, limits, views
from bot.platforms.room.outgoing import Parcel, opens_form, takes_answer
from bot.platforms.room.people import KRING, Person
from bot.platforms.room.state import RoomState
from bot.platforms.room.talk import Draft, Message

PATIENCE = 2.0  # seconds that a form stays in front of someone while Kring looks at it
RETRY = 5.0  # seconds between two tries of what Kring could not take
log = get_logger(__name__)


class Room:
    """The other side."""

    def __init__(self, state: RoomState, clock: Clock, intake: Intake) -> None:
        self.state = state
        self._clock = clock
        self._intake = intake
        self._under_way: set[int] = set()

    async def say(
        self, person: str, conversation: str, text: str, thread: str | None = None, event_id: str | None = None
    ) -> None:
        """Type something: in a channel one is in, or to Kring; `thread` is the id of the message under which.

        Raises:
            UserError: not there, not theirs, or too long.

        """
        words = text.strip()
        if len(words) > limits.SAID:
            raise UserError("room/long", most=limits.SAID)
        who, where, root = self._located(person, conversation, thread)
        if words:
            self._keep_words(who, where, root, words, event_id or _fresh())
        await self.redeliver()

    async def tap(self, person: str, message_id: str, action_text: str, event_id: str | None = None) -> None:
        """Tap a button on a card one can see. One that is no longer on it goes to Kring too, who answers kindly.

        Raises:
            UserError: no such card before this person, or no action at all.

        """
        action, message = decode(action_text), self._message(message_id)
        if action is None or message is None or not message.seen_by(person):
            raise UserError("room/refused")
        who, where, _ = self._located(person, message.conversation, str(message.root) if message.root else None)
        self._tell(who, where, Tapped(action, str(message.id)), event_id or _fresh())
        await self.redeliver()

    async def submit(
        self, person: str, trigger: str, values: Mapping[str, str], event_id: str | None = None
    ) -> Receipt:
        """Send the form that lies open; what Kring refuses is in `Receipt.fields`, and the form stays open with it."""
        form, gesture = self.state.forms.get(person), self.state.outgoing.by_trigger(trigger)
        action = decode(form.form["action"]) if form else None
        if form is None or gesture is None or action is None or form.trigger != trigger:
            return Receipt(new=False)
        answers = {part["name"]: values.get(part["name"], "") for part in form.form["inputs"]}
        name = event_id or _fresh()
        with self.state.transaction():
            self.state.forms.send(person, answers, name)
            self._tell(self._who(person), gesture.place, Submitted(action, answers), name)
        await self.redeliver()
        again = self.state.forms.get(person)
        return Receipt(fields=again.errors) if again and again.trigger == trigger else Receipt()

    async def dismiss_form(self, person: str, trigger: str) -> None:
        """Close the form that lies open, without sending it."""
        self.state.forms.dismiss(person, trigger)

    async def join(self, person: str, channel: str, event_id: str | None = None) -> None:
        """Come into a channel; twice is once."""
        await self._move(person, channel, Joined(), event_id or _fresh())

    async def leave(self, person: str, channel: str, event_id: str | None = None) -> None:
        """Go out of a channel; twice is once."""
        await self._move(person, channel, Left(), event_id or _fresh())

    async def invite_kring(self, person: str, channel: str, event_id: str | None = None) -> None:
        """Bring Kring into a channel; twice is once."""
        people, (who, where, _) = self.state.people, self._located(person, channel, None)
        present = people.members(channel)
        if KRING not in present:
            with self.state.transaction():
                people.enter(channel, KRING)
                self._note(channel, person, "invited")
                users = tuple(one.user() for one in people.all() if one.id in present)
                self._tell(who, where, Invited(users), event_id or _fresh())
        await self.redeliver()

    async def redeliver(self) -> None:
        """Give Kring whatever it has not taken yet, oldest first; stop at the first that it cannot take now."""
        while (parcel := self._next()) is not None:
            if not await self._deliver(parcel):
                return

    async def keep_delivering(self, every: float = RETRY) -> None:
        """Redeliver at once and every so many seconds, until cancelled."""
        while True:
            try:
                await self.redeliver()
            except StoreError as error:
                log.warning("room.store.refused", problem=str(error))
            await asyncio.sleep(every)

    def view(self, person: str, conversation: str, thread: str | None = None) -> views.View:
        """What one person has before them; who or what is not there is replaced by the first that is."""
        return views.view(self.state, person, conversation, thread)

    @property
    def visitor(self) -> str | None:
        """Whom the page was last opened as; the companions leave that person alone, also after a restart."""
        return self.state.settings.visitor

    def visit(self, person: str) -> None:
        """Open the page as someone; as the first there is, where there is nobody of that id."""
        people = self.state.people
        known = people.get(person) or next(iter(people.all()), None)
        if known:
            self.state.settings.play_as(known.id)

    def play_along(self, *, on: bool) -> None:
        """Let the others answer by themselves, or not."""
        self.state.settings.play_along(on=on)

    @property
    def version(self) -> str:
        """Another word after every change."""
        return self.state.version

    async def changed(self, after: str) -> str:
        """Wait until the version is another one than `after`, and return it."""
        return await self.state.changed(after)

    def _keep_words(self, who: Person, where: Place, root: Message | None, words: str, name: str) -> None:
        key = f"said:{name}"
        hidden = not where.direct and inbound.is_private(words)
        body = inbound.typed(words, where, root)
        draft = Draft(
            where.conversation,
            who.id,
            {"kind": "said", "text": words},
            root=root.id if root else None,
            only_for=who.id if hidden else None,
            key=key,
        )
        with self.state.transaction():
            if self.state.talk.find(key) is None:
                self.state.talk.add(draft, self._clock.now())
                self._tell(who, where, body, name)

    async def _move(self, person: str, channel: str, body: Joined | Left, name: str) -> None:
        who, room = self._who(person), self.state.people.channel(channel)
        if room is None:
            raise UserError("room/refused")
        coming = isinstance(body, Joined)
        if coming != (person in self.state.people.members(channel)):
            with self.state.transaction():
                (self.state.people.enter if coming else self.state.people.exit)(channel, person)
                self._note(channel, person, body.kind)
                self._tell(who, inbound.place(channel, room), body, name)
        await self.redeliver()

    def _tell(self, who: Person, where: Place, body: Body | None, name: str) -> None:
        """Keep an event for Kring, where there is one and Kring is there to hear it."""
        hears = where.direct or KRING in self.state.people.members(where.conversation)
        if body is not None and hears and not self.state.outgoing.known(name):
            event = inbound.event(name, who, where, body)
            self.state.outgoing.add(event, opens=opens_form(event))

    def _note(self, channel: str, person: str, what: str) -> None:
        self.state.talk.add(Draft(channel, person, {"kind": "note", "what": what}), self._clock.now())

    def _next(self) -> Parcel | None:
        waiting = self.state.outgoing.waiting()
        return next((parcel for parcel in waiting if parcel.number not in self._under_way), None)

    async def _deliver(self, parcel: Parcel) -> bool:
        self._under_way.add(parcel.number)
        try:
            wait = PATIENCE if takes_answer(parcel.event) else 0.0
            receipt = await self._intake.receive(parcel.event, wait=wait)
        except StoreError:
            log.warning("room.event.held", event_id=parcel.event.id)
            self.state.outgoing.put_off()
            return False
        finally:
            self._under_way.discard(parcel.number)
        with self.state.transaction():
            self.state.outgoing.ack(parcel.number)
            self.state.forms.settle(parcel.event.id, receipt.fields)
        return True

    def _who(self, person: str) -> Person:
        found = self.state.people.get(person)
        if found is None:
            raise UserError("room/refused")
        return found

    def _located(self, person: str, conversation: str, thread: str | None) -> tuple[Person, Place, Message | None]:
        """Find who is where, as far as they may be there."""
        who, channel = self._who(person), self.state.people.channel(conversation)
        theirs = (
            person in self.state.people.members(conversation) if channel else conversation == inbound.direct(person)
        )
        root = self._message(thread) if thread else None
        lost = thread and (root is None or root.conversation != conversation or root.root or not root.seen_by(person))
        if not theirs or lost:
            raise UserError("room/refused")
        return who, inbound.place(conversation, channel, root), root

    def _message(self, number: str) -> Message | None:
        return self.state.talk.get(int(number)) if number.isdecimal() else None


def _fresh() -> str:
    return uuid.uuid4().hex
