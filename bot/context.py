"""What a handler is given: one transaction, the words, the time, and who it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.chat.events import Event
from bot.chat.messages import Answers
from bot.chat.prompts import Prompts, Voice
from bot.chat.router import Command, Routes
from bot.errors import UserError
from storage import communities, people
from storage.communities import Community
from storage.db import UnitOfWork
from storage.people import Member, Person, key_of


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a new community starts with: `KRING_LANGUAGE` and `KRING_TIMEZONE`."""

    language: str = "nl"
    timezone: str = "Europe/Amsterdam"


@dataclass(frozen=True, slots=True)
class Origin:
    """What answers are answers to: it names their keys, and where a reply goes."""

    key: str
    platform: str
    workspace: str
    event: Event | None = None
    community_id: int | None = None


class Outbox(Protocol):
    """Where answers go: rows, in the same transaction."""

    async def put(self, work: UnitOfWork, origin: Origin, answers: Answers, voice: Voice) -> None:
        """Make deliveries of the answers."""
        ...


@dataclass(slots=True)
class Context:
    """One event or one ring of the clock, being answered. Nothing here commits: the edge does."""

    work: UnitOfWork
    prompts: Prompts
    now: datetime
    platform: str
    workspace: str
    defaults: Defaults = field(default_factory=Defaults)
    event: Event | None = None
    person: Person | None = None
    community: Community | None = None
    member: Member | None = None
    commands: Sequence[Command["Context"]] = ()

    @property
    def who(self) -> Person:
        """The person who did it; only the clock has none."""
        assert self.person is not None  # noqa: S101 - every event has a user
        return self.person

    @property
    def here(self) -> Community:
        """The community it is about.

        Raises:
            UserError: Kring does not know this channel as a community, or cannot tell which one is meant.

        """
        if self.community is None or not self.settled():
            raise UserError("setup/nowhere")
        return self.community

    @property
    def me(self) -> Member:
        """The member who did it; raises `UserError` for who is not in this community now."""
        if self.member is None or self.member.left_at is not None:
            raise UserError("setup/outsider", community=self.here.name)
        return self.member

    @property
    def voice(self) -> Voice:
        """Speak to the person who did it; without one, to the channel."""
        return self.voice_for(self.person) if self.person else self.channel_voice

    @property
    def channel_voice(self) -> Voice:
        """Speak to everyone in the channel, in the community's language and zone."""
        place = self.community or self.defaults
        return self.prompts.voice(place.language, place.timezone, self.platform)

    def voice_for(self, person: Person) -> Voice:
        """Speak to one person: what they chose, else what their platform says, else the community's."""
        place = self.community or self.defaults
        language = person.chosen_language or person.language or place.language
        zone = person.chosen_timezone or person.timezone or place.timezone
        return self.prompts.voice(language, zone, self.platform)

    async def enter(self, community_id: int) -> Community:
        """Go on in this community, with the person's membership of it; raises `UserError` where there is none."""
        if self.community is None or self.community.id != community_id:
            found = await communities.get(self.work, community_id)
            if found is None:
                raise UserError("chat/stale")
            await self.locate(found)
            return found
        return self.community

    async def lead(self, community_id: int) -> None:
        """Go on in this community as one of its facilitators; raises `UserError` for anyone else."""
        await self.enter(community_id)
        if not self.facilitates():
            raise UserError("help/facilitators")

    async def locate(self, community: Community) -> None:
        """Be in a community that was found, with the person's membership of it."""
        self.community = community
        self.member = await people.member_of(self.work, key_of(community), key_of(self.who)) if self.person else None

    async def facilitators(self) -> list[tuple[Member, Person]]:
        """List the facilitators of this community who are there now."""
        return await people.present(self.work, key_of(self.here), facilitators=True)

    def settled(self) -> bool:
        """Say whether this is a community that was set up."""
        return self.community is not None and self.community.set_up_at is not None

    def facilitates(self) -> bool:
        """Say whether the person is a facilitator here."""
        return self.member is not None and self.member.left_at is None and self.member.facilitator


FeatureRoutes = Routes[Context]
