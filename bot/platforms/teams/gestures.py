"""What people do in Teams: kept, and answered where they did it, for as long as that response is open.

Who is among us without being one of ours (a shared channel, a chat with another organisation) is looked up before
anything of them is kept.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.chat.events import Event, Submitted, Tapped
from bot.chat.ports import Intake
from bot.domain.reference import Reference
from bot.errors import Misconfigured, PlatformError, Refusal
from bot.log import get_logger
from bot.platforms.teams import forms, inbound, render, responses
from bot.platforms.teams.connector import Connector
from bot.platforms.teams.inbound import Draft
from bot.platforms.teams.invokes import Invoke, Invokes, Own
from bot.platforms.teams.references import Remembered
from bot.platforms.teams.registration import Registration
from bot.platforms.teams.rosters import Rosters
from bot.platforms.teams.scene import Scene
from bot.platforms.teams.spans import Json

WINDOW = 8.0  # seconds for what a gesture shows; Teams waits 10 to 15 (learn.microsoft.com, "How bots work")
log = get_logger(__name__)


class Gestures:
    """Takes what people say, tap and fill in."""

    def __init__(
        self,
        us: Registration,
        intake: Intake,
        kept: Remembered,
        connector: Connector,
        rosters: Rosters,
        invokes: Invokes,
    ) -> None:
        """Keep them with `intake`; `invokes` is where what they show comes in."""
        self._us, self._intake, self._kept = us, intake, kept
        self._connector, self._rosters, self._invokes = connector, rosters, invokes

    async def take(self, draft: Draft, where: Scene, known: Reference, card: str) -> Json | None:
        """Keep a gesture; where its response can show something, show it."""
        if not await self._belongs(draft, where, known):
            log.info("teams.stranger")
            return None
        event = inbound.event(self._us, replace(draft, place=inbound.called(draft.place, known)))
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
            return member is not None and self._rosters.is_ours(member)
        apart = where.kind == "channel" and not known.group and not where.own
        if not (where.shared or apart or where.kind == "groupChat"):
            return True
        member = await self._rosters.one(known, draft.user.id)
        # A roster that may not be read says nothing (private channels, forum 2025); in a shared channel that is a no.
        return not where.shared if member is None else self._rosters.is_ours(member)


def _fitting(write: Callable[[], Json | None]) -> Json | None:
    """Write a response; one larger than Teams takes is none, and what was done stays done."""
    try:
        return write()
    except ValueError as error:
        log.warning("teams.unshown", problem=str(error))
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
