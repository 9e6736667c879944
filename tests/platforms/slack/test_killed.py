"""Every kind of what Slack sends, given four times, and the process killed with -9 when it was kept and not yet worked.

A real process in a real pretended Slack: at every step of a play it dies right before the answer is committed, is born
again, and is given the same again, and something from before as well. What everybody then has before them is what they
have where nobody dies: nothing lost, nothing twice.
"""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.slack.app import PATH
from tests.fakes.slack.hand import Hand
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.ways import Answered, HttpWay
from tests.fakes.slack.world import BOT, Message
from tests.faults.stage import Stage, staged
from tests.platforms.slack.living import CHANNEL, furnished, words

QUESTION = "Wat probeerde je?"


class Insistent:
    """Slack's way in, that gives everything again and again."""

    def __init__(self, stage: Stage, secret: str) -> None:
        self._stage, self._way = stage, HttpWay("", secret)

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
        async def give(address: str, retry: int) -> Answered:
            self._way.address = address + PATH
            if kind == "event":
                return await self._way.event(payload, retry)
            answer: Answered = await getattr(self._way, kind)(payload)
            return answer

        return await self._stage.insist(give, first)


class Play:
    """People in a workspace, and a Kring that may die."""

    def __init__(self, slack: FakeSlack, stage: Stage) -> None:
        self.place, self.stage = furnished(slack), stage
        self.hand = Hand(slack, Insistent(stage, slack.signing_secret))

    async def does(self, name: str, gesture: Coroutine[Any, Any, Answered]) -> None:
        """Do something, and wait for all that comes of it."""
        answer = await self.stage.does(name, gesture)
        assert answer.body == {}, (name, answer)

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


async def played(folder: Path, url: str, *, deadly: bool) -> tuple[Play, dict[str, Any]]:
    """Play it all, and see what everybody has before them."""
    async with (
        FakeSlack.started() as slack,
        staged(folder, url, "slack", slack.api_url, secret=slack.signing_secret, deadly=deadly) as stage,
    ):
        kring = Play(slack, stage)
        await play(kring)
        return kring, kring.ending()


async def test_killed_between_the_ack_and_the_work_every_kind_has_its_one_effect(
    stores: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, undisturbed = await played(tmp_path_factory.mktemp("undisturbed"), stores(), deadly=False)

    killed, ending = await played(tmp_path_factory.mktemp("killed"), stores(), deadly=True)

    assert "1 antwoord: Daan Smits" in str(ending["karim"]["channel"])
    assert "Genoteerd in je eigen logboek: 4" in str(ending["lotte"]["private"])
    assert ending == undisturbed
    assert {name for name, kills in killed.stage.kills.items() if not kills} == set()
