"""What is held back, when the clock looks at it again: on both databases, for many persons at once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.chat import cards
from bot.chat.messages import Person, Post
from bot.chat.prompts import Prompts
from bot.chat.router import Router
from bot.context import Context, Origin
from bot.delivery.outbox import Outbox
from bot.delivery.planner import Planner
from bot.domain.message_budget import Importance
from bot.features import FEATURES
from bot.features.me import jobs
from storage import nudges, people
from storage.db import Store
from tests.contracts.messenger import card
from tests.delivery.test_outbox import Ears
from tests.fakes.clock import StandingClock
from tests.storage.rows import NOW, look, look_one, run, some_members

WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)


class House:
    """An outbox and a planner on one store and one clock."""

    def __init__(self, store: Store, at: datetime = NOW) -> None:
        self.store, self.clock, self.prompts = store, StandingClock(at), Prompts()
        self.outbox = Outbox(Ears(), self.clock)
        router: Router[Context] = Router(FEATURES)
        self.planner = Planner(store, router, self.prompts, self.clock, self.outbox)

    async def nudge(self, *keys: str, users: Sequence[int] = (0,), importance: Importance = Importance.OTHER) -> None:
        """Write to persons unasked."""
        posts = [
            Post(Person(f"u{user}"), card(key), f"{key}:{user}", lasts=2 * WEEK, nudge=importance)
            for key in keys
            for user in users
        ]
        async with self.store.begin() as work:
            await self.outbox.put(work, Origin("clock", "fake", "w", None, 1), posts, self.prompts.voice("nl"))

    async def beat(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass and the clock ring."""
        self.clock.wait(after)
        await self.planner.beat()

    async def pending(self) -> list[str]:
        """List the keys of what was let go or sent."""
        return [key for (key,) in await look(self.store, "select dedupe_key from delivery where state = 'pending'")]

    async def states(self) -> list[tuple[str, int]]:
        """Count what became of the unasked messages."""
        query = "select state, count(*) from nudge group by state order by state"
        return [tuple(row) for row in await look(self.store, query)]


@pytest.fixture
async def house(store: Store) -> House:
    await some_members(store, 3)
    return House(store)


async def test_one_that_waits_goes_as_it_is(house: House) -> None:
    await house.nudge("a", "b", "c")

    await house.beat(WEEK)

    assert sorted(await house.pending()) == ["a:0", "b:0", "c:0"]
    assert await house.states() == [("sent", 3)]
    assert await look_one(house.store, "select count(*) from timer") == 0


async def test_several_go_as_one_with_the_most_important_first(house: House) -> None:
    await house.nudge("a", "b", "c")
    await house.nudge("d", importance=Importance.OWN)
    await house.nudge("e", importance=Importance.PULSE)

    await house.beat(WEEK)

    (sealed,) = await look(house.store, "select payload from delivery where dedupe_key like 'me:waiting:%'")
    shown = cards.unpack_card(house.store.vault.open(sealed[0]))
    assert shown.title == "Ik bewaarde 3 berichten voor je"
    listed = await look(house.store, "select dedupe_key from nudge where state = 'listed' order by importance, id")
    assert [key for (key,) in listed] == ["d:0", "e:0", "c:0"]
    assert await look_one(house.store, "select unanswered from person where user_id = 'u0'") == 3


async def test_what_was_listed_and_not_opened_is_erased_when_it_is_too_late(house: House) -> None:
    await house.nudge("a", "b", "c", "d")
    await house.beat(WEEK)

    await house.beat(WEEK)

    assert await house.states() == [("dropped", 2), ("sent", 3)]
    left = "select count(*) from delivery where state = 'held' or payload is not null and state = 'expired'"
    assert await look_one(house.store, left) == 0
    assert await look_one(house.store, "select count(*) from delivery where state = 'expired' and loss = 'untold'") == 0


async def test_hundreds_are_looked_at_in_turns_until_all_had_theirs(store: Store) -> None:
    await some_members(store, 2 * jobs.AT_ONCE + 1)
    house = House(store, NOW + 12 * HOUR)  # in the evening
    everyone = range(2 * jobs.AT_ONCE + 1)
    await house.nudge("a", users=everyone)

    await house.beat()
    early = await house.pending()
    await house.beat(12 * HOUR)

    assert early == []
    assert len(await house.pending()) == len(everyone)
    assert await house.states() == [("sent", len(everyone))]


async def test_a_change_of_what_one_chose_is_looked_at_again_when_the_time_comes(house: House) -> None:
    await house.nudge("a", "b", "c")
    await run(house.store, "update person set message_budget = 0 where user_id = 'u0'")

    await house.beat(WEEK)
    waits = await house.states()
    await house.beat(WEEK)

    assert waits == [("held", 1), ("sent", 2)]
    assert await house.states() == [("dropped", 1), ("sent", 2)]


async def test_who_left_the_community_gets_nothing_of_what_waited(house: House) -> None:
    await house.nudge("a", "b", "c")
    await run(house.store, "update member set left_at = joined_at")

    await house.beat(WEEK)

    assert await house.states() == [("dropped", 1), ("sent", 2)]


@pytest.mark.parametrize("asked", [False, True])
async def test_who_left_four_unanswered_is_asked_once_and_then_left_in_peace(house: House, *, asked: bool) -> None:
    await run(house.store, "update person set unanswered = 4")
    await house.nudge("a")
    if asked:
        await house.beat()
        await house.nudge("b")

    await house.beat(timedelta(days=3))

    questions = await look(house.store, "select repeat from delivery where dedupe_key like 'me:peace:%'")
    assert [bool(repeat) for (repeat,) in questions] == [False]
    assert ("held", 2 if asked else 1) in await house.states()


async def test_who_does_something_at_last_gets_what_waited_at_once(house: House) -> None:
    await run(house.store, "update person set unanswered = 4, peace_asked = true")
    await house.nudge("a", users=(0, 1))
    await house.beat(HOUR)
    silent = await house.pending()

    async with house.store.begin() as work:
        person = await people.known(work, platform="fake", workspace="w", user_id="u1")
        await nudges.answered(work, person, house.clock.now())
    await house.beat()

    assert silent == []
    assert await house.pending() == ["a:1"]
    count = "select unanswered, peace_asked from person where user_id = 'u1'"
    assert [(number, bool(asked)) for number, asked in await look(house.store, count)] == [(1, False)]


@pytest.mark.xdist_group("postgres")
async def test_two_clocks_that_ring_at_once_send_everything_once(postgres_store: Store) -> None:
    await some_members(postgres_store, 20)
    houses = [House(postgres_store, NOW + 12 * HOUR) for _ in range(2)]
    await houses[0].nudge("a", "b", users=range(20))

    await asyncio.gather(*(house.beat(12 * HOUR) for house in houses))

    assert len(await houses[0].pending()) == 20
    assert await houses[0].states() == [("listed", 40), ("sent", 20)]
