"""The pretend Teams as a process of its own: `python -m tests.fakes.teams --port 4102`, until it is interrupted.

Besides the connector it has a door for whoever drives it: `GET /pretend/seen?person=lotte&channel=toetsen` tells what
someone sees, `POST /pretend/say|tap|submit|install` does something as someone, and delivers it to `--events`.
"""

import argparse
import asyncio

from aiohttp import web

from tests.fakes.teams.hand import Hand
from tests.fakes.teams.issuer import PASSWORD
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Answered, Way
from tests.fakes.teams.world import APP_ID, TENANT, channel


class Door:
    """Lets a driver do and see things over HTTP."""

    def __init__(self, teams: FakeTeams, hand: Hand) -> None:
        self.world, self.hand = teams.world, hand

    def attach(self, app: web.Application) -> None:
        """Add the door's routes."""
        app.router.add_get("/pretend/seen", self.seen)
        app.router.add_post("/pretend/{what}", self.do)

    async def seen(self, request: web.Request) -> web.Response:
        """Tell what someone sees."""
        person, key = request.query["person"], request.query.get("channel")
        talk = self.world.seen(person, channel(key) if key else "")
        dialog = self.world.dialogs.get(person)
        return web.json_response({
            "messages": [message.shown(person) for message in talk], "dialog": dialog.card if dialog else None,
            "notices": self.world.notices.get(person, []),
        })  # fmt: skip

    async def do(self, request: web.Request) -> web.Response:
        """Do something as someone, and tell what the app answered."""
        told = await request.json()
        answer = await self._done(request.match_info["what"], told.pop("person"), told)
        return web.json_response({"status": answer.status, "body": answer.body})

    async def _done(self, what: str, person: str, told: dict[str, str]) -> Answered:
        match what:
            case "say":
                where = channel(told["channel"]) if "channel" in told else ""
                return await self.hand.say(person, told["text"], where, told.get("thread", ""))
            case "tap":
                (message,) = (one for one in self.world.messages if one.id == told["message"])
                return await self.hand.tap(person, message, told["label"])
            case "submit":
                return await self.hand.submit(person, told)
            case "install":
                team = self.world.teams[channel(told["team"])]
                return await self.hand.install(person, team, channel(told["channel"]) if "channel" in told else "")
            case _:
                raise web.HTTPNotFound


async def serve(port: int, events: str, *, auth: bool) -> None:
    """Serve until the process ends."""
    teams = FakeTeams(auth=auth)
    hand = Hand(teams, Way(events, teams, signed=auth))
    async with teams.serving(port, Door(teams, hand).attach):
        print(f"TEAMS_APP_ID={APP_ID}")
        print(f"TEAMS_APP_PASSWORD={PASSWORD}")
        print(f"TEAMS_TENANT_ID={TENANT}")
        print(f"TEAMS_OPENID_METADATA_URL={teams.metadata_url}")
        print(f"TEAMS_TOKEN_URL={teams.token_url}")
        print(f"TEAMS_SERVICE_URL={teams.service_url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.teams", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--events", default="http://127.0.0.1:3978/api/messages", help="where activities go")
    parser.add_argument("--no-auth", action="store_true", help="sign nothing, and ask for no token")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.events, auth=not options.no_auth))
