"""Deliveries: one row a key, sent in order a conversation, taken by one at a time, and recorded by who holds it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from storage import claims, deliveries, lanes, results
from storage.claims import Claim, Claimed, Pace, Wait
from storage.db import Store
from storage.deliveries import DeliveryState, Place
from storage.results import Result
from tests.storage.rows import NOW, a_delivery, look, look_one, put, run

SECOND = timedelta(seconds=1)


async def due(store: Store, limit: int = 20, *, urgent: bool = False) -> list[int]:
    async with store.begin() as work:
        return await claims.due(work, NOW, limit, urgent=urgent)


async def claim(store: Store, *ids: int, paces: Mapping[str, Pace] | None = None) -> list[Claimed]:
    async with store.begin() as work:
        return list(await claims.claim(work, ids, now=NOW, paces=paces or {}))


async def claimed(store: Store, number: int) -> Claim:
    (found,) = await claim(store, number)
    assert isinstance(found, Claim)
    return found


async def finish(store: Store, *found: Result) -> None:
    async with store.begin() as work:
        await results.finish(work, found)


async def send(store: Store, number: int, message: str = "m1") -> None:
    """Take a delivery and record that it was posted."""
    found = await claimed(store, number)
    await finish(store, Result(found.row, DeliveryState.SENT, place=Place("plaza", message)))


async def let_the_lease_end(store: Store) -> None:
    await run(store, "update delivery set lease_until = 1 where state = 'sending'")


async def test_a_key_that_is_there_already_makes_no_second_row(store: Store) -> None:
    (first,) = await put(store, a_delivery("k", lane="one"))

    again = await put(store, a_delivery("k", lane="two"), a_delivery("l"), a_delivery("l"))

    assert len(again) == 1
    assert await look_one(store, "select lane from delivery where id = :id", id=first) == "one"
    assert await look_one(store, "select count(*) from delivery") == 2


async def test_nothing_to_add_is_no_trouble(store: Store) -> None:
    assert await put(store) == []


async def test_one_conversation_hears_its_messages_in_order(store: Store) -> None:
    first, second, elsewhere = await put(store, a_delivery("a"), a_delivery("b"), a_delivery("c", lane="elsewhere"))
    before = await due(store)

    await send(store, first)

    assert before == [first, elsewhere]
    assert await due(store) == [second, elsewhere]


async def test_a_message_that_is_being_sent_keeps_the_next_one_of_its_conversation_waiting(store: Store) -> None:
    first, _ = await put(store, a_delivery("a"), a_delivery("b"))

    await claimed(store, first)

    assert await due(store) == []


async def test_a_message_that_died_does_not_stand_in_the_way(store: Store) -> None:
    first, second = await put(store, a_delivery("a"), a_delivery("b"))
    found = await claimed(store, first)

    await finish(store, Result(found.row, DeliveryState.DEAD, "refused"))

    assert await due(store) == [second]


async def test_what_may_not_be_sent_yet_is_not_due(store: Store) -> None:
    (number,) = await put(store, a_delivery("a", not_before=NOW + SECOND))

    found = await claim(store, number)

    assert await due(store) == []
    assert found == [Wait(1.0)]
    async with store.begin() as work:
        assert await deliveries.next_due(work) == NOW + SECOND


async def test_no_more_are_due_than_were_asked_for_and_the_oldest_first(store: Store) -> None:
    rows = [a_delivery(f"k{n}", lane=f"lane {n}", not_before=NOW - n * SECOND) for n in range(5)]
    numbers = await put(store, *rows)

    assert await due(store, limit=2) == [numbers[4], numbers[3]]


@pytest.mark.parametrize("act", ["post", "update"])
async def test_what_belongs_to_a_post_waits_until_that_is_there(store: Store, act: str) -> None:
    root, child = await put(store, a_delivery("root"), a_delivery("child", lane="other", act=act, target_key="root"))
    before = await due(store)

    await send(store, root, "m7")

    assert before == [root]
    assert await due(store) == [child]
    assert (await claimed(store, child)).root == Place("plaza", "m7")


async def test_the_place_of_a_post_that_died_is_empty(store: Store) -> None:
    root, child = await put(store, a_delivery("root"), a_delivery("child", target_key="root"))
    found = await claimed(store, root)

    await finish(store, Result(found.row, DeliveryState.DEAD, "refused"))

    assert await due(store) == [child]
    assert (await claimed(store, child)).root == Place(None, None)


async def test_a_claim_is_one_try_with_a_token_of_its_own(store: Store) -> None:
    first, second = await put(store, a_delivery("a"), a_delivery("b", lane="other"))

    one, other = await claimed(store, first), await claimed(store, second)

    assert (one.row.state, one.row.attempts, one.look, one.root) == (DeliveryState.SENDING, 1, False, None)
    assert one.row.token != other.row.token


async def test_a_second_claim_waits_until_the_lease_ends(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    await claimed(store, number)

    (again,) = await claim(store, number)

    assert isinstance(again, Wait)
    assert claims.LEASE_SECONDS - 5 < again.seconds <= claims.LEASE_SECONDS


async def test_what_was_being_sent_when_its_lease_ended_is_looked_for_before_it_is_sent_again(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    await claimed(store, number)
    await let_the_lease_end(store)

    due_again = await due(store)
    again = await claimed(store, number)

    assert due_again == [number]
    assert (again.look, again.row.attempts) == (True, 2)


async def test_what_may_have_been_posted_is_looked_for_and_what_was_refused_is_not(store: Store) -> None:
    unsure, refused = await put(store, a_delivery("a"), a_delivery("b", lane="other"))
    for number, state in ((unsure, DeliveryState.UNKNOWN), (refused, DeliveryState.PENDING)):
        found = await claimed(store, number)
        await finish(store, Result(found.row, state, "again"))

    assert (await claimed(store, unsure)).look
    assert not (await claimed(store, refused)).look


async def test_who_comes_too_late_to_record_changes_nothing(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    stale = await claimed(store, number)
    await let_the_lease_end(store)
    fresh = await claimed(store, number)

    await finish(store, Result(stale.row, DeliveryState.DEAD, "too slow"))
    after_the_stale = await look_one(store, "select state, token from delivery")
    await finish(store, Result(fresh.row, DeliveryState.SENT, place=Place("plaza", "m1")))

    assert after_the_stale == (DeliveryState.SENDING, fresh.row.token)
    assert await look_one(store, "select state from delivery") == DeliveryState.SENT


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.EXPIRED])
async def test_what_is_settled_keeps_no_content_and_is_never_taken_again(store: Store, state: DeliveryState) -> None:
    (number,) = await put(store, a_delivery("a"))
    found = await claimed(store, number)

    await finish(store, Result(found.row, state, "so it went"))

    assert await look_one(store, "select state, reason, payload from delivery") == (state, "so it went", None)
    assert await claim(store, number) == [None]
    assert await due(store) == []


async def test_what_will_be_tried_again_keeps_its_content(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    found = await claimed(store, number)

    await finish(store, Result(found.row, DeliveryState.UNKNOWN, "outcome unknown"))

    assert (await claimed(store, number)).row.payload == b"sealed"


async def test_a_delivery_that_is_not_there_is_settled_as_far_as_anyone_knows(store: Store) -> None:
    assert await claim(store, 99) == [None]


async def test_of_two_in_one_conversation_that_are_claimed_at_once_the_second_waits_a_moment(store: Store) -> None:
    first, second = await put(store, a_delivery("a"), a_delivery("b"))

    later, sooner = await claim(store, second, first)

    assert isinstance(sooner, Claim)
    assert isinstance(later, Wait)
    assert 0 < later.seconds < 1


async def test_a_quiet_lane_keeps_its_messages_waiting_and_no_others(store: Store) -> None:
    quiet, other = await put(store, a_delivery("a"), a_delivery("b", lane="other"))
    async with store.begin() as work:
        await lanes.block(work, {"fake:w:plaza": 60})

    waits, goes = await claim(store, quiet, other)

    assert await due(store) == []
    assert isinstance(goes, Claim)
    assert isinstance(waits, Wait)
    assert 55 < waits.seconds <= 60


async def test_a_lane_is_heard_again_when_its_time_has_come(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    async with store.begin() as work:
        await lanes.block(work, {"fake:w:plaza": 0.05})

    waited = 0.0
    while isinstance((found := (await claim(store, number))[0]), Wait):
        waited = max(waited, found.seconds)

    assert isinstance(found, Claim)
    assert waited <= 0.06


async def test_a_lane_keeps_the_longer_of_two_silences(store: Store) -> None:
    async with store.begin() as work:
        for seconds in (60, 1):
            await lanes.block(work, {"fake:w:plaza": seconds})
    (number,) = await put(store, a_delivery("a"))

    (found,) = await claim(store, number)

    assert isinstance(found, Wait)
    assert found.seconds > 50


async def test_a_result_may_ask_for_silence_in_its_lane(store: Store) -> None:
    first, _ = await put(store, a_delivery("a"), a_delivery("b"))
    found = await claimed(store, first)

    await finish(store, Result(found.row, DeliveryState.PENDING, "rate limited", quiet=30.0))

    assert await due(store) == []
    await run(store, "update lane set free_at = 1")
    assert await due(store) == [first]


async def test_a_pace_keeps_a_lane_quiet_from_the_claim_on(store: Store) -> None:
    first, second, elsewhere = await put(store, a_delivery("a"), a_delivery("b"), a_delivery("c", lane="elsewhere"))
    (taken,) = await claim(store, first, paces={"fake": Pace(30.0), "other": Pace(99.0)})
    assert isinstance(taken, Claim)
    await finish(store, Result(taken.row, DeliveryState.SENT))

    (paced,) = await claim(store, second, paces={"fake": Pace(30.0)})

    assert await due(store) == [elsewhere]
    assert isinstance(paced, Wait)
    assert 25 < paced.seconds <= 30


async def test_what_is_awaited_stands_in_a_line_of_its_own(store: Store) -> None:
    prompt, reply = await put(store, a_delivery("a"), a_delivery("b", lane="other", urgent=True))

    assert await due(store) == [prompt]
    assert await due(store, urgent=True) == [reply]


async def test_a_reply_goes_before_a_prompt_that_stands_in_a_queue(store: Store) -> None:
    prompt, reply = await put(store, a_delivery("prompt"), a_delivery("reply", urgent=True))

    assert await due(store, urgent=True) == [reply]
    await send(store, reply)
    assert await due(store) == [prompt]


async def test_a_reply_waits_for_the_prompt_that_is_being_sent_in_its_conversation(store: Store) -> None:
    prompt, _ = await put(store, a_delivery("prompt"), a_delivery("reply", urgent=True))

    await claimed(store, prompt)

    assert await due(store, urgent=True) == []


@pytest.mark.parametrize("before", [{"act": "update"}, {"urgent": True}])
async def test_a_reply_waits_for_a_reply_and_for_a_change_of_what_is_there(
    store: Store, before: dict[str, object]
) -> None:
    first, _ = await put(store, a_delivery("first", **before), a_delivery("reply", urgent=True))

    assert await due(store, urgent=True) == [first] * bool(before.get("urgent"))


async def test_slots_that_are_near_each_other_come_up_together(store: Store) -> None:
    numbers = await put(store, *(a_delivery(f"k{n}", lane=f"lane {n}") for n in range(40)))

    found = await claim(store, *numbers, paces={"fake": Pace(cap=20)})

    rounds = {one.seconds for one in found if isinstance(one, Wait)}
    assert rounds == {0.25 * n for n in range(1, 8)}


async def test_what_nobody_waits_for_gets_a_slot_in_the_cap_of_its_workspace(store: Store) -> None:
    numbers = await put(store, *(a_delivery(f"k{n}", lane=f"lane {n}") for n in range(4)))

    first, *others = await claim(store, *numbers, paces={"fake": Pace(cap=0.1)})

    assert isinstance(first, Claim)
    assert [wait.seconds for wait in others if isinstance(wait, Wait)] == pytest.approx([10, 20, 30], abs=0.5)
    assert await due(store) == []


async def test_a_slot_is_given_once(store: Store) -> None:
    numbers = await put(store, *(a_delivery(f"k{n}", lane=f"lane {n}") for n in range(2)))
    await claim(store, *numbers, paces={"fake": Pace(cap=0.1)})
    await run(store, "update delivery set lease_until = 1 where state = 'pending'")

    (found,) = await claim(store, numbers[1], paces={"fake": Pace(cap=0.1)})

    assert isinstance(found, Claim)


async def test_the_cap_is_shared_by_all_who_claim_and_holds_up_no_reply(store: Store) -> None:
    one, two = await put(store, a_delivery("a"), a_delivery("b", lane="other"))
    (reply,) = await put(store, a_delivery("c", lane="third", urgent=True))
    (elsewhere,) = await put(store, a_delivery("d", lane="fourth", workspace="x"))
    paces = {"fake": Pace(cap=0.1)}
    await claim(store, one, paces=paces)

    waits, *go = await claim(store, two, reply, elsewhere, paces=paces)

    assert isinstance(waits, Wait)
    assert 8 < waits.seconds <= 10
    assert all(isinstance(found, Claim) for found in go)


async def test_a_try_that_does_not_count_is_not_counted(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    found = await claimed(store, number)

    await finish(store, Result(found.row, DeliveryState.PENDING, "rate limited", counts=False))

    assert await look_one(store, "select attempts from delivery") == 0


async def test_many_results_are_recorded_each_by_its_own(store: Store) -> None:
    numbers = await put(store, *(a_delivery(f"k{n}", lane=f"lane {n}") for n in range(3)))
    rows = [found.row for found in await claim(store, *numbers) if isinstance(found, Claim)]

    await finish(
        store,
        Result(rows[0], DeliveryState.SENT, place=Place("plaza", "m1")),
        Result(rows[1], DeliveryState.UNKNOWN, "outcome unknown", quiet=30.0),
        Result(rows[2], DeliveryState.DEAD, "refused"),
    )

    query = "select state, reason, handle_message, payload is null from delivery order by id"
    assert await look(store, query) == [
        ("sent", "", "m1", True),
        ("unknown", "outcome unknown", None, False),
        ("dead", "refused", None, True),
    ]
    assert await look(store, "select key from lane") == [("lane 1",)]


async def test_what_is_open_is_found_by_the_indexes_on_what_is_open(sqlite_store: Store) -> None:
    query = claims._due_query().params(now=NOW, limit=20, urgent=False)
    text = query.compile(sqlite_store.engine.sync_engine, compile_kwargs={"literal_binds": True})

    plan = " ".join(str(row[-1]) for row in await look(sqlite_store, f"explain query plan {text}"))

    assert "ix_delivery_due" in plan
    assert "ix_delivery_lane" in plan
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", "")


async def test_an_answer_in_direct_messages_waits_for_no_pace_but_for_silence(store: Store) -> None:
    first, paced = await put(store, a_delivery("a"), a_delivery("b", urgent=True))
    (taken,) = await claim(store, first, paces={"fake": Pace(30.0)})
    assert isinstance(taken, Claim)
    await finish(store, Result(taken.row, DeliveryState.SENT))
    (answer,) = await put(store, a_delivery("c", urgent=True, paced=True, lane="fake:w:plaza"))
    await run(store, "update delivery set state = 'sent' where id = :id", id=paced)

    due_at_its_pace = await due(store, urgent=True)
    async with store.begin() as work:
        await lanes.block(work, {"fake:w:plaza": 60})
    (silenced,) = await claim(store, answer)

    assert due_at_its_pace == [answer]
    assert isinstance(silenced, Wait)
    assert silenced.seconds > 50


async def test_a_process_that_is_alone_gives_back_what_was_being_sent_when_it_died(store: Store) -> None:
    (number,) = await put(store, a_delivery("a"))
    await claimed(store, number)

    async with store.begin() as work:
        released = await deliveries.release(work)

    assert released == 1
    assert await due(store) == [number]
    assert (await claimed(store, number)).look


async def test_our_own_post_is_found_by_the_platforms_id_of_it(store: Store) -> None:
    (number,) = await put(store, a_delivery("a", replies="tea.said|1|"))
    await send(store, number, "m3")

    async with store.begin() as work:
        found = await deliveries.posted_as(work, "fake", "w", "plaza", "m3")
        elsewhere = await deliveries.posted_as(work, "fake", "x", "plaza", "m3")
        next_door = await deliveries.posted_as(work, "fake", "w", "garden", "m3")

    assert found
    assert (found.dedupe_key, found.replies) == ("a", "tea.said|1|")
    assert elsewhere is None
    assert next_door is None


async def test_an_update_of_a_post_is_not_taken_for_the_post(store: Store) -> None:
    await put(store, a_delivery("a", act="update", handle_conversation="plaza", handle_message="m3"))

    async with store.begin() as work:
        assert await deliveries.posted_as(work, "fake", "w", "plaza", "m3") is None


async def test_deliveries_are_counted_by_state(store: Store) -> None:
    first, _, _ = await put(store, *(a_delivery(key, lane=key) for key in "abc"))
    await send(store, first)

    async with store.begin() as work:
        assert await deliveries.count_by_state(work) == {"pending": 2, "sent": 1}


@pytest.mark.xdist_group("postgres")
async def test_of_many_who_claim_at_once_one_gets_each_delivery(postgres_store: Store) -> None:
    numbers = await put(postgres_store, *(a_delivery(f"k{n}", lane=f"lane {n}") for n in range(10)))

    found = await asyncio.gather(*(claim(postgres_store, *numbers) for _ in range(6)))

    taken = [one.row.id for claims in found for one in claims if isinstance(one, Claim)]
    assert sorted(taken) == sorted(numbers)
    assert await look(postgres_store, "select distinct attempts from delivery") == [(1,)]
