"""Invokes: gestures that Teams wants answered in the HTTP response itself, within some seconds.

What is to be shown is made elsewhere, by the sender, moments later: it looks here whether the gesture's response is
still open in this process, and puts the answer in. When it is not (another process took the gesture, or it took too
long), the sender goes the way that always works: a message in the personal chat.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.chat.cards import Card, Form


@dataclass(frozen=True, slots=True)
class Own:
    """A card for one person's eyes only, which they see in the place of a card that others see as it was."""

    card: Card


Shown = Card | Form | Own | None


@dataclass(eq=False)
class Invoke:
    """One gesture whose response is open: answered in `conversation`, made on the card `message`."""

    id: str
    user_id: str
    conversation: str
    message: str | None = None
    answer: "asyncio.Future[Shown]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def shown(self, seconds: float) -> Shown:
        """Wait for what is to be shown; None when nothing is, in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self.answer
        except TimeoutError:
            return None


class Invokes:
    """All responses that are open in this process."""

    def __init__(self) -> None:
        self._open: list[Invoke] = []

    @contextmanager
    def opened(self, invoke: Invoke) -> Iterator[Invoke]:
        """Keep a response open for as long as the context lasts."""
        self._open.append(invoke)
        try:
            yield invoke
        finally:
            self._open.remove(invoke)

    def whisper(self, conversation: str, user_id: str, card: Card) -> bool:
        """Show a card to who made a gesture in this conversation; False when no response is open for them."""
        return self._answered(Own(card), user_id=user_id, conversation=conversation)

    def replaced(self, conversation: str, message: str, card: Card) -> bool:
        """Show another card at once to who tapped this one."""
        return self._answered(card, message=message, conversation=conversation)

    def form(self, invoke_id: str, form: Form) -> bool:
        """Show a form in answer to this gesture."""
        return self._answered(form, id=invoke_id)

    def _answered(self, shown: Shown, **like: str) -> bool:
        """Answer the oldest open response that is like this."""
        for invoke in self._open:
            if not invoke.answer.done() and all(getattr(invoke, name) == value for name, value in like.items()):
                invoke.answer.set_result(shown)
                return True
        return False
