"""The plays of the room, in Slack: the same steps by the same people, over HTTP and over a socket."""

from pathlib import Path

import pytest

from tests.fakes.slack import faults
from tests.platforms.slack.living import CHANNEL, House, furnished, living, set_up, words
from tests.play import PLAY, Fill, Join, Say, Step, Tap, Tick
from tests.talk import CHANNEL as IN_CHANNEL


async def do(house: House, step: Step) -> None:
    """Do a step of the play as Slack has it done: a command in a channel, a message in private, a tap, a form."""
    place, hand = house.place(), house.hand
    match step:
        case Join(who):
            await house.done(hand.join(place, who, CHANNEL))
        case Say(who, text, where, under):
            channel = CHANNEL if where == IN_CHANNEL else ""
            if text.startswith("/kring"):
                await house.done(hand.command(place, who, channel, text.removeprefix("/kring").strip()))
            else:
                root = house.find(who, under, channel).ts if under else ""
                await house.done(hand.say(place, who, text, channel, root))
        case Tap(who, label, on, where):
            message = house.find(who, on, CHANNEL if where == IN_CHANNEL else "", label)
            await house.done(hand.tap(place, who, message, label))
        case Fill(who, values):
            answer = await house.done(hand.submit(place, who, dict(values)))
            assert answer.body == {}, answer
        case Tick(to):
            await house.tick(to)


@pytest.mark.parametrize(
    ("socket", "org_wide"), [(False, False), (True, False), (False, True)], ids=["http", "socket", "organisation"]
)
async def test_a_community_lives_its_main_job_in_slack(tmp_path: Path, *, socket: bool, org_wide: bool) -> None:
    async with living(tmp_path, socket=socket) as house:
        place = furnished(house.slack)
        if org_wide:  # which let Kring in as a whole, and has a colleague in another of its workspaces
            place.enterprise, place.org_wide, place.users["daan"].team = "E1", True, "T2"
        await set_up(house)

        for step in PLAY:
            await do(house, step)

        assert "Daan Smits" in words(house.find("noor", "Samenvatting", CHANNEL))
        assert "5 van de 8" in words(house.find("noor", "Gemiddeld 3,6", CHANNEL))
        assert "nieuwe kortslag" in words(house.find("amina", "De cirkel is rond"))


async def test_a_form_that_slack_opens_no_more_is_told_and_offered_again(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        place = furnished(house.slack)
        await set_up(house)
        house.slack.will(faults.refused("expired_trigger_id"), on="views.open")

        await house.done(house.hand.command(place, "sanne", CHANNEL, "check-in nieuw"))
        told = house.find("sanne", "Het formulier ging niet open", CHANNEL)
        await house.done(house.hand.tap(place, "sanne", told, "Formulier openen"))

        assert len(place.modals["sanne"]) == 1
        assert told.only_for == "sanne"
