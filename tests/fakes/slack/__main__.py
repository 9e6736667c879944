"""The pretend Slack as a process of its own: `python -m tests.fakes.slack --port 4101`, until it is interrupted.

Besides the Web API it has a door for whoever drives it: `GET /pretend/seen?person=lotte&channel=C1` tells what someone
sees, `POST /pretend/command|say|tap|submit` does something as someone, and delivers it to `--events`.
"""

import argparse
import asyncio

from aiohttp import web

from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay, SocketWay


class Door:
    """Lets a driver do and see things over HTTP, in workspace T1."""

    def __init__(self, slack: FakeSlack, hand: Hand) -> None:
        self.place, self.hand = slack.workspace(), hand

    def attach(self, app: web.Application) -> None:
        """Add the door's routes."""
        app.router.add_get("/pretend/seen", self.seen)
        app.router.add_post("/pretend/{what}", self.do)

    async def seen(self, request: web.Request) -> web.Response:
        """Tell what someone sees."""
        talk = self.place.seen(request.query["person"], request.query.get("channel"))
        modal = self.place.modal(request.query["person"])
        shown = {"messages": [message.shown() for message in talk], "modal": modal.view if modal else None}
        return web.json_response(shown)

    async def do(self, request: web.Request) -> web.Response:
        """Do something as someone, and tell what the app answered."""
        told = await request.json()
        answer = await self._done(request.match_info["what"], told.pop("person"), told)
        return web.json_response({"status": answer.status, "body": answer.body})

    async def _done(self, what: str, person: str, told: dict[str, str]) -> Answered:
        match what:
            case "command":
                return await self.hand.command(self.place, person, told.get("channel", ""), told["text"])
            case "say":
                return await self.hand.say(self.place, person, **told)
            case "tap":
                (message,) = (one for one in self.place.messages if one.ts == told["ts"])
                return await self.hand.tap(self.place, person, message, told["label"])
            case "submit":
                return await self.hand.submit(self.place, person, told)
            case _:
                raise web.HTTPNotFound


async def serve(port: int, events: str) -> None:
    """Serve until the process ends; without an address for events they go over the socket."""
    slack = FakeSlack()
    hand = Hand(slack, HttpWay(events, slack.signing_secret) if events else SocketWay(slack))
    async with slack.serving(port, Door(slack, hand).attach):
        print(f"SLACK_API_URL={slack.api_url}")
        print(f"SLACK_SIGNING_SECRET={slack.signing_secret}")
        print(f"SLACK_BOT_TOKEN={slack.workspace().token}")
        print(f"SLACK_APP_TOKEN={slack.world.app_token}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--events", default="", help="where signed requests go; over the socket where none is given")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.events))
