"""Every kind of what Slack sends, given four times, and the process killed with -9 when it was kept and not yet worked.

A real process in a real pretended Slack: at every step of a play it dies right before the answer is committed, is born
again, and is given the same again, and something from before as well. What everybody then has before them is what they
have where nobody dies: nothing lost, nothing twice.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from bot.platforms.slack.app import PATH
from tests.fakes.clock import START
from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay
from tests.fakes.slack.world import BOT, Message
from tests.faults.cluster import cluster
from tests.faults.replica import Spec
from tests.faults.waiting import until
from tests.faults.ward import Death, Ward, ward
from tests.faults.world import write
from tests.platforms.slack.living import CHANNEL, furnished, words

MOMENT = "answer before commit"
TIMES = 4  # Slack gives an event three times more
PATIENCE = 30.0
QUESTION = "Wat probeerde je?"
OPEN = ("inbox_waiting", "deliveries_pending", "deliveries_sending", "deliveries_unknown")


class Insistent:
    """Slack's way in: gives everything four times, and in between something from before, whoever dies of it."""

    def __init__(self, door: Path, secret: str) -> None:
        self._door, self._way = door, HttpWay("", secret)
        self._before: list[tuple[str, dict[str, Any]]] = []
        self._dice = random.Random(3)  # noqa: S311 - an order, not a secret

    async def event(self, payload: dict[str, Any], retry: int = 0) -> Answered:
        """Give an event."""
        return await self._given("event", payload, retry)

    async def command(self, payload: dict[str, Any]) -> Answered:
        """Give a command."""
        return await self._given("command", payload)

    async def interaction(self, payload: dict[str, Any]) -> Answered:
        """Give a tap or a form."""
        return await self._given("interaction", payload)

    async def _given(self, kind: str, payload: dict[str, Any], first: int = 0) -> Answered:
        answers = [await self._taken(kind, payload, first + retry) for retry in range(TIMES)]
        if self._before:
            await self._taken(*self._dice.choice(self._before), TIMES - 1)
        self._before.append((kind, payload))
        return answers[0]

    async def _taken(self, kind: str, payload: dict[str, Any], retry: int) -> Answered:
        """Give it until somebody who lives takes it."""
        found: list[Answered] = []

        async def taken() -> bool:
            try:
                self._way.address = self._door.read_text() + PATH
                if kind == "event":
                    found.append(await self._way.event(payload, retry))
                else:
                    found.append(await getattr(self._way, kind)(payload))
            except (OSError, ClientError, TimeoutError):
                return False
            return found[-1].status == 200

        async with asyncio.timeout(PATIENCE):
            await until(taken)
        return found[-1]


class Play:
    """People in a workspace, and a Kring that may die."""

    def __init__(self, slack: FakeSlack, ward: Ward, door: Path) -> None:
        self.place, self.ward = furnished(slack), ward
        self.hand = Hand(slack, Insistent(door, slack.signing_secret))
        self.kills: dict[str, int] = {}
        self._door = door

    async def does(self, name: str, gesture: Awaitable[Answered]) -> None:
        """Do something, and wait for all that comes of it."""
        before = len(self.ward.kills)
        answer = await gesture
        assert answer.body == {}, (name, answer)
        async with asyncio.timeout(PATIENCE):
            await until(self._rests)
        self.kills[name] = len(self.ward.kills) - before

    async def _rests(self) -> bool:
        try:
            async with ClientSession() as client, client.get(f"{self._door.read_text()}/metrics") as answer:
                told = await answer.text()
        except (OSError, ClientError):
            return False
        return all(f'kring_state{{of="{name}"}} 0.0' in told for name in OPEN)

    def find(self, who: str, text: str, where: str = "") -> Message:
        """The newest message of Kring that someone sees and that says this."""
        seen = [one for one in self.place.seen(who, where or None) if one.user == BOT and text in words(one)]
        return max(seen, key=lambda one: float(one.ts))

    def ending(self) -> dict[str, Any]:
        """All that everybody has before them."""
        return {
            who: {
                "private": [words(one) for one in self.place.seen(who)],
                "channel": [words(one) for one in self.place.seen(who, CHANNEL)],
                "forms": len(self.place.modals.get(who, ())),
                "page": words(self.place.homes.get(who, {})),
            }
            for who in self.place.users
        }


