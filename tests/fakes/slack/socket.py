"""Socket Mode: websockets over which gestures go out and acknowledgements come back."""

import asyncio
import json
from itertools import count

from aiohttp import WSMsgType, web

from tests.fakes.slack.world import Json


class Sockets:
    """The open connections; each envelope goes to one of them, in turn."""

    def __init__(self) -> None:
        self.open: list[web.WebSocketResponse] = []
        self.connected = asyncio.Event()
        self._numbers = count(1)
        self._tickets: set[str] = set()
        self._acks: dict[str, asyncio.Future[Json]] = {}

    def ticket(self, url: str) -> str:
        """An address for one connection."""
        ticket = str(next(self._numbers))
        self._tickets.add(ticket)
        return f"{url.replace('http', 'ws', 1)}/socket?ticket={ticket}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until either side ends it."""
        if request.query.get("ticket") not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {"type": "hello", "num_connections": len(self.open) + 1, "connection_info": {"app_id": "A1"}}
        )
        self.open.append(socket)
        self.connected.set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acked(json.loads(frame.data))
        finally:
            self.open.remove(socket)
            if not self.open:
                self.connected.clear()
        return socket

    async def send(self, kind: str, payload: Json, *, seconds: float = 5.0, envelope: str = "", **more: object) -> Json:
        """Send an envelope and wait for its acknowledgement; `TimeoutError` where none comes."""
        name = envelope or f"envelope-{next(self._numbers)}"
        future = self._acks[name] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(seconds):
            await self.connected.wait()
            socket = self.open[next(self._numbers) % len(self.open)]
            accepts = kind in {"interactive", "slash_commands"}
            await socket.send_json({
                "type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": accepts, **more,
            })  # fmt: skip
            told: Json = await future
            return told

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the other side to connect again, as Slack does every few hours."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": reason})

    async def drop(self) -> None:
        """Close every connection without a word."""
        for socket in list(self.open):
            await socket.close()

    def _acked(self, told: Json) -> None:
        future = self._acks.pop(told.get("envelope_id", ""), None)
        if future and not future.done():
            future.set_result(told.get("payload") or {})
