"""The way from Kring into Teams.

A post in a channel begins a thread (learn.microsoft.com, "Channel and group chat conversations with a bot"). Group and
personal chats have no threads: there everything is a message. What only one person may see is shown in the response to
their gesture, where that is still open in this process; else it goes to their personal chat. Teams cannot be asked what
became of a post.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bot.chat.cards import Card, Form
from bot.chat.fitting import fitting
from bot.chat.messages import Channel, Home, Person, Whisper
from bot.chat.ports import Handle, Target, Under
from bot.domain.reference import Reference
from bot.errors import Misconfigured, Refusal, StoreError, Unreachable
from bot.log import get_logger
from bot.platforms.teams import blocks, forms, limits, render
from bot.platforms.teams.connector import Connector, apart, is_channel
from bot.platforms.teams.forms import Way
from bot.platforms.teams.invokes import Invokes
from bot.platforms.teams.references import Remembered
from bot.platforms.teams.spans import Json

_AWAY = frozenset({Refusal.GONE, Refusal.OUTSIDE})
Found = TypeVar("Found")
log = get_logger(__name__)


class TeamsMessenger:
    """Teams as a platform: one tenant, whose messenger goes by the name of that tenant alone."""

    platform = "teams"
    pace = (
        0.6  # learn.microsoft.com, bots/how-to/rate-limit: 7 in a second, 60 in 30 s a conversation; 429 says the rest
    )
    cap = 20.0  # idem: 50 calls a second a tenant, on older pages 30; the others are for replies and for opening chats
    can_find = False

    def __init__(
        self, connector: Connector, references: Remembered, invokes: Invokes, tenant: str, workspace: str | None = None
    ) -> None:
        """Speak through the connector; `references` tells how conversations are reached, `invokes` who waits."""
        self._connector, self._references, self._invokes = connector, references, invokes
        self._tenant, self._workspace = tenant, tenant if workspace is None else workspace

    def at(self, workspace: str) -> "TeamsMessenger":
        """Return the way into one tenant; into any but Kring's own it is closed."""
        return TeamsMessenger(self._connector, self._references, self._invokes, self._tenant, workspace)

    async def post(self, to: Target, card: Card, *, key: str) -> Handle:  # noqa: ARG002 - Teams knows no keys
        """Post a card. What was shown in a response has no id, and can be neither updated nor answered.

        Raises:
            PlatformError: of any kind.

        """
        with fitting():
            activity = render.message(card)
        with self._within():
            match to:
                case Home():
                    raise Misconfigured("Teams has no pages of one's own")
                case Whisper() if _fits(activity) and self._invokes.whisper(to.conversation, to.user_id, card):
                    return Handle(to.conversation, "")
                case Whisper() | Person():
                    return await self._to_person(to.user_id, activity)
                case Channel():
                    return await self._to_all(to.conversation, activity)
                case Under():
                    return await self._under(to.root, activity)

    async def update(self, at: Handle, card: Card) -> None:
        """Put another card in the place of one of Kring's: at once for who tapped it, and for everyone.

        Raises:
            PlatformError: of any kind.

        """
        with fitting():
            activity = render.message(card)
        with self._within():
            _check_named(at)
            self._invokes.replaced(at.conversation, at.message, card)
            await self._reached(at.conversation, lambda there: self._connector.update(there, at.message, activity))

    async def open_form(self, trigger: str, form: Form) -> None:
        """Show a form in the response to the gesture, where that is open; else as a message in the personal chat.

        Raises:
            PlatformError: of any kind; what is no `forms.Trigger` is `Misconfigured`.

        """
        with fitting():  # before it is shown: what cannot be is then told, and stands behind a button
            gesture = forms.Trigger.decode(trigger)
            activity = render.carrying(forms.card_of(form, gesture.place, Way.CHAT), form.title)
        if gesture.id and self._invokes.form(gesture.id, form):
            return
        with self._within():
            await self._to_person(gesture.user_id, activity)

    async def find(self, to: Target, key: str) -> Handle | None:  # noqa: ARG002 - Teams cannot be asked
        """Find nothing: a bot may not read what it posted."""
        return None

    async def _to_all(self, conversation: str, activity: Json) -> Handle:
        async def posted(there: Reference) -> str:
            call = self._connector.start if is_channel(there) else self._connector.send
            return await call(there, activity)

        return _handle(conversation, await self._reached(conversation, posted))

    async def _under(self, root: Handle, activity: Json) -> Handle:
        async def posted(there: Reference) -> str:
            thread, own = apart(root.message)
            return await self._connector.send(there, activity, (thread or own) if is_channel(there) else "")

        _check_named(root)
        return _handle(root.conversation, await self._reached(root.conversation, posted))

    async def _to_person(self, user_id: str, activity: Json) -> Handle:
        """Post in someone's personal chat: in the one that is known, or in one that is opened for it."""
        with _told(*_AWAY, as_=Refusal.PERSON):
            known = await self._references.direct(user_id)
            if known is not None:
                try:
                    return await self._in_chat(known, activity)
                except Misconfigured as error:
                    if error.refusal not in _AWAY:
                        raise
                    await self._references.erase(known.conversation)
            return await self._in_chat(await self._opened(user_id), activity)

    async def _in_chat(self, chat: Reference, activity: Json) -> Handle:
        posted = await self._reached(chat.conversation, lambda there: self._connector.send(there, activity))
        return _handle(chat.conversation, posted)

    async def _opened(self, user_id: str) -> Reference:
        """Open someone's personal chat, where whatever was heard last came from."""
        heard = await self._references.latest()
        if heard is None:
            raise Unreachable("nothing was heard from Teams yet")
        with _told(*_AWAY, Refusal.REFUSED, as_=Refusal.PERSON):
            conversation = await self._connector.open(heard.service_url, user_id)
        chat = Reference(conversation, heard.service_url, user_id=user_id)
        await self._references.keep(chat)
        return chat

    async def _reached(self, conversation: str, call: Callable[[Reference], Awaitable[Found]]) -> Found:
        known = await self._references.find(conversation)
        if known is None:
            raise Misconfigured("nothing was heard from this conversation", Refusal.OUTSIDE)
        if known.user_id:
            return await self._tried(known, call)
        with _told(Refusal.PERSON, as_=Refusal.OUTSIDE):  # moderation may keep Kring out of a channel
            return await self._tried(known, call)

    async def _tried(self, known: Reference, call: Callable[[Reference], Awaitable[Found]]) -> Found:
        """Call for a conversation; where it is not there any more, look once whether another process saw it move."""
        try:
            return await call(known)
        except (Misconfigured, Unreachable) as error:
            if isinstance(error, Misconfigured) and error.refusal is not Refusal.GONE:
                raise
            self._references.forget(known.conversation)
            moved = await self._references.find(known.conversation)
            if moved is None or moved.service_url == known.service_url:
                raise
        return await call(moved)

    @contextmanager
    def _within(self) -> Iterator[None]:
        """Hold to our own tenant, and tell that the store is away: nothing was posted then."""
        if self._workspace != self._tenant:
            raise Misconfigured("the registration is another tenant's", Refusal.ACCESS)
        try:
            yield
        except StoreError as error:
            raise Unreachable("how it is reached cannot be looked up") from error


@contextmanager
def _told(*refusals: Refusal, as_: Refusal) -> Iterator[None]:
    """Say what a refusal means in a conversation of this kind: a personal chat that is gone is a person who is."""
    try:
        yield
    except Misconfigured as error:
        if error.refusal in refusals:
            raise Misconfigured(str(error), as_) from error
        raise


def _fits(activity: Json) -> bool:
    """Whether a message can be shown in a response too, where each button says that one person sees it."""
    return limits.size(blocks.own(activity)) <= limits.MESSAGE


def _check_named(at: Handle) -> None:
    if not at.message:
        raise Misconfigured("the message has no id: it was shown in a response, or Teams did not say it", Refusal.GONE)


def _handle(conversation: str, message: str) -> Handle:
    if not message:
        log.warning("teams.unnamed")
    return Handle(conversation, message)
