"""The pretend Slack as a process of its own: `python -m tests.fakes.slack --port 4101`, until it is interrupted.

Besides the Web API it has a door for whoever drives it: `GET /pretend/seen?person=lotte&channel=C1` tells what someone
sees, `POST /pretend/command|say|tap|submit` does something as someone, and delivers it to `--events`.
"""

import argparse
import asyncio

from aiohttp import web

from tests.fakes.platform import Door
from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay, SocketWay


class SlackDoor(Door):
    """People in workspace T1."""

    def __init__(self, slack: FakeSlack, hand: Hand) -> None:
        self.place, self.hand = slack.workspace(), hand

    def seen(self, person: str, channel: str) -> object:
        talk, modal = self.place.seen(person, channel or None), self.place.modal(person)
        return {"messages": [message.shown() for message in talk], "modal": modal.view if modal else None}

    async def done(self, what: str, person: str, told: dict[str, str]) -> Answered:
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
    environment = {
        "SLACK_SIGNING_SECRET": slack.signing_secret, "SLACK_BOT_TOKEN": slack.workspace().token or "",
        "SLACK_APP_TOKEN": slack.world.app_token,
    }  # fmt: skip
    await SlackDoor(slack, hand).open(slack, port, lambda: {"SLACK_API_URL": slack.api_url, **environment})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--events", default="", help="where signed requests go; over the socket where none is given")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.events))
