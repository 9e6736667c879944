"""From an activity to events in the inbox: read, named, kept, and only then acknowledged.

Who may be there without being one of ours (a shared channel, a chat with another organisation) is looked up before
anything of them is kept, where the activity itself does not tell.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.chat import markup
from bot.chat.events import (
    Event,
    Invited,
    Joined,
    Place,
    Removed,
    Renamed,
    User,
)
from bot.chat.payloads import Payload, identity, text
from bot.chat.ports import Intake
from bot.chat.prompts import Voice
from bot.domain.reference import Reference
from bot.errors import PlatformError
from bot.log import get_logger
from bot.platforms.teams import inbound, responses
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.gestures import Gestures
from bot.platforms.teams.inbound import Draft
from bot.platforms.teams.invokes import Invokes
from bot.platforms.teams.references import Remembered
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.rosters import Roster, Rosters
from bot.platforms.teams.scene import Scene, person, scene, tenant
from bot.platforms.teams.spans import Json

MEET_PATIENCE = 8.0  # seconds for who is in a conversation; Teams waits 15 (msteams-docs issue 6084)
NAME_PATIENCE = 2.0  # seconds for how a channel is called; chosen: it can be called otherwise in the setup
_AT_ONCE = 50  # events offered together, which then share a transaction
log = get_logger(__name__)


class Listener:
    """The one listener behind everything that Teams sends."""

    def __init__(
        self, us: Registration, intake: Intake, kept: Remembered, connector: Connector, invokes: Invokes, voice: Voice
    ) -> None:
        """Keep events with `intake`; `voice` says what the listener itself has to."""
        self._us, self._intake, self._kept, self._connector, self._voice = us, intake, kept, connector, voice
        self._rosters = Rosters(connector, us.tenant)
        self._gestures = Gestures(us, intake, kept, connector, self._rosters, invokes)

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
        if known and isinstance(drafts[0].body, inbound.GESTURES):
            return await self._gestures.take(drafts[0], where, known, identity(activity, "replyToId"))
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
                events.append(inbound.event(self._us, replace(draft, id=number, user=user, place=place, body=body)))
        return events

    @staticmethod
    def _places(
        draft: Draft, groups: Mapping[str, Sequence[Reference]], known: Reference | None
    ) -> Iterator[tuple[Place, str]]:
        """Go through where it happened, with an id for each."""
        if not draft.team:
            yield inbound.called(draft.place, known), draft.id
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
        return replace(user, name=user.name or member.user.name) if self._rosters.is_ours(member) else None

    def _members(self, people: Roster) -> tuple[User, ...]:
        return tuple(member.user for member in people.values() if self._rosters.is_ours(member))
