"""All of Kring in a pretend Slack, over the real Bolt and the real SDK: by signed requests, or by a socket."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from bot.config import Settings
from bot.kring import Kring
from bot.log import Tally
from bot.main import opened_on_platforms
from bot.platforms.room.machine import TimeMachine
from bot.platforms.slack.installing import SCOPES
from bot.platforms.slack.messenger import SlackMessenger
from tests.fakes.clock import StandingClock, moment
from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay, SocketWay
from tests.fakes.slack.world import BOT, Message, User, Workspace

T = TypeVar("T")
PEOPLE = {
    "sanne": "Sanne de Wit", "karim": "Karim Bouzidi", "lotte": "Lotte Visser", "daan": "Daan Smits",
    "amina": "Amina Yildiz", "bram": "Bram Vos", "joris": "Joris Kok",
}  # fmt: skip
SECRET = "thirty-two characters, or a few more"
CHANNEL = "C1"


def settings(folder: Path, slack: FakeSlack, **chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Settings for one workspace over HTTP, where nothing else is chosen."""
    usual = {"slack_bot_token": "xoxb-T1", "slack_signing_secret": slack.signing_secret}
    given = {name: value for name, value in (usual | chosen).items() if value is not None}
    where = f"sqlite:///{folder / 'kring.db'}"
    return Settings(_env_file=None, database_url=where, secret_key=SECRET, slack_api_url=slack.api_url, **given)


@dataclass
class House:
    """Kring at work, and the people around it."""

    slack: FakeSlack
    kring: Kring
    hand: Hand
    clock: StandingClock
    address: str

    def place(self, team: str = "T1") -> Workspace:
        """A workspace."""
        return self.slack.workspace(team)

    async def done(self, gesture: Coroutine[None, None, T]) -> T:
        """Wait for a gesture while Kring works, and then for all that follows from it."""
        task = asyncio.create_task(gesture)
        while not task.done():
            await asyncio.sleep(0.001)
            await self.kring.dispatcher.drain()
        await self.kring.respond()
        return task.result()

    async def tick(self, to: str) -> None:
        """Move time, stopping wherever something is due."""
        await TimeMachine(self.clock, self.kring.next_due, self.kring.settle).advance(moment(to))

    def find(self, who: str, text: str, where: str = "", label: str = "", team: str = "T1") -> Message:
        """The newest message of Kring that someone sees, that says this and has this button."""
        seen = [one for one in self.place(team).seen(who, where or None) if one.user == BOT]
        for message in sorted(seen, key=lambda one: float(one.ts), reverse=True):
            if text in words(message) and (not label or label in words(message)):
                return message
        raise AssertionError(f"{who} sees no {text!r} with {label!r}: {[words(one) for one in seen]}")

    def newest(self, who: str, where: str = "", team: str = "T1") -> str:
        """What the newest message of Kring says."""
        seen = [one for one in self.place(team).seen(who, where or None) if one.user == BOT]
        return words(max(seen, key=lambda one: float(one.ts))) if seen else ""


def words(part: Any) -> str:  # noqa: ANN401 - any part of a message
    """All the words of a message, buttons included, as far as anyone sees them."""
    if isinstance(part, Message):
        return words(part.blocks) if part.blocks else part.text
    if isinstance(part, list):
        return "\n".join(filter(None, map(words, part)))
    if not isinstance(part, dict):
        return ""
    if part.get("type") == "rich_text_section":
        return "".join(str(one.get("text", one.get("url", ""))) for one in part["elements"])
    text = part.get("text")
    own = [text] if isinstance(text, str) else []
    return "\n".join([*own, *filter(None, (words(one) for one in part.values() if isinstance(one, dict | list)))])


def furnished(slack: FakeSlack, team: str = "T1", *, token: str | None = None) -> Workspace:
    """A workspace with colleagues in one channel, and Kring not in it yet; noor comes later."""
    place = slack.workspace(team, token)
    for user, name in (PEOPLE | {"noor": "Noor Jansen"}).items():
        place.add_user(User(user, name))
    place.channels[CHANNEL].members[:] = list(PEOPLE)
    place.scopes = set(SCOPES)  # what the manifest asks for is enough for every play
    return place


@asynccontextmanager
async def living(
    folder: Path, *, socket: bool = False, clock: StandingClock | None = None, slack: FakeSlack | None = None,
    **chosen: Any,  # noqa: ANN401 - whatever a setting is
) -> AsyncIterator[House]:  # fmt: skip
    """Run Kring beside a pretend Slack, on a clock that stands still."""
    clock = clock or StandingClock()
    async with AsyncExitStack() as stack:
        if slack is None:
            slack = await stack.enter_async_context(FakeSlack.started())
        app_token = slack.world.app_token if socket else None
        asked = settings(folder, slack, **({"slack_app_token": app_token} | chosen))
        kring = await stack.enter_async_context(opened_on_platforms(asked, clock=clock))
        unhurried(kring)
        runner = web.AppRunner(kring.web(Tally()), access_log=None, shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = "http://{}:{}".format(*runner.addresses[0])
        parts = [asyncio.ensure_future(part()) for part in kring.platforms[0].parts().values()]
        way = SocketWay(slack) if socket else HttpWay(f"{address}/slack/events", slack.signing_secret)
        yield House(slack, kring, Hand(slack, way), clock, address)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)


def unhurried(kring: Kring) -> None:
    """Take the pace off: a test waits for no second."""
    messenger = kring.platforms[0].messenger
    assert isinstance(messenger, SlackMessenger)
    messenger.pace = messenger.cap = 0.0


async def set_up(house: House, team: str = "T1") -> None:
    """Let sanne invite Kring and make the channel a community, with karim."""
    place = house.place(team)
    place.channels[CHANNEL].members.append(BOT)
    await house.done(house.hand.event(
        place, type="member_joined_channel", user=BOT, channel=CHANNEL, channel_type="C", team=team, inviter="sanne"
    ))  # fmt: skip
    await house.done(house.hand.tap(place, "sanne", house.find("sanne", "", team=team), "Kring instellen"))
    filled = {"name": "Leerkring Eigentijds toetsen", "domain": "Beter toetsen.", "partner": "karim"}
    answer: Answered = await house.done(house.hand.submit(place, "sanne", filled))
    assert answer.body == {}, answer


__all__ = ["BOT", "CHANNEL", "PEOPLE", "House", "furnished", "living", "set_up", "settings", "words"]
