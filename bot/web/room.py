"""The room's page: rendered here, alive by a small script, complete without it.

Every gesture is a form that answers with the page again; the script sends the same forms and asks for the same page.
What people typed reaches the templates as text and leaves them escaped.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.chat import markup
from bot.chat.ports import Receipt
from bot.chat.prompts import LANGUAGES, Prompts, Voice
from bot.domain.loopback import is_loopback
from bot.errors import ConfigError, StoreError, UserError
from bot.web import loopback
from bot.web.body import blocks

_FOLDER = Path(__file__).resolve().parent
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_BREATH = 15.0  # seconds of silence after which a stream shows that it is alive
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TimeMachine(Protocol):
    """The time of the whole program, which this page can move forward."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the next thing is due, or None when nothing is planned."""
        ...

    async def advance(self, to: datetime) -> None:
        """Make it `to`, with everything that is due on the way."""
        ...


class Person(Protocol):
    """Whom the page is shown to."""

    @property
    def id(self) -> str:
        """The person's id in the room."""
        ...

    @property
    def language(self) -> str:
        """`nl` or `en`."""
        ...

    @property
    def timezone(self) -> str:
        """An IANA name."""
        ...


class View(Protocol):
    """What the page shows; the templates know the rest of it."""

    @property
    def me(self) -> Person:
        """Whom it is shown to."""
        ...

    @property
    def version(self) -> str:
        """What it is compared by."""
        ...


class Room(Protocol):
    """What the page needs of the room; gestures raise `UserError` where they cannot be made."""

    @property
    def version(self) -> str:
        """Another word after every change."""
        ...

    async def changed(self, after: str) -> str:
        """Wait for another version."""
        ...

    def view(self, person: str, conversation: str, thread: str | None = None) -> View:
        """What one person has before them."""
        ...

    async def say(
        self, person: str, conversation: str, text: str, thread: str | None = None, event_id: str | None = None
    ) -> None:
        """Type something."""
        ...

    async def tap(self, person: str, message_id: str, action_text: str, event_id: str | None = None) -> None:
        """Tap a button."""
        ...

    async def submit(
        self, person: str, trigger: str, values: Mapping[str, str], event_id: str | None = None
    ) -> Receipt:
        """Send the open form."""
        ...

    async def dismiss_form(self, person: str, trigger: str) -> None:
        """Close the open form."""
        ...

    async def join(self, person: str, channel: str, event_id: str | None = None) -> None:
        """Come into a channel."""
        ...

    async def leave(self, person: str, channel: str, event_id: str | None = None) -> None:
        """Go out of a channel."""
        ...

    def visit(self, person: str) -> None:
        """Remember whom the visitor plays: this person, or whoever `view` takes instead."""
        ...

    def play_along(self, *, on: bool) -> None:
        """Let the others answer by themselves, or not."""
        ...


@dataclass(frozen=True, slots=True)
class Where:
    """Where the visitor is: as whom, in which conversation and thread, in which language, in which column."""

    person: str = ""
    conversation: str = ""
    thread: str = ""
    language: str = ""
    column: str = ""

    def link(self, **changes: str) -> str:
        """The address of this place, or of one that differs in something."""
        there = replace(self, **changes)
        query = {name: value for name, value in there.fields().items() if value}
        return f"/?{urlencode(query)}" if query else "/"

    def fields(self) -> dict[str, str]:
        """The place as the names and values of a query."""
        return {
            "as": self.person,
            "in": self.conversation,
            "thread": self.thread,
            "lang": self.language,
            "show": self.column,
        }

    @staticmethod
    def read(query: Mapping[str, Any]) -> "Where":
        """Read the place from a query, or from the hidden inputs of a form."""
        found = {name: str(query.get(name, "")) for name in ("as", "in", "thread", "lang", "show")}
        language = found["lang"] if found["lang"] in LANGUAGES else ""
        column = found["show"] if found["show"] in {"people", "talk", "thread"} else ""
        return Where(found["as"], found["in"], found["thread"], language, column)