async def play(kring: Play) -> None:
    """Do everything that Slack tells of."""
    hand, place, does = kring.hand, kring.place, kring.does
    await does("invited", hand.join(place, BOT, CHANNEL))
    await does("tapped", hand.tap(place, "lotte", kring.find("lotte", "Kring instellen"), "Kring instellen"))
    filled = {"name": "Toetsen", "domain": "Beter toetsen.", "partner": "karim"}
    await does("submitted", hand.submit(place, "lotte", filled))
    await does("joined", hand.join(place, "noor", CHANNEL))
    await does("said", hand.say(place, "lotte", "energie 4 goed gesprek"))
    await does("commanded", hand.command(place, "lotte", CHANNEL, "check-in nieuw"))
    await does("planned", hand.submit(place, "lotte", {"question": QUESTION, "when": "elke dinsdag 9:00"}))
    agreed = "Klopt, zet maar aan"
    await does("agreed", hand.tap(place, "lotte", kring.find("lotte", agreed, CHANNEL), agreed))
    await does("mentioned", hand.say(place, "lotte", "@Kring check-in nu", CHANNEL))
    asked = kring.find("daan", QUESTION, CHANNEL)
    await does("replied", hand.say(place, "daan", "Peerfeedback.", CHANNEL, asked.ts))
    await does("opened", hand.open_home(place, "daan"))
    await does("changed", hand.change(place, "daan", tz="Europe/Brussels"))
    renamed = {"id": CHANNEL, "name": "anders", "created": 1}
    await does("renamed", hand.event(place, type="channel_rename", channel=renamed))
    await does("left", hand.leave(place, "joris", CHANNEL))
    await does("archived", hand.archive(place, CHANNEL))
    place.channels[CHANNEL].is_archived = False
    await does("restored", hand.event(place, type="channel_unarchive", channel=CHANNEL, user="lotte"))
    await does("removed", hand.leave(place, BOT, CHANNEL))
    await does("invited again", hand.join(place, BOT, CHANNEL))
    await does("uninstalled", hand.event(place, type="app_uninstalled"))


@asynccontextmanager
async def staged(folder: Path, url: str, deaths: list[Death]) -> AsyncIterator[Play]:
    """Open a play in which these deaths are died, one after the other."""
    write(folder / "1.clock", START.isoformat())
    async with FakeSlack.started() as slack:

        def make(number: int, death: Death | None) -> Spec:
            where = {"folder": str(folder), "url": url, "platform": slack.api_url, "slack": slack.signing_secret}
            return Spec(number=number, can_find=True, pace=0.0, die=death, **where)

        async with ward(make) as found:
            found.deaths = deaths
            found.bear(1)
            play = Play(slack, found, folder / "door")
            yield play
            await found.stop()


async def played(folder: Path, url: str, deaths: list[Death]) -> tuple[Play, dict[str, Any]]:
    async with staged(folder, url, deaths) as kring:
        await play(kring)
        return kring, kring.ending()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / str(len(list(tmp_path.iterdir())))}.db"
        return
    with cluster() as found:
        yield found.create


async def test_killed_between_the_ack_and_the_work_every_kind_has_its_one_effect(
    stores: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, undisturbed = await played(tmp_path_factory.mktemp("undisturbed"), stores(), [])

    killed, ending = await played(tmp_path_factory.mktemp("killed"), stores(), [(MOMENT, 1), *[(MOMENT, 2)] * 60])

    assert "1 antwoord: Daan Smits" in str(ending["karim"]["channel"])
    assert "Genoteerd in je eigen logboek: 4" in str(ending["lotte"]["private"])
    assert ending == undisturbed
    assert {name for name, kills in killed.kills.items() if not kills} == set()
