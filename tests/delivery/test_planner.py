"""What the clock has done: each thing that is due is planned once, and nothing stands in the way of the rest."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.chat.actions import Action
from bot.chat.messages import Answers, Channel, Post
from bot.chat.prompts import Prompts
from bot.chat.router import Router
from bot.context import Context, FeatureRoutes
from bot.delivery.outbox import Outbox
from bot.delivery.planner import RETRY_AFTER, TRIES, Planner
from bot.errors import Conflict
from storage import due, pulses, timers
from storage.db import Store
from tests.contracts.messenger import card
from tests.delivery.test_outbox import Ears
from tests.fakes.clock import StandingClock
from tests.storage.rows import NOW, WEEK, a_rhythm, failing, look, look_one, run, some_members

DAY = timedelta(days=1)
FIRST = "2026-11-03T09:00"


@dataclass
class Tea:
    """A feature that asks for tea by the clock.

    `spills` says which subjects it fails at, `clashes` how often it meets another.
    """

    heard: list[Action] = field(default_factory=list)
    spills: set[int | None] = field(default_factory=set)
    clashes: int = 0
    routes: FeatureRoutes = field(default_factory=FeatureRoutes)

    def __post_init__(self) -> None:
        for kind in ("tea.due", "tea.due.late", "tea.close"):
            self.routes.due(kind)(self.pour)

    async def pour(self, context: Context, action: Action) -> Answers:
        self.heard.append(action)
        if self.clashes:
            self.clashes -= 1
            raise Conflict("cup")
        if action.id in self.spills:
            await pulses.log(context.work, 1, 3, "half done", at=context.now)
            raise LookupError("no cups")
        return [Post(Channel("plaza"), card("thee"), f"{action.name}:{action.id}:{action.arg}")]


@dataclass
class House:
    """A planner over the first community of a store, with tea."""

    store: Store
    tea: Tea = field(default_factory=Tea)
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOW))
    community: int = 1

    def __post_init__(self) -> None:
        self.planner = self.another_planner()

    def another_planner(self) -> Planner:
        """Make a planner as another process would have it."""
        outbox = Outbox(Ears(), self.clock)
        return Planner(self.store, Router([self.tea.routes]), Prompts(), self.clock, outbox)

    async def beat(self, later: timedelta = timedelta()) -> None:
        self.clock.wait(later)
        await self.planner.beat()

    async def set_timer(self, subject: int, later: timedelta = DAY, kind: str = "tea.close") -> None:
        async with self.store.begin() as work:
            at = NOW + later
            await timers.set_timer(work, kind, subject, community_id=self.community, due_at=at)

    async def keys(self) -> list[str]:
        return sorted(row[0] for row in await look(self.store, "select dedupe_key from delivery"))

    async def states(self) -> list[str]:
        return [row[0] for row in await look(self.store, "select state from occurrence order by id")]


@pytest.fixture
async def house(store: Store) -> House:
    await some_members(store, 1)
    return House(store)


async def test_nothing_is_done_before_anything_is_due(house: House) -> None:
    await a_rhythm(house.store, house.community)
    await house.set_timer(7)

    await house.beat()

    assert house.tea.heard == []
    assert await house.keys() == []


async def test_a_due_rhythm_is_planned_once_however_often_the_clock_rings(house: House) -> None:
    rhythm = await a_rhythm(house.store, house.community)

    for later in (DAY + timedelta(hours=1), timedelta(), timedelta(minutes=1)):
        await house.beat(later)

    assert house.tea.heard == [Action("tea.due", rhythm, FIRST)]
    assert await house.keys() == [f"tea.due:{rhythm}:{FIRST}"]
    assert await house.states() == ["planned"]


async def test_each_slot_is_planned_by_itself(house: House) -> None:
    await a_rhythm(house.store, house.community)

    for later in (DAY + timedelta(hours=1), WEEK):
        await house.beat(later)

    assert [action.arg for action in house.tea.heard] == [FIRST, "2026-11-10T09:00"]


async def test_what_comes_too_late_is_said_to_be_missed(house: House) -> None:
    rhythm = await a_rhythm(house.store, house.community)

    await house.beat(DAY + timedelta(hours=6))

    assert house.tea.heard == [Action("tea.due.late", rhythm)]
    assert await house.states() == ["late"]


async def test_an_occurrence_whose_handler_fails_is_put_aside_and_the_others_go_on(house: House) -> None:
    broken, sound = [await a_rhythm(house.store, house.community) for _ in range(2)]
    house.tea.spills = {broken}

    with capture_logs() as logged:
        await house.beat(DAY + timedelta(hours=1))

    assert await house.keys() == [f"tea.due:{sound}:{FIRST}"]
    assert await house.states() == ["late", "planned"]
    assert Action("tea.due.late", broken) in house.tea.heard
    assert "clock.plan.failed" in [entry["event"] for entry in logged]


async def test_what_someone_else_wrote_at_the_same_moment_is_planned_all_the_same(house: House) -> None:
    rhythm = await a_rhythm(house.store, house.community)
    await house.set_timer(7)
    house.tea.clashes = 2

    await house.beat(DAY + timedelta(hours=1))

    assert await house.keys() == ["tea.close:7:", f"tea.due:{rhythm}:{FIRST}"]
    assert await house.states() == ["planned"]


async def test_what_clashes_again_and_again_is_a_fault_and_in_nobodys_way(house: House) -> None:
    rhythm = await a_rhythm(house.store, house.community)
    house.tea.clashes = TRIES

    with capture_logs() as logged:
        await house.beat(DAY + timedelta(hours=1))

    assert await house.states() == ["late"]
    assert await house.keys() == [f"tea.due.late:{rhythm}:"]
    assert "clock.conflict" in [entry["event"] for entry in logged]


async def test_nothing_of_what_a_failing_handler_did_is_kept(house: House) -> None:
    rhythm = await a_rhythm(house.store, house.community)
    house.tea.spills = {rhythm, 7}
    await house.set_timer(7)

    await house.beat(DAY + timedelta(hours=1))

    assert {action.name for action in house.tea.heard} == {"tea.due", "tea.due.late", "tea.close"}
    assert await look_one(house.store, "select count(*) from energy_note") == 0


async def test_who_puts_an_occurrence_aside_leaves_the_others_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = [await a_rhythm(house.store, house.community) for _ in range(2)]
    house.tea.spills = {broken}
    _meanwhile(monkeypatch, "_give_up", house.store, "update occurrence set state = 'planned' where id = 1")

    await house.beat(DAY + timedelta(hours=1))

    assert await house.keys() == [f"tea.due:{sound}:{FIRST}"]
    assert await house.states() == ["planned", "planned"]


async def test_who_postpones_a_timer_leaves_the_others_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.set_timer(7)
    await house.set_timer(8)
    house.tea.spills = {7}
    _meanwhile(monkeypatch, "_postpone", house.store, "delete from timer where subject_id = 7")

    await house.beat(DAY)

    assert await house.keys() == ["tea.close:8:"]


def _meanwhile(monkeypatch: pytest.MonkeyPatch, put_aside: str, store: Store, statement: str) -> None:
    """Let another process do the thing just after it failed here."""
    real = getattr(Planner, put_aside)

    async def after_that(planner: Planner, *given: object) -> bool:
        await run(store, statement)
        return bool(await real(planner, *given))

    monkeypatch.setattr(Planner, put_aside, after_that)


async def test_a_timer_rings_once(house: House) -> None:
    await house.set_timer(7)

    for _ in range(2):
        await house.beat(DAY)

    assert house.tea.heard == [Action("tea.close", 7)]
    assert await house.keys() == ["tea.close:7:"]
    assert await look_one(house.store, "select count(*) from timer") == 0


async def test_a_timer_whose_handler_fails_is_postponed_and_the_others_ring(house: House) -> None:
    house.tea.spills = {7}
    await house.set_timer(7)
    await house.set_timer(8)

    await house.beat(DAY)

    assert await house.keys() == ["tea.close:8:"]
    async with house.store.begin() as work:
        assert await due.next_at(work) == NOW + DAY + RETRY_AFTER


async def test_a_postponed_timer_rings_again_when_it_is_due_again(house: House) -> None:
    house.tea.spills = {7}
    await house.set_timer(7)
    await house.beat(DAY)
    house.tea.spills.clear()

    for later in (RETRY_AFTER - timedelta(seconds=1), timedelta(seconds=1)):
        await house.beat(later)

    assert house.tea.heard == [Action("tea.close", 7)] * 2
    assert await house.keys() == ["tea.close:7:"]


async def test_kinds_that_nobody_knows_are_logged_and_passed(house: House) -> None:
    await a_rhythm(house.store, house.community, kind="coffee.due")
    await house.set_timer(7, kind="coffee.close")
    await house.set_timer(8)

    with capture_logs() as logged:
        await house.beat(DAY + timedelta(hours=1))

    unheard = [entry["kind"] for entry in logged if entry["event"] == "clock.unheard"]
    assert unheard == ["coffee.due", "coffee.close"]
    assert await house.keys() == ["tea.close:8:"]
    assert await house.states() == ["planned"]


async def test_a_community_that_kring_was_taken_out_of_hears_nothing_more(house: House) -> None:
    await a_rhythm(house.store, house.community)
    await house.set_timer(7)
    async with house.store.begin() as work:
        await work.run(sa.text("update community set left_at = created_at"))

    await house.beat(DAY + timedelta(hours=1))

    assert house.tea.heard == []
    assert await house.keys() == []


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_store_that_is_away_is_left_for_the_next_beat(house: House) -> None:
    await house.set_timer(7)
    await run(house.store, "alter table rhythm rename to elsewhere")

    with capture_logs() as logged:
        await house.beat(DAY)
    await run(house.store, "alter table elsewhere rename to rhythm")
    await house.beat()

    assert [entry["event"] for entry in logged] == ["clock.stalled"]
    assert await house.keys() == ["tea.close:7:"]


@pytest.mark.xdist_group("postgres")
async def test_clocks_that_ring_at_once_plan_each_thing_once(postgres_store: Store) -> None:
    await some_members(postgres_store, 1)
    house = House(postgres_store)
    for _ in range(8):
        await a_rhythm(house.store, house.community)
    for subject in range(8):
        await house.set_timer(subject)
    house.clock.wait(DAY + timedelta(hours=1))

    await asyncio.gather(*(house.another_planner().beat() for _ in range(3)))

    assert len(house.tea.heard) == len(await house.keys()) == 16
    assert set(await house.states()) == {"planned"}


async def test_what_is_late_is_judged_when_it_is_planned(house: House) -> None:
    rhythm = await a_rhythm(house.store, house.community)
    async with house.store.begin() as work:
        await due.tick(work, NOW + DAY + timedelta(hours=1))
    ticked = await house.states()

    await house.beat(DAY + timedelta(hours=6))

    assert ticked == ["open"]
    assert house.tea.heard == [Action("tea.due.late", rhythm)]


@pytest.mark.xdist_group("postgres")
async def test_a_planner_that_another_has_locked_out_does_not_wait_for_it(postgres_store: Store) -> None:
    await some_members(postgres_store, 1)
    house = House(postgres_store)
    await a_rhythm(house.store, house.community)
    await house.set_timer(7)
    house.clock.wait(DAY + timedelta(hours=1))

    async with house.store.begin() as other:
        assert await due.tick(other, house.clock.now())
        assert await timers.due_timer(other, house.clock.now())
        async with asyncio.timeout(5):
            await house.planner.beat()
        meanwhile = list(house.tea.heard)
    await house.planner.beat()

    assert meanwhile == []
    assert house.tea.heard == [Action("tea.due", 1, FIRST)]


async def test_what_is_due_at_once_wakes_the_planner_when_it_is_committed(house: House) -> None:
    woken: list[str] = []
    house.planner.woken = lambda: woken.append("now")

    async with failing(house.store) as work:
        await timers.ring_now(work, "tea.close", 6, community_id=house.community, now=NOW)
    async with house.store.begin() as work:
        await timers.ring_now(work, "tea.close", 7, community_id=house.community, now=NOW)
        assert woken == []
    await house.planner.catch_up()
    await house.planner.catch_up()

    assert woken == ["now"]
    assert house.tea.heard == [Action("tea.close", 7)]


async def test_what_is_done_in_slices_is_done_in_one_beat_and_lets_others_in_between(house: House) -> None:
    seen: list[str] = []

    async def slice_(context: Context, action: Action) -> Answers:
        seen.append(action.arg)
        if action.arg != "39":
            again = str(int(action.arg) + 1)
            await timers.ring_now(context.work, "tea.pour", 1, community_id=1, now=context.now, arg=again)
        return []

    house.tea.routes.due("tea.pour")(slice_)
    house.planner = house.another_planner()
    async with house.store.begin() as work:
        await timers.set_timer(work, "tea.pour", 1, community_id=1, due_at=NOW, arg="0")
    await a_rhythm(house.store, house.community)

    await house.beat(DAY + timedelta(hours=1))

    assert seen == [str(number) for number in range(40)]
    assert await house.states() == ["planned"]


async def test_a_change_in_the_rules_of_a_zone_aims_everything_anew(house: House) -> None:
    await a_rhythm(house.store, house.community, state="active", next_local=FIRST, next_at=NOW + 3 * DAY)

    await house.planner.reaim()

    async with house.store.begin() as work:
        assert await due.next_at(work) == NOW + DAY