class RoomPage:
    """The room's routes."""

    def __init__(self, room: Room, machine: TimeMachine, prompts: Prompts, *, host: str, settle: float = 0.4) -> None:
        """Serve `room` to this machine; `host` is where HTTP listens.

        `settle` is for how many seconds a gesture without script waits for something to show before the page returns.

        Raises:
            ConfigError: HTTP listens where others could reach it.

        """
        if not is_loopback(host):
            raise ConfigError("KRING_HOST", f"the room is for this machine only, and {host} is not.", "127.0.0.1")
        self._room, self._machine, self._prompts, self._settle = room, machine, prompts, settle
        self._streams: set[asyncio.Task[Any]] = set()
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates" / "room"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def attach(self, app: web.Application) -> None:
        """Add the routes to an application, and end the streams when it stops."""
        posts = {
            "say": self._say,
            "tap": self._tap,
            "submit": self._submit,
            "dismiss": self._dismiss,
            "join": self._join,
            "leave": self._leave,
            "advance": self._advance,
            "companions": self._companions,
        }
        app.router.add_get("/", _guarded(self._page))
        app.router.add_get("/room/stream", _guarded(self._stream))
        app.router.add_get("/static/{name:room[.](?:css|js|svg)}", _guarded(_static))
        for name, gesture in posts.items():
            app.router.add_post(f"/room/{name}", _guarded(self._answering(gesture)))
        app.on_shutdown.append(self._hang_up)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        asked = Where.read(request.query)
        try:
            if "X-Refresh" not in request.headers:  # a person who looks, not a script that keeps a page fresh
                self._room.visit(asked.person)
            view = self._room.view(asked.person, asked.conversation, asked.thread or None)
        except StoreError:
            return self._refused(request, asked, 503, "room/early", {})
        voice = self._prompts.voice(asked.language or view.me.language, view.me.timezone)
        guide = voice("room/guide")
        return self._html(
            "page.html.j2",
            voice,
            v=view,
            where=replace(asked, person=view.me.id),
            guide={"title": guide.title, "blocks": blocks(guide.body)},
            now=self._machine.now(),
            due=await self._machine.next_due(),
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**loopback.HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler always runs in one
        self._streams.add(task)
        try:
            await self._tell_versions(response)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._streams.discard(task)
        return response

    async def _tell_versions(self, response: web.StreamResponse) -> None:
        version = self._room.version
        while True:
            await response.write(f"event: changed\ndata: {version}\n\n".encode())
            with suppress(TimeoutError):
                async with asyncio.timeout(_BREATH):
                    version = await self._room.changed(version)

    async def _hang_up(self, _: web.Application) -> None:
        for stream in tuple(self._streams):
            stream.cancel()

    def _answering(self, gesture: Callable[[str, Mapping[str, str]], Awaitable[None]]) -> Handler:
        """Make a gesture of a form, and answer with the page where it was made, or with JSON for the script."""

        async def answer(request: web.Request) -> web.StreamResponse:
            form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
            where, before = Where.read(form), self._room.version
            try:
                await gesture(where.person, form)
            except UserError as error:
                return self._refused(request, where, 400, error.prompt, error.values)
            except StoreError:
                return self._refused(request, where, 503, "room/unkept", {})
            if _wants_json(request):
                return web.json_response({"ok": True}, headers=loopback.HEADERS)
            await self._wait_for_change(before)
            raise web.HTTPSeeOther(where.link(), headers=loopback.HEADERS)

        return answer

    async def _wait_for_change(self, before: str) -> None:
        """Give Kring a moment, so that a page without script already shows the answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settle):
                while True:
                    before = await self._room.changed(before)

    def _refused(
        self, request: web.Request, where: Where, status: int, prompt: str, values: Mapping[str, object]
    ) -> web.Response:
        voice = self._prompts.voice(where.language or LANGUAGES[0])
        wording = voice(prompt, **values)
        if _wants_json(request):
            told = {"ok": False, "message": markup.plain(wording.body)}
            return web.json_response(told, status=status, headers=loopback.HEADERS)
        said = blocks(wording.body)
        return self._html("refused.html.j2", voice, status=status, title=wording.title, blocks=said, where=where)

    def _html(self, template: str, voice: Voice, *, status: int = 200, **values: object) -> web.Response:
        page = self._templates.get_template(template).render(
            **values, voice=voice, t=voice("room/page").label, nonce=lambda: uuid.uuid4().hex
        )
        return web.Response(text=page, status=status, content_type="text/html", headers=loopback.HEADERS)

    async def _say(self, me: str, form: Mapping[str, str]) -> None:
        # A textarea sends its line breaks as CR LF, whatever the machine.
        text = form.get("text", "").replace("\r\n", "\n")
        await self._room.say(me, form.get("to", ""), text, form.get("under") or None, _event(form))

    async def _tap(self, me: str, form: Mapping[str, str]) -> None:
        action = form.get("action", "")
        # Two buttons of one page are two gestures; the same one sent twice is one.
        await self._room.tap(me, form.get("message", ""), action, _event(form, action))

    async def _submit(self, me: str, form: Mapping[str, str]) -> None:
        answers = {name.removeprefix("value."): value for name, value in form.items() if name.startswith("value.")}
        await self._room.submit(me, form.get("trigger", ""), answers, _event(form))

    async def _dismiss(self, me: str, form: Mapping[str, str]) -> None:
        await self._room.dismiss_form(me, form.get("trigger", ""))

    async def _join(self, me: str, form: Mapping[str, str]) -> None:
        await self._room.join(me, form.get("to", ""), _event(form))

    async def _leave(self, me: str, form: Mapping[str, str]) -> None:
        await self._room.leave(me, form.get("to", ""), _event(form))

    async def _advance(self, _: str, form: Mapping[str, str]) -> None:
        step = form.get("by", "")
        to = await self._machine.next_due() if step == "due" else None
        if step in _STEPS:
            to = self._machine.now() + _STEPS[step]
        if to is not None:
            await self._machine.advance(to)

    async def _companions(self, _: str, form: Mapping[str, str]) -> None:
        self._room.play_along(on=form.get("on") == "yes")


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        loopback.check(request)
        return await handler(request)

    return guarded


async def _static(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(_FOLDER / "static" / request.match_info["name"], headers=loopback.HEADERS)


def _wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _event(form: Mapping[str, str], what: str = "") -> str | None:
    nonce = form.get("event", "")
    return f"page:{nonce}:{what}" if nonce else None
