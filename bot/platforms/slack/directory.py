"""Who is who in Slack: names, languages and zones, looked up once and remembered for a while.

A look-up that takes too long goes on by itself, and whoever asked goes on with what is known: an acknowledgement does
not wait for it.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from bot.chat.events import User
from bot.chat.payloads import Payload, identity, part, text
from bot.errors import PlatformError
from bot.log import get_logger
from bot.platforms.slack.answers import asked
from bot.platforms.slack.clients import Clients

FRESH = 3600.0  # seconds; a change is told by `user_change` meanwhile
MOST = 20_000  # people that are remembered, the latest used
PATIENCE = 1.0  # seconds that an acknowledgement waits for a name; Slack gives it three
MANY = 50  # members; from here on the whole list of a workspace costs fewer calls than they one by one
_AT_ONCE = 8
_PAGE = 1000  # users.list, conversations.members: the most that is taken
_PAGES = 20
_LATEST = 1e11  # seconds since 1970; what claims to be later is no time
_LANGUAGES = {"nl", "en"}
log = get_logger(__name__)
T = TypeVar("T")


class Kind(StrEnum):
    """Who takes part: only people of the organisation that let Kring in."""

    PERSON = "person"
    BOT = "bot"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of somebody, and since when (seconds since 1970) that is so."""

    user: User
    kind: Kind = Kind.PERSON
    active: bool = True
    since: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """What Slack says of a channel: who made it, and whether Kring is in it."""

    name: str = ""
    creator: str = ""
    joined: bool = False


class Directory:
    """People and channels of every workspace."""

    def __init__(self, clients: Clients, clock: Callable[[], float] = time.monotonic) -> None:
        self._clients = clients
        self._clock = clock
        self._people: OrderedDict[tuple[str, str], tuple[float, Profile]] = OrderedDict()
        self._under_way: dict[object, asyncio.Task[Any]] = {}

    def known(self, workspace: str, user_id: str) -> Profile | None:
        """Return what is remembered of somebody."""
        at, profile = self._people.get((workspace, user_id), (0.0, None))
        return profile if profile and self._clock() - at < FRESH else None

    def name_of(self, workspace: str, user_id: str) -> str:
        """Return somebody's name, where it is remembered."""
        profile = self.known(workspace, user_id)
        return profile.user.name if profile else ""

    def told(self, workspace: str, said: Payload) -> Profile:
        """Read what Slack says of somebody; the language is as it was, where it does not say that."""
        profile = profile_of(said, workspace)
        before = self.known(workspace, profile.user.id)
        if before and not profile.user.language:
            profile = replace(profile, user=replace(profile.user, language=before.user.language))
        return profile

    def learn(self, workspace: str, profile: Profile) -> None:
        """Remember somebody."""
        self._people[workspace, profile.user.id] = (self._clock(), profile)
        self._people.move_to_end((workspace, profile.user.id))
        while len(self._people) > MOST:
            self._people.popitem(last=False)

    async def profile(self, workspace: str, user_id: str, patience: float = PATIENCE) -> Profile | None:
        """Say who somebody is; None when Slack does not say in time."""
        known = self.known(workspace, user_id)
        if known is None:
            await self._awaited((workspace, user_id), lambda: self._look_up(workspace, user_id), patience)
            known = self.known(workspace, user_id)
        return known

    async def channel(self, workspace: str, channel_id: str) -> Channel:
        """Say how a channel is called and who made it; nothing, where Slack does not say in time."""
        key = (workspace, "channel", channel_id)
        return await self._awaited(key, lambda: self._channel(workspace, channel_id), PATIENCE) or Channel()

    async def members(self, workspace: str, channel_id: str, patience: float) -> list[str] | None:
        """List who is in a channel, when each of them is known; None when that takes longer."""
        key = (workspace, "members", channel_id)
        return await self._awaited(key, lambda: self._members(workspace, channel_id), patience)

    async def close(self) -> None:
        """Let go of what is being looked up."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _awaited(self, key: object, ask: Callable[[], Awaitable[T]], patience: float) -> T | None:
        """Wait for an answer, at most so long; one that is asked for already is asked for once."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(_answered(ask))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        await asyncio.wait({task}, timeout=patience)
        return task.result() if task.done() and not task.cancelled() else None

    async def _look_up(self, workspace: str, user_id: str) -> None:
        client = await self._clients.of(workspace)
        told = await asked(client.users_info(user=user_id, include_locale=True), lasting=False)
        self.learn(workspace, profile_of({**part(told, "user"), "id": user_id}, workspace))

    async def _channel(self, workspace: str, channel_id: str) -> Channel:
        client = await self._clients.of(workspace)
        told = await asked(client.conversations_info(channel=channel_id), lasting=False)
        found = part(told, "channel")
        return Channel(text(found, "name"), identity(found, "creator"), joined=found.get("is_member") is True)

    async def _members(self, workspace: str, channel_id: str) -> list[str]:
        client = await self._clients.of(workspace)
        found: list[str] = []
        cursor = ""
        for _ in range(_PAGES):
            call = client.conversations_members(channel=channel_id, limit=_PAGE, cursor=cursor or None)
            told = await asked(call, lasting=False)
            found += [member for member in told.get("members", ()) if isinstance(member, str)]
            cursor = text(told, "response_metadata", "next_cursor")
            if not cursor:
                break
        await self._meet(workspace, found)
        return found

    async def _meet(self, workspace: str, user_ids: Iterable[str]) -> None:
        """Know each of these; many at once by the list of the whole workspace, the rest one by one."""
        strangers = [user_id for user_id in user_ids if self.known(workspace, user_id) is None]
        if len(strangers) >= MANY:
            await self._read_list(workspace)
            strangers = [user_id for user_id in strangers if self.known(workspace, user_id) is None]
        for begin in range(0, len(strangers), _AT_ONCE):
            some = strangers[begin : begin + _AT_ONCE]
            await asyncio.gather(*(_answered(partial(self._look_up, workspace, one)) for one in some))

    async def _read_list(self, workspace: str) -> None:
        client = await self._clients.of(workspace)
        cursor = ""
        for _ in range(_PAGES):
            call = client.users_list(limit=_PAGE, cursor=cursor or None, include_locale=True, **_team(workspace))
            told = await asked(call, lasting=False)
            for one in told.get("members", ()):
                if identity(one, "id"):
                    self.learn(workspace, profile_of(one, workspace))
            cursor = text(told, "response_metadata", "next_cursor")
            if not cursor:
                return


