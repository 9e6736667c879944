"""From an activity to events in the inbox: read, named, kept, and only then acknowledged; a gesture answered at once.

Who may be there without being one of ours (a shared channel, a chat with another organisation) is looked up before
anything of them is kept, where the activity itself does not tell.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.chat import markup
from bot.chat.events import (
    Commanded,
    Event,
    Invited,
    Joined,
    Place,
    Removed,
    Renamed,
    Said,
    Submitted,
    Tapped,
    User,
)
from bot.chat.payloads import Payload, identity, text
from bot.chat.ports import Intake
from bot.chat.prompts import Voice
from bot.domain.reference import Reference
from bot.errors import Misconfigured, PlatformError, Refusal
from bot.log import get_logger
from bot.platforms.teams import forms, inbound, render, responses
from bot.platforms.teams.connector import Connector, Member
from bot.platforms.teams.inbound import Draft
from bot.platforms.teams.invokes import Invoke, Invokes, Own
from bot.platforms.teams.references import Remembered
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.rosters import Roster, Rosters
from bot.platforms.teams.scene import Scene, person, scene, tenant
from bot.platforms.teams.spans import Json

WINDOW = 8.0  # seconds for what a gesture shows; Teams waits 10 to 15 (learn.microsoft.com, "How bots work")
MEET_PATIENCE = 8.0  # seconds for who is in a conversation; Teams waits 15 (msteams-docs issue 6084)
NAME_PATIENCE = 2.0  # seconds for how a channel is called; chosen: it can be called otherwise in the setup
_AT_ONCE = 50  # events offered together, which then share a transaction
_GESTURES = (Said, Commanded, Tapped, Submitted)
log = get_logger(__name__)


class Listener:
    """The one listener behind everything that Teams sends."""

    def __init__(
        self, us: Registration, intake: Intake, kept: Remembered, connector: Connector, invokes: Invokes, voice: Voice
    ) -> None:
        """Keep events with `intake`; `voice` says what the listener itself has to."""
        self._us, self._intake, self._kept, self._connector, self._invokes = us, intake, kept, connector, invokes
        self._rosters, self._voice = Rosters(connector), voice

    async def hear(self, activity: Payload) -> Json | None:
        """Keep what an activity says; return what is to be shown, of an invoke.

        Raises:
            StoreError: it could not be kept.
            PlatformError: Teams could not be asked what must be known first.

        """
        way, _ = inbound.INVOKES.get(text(activity, "name"), ("", ()))
        shown = await self._heard(activity, scene(activity))
        return shown if shown or not way else responses.nothing(way, self._arrived(activity))

    def _arrived(self, activity: Payload) -> str:
        """Say that a gesture arrived, and nothing of what becomes of it; in the language of who made it, if told."""
        user = person(activity, self._us.tenant)
        spoken = self._voice.prompts.voice(user.language) if user and user.language else self._voice
        return markup.plain(spoken("teams/arrived").body)

    async def _heard(self, activity: Payload, where: Scene) -> Json | None:
        if tenant(activity) != self._us.tenant:
            log.info("teams.stranger")
            return None
        drafts = inbound.read(activity, self._us)
        if not drafts:
            log.info("teams.unused")
            return None
        if where.direct and isinstance(drafts[0].body, Removed):
            await self._kept.erase(where.conversation)
            return None
        known = await self._refreshed(activity, where, drafts)
        if known and isinstance(drafts[0].body, _GESTURES):
            return await self._gesture(drafts[0], where, known, identity(activity, "replyToId"))
        await self._receive(await self._events(drafts, known))
        return None

    # ------------------------------------------------------------ how conversations are reached

    async def _refreshed(self, activity: Payload, where: Scene, drafts: Sequence[Draft]) -> Reference | None:
        """Keep how the conversation is reached; one that is only spoken of stays unknown."""
        known = await self._kept.find(where.conversation)
        told_of = text(activity, "type") == "conversationUpdate" and not isinstance(drafts[0].body, Invited)
        if known is None and told_of:
            return None
        reference = where.reference(drafts[0].user.id)
        if known is None:
            reference = await self._titled(reference)
        # A channel with members of its own is kept without its team, and not every activity says that it is one.
        await self._kept.keep(replace(reference, group="") if known and not known.group else reference)
        return await self._kept.find(where.conversation)

    async def _titled(self, reference: Reference) -> Reference:
        """Look up how a channel is called when it is heard of for the first time, where the activity does not say."""
        if not reference.group or reference.name:
            return reference
        try:
            async with asyncio.timeout(NAME_PATIENCE):
                return replace(reference, name=await self._connector.title(reference))
        except (PlatformError, TimeoutError) as error:
            log.info("teams.channel.untitled", problem=type(error).__name__)
            return reference

    # ------------------------------------------------------------ what happened to conversations and their members

    async def _receive(self, events: Sequence[Event]) -> None:
        """Keep events together; the first that could not be kept counts for all, since all come again."""
        for begin in range(0, len(events), _AT_ONCE):
            some = (self._intake.receive(event) for event in events[begin : begin + _AT_ONCE])
            for outcome in await asyncio.gather(*some, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome

    async def _events(self, drafts: Sequence[Draft], known: Reference | None) -> list[Event]:
        """Say what happened in each conversation that it happened in."""
        groups = {draft.team: await self._kept.of_group(draft.team) for draft in drafts if draft.team}
        people = await self._met(drafts, next((group[0] for group in groups.values() if group), known))
        events = []
        for draft in drafts:
            user = self._named(draft.user, people)
            if user is None:
                continue
            body = Invited(self._members(people)) if isinstance(draft.body, Invited) else draft.body
            for place, number in self._places(draft, groups, known):
                if isinstance(body, Renamed):
                    await self._renamed(place)
                events.append(self._event(replace(draft, id=number, user=user, place=place, body=body)))
        return events

    @staticmethod
    def _places(
        draft: Draft, groups: Mapping[str, Sequence[Reference]], known: Reference | None
    ) -> Iterator[tuple[Place, str]]:
        """Go through where it happened, with an id for each."""
        if not draft.team:
            yield _called(draft.place, known), draft.id
        for reference in groups.get(draft.team, ()):
            if reference.conversation != draft.place.conversation:
                place = Place(reference.conversation, reference.name)
                yield place, inbound.digest(draft.id, reference.conversation)

    async def _renamed(self, place: Place) -> None:
        """Know a conversation by its new name."""
        known = await self._kept.find(place.conversation)
        if known and place.name:
            await self._kept.keep(replace(known, name=place.name))

    async def _met(self, drafts: Sequence[Draft], at: Reference | None) -> Roster:
        """Ask who is in a conversation, as far as that must be known, and how they are called.

        When it does not come in time it is nobody: they are known as they do something. It is not asked for again,
        since Teams delivers again what was not acknowledged, but at most twice, and not always.
        """
        came = {draft.user.id for draft in drafts if isinstance(draft.body, Joined)}
        invited = any(isinstance(draft.body, Invited) for draft in drafts)
        if at is None or not (came or invited):
            return {}
        try:
            async with asyncio.timeout(MEET_PATIENCE):
                return await (self._rosters.everyone(at) if invited else self._rosters.some(at, came))
        except (PlatformError, TimeoutError) as error:
            log.warning("teams.roster.unread", problem=type(error).__name__)
            return {}

    def _named(self, user: User, people: Roster) -> User | None:
        """Name who it was, which events of members leave out; None for bots and for people of another organisation."""
        member = people.get(user.id)
        if member is None:
            return user
        return replace(user, name=user.name or member.user.name) if self._is_ours(member) else None

    def _members(self, people: Roster) -> tuple[User, ...]:
        return tuple(member.user for member in people.values() if self._is_ours(member))

    def _is_ours(self, member: Member) -> bool:
        return not member.bot and member.tenant in {"", self._us.tenant}

    # ------------------------------------------------------------ what people do

    async def _gesture(self, draft: Draft, where: Scene, known: Reference, card: str) -> Json | None:
        """Keep a gesture; where its response can show something, show it."""
        if not await self._belongs(draft, where, known):
            log.info("teams.stranger")
            return None
        event = self._event(replace(draft, place=_called(draft.place, known)))
        if draft.sent and draft.sent.way is forms.Way.CHAT:
            return await self._form_in_chat(draft, event, known, card)
        if draft.way in {"", "chat"}:
            await self._intake.receive(event)
            return None
        message = event.body.message if isinstance(event.body, Tapped) else None
        with self._invokes.opened(Invoke(event.id, event.user.id, event.place.conversation, message)) as invoke:
            until = _now() + WINDOW
            receipt = await self._intake.receive(event, wait=WINDOW)
            if receipt.fields and draft.sent and isinstance(event.body, Submitted):
                return responses.again(draft.way, draft.sent, receipt.fields, event.body.values)
            shown = await invoke.shown(max(0.0, until - _now()) if receipt.follows else 0.0)
        if isinstance(shown, Own) and draft.way == "execute" and message:
            return responses.whispered(shown)
        return _fitting(lambda: responses.showing(draft.way, shown, event.place))

    async def _form_in_chat(self, draft: Draft, event: Event, known: Reference, card: str) -> Json | None:
        """Take a form that is a message of its own; what follows is a message too, and the form goes away."""
        assert draft.sent  # noqa: S101 - only forms get here
        shown = await self._left_of(draft.sent, event, known, card)
        if shown is None or draft.way == "execute":
            return shown
        await self._put(known, card, shown, draft.sent)
        return None

    async def _left_of(self, sent: forms.Sent, event: Event, known: Reference, card: str) -> Json | None:
        """Say what comes in the place of a form that was sent: itself if it was refused, else nothing if possible."""
        values = event.body.values if isinstance(event.body, Submitted) else {}
        receipt = await self._intake.receive(event, wait=WINDOW)
        if receipt.fields:
            return responses.again("execute", sent, receipt.fields, values)
        try:
            await self._connector.delete(known, known.conversation, card)
        except PlatformError as error:
            if isinstance(error, Misconfigured) and error.refusal is Refusal.GONE:
                return None  # it was given again after it had been taken away
            log.info("teams.form.stays", problem=type(error).__name__)
            return _fitting(lambda: responses.taken(sent, values))
        return None

    async def _put(self, known: Reference, card: str, shown: Json, sent: forms.Sent) -> None:
        """Put in the place of a form what an old client is not shown in the response; else in a message below it."""
        value, title = shown["value"], sent.form.title  # words alone, where the form cannot be shown again
        activity = {"type": "message", "text": value} if isinstance(value, str) else render.carrying(value, title)
        try:
            try:
                await self._connector.update(known, card, activity)
            except PlatformError:
                await self._connector.send(known, activity)
        except PlatformError as error:
            log.warning("teams.form.unsaid", problem=type(error).__name__)

    async def _belongs(self, draft: Draft, where: Scene, known: Reference) -> bool:
        """Say whether somebody is one of ours, where others may be among us; Teams is asked only there.

        A form that was filled in elsewhere says where it belongs, and was in a client's hands meanwhile: who is not
        there has no say there.
        """
        if not draft.place.direct and draft.place.conversation != where.conversation:
            there = await self._kept.find(draft.place.conversation)
            member = await self._rosters.one(there, draft.user.id) if there else None
            return member is not None and self._is_ours(member)
        apart = where.kind == "channel" and not known.group and not where.own
        if not (where.shared or apart or where.kind == "groupChat"):
            return True
        member = await self._rosters.one(known, draft.user.id)
        # A roster that may not be read says nothing (private channels, forum 2025); in a shared channel that is a no.
        return not where.shared if member is None else self._is_ours(member)

    def _event(self, draft: Draft) -> Event:
        """Make the event, with what is needed to open a form where the gesture allows one."""
        trigger = None
        if isinstance(draft.body, _GESTURES):
            answers = draft.way not in {"", "chat"} and not (draft.sent and draft.sent.way is forms.Way.CHAT)
            trigger = forms.Trigger(draft.id if answers else "", draft.place, draft.user.id).encode()
        return Event(draft.id, "teams", self._us.tenant, draft.user, draft.place, draft.body, trigger)


def _called(place: Place, known: Reference | None) -> Place:
    """Call a place by the name that it is known by, where the activity does not say one."""
    if known is None or place.name or place.conversation != known.conversation:
        return place
    return replace(place, name=known.name)


def _fitting(write: Callable[[], Json | None]) -> Json | None:
    """Write a response; one larger than Teams takes is none, and what was done stays done."""
    try:
        return write()
    except ValueError as error:
        log.warning("teams.unshown", problem=str(error))
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
