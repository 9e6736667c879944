"""Every kind of what Teams sends, given four times, and the process killed with -9 when it was kept and not yet worked.

As Slack's test of this name; but a gesture whose process died is an error to the client that made it, which does not
give it again. What its response would have shown is then said in the personal chat: one of the two. On PostgreSQL there
are two processes, which hear of things by turns.
"""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.teams.app import PATH
from tests.fakes.teams import taps
from tests.fakes.teams.hand import Hand
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.ways import Answered, Way
from tests.fakes.teams.world import BOT, Json, Message
from tests.faults.stage import AWAY, Give, Stage, staged
from tests.platforms.teams.living import CHANNEL, TEAM, furnished, words

QUESTION = "Wat probeerde je?"
NOTHING = ("Dat is aangekomen.", "")
WHISPERED = {"amina": "Prima, deze keer sla je over.", "karim": "Dank je, je antwoord telt mee."}


class Insistent(Way):
    """Teams' way in, that gives everything again; `shown` is what responses showed: to whom, on which card, what."""

    def __init__(self, stage: Stage, teams: FakeTeams) -> None:
        super().__init__("", teams)
        self._stage = stage
        self._gestures: list[Give[Answered]] = []
        self.shown: list[tuple[str, str, Json | str]] = []

    async def tell(self, activity: Json, **claims: object) -> Answered:
        """Give an activity."""

        async def give(address: str, _: int = 0) -> Answered:
            self.address = address + PATH
            answered = await Way.tell(self, activity, **claims)
            on = str(activity.get("replyToId"))
            self.shown += [(activity["from"]["id"], on, one) for one in shown(answered.body) if one not in NOTHING]
            return answered

        return await (self._asked(give) if activity["type"] == "invoke" else self._stage.insist(give))

    async def _asked(self, give: Give[Answered]) -> Answered:
        """Ask once, as a client does, and again when nobody waits any more: then nothing is shown to anyone."""
        answered = await self._once(give)
        while answered.status == 503:  # nothing was kept, and the client says so: one tries again
            answered = await self._once(give)
        await self._stage.rest()
        before = len(self.shown)
        for again in [give] * (self._stage.times - 1) + self._gestures[-1:]:
            assert (await self._stage.taken(again, 1)).status == 200
        assert len(self.shown) == before
        self._gestures.append(give)
        return answered

    async def _once(self, give: Give[Answered]) -> Answered:
        try:
            return await give(self._stage.address(), 0)
        except AWAY:
            return Answered(502)


def shown(body: Any) -> list[Json | str]:  # noqa: ANN401 - whatever was answered
    """What a response shows: a card, or words."""
    match body:
        case {"task": {"value": {"card": {"content": card}}}}:
            return [card]
        case {"value": said} | {"task": {"value": said}}:
            return [said]
        case _:
            return []


class Play:
    """People in a team, and a Kring that may die."""

    def __init__(self, teams: FakeTeams, stage: Stage) -> None:
        self.world, self.stage = furnished(teams), stage
        self.way = Insistent(stage, teams)
        self.hand = Hand(teams, self.way)

    async def does(self, name: str, gesture: Coroutine[Any, Any, Answered]) -> None:
        """Do something, and wait for all that comes of it."""
        answer = await self.stage.does(name, gesture)
        assert answer.status == 200 or self.stage.kills[name], (name, answer)

    def find(self, who: str, text: str, where: str = "") -> Message:
        """The newest message of Kring that someone sees and that says this."""
        seen = [one for one in self.world.seen(who, where) if one.user == BOT and text in words(one, who)]
        return max(seen, key=lambda one: one.id)

    def ending(self) -> dict[str, Any]:
        """All that everybody has before them, and what they were told in private, wherever that was."""
        return {
            who: {
                "private": sorted([*self._said(self.world.seen(who)), *self._shown(who)]),
                "channel": self._said(self.world.seen(who, CHANNEL)),
            }
            for who in self.world.users
        }

    def _shown(self, who: str) -> list[str]:
        """What responses showed to someone, but for forms, and for cards that took the place of another for all."""
        lasting = {one.id: self._said([one])[0] for one in self.world.messages}
        told = [(on, shown) for whom, on, shown in self.way.shown if whom == self.world.users[who].id]
        return [said for on, shown in told for said in _written(shown) if said != lasting.get(on)]

    @staticmethod
    def _said(messages: list[Message]) -> list[str]:
        return [_plain(words(one, "")) for one in messages]


