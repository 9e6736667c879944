"""The two other sides, for tests of the pretend Teams itself: a bot that calls it, and an app that hears from it."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, web

from tests.fakes.teams import checks, issuer
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import APP_ID, TENANT, Json, Message, channel

PLACE = channel("toetsen")
TEXT: Json = {"type": "message", "text": "hallo"}


def card(*body: Json, **more: object) -> Json:
    """A card with these parts."""
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body), **more}


def message(content: Json) -> Json:
    """An activity with a card."""
    return {"type": "message", "attachments": [{"contentType": checks.ADAPTIVE, "content": content}]}


def words(text: str) -> Json:
    return {"type": "TextBlock", "text": text}


def execute(title: str, **more: object) -> Json:
    return {"type": "Action.Execute", "title": title, "verb": "do", "data": {"kring": {"a": 1}}, **more}


def submit(title: str, **data: object) -> Json:
    return {"type": "Action.Submit", "title": title, "data": {"kring": {"a": 1}, **data}}


QUESTION: Json = {
    "type": "Input.Text", "id": "input.text", "label": "Wat?", "isRequired": True, "errorMessage": "Vul iets in.",
}  # fmt: skip
CHOICE: Json = {
    "type": "Input.ChoiceSet", "id": "day",
    "choices": [{"title": "Maandag", "value": "mo"}, {"title": "Dinsdag", "value": "tu"}],
}  # fmt: skip
BUTTONS = card(
    words("vraag"), CHOICE, {"type": "ActionSet", "actions": [execute("Kies")]},
    actions=[execute("Tik", fallback=submit("Tik")), submit("Open", msteams={"type": "task/fetch"}), submit("Zeg")],
)  # fmt: skip
FORM = card(words("formulier"), QUESTION, actions=[submit("Verstuur")])


class Bot:
    """What the bot does at the connector: with a token, unless it has none."""

    def __init__(self, teams: FakeTeams) -> None:
        self.teams, self.token = teams, ""

    async def call(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
        """Call the connector; the answer is a status and a body."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = f"{self.teams.service_url}v3/conversations{path}"
        async with (
            ClientSession(timeout=ClientTimeout(total=2)) as session,
            session.request(method, address, json=body, params=query, headers=headers) as response,
        ):
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text

    async def post(self, body: object, place: str = PLACE, **query: str) -> tuple[int, Any]:
        return await self.call("POST", f"/{quote(place, safe='')}/activities", body, **query)

    async def login(self, **other: str) -> tuple[int, Any]:
        """Get a token."""
        form = {
            "grant_type": "client_credentials", "client_id": APP_ID, "client_secret": issuer.PASSWORD,
            "scope": issuer.SCOPE, **other,
        }  # fmt: skip
        async with ClientSession() as session:
            address = self.teams.token_url.replace("{tenant}", form.pop("tenant", TENANT))
            async with session.post(address, data=form) as response:
                told = await response.json()
                self.token = told.get("access_token", "")
                return response.status, told

    async def create(self, body: Json) -> tuple[int, Any]:
        return await self.call("POST", "", body)

    async def card(self, content: Json, place: str = PLACE) -> Message:
        """Post a card."""
        status, told = await self.post(message(content), place)
        assert status == 201, told
        return next(one for one in self.teams.world.messages if one.id == told["id"])


class App:
    """What the other side of Teams would be: keeps what it was sent, and answers with `answer`, or not at all."""

    def __init__(self) -> None:
        self.heard: list[Json] = []
        self.tokens: list[str] = []
        self.status = 200
        self.answer: object = None
        self.silent = False

    async def messages(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("Authorization", "").removeprefix("Bearer "))
        self.heard.append(await request.json())
        if self.silent:
            await asyncio.Event().wait()
        if self.answer is None:
            return web.Response(status=self.status)
        return web.json_response(self.answer, status=self.status)
