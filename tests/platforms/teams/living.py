"""All of Kring in a pretend Teams, through real botbuilder code: with auth on, signed by an issuer, or off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import Settings
from tests import talk
from tests.conftest import SECRET
from tests.fakes.clock import StandingClock
from tests.fakes.teams import issuer
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Answered, Way
from tests.fakes.teams.world import APP_ID, BOT, TENANT, Conversation, Message, User, World, channel
from tests.platforms.living import EVERYONE, PEOPLE, AnyHouse, housed

CHANNEL, TEAM = channel("toetsen"), channel("toets")


def settings(folder: Path, teams: FakeTeams, **chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Settings for one tenant, where nothing else is chosen."""
    usual = {
        "teams_app_id": APP_ID, "teams_app_password": issuer.PASSWORD, "teams_tenant_id": TENANT,
        "teams_auth": "on" if teams.auth else "off", "teams_openid_metadata_url": teams.metadata_url,
        "teams_token_url": teams.token_url,
    }  # fmt: skip
    return talk.settings(folder, secret_key=SECRET, **(usual | chosen))


@dataclass
class House(AnyHouse[Message]):
    """Kring at work in one tenant."""

    teams: FakeTeams
    hand: Hand

    @property
    def world(self) -> World:
        """Everything that is there."""
        return self.teams.world

    def seen(self, who: str, where: str = "") -> list[Message]:
        seen = [one for one in self.world.seen(who, where) if one.user == BOT]
        return sorted(seen, key=lambda one: one.id, reverse=True)

    def words(self, message: Message, who: str) -> str:
        return words(message, who)


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
    for name, shown in EVERYONE.items():
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
        kring, address = await stack.enter_async_context(housed(asked, clock))
        while kring.platforms[0].trouble():  # noqa: ASYNC110 - until the signing keys are there, which nobody tells
            await asyncio.sleep(0.001)
        way = Way(f"{address}/api/messages", teams, signed=auth)
        yield House(kring, clock, address, teams, Hand(teams, way))


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