def _written(shown: Json | str) -> list[str]:
    if isinstance(shown, str):
        return [_plain(shown)]
    return [] if taps.inputs(shown) else [_plain(words(Message("", "", BOT, card=shown), ""))]


def _plain(said: str) -> str:
    return " ".join(said.replace("\\", "").split())


async def play(kring: Play) -> None:
    """Do everything that Teams tells of."""
    hand, world, does = kring.hand, kring.world, kring.does
    team, place = world.teams[TEAM], world.conversations[CHANNEL]
    await does("installed", hand.install("lotte", team, CHANNEL))
    await does("form fetched", hand.tap("lotte", kring.find("lotte", "Kring instellen"), "Kring instellen"))
    filled = {"name": "Toetsen", "domain": "Beter toetsen.", "partner": "Karim Bouzidi"}
    await does("form in the chat", hand.submit("lotte", filled))
    await does("joined", hand.join(TEAM, "noor", by="lotte"))
    await does("said", hand.say("lotte", "energie 4 goed gesprek"))
    await does("mentioned", hand.say("lotte", "@Kring check-in nieuw", CHANNEL))
    await does("planned", hand.submit("lotte", {"question": QUESTION, "when": "elke dinsdag 9:00"}))
    agreed = "Klopt, zet maar aan"
    await does("agreed", hand.tap("lotte", kring.find("lotte", agreed), agreed))
    await does("asked", hand.say("lotte", "@Kring check-in nu", CHANNEL))
    asked = kring.find("daan", QUESTION, CHANNEL)
    await does("tapped", hand.tap("amina", asked, "Deze keer niet"))
    await does("replied", hand.say("daan", "@Kring Peerfeedback.", CHANNEL, asked.id))
    await hand.tap("karim", asked, "Antwoord geven")
    await does("dialog sent", hand.submit("karim", {"text": "Rubrics."}))
    await does("renamed", hand.rename_channel("lotte", place, "Anders"))
    await does("left", hand.leave(TEAM, "joris"))
    await does("archived", hand.archive_team("lotte", team))
    await does("unarchived", hand.archive_team("lotte", team, archived=False))
    await does("deleted", hand.delete_channel("lotte", place))
    await does("restored", hand.restore_channel("lotte", place))
    await does("removed", hand.uninstall("lotte", team))
    await does("installed again", hand.install("lotte", team, CHANNEL))


async def played(folder: Path, url: str, *, deadly: bool = False, replicas: int = 1) -> tuple[Play, dict[str, Any]]:
    """Play it all, and see what everybody has before them."""
    async with (
        FakeTeams.started() as teams,
        staged(folder, url, "teams", teams.url, deadly=deadly, replicas=replicas) as stage,
    ):
        kring = Play(teams, stage)
        await play(kring)
        return kring, kring.ending()


async def test_killed_between_the_ack_and_the_work_every_kind_has_its_one_effect(
    stores: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, undisturbed = await played(tmp_path_factory.mktemp("undisturbed"), stores())

    url = stores()
    replicas = 2 if url.startswith("postgresql") else 1
    killed, ending = await played(tmp_path_factory.mktemp("killed"), url, deadly=True, replicas=replicas)

    for who, told in WHISPERED.items():
        assert [told in one for one in ending[who]["private"]].count(True) == 1
    assert ending == undisturbed
    assert {name for name, kills in killed.stage.kills.items() if not kills} == set()
