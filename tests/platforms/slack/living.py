"""All of Kring in a pretend Slack, over the real Bolt and the real SDK: by signed requests, or by a socket."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.platforms.slack.installing import SCOPES
from tests import talk
from tests.conftest import SECRET
from tests.fakes.clock import StandingClock
from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay, SocketWay
from tests.fakes.slack.world import BOT, Message, User, Workspace
from tests.platforms.living import EVERYONE, PEOPLE, AnyHouse, housed

CHANNEL = "C1"


def settings(folder: Path, slack: FakeSlack, **chosen: Any) -> Settings:  # noqa: ANN401 - whatever a setting is
    """Settings for one workspace over HTTP, where nothing else is chosen."""
    usual = {"slack_bot_token": "xoxb-T1", "slack_signing_secret": slack.signing_secret}
    given = {name: value for name, value in (usual | chosen).items() if value is not None}
    return talk.settings(folder, secret_key=SECRET, slack_api_url=slack.api_url, **given)


@dataclass
class House(AnyHouse[Message]):
    """Kring at work in one workspace, and perhaps in more."""

    slack: FakeSlack
    hand: Hand
    team: str = "T1"

    def at(self, team: str) -> "House":
        """The same house, from another workspace."""
        return replace(self, team=team)

    def place(self, team: str = "") -> Workspace:
        """A workspace: this one, where none is named."""
        return self.slack.workspace(team or self.team)

    async def work(self) -> None:
        await self.kring.dispatcher.drain()

    def seen(self, who: str, where: str = "") -> list[Message]:
        seen = [one for one in self.place().seen(who, where or None) if one.user == BOT]
        return sorted(seen, key=lambda one: float(one.ts), reverse=True)

    def words(self, message: Message, who: str) -> str:  # noqa: ARG002 - it is the same to everyone who sees it
        return words(message)


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
    for user, name in EVERYONE.items():
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
        kring, address = await stack.enter_async_context(housed(asked, clock))
        way = SocketWay(slack) if socket else HttpWay(f"{address}/slack/events", slack.signing_secret)
        yield House(kring, clock, address, slack, Hand(slack, way))


async def set_up(house: House, team: str = "T1") -> None:
    """Let sanne invite Kring and make the channel a community, with karim."""
    house = house.at(team)
    place = house.place()
    place.channels[CHANNEL].members.append(BOT)
    await house.done(house.hand.event(
        place, type="member_joined_channel", user=BOT, channel=CHANNEL, channel_type="C", team=team, inviter="sanne"
    ))  # fmt: skip
    await house.done(house.hand.tap(place, "sanne", house.find("sanne", ""), "Kring instellen"))
    filled = {"name": "Leerkring Eigentijds toetsen", "domain": "Beter toetsen.", "partner": "karim"}
    answer: Answered = await house.done(house.hand.submit(place, "sanne", filled))
    assert answer.body == {}, answer


__all__ = ["BOT", "CHANNEL", "PEOPLE", "House", "furnished", "living", "set_up", "settings", "words"]
