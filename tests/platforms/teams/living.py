"""All of Kring in a pretend Teams, through real botbuilder code: with auth on, signed by an issuer, or off."""

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
from tests.fakes.clock import StandingClock, moment
from tests.fakes.teams import issuer
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Answered, Way
from tests.fakes.teams.world import APP_ID, BOT, TENANT, Conversation, Message, User, World, channel

T = TypeVar("T")
PEOPLE = {
    "sanne": "Sanne de Wit", "karim": "Karim Bouzidi", "lotte": "Lotte Visser", "daan": "Daan Smits",
    "amina": "Amina Yildiz", "bram": "Bram Vos", "joris": "Joris Kok",
}  # fmt: skip
SECRET = "thirty-two characters, or a few more"
CHANNEL, TEAM = channel("toetsen"), channel("toets")


def settings(folder: Path, teams: FakeTeams, **chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Settings for one tenant, where nothing else is chosen."""
    usual = {
        "teams_app_id": APP_ID, "teams_app_password": issuer.PASSWORD, "teams_tenant_id": TENANT,
        "teams_auth": "on" if teams.auth else "off", "teams_openid_metadata_url": teams.metadata_url,
        "teams_token_url": teams.token_url, "database_url": f"sqlite:///{folder / 'kring.db'}",
    }  # fmt: skip
    return Settings(_env_file=None, secret_key=SECRET, **(usual | chosen))


@dataclass
class House:
    """Kring at work, and the people around it."""

    teams: FakeTeams
    kring: Kring
    hand: Hand
    clock: StandingClock
    address: str

    @property
    def world(self) -> World:
        """Everything that is there."""
        return self.teams.world

    async def done(self, gesture: Coroutine[None, None, T]) -> T:
        """Wait for a gesture while Kring works, and then for all that follows from it."""
        task = asyncio.create_task(gesture)
        while not task.done():
            await asyncio.sleep(0.001)
            await self.kring.respond()
        await self.kring.respond()
        return task.result()

    async def tick(self, to: str) -> None:
        """Move time, stopping wherever something is due."""
        await TimeMachine(self.clock, self.kring.next_due, self.kring.settle).advance(moment(to))

    def seen(self, who: str, where: str = "") -> list[Message]:
        """The messages of Kring that someone sees, the newest first; empty is their personal chat."""
        seen = [one for one in self.world.seen(who, where) if one.user == BOT]
        return sorted(seen, key=lambda one: one.id, reverse=True)

    def find(self, who: str, text: str, where: str = "", label: str = "") -> Message:
        """The newest message of Kring that someone sees, that says this and has this button."""
        for message in self.seen(who, where):
            said = words(message, who)
            if text in said and (not label or label in said):
                return message
        raise AssertionError(f"{who} sees no {text!r} with {label!r}: {self.said(who, where)}")

    def has(self, who: str, text: str, where: str = "", label: str = "") -> bool:
        """Whether there is such a message."""
        return any(text in said and label in said for said in self.said(who, where))

    def said(self, who: str, where: str = "") -> list[str]:
        """What the messages of Kring say, the newest first."""
        return [words(one, who) for one in self.seen(who, where)]


def words(message: Message, who: str) -> str:
    """All the words of a message as someone sees it, labels of buttons and inputs included."""
    card = message.card_for(who)
    return "\n".join(_words(card)) if card else message.text


def _words(part: Any) -> list[str]:  # noqa: ANN401 - any part of a card
    if isinstance(part, list):
        return [said for one in part for said in _words(one)]
    if not isinstance(part, dict):
        return []
    if part.get("type") == "RichTextBlock":
        return ["".join(one if isinstance(one, str) else one["text"] for one in part["inlines"])]
    own = [part[name] for name in ("text", "label", "title") if isinstance(part.get(name), str)]
    return own + [said for name, one in part.items() if name not in {"data", "fallback"} for said in _words(one)]


def furnished(teams: FakeTeams) -> World:
    """A tenant with colleagues in one team, and Kring not in it yet; noor comes later."""
    world = teams.world = World()
    for name, shown in (PEOPLE | {"noor": "Noor Jansen"}).items():
        world.add_user(User(name, shown))
    team = world.add_team("toets", *PEOPLE, name="Team Toetsing")
    world.add_channel(team, "toetsen", name="Toetsen")
    return world


@asynccontextmanager
async def living(
    folder: Path, *, auth: bool = True, clock: StandingClock | None = None, teams: FakeTeams | None = None,
    **chosen: Any,  # noqa: ANN401 - whatever a setting is
) -> AsyncIterator[House]:  # fmt: skip
    """Run Kring beside a pretend Teams, on a clock that stands still."""
    clock = clock or StandingClock()
    async with AsyncExitStack() as stack:
        if teams is None:
            teams = await stack.enter_async_context(FakeTeams.started(auth=auth))
        asked = settings(folder, teams, **chosen)
        kring = await stack.enter_async_context(opened_on_platforms(asked, clock=clock))
        unhurried(kring)
        runner = web.AppRunner(kring.web(Tally()), access_log=None, shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = "http://{}:{}".format(*runner.addresses[0])
        parts = [asyncio.ensure_future(part()) for part in kring.platforms[0].parts().values()]
        while kring.platforms[0].trouble():  # noqa: ASYNC110 - until the signing keys are there, which nobody tells
            await asyncio.sleep(0.001)
        way = Way(f"{address}/api/messages", teams, signed=auth)
        yield House(teams, kring, Hand(teams, way), clock, address)
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)


def unhurried(kring: Kring) -> None:
    """Take the pace off: a test waits for no second."""
    messenger = kring.platforms[0].messenger
    messenger.pace = messenger.cap = 0.0


async def set_up(house: House, chat: Conversation | None = None) -> None:
    """Let sanne bring Kring in, in the channel or in a group chat, and make that a community, with karim."""
    if chat is None:
        await house.done(house.hand.install("sanne", house.world.teams[TEAM], CHANNEL))
    else:
        await house.done(house.hand.add_to_chat("sanne", chat))
    await house.done(house.hand.tap("sanne", house.find("sanne", "", label="Kring instellen"), "Kring instellen"))
    filled = {"name": "Leerkring Eigentijds toetsen", "domain": "Beter toetsen.", "partner": "Karim Bouzidi"}
    answer: Answered = await house.done(house.hand.submit("sanne", filled))
    assert answer.status == 200, answer
    assert not house.hand.wrong("sanne")


__all__ = ["CHANNEL", "PEOPLE", "TEAM", "House", "furnished", "living", "set_up", "settings", "words"]
