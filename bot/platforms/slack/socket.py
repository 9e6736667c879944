"""Slack, in, without a public address: Socket Mode, watched.

The SDK can be connected and hear nothing, after an idle reconnect (bolt-python issue 1529), and its `connect` goes on
for ever with an address that is good once. So what counts is what was heard: a connection that says nothing for a while
is given up for a new one, which begins with a `hello`. What was not acknowledged meanwhile, Slack delivers again.
"""

import asyncio
from contextlib import suppress

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.log import get_logger
from bot.platforms.slack import clients

SILENCE = (
    600.0  # seconds; a quiet workspace costs a new connection as often as this, of the thousands a day Slack allows
)
GREETING = 30.0  # seconds to be connected and greeted
_PING = 10.0  # seconds between pings, by which the SDK finds a line that was cut
log = get_logger(__name__)


class Socket:
    """One connection after the other, until cancelled."""

    def __init__(self, app: AsyncApp, token: str, *, silence: float = SILENCE, greeting: float = GREETING) -> None:
        """Hand what comes in to the Bolt app."""
        self._app, self._token = app, token
        self._silence, self._greeting = silence, greeting
        self._heard = asyncio.Event()
        self.connected = False

    async def run(self) -> None:
        """Stay connected until cancelled; errors of Slack end it, for whoever supervises it to begin again."""
        while True:
            await self._connection()

    async def _connection(self) -> None:
        handler = AsyncSocketModeHandler(self._app, self._token, logger=clients.QUIET, ping_interval=_PING)
        handler.client.message_listeners.append(self._note)
        try:
            async with asyncio.timeout(self._greeting):
                self._heard.clear()
                await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it out
                await self._heard.wait()
            self.connected = True
            log.info("slack.socket.connected")
            await self._until_silent()
            log.warning("slack.socket.silent")
        finally:
            self.connected = False
            await handler.close_async()  # type: ignore[no-untyped-call]  # as above

    async def _until_silent(self) -> None:
        with suppress(TimeoutError):
            while True:
                self._heard.clear()
                async with asyncio.timeout(self._silence):
                    await self._heard.wait()

    async def _note(self, _client: object, _message: object, _raw: str | None) -> None:
        self._heard.set()
