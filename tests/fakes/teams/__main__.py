"""The pretend Teams as a process of its own: `python -m tests.fakes.teams --port 4102`, until it is interrupted.

Besides the connector it has a door for whoever drives it: `GET /pretend/seen?person=lotte&channel=toetsen` tells what
someone sees, `POST /pretend/say|tap|submit|install` does something as someone, and delivers it to `--events`.
"""

import argparse
import asyncio

from aiohttp import web

from tests.fakes.platform import Door
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.issuer import PASSWORD
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Answered, Way
from tests.fakes.teams.world import APP_ID, TENANT
from tests.fakes.teams.world import channel as id_of


class TeamsDoor(Door):
    """People in a tenant."""

    def __init__(self, teams: FakeTeams, hand: Hand) -> None:
        self.world, self.hand = teams.world, hand

    def seen(self, person: str, channel: str) -> object:
        talk, dialog = self.world.seen(person, id_of(channel) if channel else ""), self.world.dialogs.get(person)
        return {
            "messages": [message.shown(person) for message in talk], "dialog": dialog.card if dialog else None,
            "notices": self.world.notices.get(person, []),
        }  # fmt: skip

    async def done(self, what: str, person: str, told: dict[str, str]) -> Answered:
        match what:
            case "say":
                where = id_of(told["channel"]) if "channel" in told else ""
                return await self.hand.say(person, told["text"], where, told.get("thread", ""))
            case "tap":
                (message,) = (one for one in self.world.messages if one.id == told["message"])
                return await self.hand.tap(person, message, told["label"])
            case "submit":
                return await self.hand.submit(person, told)
            case "install":
                team = self.world.teams[id_of(told["team"])]
                return await self.hand.install(person, team, id_of(told["channel"]) if "channel" in told else "")
            case _:
                raise web.HTTPNotFound


async def serve(port: int, events: str, *, auth: bool) -> None:
    """Serve until the process ends."""
    teams = FakeTeams(auth=auth)
    hand = Hand(teams, Way(events, teams, signed=auth))
    registration = {"TEAMS_APP_ID": APP_ID, "TEAMS_APP_PASSWORD": PASSWORD, "TEAMS_TENANT_ID": TENANT}
    await TeamsDoor(teams, hand).open(teams, port, lambda: {
        **registration, "TEAMS_OPENID_METADATA_URL": teams.metadata_url, "TEAMS_TOKEN_URL": teams.token_url,
        "TEAMS_SERVICE_URL": teams.service_url,
    })  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.teams", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--events", default="http://127.0.0.1:3978/api/messages", help="where activities go")
    parser.add_argument("--no-auth", action="store_true", help="sign nothing, and ask for no token")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.events, auth=not options.no_auth))
