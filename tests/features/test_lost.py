"""What could not be delivered reaches the facilitators once, in words, with what can be done."""

from datetime import timedelta
from typing import Any

import pytest

from bot.chat.messages import Channel, Person
from bot.errors import Misconfigured, Refusal
from bot.platforms.room.messenger import RoomMessenger
from tests.talk import CHANNEL, DIRECT, Talk

WEEK = timedelta(weeks=1)


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> dict[type, Refusal]:
    """Have the room refuse what goes to a kind of place, as the test says."""
    refused: dict[type, Refusal] = {}
    post = RoomMessenger.post

    async def maybe(self: RoomMessenger, to: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the real one
        if type(to) in refused:
            raise Misconfigured("refused by the test", refused[type(to)])
        return await post(self, to, *args, **named)

    monkeypatch.setattr(RoomMessenger, "post", maybe)
    return refused


async def weekly(talk: Talk) -> None:
    await talk.say("sanne", "nieuwe check-in", DIRECT)
    await talk.tap("sanne", "Formulier openen")
    await talk.fill("sanne", question="Wat lukte deze week?", when="elke dinsdag 9:00")
    await talk.tap("sanne", "Klopt, zet maar aan")


def notices(talk: Talk, who: str) -> list[str]:
    return [seen.text for seen in talk.see(who, DIRECT) if "Niet alles is aangekomen" in seen.text]


async def test_a_channel_that_is_gone_is_told_to_every_facilitator_once(
    talk: Talk, refuse: dict[type, Refusal]
) -> None:
    await weekly(talk)
    refuse[Channel] = Refusal.GONE

    await talk.tick(WEEK)

    told = notices(talk, "sanne")
    assert len(told) == 1
    assert "1 bericht aan de hele kring" in told[0]
    assert "begin met mij een kring op een andere plek" in told[0]
    assert notices(talk, "lotte") == []


async def test_what_is_lost_later_is_told_again_and_what_was_told_is_not(
    talk: Talk, refuse: dict[type, Refusal]
) -> None:
    await weekly(talk)
    refuse[Channel] = Refusal.OUTSIDE

    await talk.tick(2 * WEEK)

    assert ["1 bericht aan de hele kring" in text for text in notices(talk, "sanne")] == [True, True]


async def test_whose_personal_message_was_lost_is_not_told(talk: Talk, refuse: dict[type, Refusal]) -> None:
    refuse[Person] = Refusal.PERSON
    await talk.join("noor")
    refuse.clear()

    await talk.tick(timedelta(hours=1))

    (told,) = notices(talk, "sanne")
    assert "persoonlijke berichten" in told
    assert "Noor" not in told


async def test_a_notice_that_is_lost_itself_makes_no_other_notice(talk: Talk, refuse: dict[type, Refusal]) -> None:
    await weekly(talk)
    refuse[Channel], refuse[Person] = Refusal.GONE, Refusal.PERSON
    await talk.tick(WEEK)
    refuse.clear()

    await talk.tick(timedelta(days=1))

    assert notices(talk, "sanne") == []


async def test_what_a_locked_out_kring_could_not_send_goes_when_it_may_again(
    talk: Talk, refuse: dict[type, Refusal]
) -> None:
    await weekly(talk)
    refuse[Channel] = Refusal.ACCESS
    await talk.tick("2026-11-03 09:30 Europe/Amsterdam")
    refuse.clear()

    async with talk.kring.store.begin() as work:
        await work.connection.exec_driver_sql("update lane set free_at = 1, next_at = 1")
    await talk.kring.respond()

    assert [seen.text for seen in talk.see("lotte", CHANNEL) if "Wat lukte deze week?" in seen.text] != []
    assert notices(talk, "sanne") == []
