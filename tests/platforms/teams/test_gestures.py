"""What people do in Teams beside the plays, through all of Kring: in private, on shared cards, and on bad days."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.teams.world import ELSEWHERE, User, channel
from tests.platforms.teams.living import CHANNEL, TEAM, House, furnished, living, set_up, words

TUESDAY = "2026-11-03 09:00 Europe/Amsterdam"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path) as house:
        furnished(house.teams)
        yield house


async def asked(house: House, **more: str) -> None:
    """Set a community up, plan a check-in, and have it asked."""
    await set_up(house)
    await house.done(house.hand.say("sanne", "@Kring check-in nieuw", CHANNEL))
    given = {"question": "Hoe vol zit je week?", "when": "elke dinsdag 9:00", **more}
    await house.done(house.hand.submit("sanne", given))
    await house.done(house.hand.tap("sanne", house.find("sanne", "Klopt dit"), "Klopt, zet maar aan"))
    await house.tick(TUESDAY)


async def test_who_has_kring_hears_nothing_of_it_until_they_write_and_then_in_their_own_language(house: House) -> None:
    house.world.users["bram"].locale = "en-GB"

    for who in ("lotte", "bram"):
        await house.done(house.hand.install_personal(who))
    unasked = house.said("lotte") + house.said("bram")
    for who in ("lotte", "bram"):
        await house.done(house.hand.say(who, "help"))

    assert unasked == []
    assert "Wat je kunt doen" in house.newest("lotte")
    assert "What you can do" in house.newest("bram")


async def test_in_a_personal_chat_no_word_goes_in_front(house: House) -> None:
    await house.done(house.hand.install_personal("lotte"))

    for text in ("energie 4 goed gesprek", "@Kring help", "ik"):
        await house.done(house.hand.say("lotte", text))

    me, helped, noted, *_ = house.said("lotte")
    assert "Genoteerd in je eigen logboek: 4" in noted
    assert "Wat je kunt doen" in helped
    assert "Dit weet ik van je, Lotte Visser" in me


async def test_who_threw_kring_out_is_written_to_again_after_they_let_it_in(house: House) -> None:
    await set_up(house)
    await house.done(house.hand.install_personal("karim"))
    await house.done(house.hand.uninstall_personal("karim"))
    before = len(house.said("karim"))

    await house.done(house.hand.join(TEAM, "noor", by="sanne"))
    missed = len(house.said("karim"))
    await house.done(house.hand.install_personal("karim"))
    house.world.add_user(User("iris", "Iris Mol"))
    await house.done(house.hand.join(TEAM, "iris", by="sanne"))

    assert missed == before
    assert "Iris Mol is nieuw" in house.newest("karim")


async def test_an_answer_that_was_tapped_can_be_changed_on_the_same_card(house: House) -> None:
    await asked(house, options="vol, gaat, leeg")
    question = house.find("lotte", "Hoe vol", CHANNEL)

    await house.done(house.hand.tap("lotte", question, "vol"))
    await house.done(house.hand.tap("lotte", question, "gaat"))

    assert "Dank je, je antwoord telt mee." in house.world.notices["lotte"][-1]
    assert house.has("daan", "gaat: 1 (Lotte Visser)", CHANNEL)
    assert not house.said("lotte")


async def test_who_skips_may_still_answer(house: House) -> None:
    await asked(house)
    question = house.find("amina", "Hoe vol", CHANNEL)

    await house.done(house.hand.tap("amina", question, "Deze keer niet"))
    await house.done(house.hand.tap("amina", question, "Antwoord geven"))
    await house.done(house.hand.submit("amina", {"text": "Vol."}))

    assert house.world.notices["amina"] == ["Prima, deze keer sla je over. Niemand ziet dat."]
    assert house.has("daan", "Amina Yildiz schrijft", CHANNEL)


async def test_what_is_wrong_in_a_form_is_said_at_its_inputs_and_the_words_stay(house: House) -> None:
    await set_up(house)
    await house.done(house.hand.tap("sanne", house.find("sanne", "staat klaar"), "Check-in plannen"))

    await house.done(house.hand.submit("sanne", {"question": "Hoe vol?", "when": "nooit"}))
    refused = house.world.dialogs["sanne"].card
    await house.done(house.hand.submit("sanne", {"when": "elke dinsdag 9:00"}))

    assert "Schrijf het als" in str(refused)
    assert house.has("sanne", "Klopt dit?")


async def test_everyone_who_joins_at_once_is_welcomed_and_who_leaves_is_left_alone(house: House) -> None:
    await set_up(house)
    for number in range(7):
        house.world.add_user(User(f"nieuw{number}", f"Nieuw {number}"))
    names = [f"nieuw{number}" for number in range(7)]

    await house.done(house.hand.join(TEAM, *names, by="sanne"))
    await house.done(house.hand.leave(TEAM, "bram"))

    assert ["Welkom bij" in house.newest(name) for name in names] == [True] * 7
    assert not house.said("bram")


async def test_a_channel_of_a_team_is_archived_and_comes_back_with_it(house: House) -> None:
    await asked(house)
    team = house.world.teams[TEAM]

    await house.done(house.hand.archive_team("sanne", team))
    await house.tick("2026-11-10 09:00 Europe/Amsterdam")
    await house.done(house.hand.archive_team("sanne", team, archived=False))
    await house.tick("2026-11-17 09:00 Europe/Amsterdam")

    assert any("is gearchiveerd" in said for said in house.said("sanne"))
    assert sum("Hoe vol" in said for said in house.said("lotte", CHANNEL)) == 2


async def test_in_a_team_that_has_kring_again_the_facilitators_of_its_other_channels_hear_that_it_is_back(
    house: House,
) -> None:
    await asked(house)
    team = house.world.teams[TEAM]

    await house.done(house.hand.uninstall("lotte", team))
    await house.done(house.hand.install("lotte", team))

    assert "Ik ben terug in" in house.newest("sanne")


async def test_kring_goes_on_where_teams_moved_to(house: House) -> None:
    await asked(house)

    house.teams.region = "apac"
    await house.done(house.hand.say("lotte", "@Kring help", CHANNEL))
    await house.tick("2026-11-10 09:00 Europe/Amsterdam")

    assert sum("Hoe vol" in said for said in house.said("daan", CHANNEL)) == 2


async def test_what_did_not_arrive_with_whom_is_told_to_the_facilitator_without_names(house: House) -> None:
    await set_up(house)
    await house.hand.block("lotte")
    await house.done(house.hand.say("sanne", "reflectie"))
    await house.done(house.hand.tap("sanne", house.find("sanne", "Terugkijken"), "Iedereen vragen"))

    await house.tick("2026-11-09 09:00 Europe/Amsterdam")

    told = house.find("sanne", "Niet alles is aangekomen")
    assert "1 persoonlijk bericht" in words(told, "sanne")
    assert "Lotte" not in words(told, "sanne")


@pytest.mark.parametrize("says", [True, False], ids=["told", "looked up"])
async def test_of_people_of_another_organisation_nothing_is_kept(house: House, *, says: bool) -> None:
    team = house.world.add_team("ander", "sanne", name="Andere")
    shared = house.world.add_channel(team, "gedeeld", "sanne", kind="shared")
    await house.done(house.hand.install("sanne", team))
    await house.done(house.hand.let_in("sanne", shared))
    house.world.add_user(User("vreemd", "Vera Vreemd", tenant=ELSEWHERE))
    house.world.tells_tenants = says

    await house.done(house.hand.join(shared.id, "vreemd", by="sanne"))
    await house.done(house.hand.say("vreemd", "@Kring help", shared.id))

    async with house.kring.store.begin() as work:
        rows = (await work.connection.exec_driver_sql("select name from person")).scalars().all()
    assert "Vera Vreemd" not in rows
    assert not house.said("vreemd")


async def test_other_talk_reactions_and_edits_are_left_alone(house: House) -> None:
    await set_up(house)
    post = house.find("lotte", "Hallo allemaal", CHANNEL)
    before = len(house.world.log)

    await house.done(house.hand.say("lotte", "ik vind @Kring leuk", CHANNEL))
    await house.done(house.hand.react("lotte", post))
    await house.done(house.hand.edit("lotte", house.world.messages[-1], "@Kring help"))
    await house.done(house.hand.event(type="event", name="application/vnd.microsoft.readReceipt", value={}))
    await house.done(house.hand.create_channel("lotte", house.world.teams[TEAM], "nieuw"))

    assert len(house.world.log) == before
    assert not house.said("lotte", channel("nieuw"))
