"""The plays of the room, in Teams: the same steps by the same people, in a channel, a group chat and in private."""

from pathlib import Path

import pytest

from tests.fakes.teams.taps import Client, NotSent
from tests.fakes.teams.world import Message
from tests.platforms.teams.living import CHANNEL, PEOPLE, TEAM, House, furnished, living, set_up, words
from tests.play import PLAY, Fill, Join, Say, Step, Tap, Tick
from tests.talk import CHANNEL as IN_CHANNEL


async def do(house: House, step: Step, where: str) -> None:
    """Do a step of the play as Teams has it done: a mention, words in private, a tap, a form; `where` is the community.

    What only one person is told there is in their personal chat, unless it answers a gesture at once.
    """
    hand = house.hand
    match step:
        case Join(who):
            await house.done(hand.join(TEAM if where == CHANNEL else where, who, by="sanne"))
        case Say(who, text, _, str(under)):
            await answer(house, who, text, under, where)
        case Say(who, text, place):
            said = text.removeprefix("/kring").strip()
            await house.done(hand.say(who, *(("@Kring " + said, where) if place == IN_CHANNEL else (said,))))
        case Tap(who, label, on, place):
            there = where if place == IN_CHANNEL and house.has(who, on, where, label) else ""
            await house.done(hand.tap(who, house.find(who, on, there, label), label))
        case Fill(who, values):
            assert (await house.done(hand.submit(who, dict(values)))).status == 200
        case Tick(to):
            await house.tick(to)
    assert not any(hand.wrong(who) for who in house.world.users), step


async def answer(house: House, who: str, text: str, under: str, where: str) -> None:
    """Answer a question: in its thread, by a mention; where there are no threads, with its button."""
    message = house.find(who, under, where)
    if where == CHANNEL:
        await house.done(house.hand.say(who, f"@Kring {text}", where, message.id))
        return
    await house.done(house.hand.tap(who, message, "Antwoord geven"))
    await house.done(house.hand.submit(who, {"text": text}))


async def play(house: House, where: str) -> None:
    """Play all of it, and see how it ends."""
    for step in PLAY:
        await do(house, step, where)

    assert "Daan Smits" in words(house.find("noor", "Samenvatting", where), "noor")
    assert "5 van de 8" in words(house.find("noor", "Gemiddeld 3,6", where), "noor")
    assert "nieuwe kortslag" in words(house.find("amina", "De cirkel is rond"), "amina")


@pytest.mark.parametrize("auth", [True, False], ids=["auth", "open"])
async def test_a_community_lives_its_main_job_in_a_channel(tmp_path: Path, *, auth: bool) -> None:
    async with living(tmp_path, auth=auth) as house:
        furnished(house.teams)
        await set_up(house)

        await play(house, CHANNEL)

    assert house.teams.tokens.fetched == (1 if auth else 0)


async def test_a_community_lives_its_main_job_in_a_group_chat(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        chat = furnished(house.teams).add_chat("leerkring", *PEOPLE)
        await set_up(house, chat)

        await play(house, chat.id)


@pytest.mark.parametrize(
    "client", [Client(execute=False), Client(dialogs=False), Client(execute=False, dialogs=False)], ids=str
)
async def test_a_community_lives_its_main_job_with_old_clients(tmp_path: Path, client: Client) -> None:
    async with living(tmp_path) as house:
        furnished(house.teams)
        house.hand.client = client
        await set_up(house)

        await play(house, CHANNEL)


async def test_an_answer_behind_the_name_in_a_group_chat_is_told_where_it_can_be_given(tmp_path: Path) -> None:
    """There are no threads, so nothing says to which question it would be: Kring does not guess."""
    async with living(tmp_path) as house:
        chat = furnished(house.teams).add_chat("leerkring", *PEOPLE)
        await set_up(house, chat)
        question = await open_question(house, chat.id)

        await house.done(house.hand.say("lotte", "@Kring Peerfeedback in tweetallen.", chat.id))

        assert "de knop onder die vraag" in house.said("lotte")[0]
        await house.done(house.hand.tap("lotte", question, "Antwoord geven"))
        await house.done(house.hand.submit("lotte", {"text": "Peerfeedback in tweetallen."}))
        assert house.has("daan", "Lotte Visser schrijft", chat.id)


async def open_question(house: House, where: str) -> Message:
    """Have a question asked, now."""
    await house.done(house.hand.say("sanne", "check-in nieuw"))
    await house.done(house.hand.submit("sanne", {"question": "Wat probeerde je?", "when": "elke dinsdag 9:00"}))
    await house.done(house.hand.tap("sanne", house.find("sanne", "Klopt dit"), "Klopt, zet maar aan"))
    await house.done(house.hand.say("sanne", "@Kring check-in nu", where))
    return house.find("lotte", "Wat probeerde je?", where)


async def test_a_group_chat_without_a_name_is_given_one(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        chat = furnished(house.teams).add_chat("leerkring", *PEOPLE)
        await house.done(house.hand.add_to_chat("sanne", chat))

        assert "Je hebt me uitgenodigd in jullie groep" in house.newest("sanne")

        await house.done(house.hand.tap("sanne", house.find("sanne", ""), "Kring instellen"))
        with pytest.raises(NotSent):
            await house.hand.submit("sanne", {"domain": "Beter toetsen."})


async def test_a_team_with_the_longest_name_is_set_up(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        team = furnished(house.teams).teams[TEAM]
        team.name = "Wij toetsen " * 20
        await house.done(house.hand.install("sanne", team))

        await house.done(house.hand.tap("sanne", house.find("sanne", "Wij toetsen"), "Kring instellen"))

        assert house.world.dialogs["sanne"].title
