"""What nobody asked for: it goes or is held back, for thousands at once, and when two write at the same moment."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.chat.actions import Action
from bot.chat.messages import Answer, Channel, Person, Post, Release, Update
from bot.chat.prompts import Prompts
from bot.context import Origin
from bot.delivery.outbox import Outbox
from bot.domain.message_budget import Importance
from storage.db import Store, UnitOfWork
from tests.contracts.messenger import card
from tests.delivery.test_outbox import Ears
from tests.fakes.clock import StandingClock
from tests.storage.rows import NOW, failing, look, look_one, run, some_members

WEEK = timedelta(weeks=1)
VOICE = Prompts().voice("nl")


@dataclass
class Desk:
    """An outbox of a community, on a clock of its own."""

    store: Store
    engine: Ears = field(default_factory=Ears)
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOW))

    async def put(self, *answers: Answer) -> None:
        async with self.store.begin() as work:
            await self.put_in(work, answers)

    async def put_in(self, work: UnitOfWork, answers: Sequence[Answer]) -> None:
        await Outbox(self.engine, self.clock).put(work, Origin("clock", "fake", "w", None, 1), answers, VOICE)

    async def states(self) -> list[tuple[str, str]]:
        return [tuple(row) for row in await look(self.store, "select dedupe_key, state from delivery order by id")]


def nudge(key: str, user: str = "u0", importance: Importance = Importance.PULSE) -> Post:
    return Post(Person(user), card(key), key, lasts=WEEK, nudge=importance)


def to_all(what: str, count: int) -> list[Post]:
    return [nudge(f"{what}:{number}", f"u{number}") for number in range(count)]


@pytest.fixture
async def desk(store: Store) -> Desk:
    await some_members(store, 3)
    return Desk(store)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Write down what the database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(store.engine.sync_engine, "before_cursor_execute", note)


async def test_two_go_and_the_third_is_held_back_where_the_engine_does_not_hear_of_it(desk: Desk) -> None:
    await desk.put(nudge("a"), nudge("b"), nudge("c"))

    assert await desk.states() == [("a", "pending"), ("b", "pending"), ("c", "held")]
    assert len(desk.engine.offered) == 2
    assert await look(desk.store, "select kind, subject_id from timer") == [("me.release", 1)]


async def test_each_person_has_a_budget_of_their_own(desk: Desk) -> None:
    for what in ("a", "b", "c"):
        await desk.put(*to_all(what, 2))

    held = [key for key, state in await desk.states() if state == "held"]
    assert held == ["c:0", "c:1"]
    assert await look_one(desk.store, "select count(*) from timer") == 1


async def test_a_message_that_is_planned_again_counts_once(desk: Desk) -> None:
    for _ in range(3):
        await desk.put(nudge("a"))

    assert await look(desk.store, "select state from nudge") == [("sent",)]
    assert await look_one(desk.store, "select unanswered from person where user_id = 'u0'") == 1


async def test_a_note_is_counted_in_the_budget_but_never_as_unanswered(desk: Desk) -> None:
    await desk.put(nudge("a", importance=Importance.NOTE), nudge("b", importance=Importance.NOTE), nudge("c"))

    assert [state for _, state in await desk.states()] == ["pending", "pending", "held"]
    assert await look_one(desk.store, "select unanswered from person where user_id = 'u0'") == 0


async def test_what_someone_asked_for_goes_whatever_the_budget(desk: Desk) -> None:
    await desk.put(nudge("a"), nudge("b"))

    await desk.put(Post(Person("u0"), card("c"), "c"), Post(Channel("plaza"), card("d"), "d"))

    assert {state for _, state in await desk.states()} == {"pending"}


async def test_whom_kring_does_not_know_has_no_budget_yet(desk: Desk) -> None:
    await desk.put(*[nudge(key, "stranger") for key in "abc"])

    assert {state for _, state in await desk.states()} == {"pending"}


async def test_nothing_is_held_back_and_nothing_counted_when_the_transaction_fails(desk: Desk) -> None:
    async with failing(desk.store) as work:
        await desk.put_in(work, [nudge("a"), nudge("b"), nudge("c")])

    assert await look_one(desk.store, "select count(*) from nudge") == 0
    assert await look_one(desk.store, "select max(unanswered) from person") == 0


async def test_what_is_let_go_is_sent_and_takes_the_words_that_are_typed_next(desk: Desk) -> None:
    held = nudge("c")
    await desk.put(nudge("a"), nudge("b"), replace(held, replies=Action("tea.said", 7)))
    before = await look_one(desk.store, "select expects from person where user_id = 'u0'")

    await desk.put(Release(("c",)))
    await desk.put(Release(("c", "a", "nothing")))

    assert before is None
    assert await look_one(desk.store, "select expects from person where user_id = 'u0'") == "tea.said|7|"
    assert [state for _, state in await desk.states()] == ["pending"] * 3
    assert len(desk.engine.offered) == 3


async def test_words_are_taken_for_what_goes_at_once(desk: Desk) -> None:
    await desk.put(Post(Person("u1"), card("a"), "a", Action("tea.said", 7)))

    assert await look(desk.store, "select user_id from person where expects = 'tea.said|7|'") == [("u1",)]


async def test_an_update_of_what_is_held_back_drops_both(desk: Desk) -> None:
    await desk.put(nudge("a"), nudge("b"), nudge("c"))

    await desk.put(Update("c", card("settled")), Update("a", card("settled")))

    assert await desk.states() == [("a", "pending"), ("b", "pending"), ("c", "expired"), ("clock:1", "pending")]
    dropped = "select payload, loss from delivery where dedupe_key = 'c'"
    assert await look(desk.store, dropped) == [(None, "private")]  # nobody is told that it did not arrive
    assert await look(desk.store, "select state, look_at from nudge where dedupe_key = 'c'") == [("dropped", None)]


async def test_a_post_that_must_not_be_said_twice_is_marked(desk: Desk) -> None:
    await desk.put(Post(Person("u0"), card("a"), "a", once=True), Post(Person("u0"), card("b"), "b"))

    assert [bool(repeat) for (repeat,) in await look(desk.store, "select repeat from delivery order by id")] == [
        False,
        True,
    ]


async def test_what_was_long_ago_is_forgotten(desk: Desk) -> None:
    await desk.put(nudge("a"), nudge("b"))
    desk.clock.wait(5 * WEEK)

    await desk.put(nudge("c"))

    assert await look(desk.store, "select dedupe_key from nudge") == [("c",)]


async def test_hundreds_cost_as_many_statements_as_ten(store: Store) -> None:
    await some_members(store, 200)
    desk = Desk(store)
    await desk.put(*to_all("warm", 200), *to_all("up", 200))

    costs = []
    for count in (10, 200):
        with statements(store) as asked:
            await desk.put(*to_all(f"held{count}", count))
        costs.append(len(asked))

    assert costs[0] == costs[1] <= 15
    assert await look(store, "select state, count(*) from nudge group by state order by state") == [
        ("held", 210),
        ("sent", 400),
    ]


@pytest.mark.xdist_group("postgres")
async def test_of_many_who_write_to_one_person_at_once_two_go(postgres_store: Store) -> None:
    await some_members(postgres_store, 1)
    desks = [Desk(postgres_store) for _ in range(8)]

    await asyncio.gather(*(desk.put(nudge(f"a:{number}")) for number, desk in enumerate(desks)))

    states = [state for _, state in await desks[0].states()]
    assert sorted(states) == ["held"] * 6 + ["pending"] * 2


async def test_the_clock_rings_for_the_first_that_waits_and_is_never_set_later(desk: Desk) -> None:
    await run(desk.store, "update person set paused_until_on = '2026-11-05' where user_id = 'u1'")
    await run(desk.store, "update person set paused_until_on = '2026-11-04' where user_id = 'u0'")
    await run(desk.store, "update person set paused_until_on = '2026-11-06' where user_id = 'u2'")

    found = []
    for number in (1, 0, 2):
        await desk.put(nudge(f"a:{number}", f"u{number}"))
        found.append(str(await look_one(desk.store, "select due_at from timer"))[:10])

    assert found == ["2026-11-05", "2026-11-04", "2026-11-04"]