def profile_of(said: Payload, workspace: str) -> Profile:
    """Read what Slack says of somebody."""
    language, _, _ = text(said, "locale").partition("-")
    names = (("profile", "display_name"), ("profile", "real_name"), ("real_name",), ("name",))
    user = User(
        identity(said, "id"),
        next((name for path in names if (name := text(said, *path).strip())), ""),
        language if language in _LANGUAGES else None,
        text(said, "tz") or None,
    )
    updated = said.get("updated")
    since = float(updated) if isinstance(updated, int | float) and 0 < updated < _LATEST else 0.0
    return Profile(user, _kind(said, workspace), said.get("deleted") is not True, since)


def _kind(said: Payload, workspace: str) -> Kind:
    if said.get("is_bot") is True or identity(said, "id") == "USLACKBOT":
        return Kind.BOT
    organisation, _, team = workspace.rpartition("/")
    if said.get("is_stranger") is True or not _belongs(said, organisation, team):
        return Kind.STRANGER
    return Kind.PERSON


def _belongs(said: Payload, organisation: str, team: str) -> bool:
    """Whether somebody is of the workspace, or of the organisation that let Kring in as a whole."""
    wider = part(said, "enterprise_user")
    if organisation and identity(wider, "enterprise_id"):
        return identity(wider, "enterprise_id") == organisation
    teams = wider.get("teams")
    own = identity(said, "team_id")
    return own in {"", team} or (isinstance(teams, list) and team in teams)


def _team(workspace: str) -> Mapping[str, str]:
    """Say which workspace is meant, where the key is a whole organisation's."""
    organisation, _, team = workspace.rpartition("/")
    return {"team_id": team} if organisation else {}


async def _answered(ask: Callable[[], Awaitable[T]]) -> T | None:
    """Ask; a Slack that does not answer is noted and no more."""
    try:
        return await ask()
    except PlatformError as error:
        log.info("slack.unanswered", problem=str(error))
        return None
