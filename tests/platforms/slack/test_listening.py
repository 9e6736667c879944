"""Who takes part and who does not, and what becomes of a community whose channel or workspace changes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage import communities, people
from storage.communities import Community
from storage.people import Person
from tests.fakes.slack import faults
from tests.fakes.slack.world import BOT, User
from tests.platforms.slack.conftest import Logs
from tests.platforms.slack.living import CHANNEL, House, furnished, living, set_up, words


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with living(tmp_path) as house:
        furnished(house.slack)
        await set_up(house)
        yield house


async def community(house: House) -> Community:
    async with house.kring.store.begin() as work:
        found = await communities.at(work, "slack", "T1", CHANNEL, None)
        assert found
        return found[0]


async def person(house: House, user_id: str) -> Person | None:
    async with house.kring.store.begin() as work:
        return await people.find(work, platform="slack", workspace="T1", user_id=user_id)


async def members(house: House) -> set[str]:
    async with house.kring.store.begin() as work:
        return {one.user_id for _, one in await people.present(work, 1)}


async def test_who_is_there_when_kring_is_invited_is_a_member_with_name_and_zone(house: House) -> None:
    lotte = await person(house, "lotte")

    assert await members(house) == {"sanne", "karim", "lotte", "daan", "amina", "bram", "joris"}
    assert lotte
    assert (lotte.name, lotte.language, lotte.timezone) == ("Lotte Visser", "nl", "Europe/Amsterdam")
    assert (await community(house)).name == "Leerkring Eigentijds toetsen"


@pytest.mark.parametrize(
    ("who", "taken"),
    [
        (User("guest", "Gast", guest=True), True),
        (User("other", "Vreemd", stranger=True), False),
        (User("robot", "Robot", is_bot=True), False),
    ],
    ids=["guest", "stranger", "bot"],
)
async def test_guests_take_part_and_strangers_and_bots_do_not(house: House, who: User, *, taken: bool) -> None:
    place = house.place()
    place.add_user(who)

    await house.done(house.hand.join(place, who.id, CHANNEL))

    assert (who.id in await members(house)) is taken
    assert (await person(house, who.id) is not None) is taken
    assert bool(place.seen(who.id)) is taken


async def test_in_a_large_channel_everyone_is_known_after_a_second_delivery(tmp_path: Path, logs: Logs) -> None:
    async with living(tmp_path) as house:
        place = furnished(house.slack)
        crowd = [f"u{number}" for number in range(300)]
        for one in crowd:
            place.add_user(User(one, one.upper(), is_bot=one == "u7"))
        place.channels[CHANNEL].members += crowd

        await house.done(house.hand.join(place, BOT, CHANNEL))

        assert len(await members(house)) == 306
        assert "users.list" in house.slack.asked
        assert house.slack.asked.count("users.info") == 0


async def test_an_invitation_waits_for_who_is_there_but_not_for_ever(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        place = furnished(house.slack)
        house.slack.will(*[faults.refused("internal_error")] * 2, on="conversations.members")

        first = await house.done(house.hand.join(place, BOT, CHANNEL))
        last = await house.done(house.hand.again(house.hand.told[-1], 3))

        assert (first.status, last.status) == (503, 200)
        assert "Hallo, ik ben Kring" in house.newest("lotte")


async def test_a_name_that_does_not_come_in_time_is_learnt_later(house: House) -> None:
    place = house.place()
    place.add_user(User("nieuw", "Nieuwe Naam"))
    place.channels[CHANNEL].members.append("nieuw")
    house.slack.will(faults.refused("internal_error"), on="users.info")

    await house.done(house.hand.command(place, "nieuw", CHANNEL, "help"))
    unnamed = await person(house, "nieuw")
    await house.done(house.hand.command(place, "nieuw", CHANNEL, "help"))
    named = await person(house, "nieuw")

    assert unnamed
    assert named
    assert (unnamed.name, named.name) == ("nieuw", "Nieuwe Naam")


async def test_what_somebody_changed_is_not_undone_by_older_news_that_comes_later(house: House) -> None:
    hand, place = house.hand, house.place()
    await house.done(hand.change(place, "lotte", tz="Europe/London"))
    older = hand.told[-1]
    await house.done(hand.change(place, "lotte", tz="Europe/Lisbon"))

    await house.done(hand.again({**older, "event_id": "EvLate"}))

    lotte = await person(house, "lotte")
    assert lotte
    assert lotte.timezone == "Europe/Lisbon"


async def test_talk_in_the_channel_is_not_read_and_a_reply_to_kring_is(house: House) -> None:
    place = house.place()
    before = (await house.kring.measures())["inbox_waiting"]

    await house.hand.say(place, "lotte", "Wie heeft de agenda?", CHANNEL)
    await house.hand.say(place, "lotte", "Ik.", CHANNEL, place.seen("lotte", CHANNEL)[-1].ts)
    talk = (await house.kring.measures())["inbox_waiting"]
    hello = house.find("lotte", "Hallo allemaal", CHANNEL)
    await house.hand.say(place, "lotte", "Dag Kring", CHANNEL, hello.ts)

    assert (before, talk, (await house.kring.measures())["inbox_waiting"]) == (0, 0, 1)


async def test_kring_taken_out_falls_silent_tells_who_leads_once_and_goes_on_when_invited(house: House) -> None:
    place = house.place()

    await house.done(house.hand.leave(place, BOT, CHANNEL))
    await house.done(house.hand.event(place, type="member_left_channel", user=BOT, channel=CHANNEL))
    told = [one for one in place.seen("karim") if "Ik zit niet meer in" in words(one)]
    untold = [one for one in place.seen("lotte") if one.user == BOT]
    silent = (await community(house)).left_at
    await house.done(house.hand.join(place, BOT, CHANNEL))

    assert len(told) == 1
    assert "Ik zit niet meer in" in words(house.find("sanne", "Ik zit niet meer in"))
    assert untold == []
    assert silent is not None
    assert (await community(house)).left_at is None
    assert "Ik ben terug" in house.newest("sanne")


async def test_who_invites_kring_again_does_not_lead_by_that_and_who_left_meanwhile_is_gone(house: House) -> None:
    place = house.place()
    await house.done(house.hand.leave(place, BOT, CHANNEL))
    place.channels[CHANNEL].members.remove("daan")

    await house.done(house.hand.join(place, BOT, CHANNEL))  # lotte brings it back

    async with house.kring.store.begin() as work:
        leading = {one.user_id for _, one in await people.present(work, 1, facilitators=True)}
    assert leading == {"sanne", "karim"}
    assert "daan" not in await members(house)
    assert not [one for one in place.seen("lotte") if one.user == BOT]


async def test_a_circle_that_nobody_leads_any_more_is_led_by_who_brings_kring_back(house: House) -> None:
    place = house.place()
    await house.done(house.hand.leave(place, BOT, CHANNEL))
    for who in ("sanne", "karim"):
        place.channels[CHANNEL].members.remove(who)

    await house.done(house.hand.join(place, BOT, CHANNEL))

    assert "Hallo, ik ben Kring" in house.newest("lotte")


async def test_an_archived_channel_is_silent_until_it_comes_back(house: House) -> None:
    place = house.place()

    await house.done(house.hand.archive(place, CHANNEL))
    silent = (await community(house)).left_at
    place.channels[CHANNEL].is_archived = False
    await house.done(house.hand.event(place, type="channel_unarchive", channel=CHANNEL, user="lotte"))

    assert silent is not None
    assert (await community(house)).left_at is None
    assert "gearchiveerd" in words(house.find("sanne", "gearchiveerd"))
    assert "terug uit het archief" in house.newest("karim")


async def test_a_channel_that_comes_back_without_kring_in_it_stays_silent(house: House) -> None:
    place = house.place()
    await house.done(house.hand.leave(place, BOT, CHANNEL))

    await house.done(house.hand.event(place, type="channel_unarchive", channel=CHANNEL, user="lotte"))

    assert (await community(house)).left_at is not None


async def test_a_renamed_channel_is_called_by_its_new_name_until_it_has_one_of_its_own(tmp_path: Path) -> None:
    async with living(tmp_path) as house:
        place = furnished(house.slack)
        await house.done(house.hand.join(place, BOT, CHANNEL))
        before = (await community(house)).name

        await house.done(house.hand.event(place, type="channel_rename", channel={"id": CHANNEL, "name": "leren"}))

        assert (before, (await community(house)).name) == ("toetsen", "leren")


async def test_a_community_keeps_its_own_name(house: House) -> None:
    await house.done(house.hand.event(house.place(), type="channel_rename", channel={"id": CHANNEL, "name": "leren"}))

    assert (await community(house)).name == "Leerkring Eigentijds toetsen"


async def test_a_changed_profile_is_kept_and_of_who_kring_does_not_know_nothing_is(house: House) -> None:
    place = house.place()

    await house.done(house.hand.change(place, "lotte", tz="Asia/Tokyo", locale="en-US"))
    await house.done(house.hand.change(place, "noor", tz="Asia/Tokyo"))

    lotte = await person(house, "lotte")
    assert lotte
    assert (lotte.timezone, lotte.language) == ("Asia/Tokyo", "en")
    assert await person(house, "noor") is None


async def test_a_change_that_is_none_to_kring_is_not_kept(house: House) -> None:
    await house.done(house.hand.change(house.place(), "lotte", tz="Asia/Tokyo"))

    await house.hand.change(house.place(), "lotte")

    assert (await house.kring.measures())["inbox_waiting"] == 0


async def test_an_account_that_is_switched_off_ends_memberships_and_on_again_restores_them(house: House) -> None:
    place = house.place()

    await house.done(house.hand.change(place, "lotte", deleted=True))
    without = await members(house)
    await house.done(house.hand.change(place, "lotte", deleted=False))

    assert "lotte" not in without
    assert "lotte" in await members(house)


async def test_one_who_had_left_is_not_brought_back_by_an_account_that_is_on_again(house: House) -> None:
    place = house.place()
    await house.done(house.hand.leave(place, "lotte", CHANNEL))
    house.clock.wait(timedelta(minutes=1))

    for deleted in (True, False):
        await house.done(house.hand.change(place, "lotte", deleted=deleted))

    assert "lotte" not in await members(house)


async def test_ones_own_page_shows_what_comes_and_to_who_leads_what_to_do(house: House) -> None:
    place = house.place()

    for who in ("sanne", "lotte"):
        await house.done(house.hand.open_home(place, who))

    assert "Er staat geen vraag gepland." in words(place.homes["lotte"]["blocks"])
    assert "Vraag plannen" not in words(place.homes["lotte"]["blocks"])
    assert "Waarom: een kring leeft van regelmaat" in words(place.homes["sanne"]["blocks"])


async def test_a_button_on_ones_own_page_opens_its_form(house: House) -> None:
    place = house.place()
    await house.done(house.hand.open_home(place, "sanne"))
    button = next(
        element
        for block in place.homes["sanne"]["blocks"]
        for element in block.get("elements", ())
        if element.get("value", "").startswith("checkin.new")
    )
    trigger = house.slack.world.trigger("T1", "sanne")

    await house.done(house.hand.way.interaction({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "sanne", "team_id": "T1"},
        "container": {"type": "view", "view_id": "V1"}, "trigger_id": trigger.id, "actions": [button],
    }))  # fmt: skip

    modal = place.modal("sanne")
    assert modal
    assert modal.view["callback_id"] == "checkin.create"


async def test_a_form_that_is_refused_says_so_at_its_inputs(house: House) -> None:
    place = house.place()
    await house.done(house.hand.command(place, "sanne", CHANNEL, "check-in nieuw"))

    answer = await house.done(house.hand.submit(place, "sanne", {"question": "Wat leerde je?", "when": "ooit eens"}))

    modal = place.modal("sanne")
    assert answer.body["response_action"] == "errors"
    assert modal
    assert list(modal.errors) == ["input.when"]


@pytest.mark.parametrize("private", [False, True])
async def test_a_command_where_kring_is_not_is_answered_in_private(house: House, *, private: bool) -> None:
    place = house.place()
    place.add_channel("C9", "lotte", name="elders", is_private=private)

    await house.done(house.hand.command(place, "lotte", "C9", "help"))

    assert "Leerkring" not in house.newest("lotte", "C9")
    assert house.newest("lotte")


async def test_ones_own_page_says_when_the_next_question_comes(house: House) -> None:
    place = house.place()
    await house.done(house.hand.command(place, "sanne", CHANNEL, "check-in nieuw"))
    await house.done(house.hand.submit(place, "sanne", {"question": "Wat leerde je?", "when": "elke dinsdag 9:00"}))
    preview = house.find("sanne", "", CHANNEL, "Klopt, zet maar aan")
    await house.done(house.hand.tap(place, "sanne", preview, "Klopt, zet maar aan"))

    await house.done(house.hand.open_home(place, "lotte"))

    assert "dinsdag 3 november, 09:00: Wat leerde je?" in words(place.homes["lotte"]["blocks"])
