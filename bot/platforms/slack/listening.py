"""From a payload that Bolt hands over to an event in the inbox: read, named, kept, and only then acknowledged."""

from collections.abc import Mapping
from dataclasses import replace

from bot.chat.events import Event, Invited, Restored, Submitted, Uninstalled, User
from bot.chat.payloads import Payload
from bot.chat.ports import Intake
from bot.errors import Unreachable
from bot.log import get_logger
from bot.platforms.slack import inbound
from bot.platforms.slack.directory import Directory, Kind, Profile
from bot.platforms.slack.inbound import Draft
from bot.platforms.slack.installing import Remembered

FORM_PATIENCE = 2.0  # seconds that a form stays in front of someone while Kring looks at it; Slack gives it three
MEET_PATIENCE = 2.0  # seconds for who is in a channel; when it takes longer, Slack asks again and finds it done
LAST_RETRY = 3  # docs.slack.dev, Events API: three deliveries after the first
log = get_logger(__name__)


class Listener:
    """The one listener behind everything that Slack sends."""

    def __init__(self, intake: Intake, installations: Remembered, directory: Directory) -> None:
        self._intake, self._installations, self._directory = intake, installations, directory

    async def hear(self, body: Payload, workspace: str, retry: int) -> Mapping[str, str]:
        """Keep what a payload says; return what was refused per input, of a form.

        Raises:
            StoreError: it could not be kept.
            PlatformError: Slack could not be asked what must be known first.

        """
        installation = await self._installations.find(workspace) if workspace else None
        if installation is None:
            log.info("slack.stranger", workspace=workspace)
            return {}
        draft = inbound.read(body, installation.bot_user, lambda user: self._directory.name_of(workspace, user))
        event = await self._event(draft, workspace, retry) if draft else None
        if event is None:
            log.info("slack.unused")
            return {}
        receipt = await self._intake.receive(event, wait=FORM_PATIENCE if isinstance(event.body, Submitted) else 0.0)
        self._afterwards(event, draft)
        return receipt.fields

    def _afterwards(self, event: Event, draft: Draft | None) -> None:
        """Know from now on what the event said; not before it was kept, since until then it may come again."""
        if isinstance(event.body, Uninstalled):
            self._installations.forget(event.workspace)
        elif draft and draft.profile is not None:
            self._directory.learn(event.workspace, self._directory.told(event.workspace, draft.profile))

    async def _event(self, draft: Draft, workspace: str, retry: int) -> Event | None:
        """Name who did it; None for bots and for people of another organisation."""
        if isinstance(draft.body, Invited):
            draft = await self._met(draft, workspace, retry)
        if isinstance(draft.body, Restored) and not await self._is_in(draft, workspace):
            return None  # Kring had been taken out of it before
        user = await self._user(draft, workspace)
        if user is None or (not user.id and isinstance(draft.body, Invited)):
            return None
        return Event(draft.id, "slack", workspace, user, draft.place, draft.body, draft.trigger or None)

    async def _user(self, draft: Draft, workspace: str) -> User | None:
        if not draft.user:
            return User("", "")
        if draft.profile is not None:
            return self._news(workspace, draft.profile)
        profile = await self._directory.profile(workspace, draft.user)
        if profile is None:
            return None if _is_elsewhere(draft.team, workspace) else User(draft.user, draft.name)
        return profile.user if profile.kind is Kind.PERSON else None

    def _news(self, workspace: str, said: Payload) -> User | None:
        """Say who changed; None when nothing did that Kring knows of: Slack tells of every status and every picture.

        Nor when it is older than what is known: Slack gives again what was not taken, after what came since.
        """
        profile = self._directory.told(workspace, said)
        known = self._directory.known(workspace, profile.user.id)
        is_news = profile != known and (known is None or profile.since >= known.since)
        return profile.user if is_news and profile.kind is Kind.PERSON else None

    async def _is_in(self, draft: Draft, workspace: str) -> bool:
        return (await self._directory.channel(workspace, draft.place.conversation)).joined

    async def _met(self, draft: Draft, workspace: str, retry: int) -> Draft:
        """Say who is in the channel that Kring was invited to, and how it is called.

        Kring was brought by who made the channel, where Slack names nobody. The last time it takes who is known.
        """
        channel_id = draft.place.conversation
        found = await self._directory.members(workspace, channel_id, MEET_PATIENCE)
        if found is None and retry < LAST_RETRY:
            raise Unreachable("who is in the channel is not known yet")
        profiles = [self._directory.known(workspace, user_id) or Profile(User(user_id, "")) for user_id in found or ()]
        members = tuple(one.user for one in profiles if one.kind is Kind.PERSON and one.active)
        channel = await self._directory.channel(workspace, channel_id)
        place = replace(draft.place, name=channel.name)
        return replace(draft, user=draft.user or channel.creator, place=place, body=Invited(members))


def _is_elsewhere(team: str, workspace: str) -> bool:
    """Whether somebody is said to be of another workspace or organisation, where Slack could not be asked."""
    organisation, _, own = workspace.rpartition("/")
    return bool(team) and team not in {organisation, own}
