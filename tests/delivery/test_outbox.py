"""From what a handler returns to rows that will be sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.chat import cards
from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card, Form, Plain
from bot.chat.events import Commanded, Event, Place, Tapped, User
from bot.chat.messages import ADDRESS, Answer, Channel, Open, Person, Post, Replace, Reply, Thread, Update, Whisper
from bot.chat.ports import Handle
from bot.chat.prompts import Prompts
from bot.context import Origin
from bot.delivery import doorway, replacing
from bot.delivery.engine import Handlers, Line
from bot.delivery.outbox import Outbox
from bot.delivery.replacing import Replacing
from storage.db import Store, UnitOfWork
from tests.contracts.messenger import FORM, card
from tests.fakes.clock import StandingClock
from tests.storage.rows import NOW, a_community, failing, look

LOTTE = User("lotte", "Lotte Visser")
PLAZA = Place("plaza", "Plaza")
ASKED = Event("e1", "fake", "w", LOTTE, PLAZA, Commanded("help"), trigger="t1")
TAPPED = replace(ASKED, body=Tapped(Action("tea.drink", 1), message="m5"))
DIRECT = Place("dm:lotte", direct=True)
ROW = "select dedupe_key, act, address, lane, target_key, replies, handle_conversation, handle_message from delivery"


@dataclass
class Ears:
    """An engine that hears what it is offered, and sends nothing."""

    offered: list[int] = field(default_factory=list)

    async def enqueue(self, work: UnitOfWork, line: Line, ids: Sequence[int]) -> None:  # noqa: ARG002
        """Hear of new deliveries."""
        self.offered += ids

    async def run(self, handlers: Handlers) -> None:
        """Do nothing."""

    async def drain(self, handlers: Handlers) -> None:
        """Do nothing."""


@dataclass
class Desk:
    """An outbox, and the rows that it made."""

    store: Store
    engine: Ears = field(default_factory=Ears)

    async def put(self, *answers: Answer, event: Event | None = ASKED, key: str = "inbox:1") -> None:
        outbox = Outbox(self.engine, StandingClock(NOW))
        async with self.store.begin() as work:
            await outbox.put(work, Origin(key, "fake", "w", event, 1), answers, Prompts().voice("nl"))

    async def rows(self) -> list[dict[str, Any]]:
        names = [name.strip() for name in ROW.removeprefix("select").removesuffix("from delivery").split(",")]
        return [dict(zip(names, row, strict=True)) for row in await look(self.store, f"{ROW} order by id")]

    async def row(self) -> dict[str, Any]:
        (row,) = await self.rows()
        return row

    async def content(self) -> bytes:
        ((sealed,),) = await look(self.store, "select payload from delivery")
        return self.store.vault.open(sealed)


@pytest.fixture
async def desk(store: Store) -> Desk:
    await a_community(store)
    return Desk(store)


@pytest.fixture
async def sqlite_desk(sqlite_store: Store) -> Desk:
    await a_community(sqlite_store)
    return Desk(sqlite_store)


async def test_a_post_is_a_row_under_its_own_key_that_the_engine_hears_of(desk: Desk) -> None:
    await desk.put(Post(Channel("plaza"), card("vraag"), "tea:1:ask", replies=Action("tea.said", 1)), event=None)

    row = await desk.row()
    assert (row["dedupe_key"], row["act"], row["lane"]) == ("tea:1:ask", "post", "fake:w:plaza")
    assert ADDRESS.validate_json(row["address"]) == Channel("plaza")
    assert row["replies"] == "tea.said|1|"
    assert cards.unpack_card(await desk.content()) == card("vraag")
    assert desk.engine.offered == [1]


async def test_a_key_that_was_posted_already_stays_what_it_was(desk: Desk) -> None:
    await desk.put(Post(Channel("plaza"), card("eerst"), "tea:1:ask"))

    await desk.put(Post(Channel("plaza"), card("later"), "tea:1:ask"), key="inbox:2")

    assert cards.unpack_card(await desk.content()) == card("eerst")
    assert desk.engine.offered == [1]


async def test_the_same_event_worked_twice_answers_once(desk: Desk) -> None:
    for _ in range(2):
        await desk.put(Reply(card("een")), Reply(card("twee")))

    assert [row["dedupe_key"] for row in await desk.rows()] == ["inbox:1:0", "inbox:1:1"]


async def test_nothing_to_answer_makes_no_row(sqlite_desk: Desk) -> None:
    await sqlite_desk.put()

    assert await sqlite_desk.rows() == []


async def test_nothing_is_kept_when_the_handlers_transaction_fails(desk: Desk) -> None:
    outbox = Outbox(desk.engine, StandingClock(NOW))

    async with failing(desk.store) as work:
        await outbox.put(work, Origin("k", "fake", "w", ASKED, 1), [Reply(card("x"))], Prompts().voice("nl"))

    assert await desk.rows() == []


@pytest.mark.parametrize(
    ("place", "to", "lane"),
    [
        (DIRECT, Person("lotte"), "fake:w:person:lotte"),
        (PLAZA, Whisper("plaza", "lotte"), "fake:w:plaza:lotte"),
        (replace(PLAZA, message="m7"), Whisper("plaza", "lotte", "m7"), "fake:w:plaza:lotte"),
    ],
    ids=["directly", "in a channel", "in a thread"],
)
async def test_a_reply_goes_where_it_was_asked_and_only_to_who_asked(
    sqlite_desk: Desk, place: Place, to: Person | Whisper, lane: str
) -> None:
    await sqlite_desk.put(Reply(card("zo")), event=replace(ASKED, place=place))

    row = await sqlite_desk.row()
    assert (ADDRESS.validate_json(row["address"]), row["lane"]) == (to, lane)


async def test_a_card_in_place_of_the_tapped_one_is_an_update_of_it(sqlite_desk: Desk) -> None:
    await sqlite_desk.put(Replace(card("dank")), event=TAPPED)

    row = await sqlite_desk.row()
    assert (row["act"], row["target_key"], row["lane"]) == ("update", None, "fake:w:plaza:lotte")
    assert replacing.unpack(await sqlite_desk.content()) == Replacing(card("dank"), Handle("plaza", "m5"))


async def test_an_address_by_which_anybody_may_write_stands_in_no_dump(sqlite_desk: Desk) -> None:
    address = "https://hooks.slack.com/actions/T1/1/x"

    await sqlite_desk.put(Replace(card("dank")), event=replace(TAPPED, body=Tapped(Action("tea.drink", 1), address)))

    assert address not in str(await look(sqlite_desk.store, "select * from delivery"))


@pytest.mark.parametrize("event", [ASKED, replace(TAPPED, body=Tapped(Action("tea.drink", 1)))], ids=["typed", "lost"])
async def test_a_card_in_place_of_nothing_is_a_reply(sqlite_desk: Desk, event: Event) -> None:
    await sqlite_desk.put(Replace(card("dank")), event=event)

    row = await sqlite_desk.row()
    assert (row["act"], ADDRESS.validate_json(row["address"])) == ("post", Whisper("plaza", "lotte"))


async def test_an_update_waits_for_its_post_in_a_lane_of_its_own(sqlite_desk: Desk) -> None:
    await sqlite_desk.put(Update("tea:1:ask", card("gesloten")), event=None)

    row = await sqlite_desk.row()
    assert (row["act"], row["target_key"], row["lane"]) == ("update", "tea:1:ask", "fake:w:update:tea:1:ask")


async def test_what_goes_in_a_thread_waits_for_its_root(sqlite_desk: Desk) -> None:
    await sqlite_desk.put(Post(Thread("plaza", "tea:1:ask"), card("antwoord"), "tea:1:said"), event=None)

    row = await sqlite_desk.row()
    assert (row["target_key"], row["lane"]) == ("tea:1:ask", "fake:w:plaza")


async def test_a_form_is_opened_where_the_gesture_allows_it(sqlite_desk: Desk) -> None:
    await sqlite_desk.put(Open(FORM, Action("tea.form", 1)))

    row = await sqlite_desk.row()
    assert (row["act"], row["address"]) == ("form", "t1")
    assert row["lane"] == "fake:w:form:inbox:1:0"
    assert doorway.unpack(await sqlite_desk.content()).form == FORM


@pytest.mark.parametrize("intro", ["", "Iedereen leest het."])
async def test_a_form_stands_behind_a_button_where_the_gesture_does_not(sqlite_desk: Desk, intro: str) -> None:
    form = Form(FORM.title, FORM.inputs, FORM.submit, FORM.action, cards.Markup(intro))

    await sqlite_desk.put(Open(form, Action("tea.form", 1)), event=replace(ASKED, trigger=None))

    doorway = cards.unpack_card(await sqlite_desk.content())
    assert doorway.title == Plain("Antwoord")
    assert _buttons(doorway) == [Action("tea.form", 1)]


@pytest.mark.parametrize(("place", "lane"), [(PLAZA, "fake:w:plaza:lotte"), (DIRECT, "fake:w:person:lotte")])
async def test_behind_a_form_waits_the_door_to_it(sqlite_desk: Desk, place: Place, lane: str) -> None:
    await sqlite_desk.put(Open(FORM, Action("tea.form", 1)), event=replace(ASKED, place=place))

    offered = doorway.unpack(await sqlite_desk.content())
    assert _buttons(offered.door) == [Action("tea.form", 1)]
    assert (offered.lane, offered.paced, offered.until) == (lane, place.direct, NOW + timedelta(days=1))


async def test_each_kind_of_answer_has_its_own_time_to_arrive(sqlite_desk: Desk) -> None:
    week = timedelta(weeks=1)

    await sqlite_desk.put(
        Reply(card("a")), Post(Channel("plaza"), card("b"), "k", lasts=week), Open(FORM, Action("tea.form"))
    )

    lasting = [row[0] for row in await look(sqlite_desk.store, "select expires_at from delivery order by id")]
    assert [_moment(until) - NOW for until in lasting] == [timedelta(days=1), week, timedelta(minutes=1)]


async def test_a_reply_to_nobody_is_a_mistake_of_ours(sqlite_desk: Desk) -> None:
    with pytest.raises(ValueError, match="needs an event"):
        await sqlite_desk.put(Reply(card("zo")), event=None)


def _buttons(found: Card) -> list[Action]:
    return [button.action for node in found.nodes if isinstance(node, Buttons) for button in node.buttons]


def _moment(written: str) -> Any:  # noqa: ANN401 - a datetime
    return type(NOW).fromisoformat(written).replace(tzinfo=NOW.tzinfo)
