"""How Teams reaches an app: activities over HTTP, signed by the connector, or not at all where auth is off."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import Json


@dataclass(frozen=True)
class Answered:
    """What an app answered; `body` is None where it said nothing."""

    status: int
    body: Any = None
    text: str = ""


UNTOLD = Answered(0)
"""What comes of a gesture of which Teams tells an app nothing: talk without a mention, for instance."""


class Way:
    """Over HTTP; `signed` is false for an app whose auth is off."""

    def __init__(self, address: str, teams: FakeTeams, *, signed: bool = True, seconds: float = 10.0) -> None:
        self.address, self.teams, self.signed, self.seconds = address, teams, signed, seconds

    async def tell(self, activity: Json, **claims: object) -> Answered:
        """Deliver an activity; `claims` are those of `Issuer.token`, where they are to be other than usual."""
        headers = self.headers(str(activity.get("serviceUrl")), **claims) if self.signed else {}
        return await self.send(json.dumps(activity).encode(), headers)

    def headers(self, service_url: str = "", **claims: Any) -> dict[str, str]:  # noqa: ANN401 - whatever a claim is
        """The header that says that a request comes from Teams."""
        token = self.teams.issuer.token(service_url or self.teams.service_url, **claims)
        return {"Authorization": f"Bearer {token}"}

    async def send(self, body: bytes, headers: dict[str, str] | None = None) -> Answered:
        """Send a body of any kind, with these headers and no others."""
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        async with (
            ClientSession(timeout=ClientTimeout(total=self.seconds)) as session,
            session.post(self.address, data=body, headers=sent) as response,
        ):
            text = await response.text()
            told = json.loads(text) if text and response.content_type == "application/json" else None
            return Answered(response.status, told, text)
