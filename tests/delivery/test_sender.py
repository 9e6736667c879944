"""One try of one delivery: each way in which a platform can fail has its decided outcome, and nothing is sent twice."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.chat.cards import Plain
from bot.chat.messages import ADDRESS, Channel
from bot.chat.ports import Handle
from bot.delivery import doorway, replacing
from bot.delivery.doorway import Offered
from bot.delivery.replacing import Replacing
from bot.delivery.sender import MAX_TRIES
from bot.errors import Misconfigured, PlatformError, RateLimited, Refusal, StoreError, Unreachable, Unsure
from storage.claims import Claimed
from storage.db import UnitOfWork
from storage.results import Result
from tests.contracts.messenger import FORM, card
from tests.delivery.conftest import Post
from tests.fakes.messenger import FakeMessenger, Fault
from tests.storage.rows import NOW, a_community, look, look_one

UNDER = json.dumps({"kind": "thread", "conversation": "plaza", "root": "root"})
AT_ALL = "select handle_conversation, handle_message, payload from delivery where id = :id"


async def test_a_post_arrives_and_its_place_is_kept_and_its_content_is_not(post: Post) -> None:
    number = await post.put("hallo")

    again = await post.try_once(number)

    assert again is None
    assert post.messenger.said() == ["hallo"]
    assert await post.state(number) == ("sent", "")
    assert await look_one(post.store, AT_ALL, id=number) == ("plaza", "1", None)


async def test_each_delivery_goes_into_its_own_workspace(post: Post) -> None:
    for key in ("here", "there"):
        await post.try_once(await post.put(key, workspace=key))

    assert post.messenger.workspaces == ["here", "there"]


async def test_what_is_settled_is_not_sent_again(post: Post) -> None:
    number = await post.put("hallo")
    await post.try_once(number)

    again = await post.try_once(number)

    assert again is None
    assert post.messenger.asked == ["post"]


async def test_a_reply_goes_under_its_root_wherever_that_ended_up(post: Post) -> None:
    root = await post.put("root")
    child = await post.put("child", address=UNDER, target_key="root")

    for number in (root, child):
        await post.try_once(number)

    assert [one.root for one in post.messenger.posts] == [None, post.messenger.posts[0].handle]


async def test_an_update_takes_the_place_of_its_post(post: Post) -> None:
    root = await post.put("root")
    update = await post.put("update", act="update", target_key="root", lane="update")

    for number in (root, update):
        await post.try_once(number)

    assert post.messenger.said() == ["update"]
    assert await post.state(update) == ("sent", "")


async def test_a_card_that_was_tapped_is_updated_where_it_was(post: Post) -> None:
    await post.try_once(await post.put("root"))
    content = replacing.pack(Replacing(card("thanks"), Handle("plaza", "1")))

    await post.try_once(await post.put("thanks", act="update", payload=post.store.vault.seal(content)))

    assert post.messenger.said() == ["thanks"]


async def test_a_form_is_laid_before_who_made_the_gesture(post: Post) -> None:
    number = await a_form(post, post.messenger.gesture("lotte"))

    await post.try_once(number)

    assert post.messenger.forms == {"lotte": FORM}
    assert post.messenger.said() == []
    assert await post.state(number) == ("sent", "")


async def a_form(post: Post, trigger: str, until: datetime = NOW + timedelta(days=1)) -> int:
    """Store a form, and the door to it."""
    offered = Offered(FORM, card("deur"), ADDRESS.dump_json(Channel("plaza")).decode(), "fake:w:plaza", until)
    payload = post.store.vault.seal(doorway.pack(offered))
    lasts = {"expires_at": NOW + timedelta(minutes=1)}
    return await post.put("form", act="form", address=trigger, lane="fake:w:form:1", payload=payload, **lasts)


async def test_where_a_platform_will_not_open_a_form_the_door_to_it_is_posted_once(post: Post) -> None:
    number = await a_form(post, "a gesture of long ago")

    tries = await post.try_until_settled(number)

    assert (tries, post.messenger.said(), post.messenger.forms) == (2, ["deur"], {})
    assert await post.state(number) == ("sent", "")
    assert await look_one(post.store, AT_ALL, id=number) == ("plaza", "1", None)


async def test_a_form_that_is_too_late_is_not_opened_and_the_door_to_it_is_posted(post: Post) -> None:
    number = await a_form(post, post.messenger.gesture("lotte"))
    post.clock.wait(timedelta(minutes=2))

    await post.try_until_settled(number)

    assert (post.messenger.said(), post.messenger.forms) == (["deur"], {})


async def test_a_door_that_is_too_late_as_well_is_not_posted(sqlite_post: Post) -> None:
    number = await a_form(sqlite_post, "a gesture of long ago")
    sqlite_post.clock.wait(timedelta(days=2))

    await sqlite_post.try_until_settled(number)

    assert sqlite_post.messenger.said() == []
    assert await sqlite_post.state(number) == ("expired", "late")


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (RateLimited(0.01), ("pending", "rate limited")),
        (Unreachable(), ("pending", "Unreachable")),
        (PlatformError(), ("pending", "PlatformError")),
        (Unsure(), ("unknown", "outcome unknown")),
        (Misconfigured("no such channel", Refusal.GONE), ("dead", "gone")),
        (Misconfigured("invalid_auth", Refusal.ACCESS), ("pending", "access")),
    ],
    ids=["rate limited", "unreachable", "another error of the platform", "unsure", "misconfigured", "locked out"],
)
async def test_each_error_of_a_platform_has_its_outcome(
    post: Post, fault: PlatformError, state: tuple[str, str]
) -> None:
    post.messenger.will(fault)
    number = await post.put("hallo")

    again = await post.try_once(number)

    assert await post.state(number) == state
    assert (again is None) == (state[0] == "dead")


@pytest.mark.parametrize("fault", [Unreachable(), Unsure()], ids=["unreachable", "unsure"])
async def test_what_failed_for_now_arrives_once_at_the_next_try(post: Post, fault: PlatformError) -> None:
    post.messenger.will(fault, fault)
    number = await post.put("hallo")

    tries = await post.try_until_settled(number)

    assert tries == 3
    assert post.messenger.said() == ["hallo"]


async def test_what_may_not_go_yet_is_offered_again_before_long_since_clocks_are_set(sqlite_post: Post) -> None:
    number = await sqlite_post.put("hallo", not_before=NOW + timedelta(hours=1))

    again = await sqlite_post.try_once(number)

    assert again == 30


async def test_a_rate_limit_keeps_the_conversation_quiet_for_as_long_as_told(post: Post) -> None:
    post.messenger.will(RateLimited(42.0))
    number = await post.put("hallo")

    told = await post.try_once(number)
    asked = await post.try_once(number)

    assert told == 42.0
    assert asked is not None
    assert asked == 30
    assert post.messenger.asked == ["post"]


async def test_the_pause_after_a_failure_grows(sqlite_post: Post) -> None:
    sqlite_post.messenger.will(*[Unreachable()] * 4)
    number = await sqlite_post.put("hallo")

    pauses = []
    for _ in range(4):
        pauses.append(await sqlite_post.try_once(number))
        await sqlite_post.let_time_pass()

    for tries, pause in enumerate(pauses):
        assert pause is not None
        assert 2**tries / 2 <= pause <= 2**tries


@pytest.mark.parametrize("fault", [Unreachable(), Unsure()], ids=["unreachable", "unsure"])
async def test_what_keeps_failing_is_given_up_at_last(sqlite_post: Post, fault: PlatformError) -> None:
    sqlite_post.messenger.will(*[fault] * 50)
    number = await sqlite_post.put("hallo")

    tries = await sqlite_post.try_until_settled(number)

    assert tries == MAX_TRIES
    assert (await sqlite_post.state(number))[0] == "dead"


async def test_being_told_to_wait_is_no_failed_try_and_ends_only_by_being_too_late(sqlite_post: Post) -> None:
    sqlite_post.messenger.will(*[RateLimited(0.01)] * 50)
    number = await sqlite_post.put("hallo", expires_at=NOW + timedelta(minutes=1))
    for _ in range(2 * MAX_TRIES):
        await sqlite_post.try_once(number)
        await sqlite_post.let_time_pass()
    state_meanwhile = await sqlite_post.state(number)

    sqlite_post.clock.move(NOW + timedelta(minutes=2))
    again = await sqlite_post.try_once(number)

    assert state_meanwhile == ("pending", "rate limited")
    assert again is None
    assert await sqlite_post.state(number) == ("expired", "late")


@pytest.mark.parametrize(("loss", "told"), [("untold", 1), ("private", 0)])
async def test_what_is_lost_sets_a_timer_to_tell_the_facilitators_unless_it_is_nobodys_business(
    post: Post, loss: str, told: int
) -> None:
    community = await a_community(post.store)
    post.messenger.will(Misconfigured("no such channel"), Misconfigured("no such channel"))
    numbers = [await post.put(key, loss=loss, lane=key, community_id=community) for key in ("one", "other")]

    await post.sender(numbers)

    assert len(await look(post.store, "select * from timer where kind = 'delivery.lost'")) == told


async def test_a_post_that_arrived_without_a_word_is_found_and_not_posted_again(post: Post) -> None:
    post.messenger.will(Fault(Unsure(), arrives=True))
    number = await post.put("hallo")

    await post.try_until_settled(number)

    assert post.messenger.asked == ["post", "find"]
    assert post.messenger.said() == ["hallo"]
    assert await look_one(post.store, AT_ALL, id=number) == ("plaza", "1", None)


@pytest.mark.parametrize(("repeat", "said", "state"), [(True, 2, "sent"), (False, 1, "dead")])
async def test_where_a_platform_cannot_be_asked_a_post_is_repeated_unless_it_had_better_be_lost(
    sqlite_post: Post, *, repeat: bool, said: int, state: str
) -> None:
    sqlite_post.messenger.can_find = False
    sqlite_post.messenger.will(Fault(Unsure(), arrives=True))
    number = await sqlite_post.put("hallo", repeat=repeat)

    await sqlite_post.try_until_settled(number)

    assert len(sqlite_post.messenger.said()) == said
    assert (await sqlite_post.state(number))[0] == state


async def test_a_post_that_did_not_arrive_is_looked_for_in_vain_and_posted(post: Post) -> None:
    post.messenger.will(Unsure())
    number = await post.put("hallo")

    await post.try_until_settled(number)

    assert post.messenger.asked == ["post", "find", "post"]
    assert post.messenger.said() == ["hallo"]


@pytest.mark.parametrize(
    "error", [RateLimited(0.01), Unreachable(), Unsure()], ids=["limited", "unreachable", "unsure"]
)
async def test_a_doubt_stays_a_doubt_when_looking_fails(post: Post, error: PlatformError) -> None:
    post.messenger.will(Fault(Unsure(), arrives=True))
    post.messenger.find_faults.append(error)
    number = await post.put("hallo")

    await post.try_until_settled(number)

    assert post.messenger.asked == ["post", "find", "find"]
    assert post.messenger.said() == ["hallo"]


@pytest.mark.parametrize("doubts", [1, 2])
async def test_where_the_platform_cannot_be_asked_each_doubt_is_at_most_one_post_more(post: Post, doubts: int) -> None:
    post.messenger.can_find = False
    post.messenger.will(*[Fault(Unsure(), arrives=True)] * doubts)
    number = await post.put("hallo")

    await post.try_until_settled(number)

    assert post.messenger.said() == ["hallo"] * (doubts + 1)
    assert await post.state(number) == ("sent", "")


async def test_a_process_that_died_after_posting_is_followed_by_one_that_looks_first(post: Post) -> None:
    number = await post.put("hallo")
    await post.sender._claims.submit(number)
    await post.messenger.post(Channel("plaza"), card("hallo"), key="hallo")
    await post.let_time_pass()

    post.sender = post.another_sender()
    await post.try_until_settled(number)

    assert post.messenger.asked == ["post", "find"]
    assert await post.state(number) == ("sent", "")


async def test_what_is_past_its_time_is_never_sent(post: Post) -> None:
    number = await post.put("hallo", expires_at=NOW + timedelta(hours=1))
    post.clock.wait(timedelta(hours=1, seconds=1))

    again = await post.try_once(number)

    assert again is None
    assert post.messenger.asked == []
    assert await post.state(number) == ("expired", "late")
    assert await look_one(post.store, AT_ALL, id=number) == (None, None, None)


async def test_a_reply_under_a_root_that_died_is_not_sent_anywhere(post: Post) -> None:
    root = await post.put("root", address='{"kind": "channel", "conversation": "nowhere"}')
    child = await post.put("child", address=UNDER, target_key="root")

    for number in (root, child):
        await post.try_once(number)

    assert post.messenger.said() == []
    assert await post.state(child) == ("dead", "root")


async def test_an_update_of_what_was_never_there_is_dead(post: Post) -> None:
    number = await post.put("update", act="update", target_key="never")

    await post.try_once(number)

    assert post.messenger.asked == []
    assert await post.state(number) == ("dead", "root")


async def test_a_platform_that_is_not_configured_gets_nothing(post: Post) -> None:
    number = await post.put("hallo", platform="slack")

    await post.try_once(number)

    assert await post.state(number) == ("dead", "platform")


async def test_content_that_cannot_be_opened_is_given_up_at_last_and_lets_others_pass(sqlite_post: Post) -> None:
    number, after = await sqlite_post.put("hallo", payload=b"not sealed"), await sqlite_post.put("after")

    tries = await sqlite_post.try_until_settled(number)
    await sqlite_post.try_until_settled(after)

    assert tries <= MAX_TRIES
    assert (await sqlite_post.state(number))[0] == "dead"
    assert sqlite_post.messenger.said() == ["after"]


async def test_a_messenger_that_breaks_its_promise_is_given_up_at_last(sqlite_post: Post) -> None:
    sqlite_post.messenger.will(*[Fault(KeyError("ts"))] * 50)
    number = await sqlite_post.put("hallo")

    tries = await sqlite_post.try_until_settled(number)

    assert tries <= MAX_TRIES
    assert (await sqlite_post.state(number))[0] == "dead"


async def test_a_result_that_the_store_refuses_is_offered_until_it_is_kept(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [StoreError("full")] * 3
    number = await post.put("hallo")

    async def finish(work: UnitOfWork, results: Sequence[Result]) -> Sequence[None]:
        if refusals:
            raise refusals.pop()
        return await post.sender._finish(work, results)

    monkeypatch.setattr("bot.delivery.sender._FIRST_PAUSE", 0)
    monkeypatch.setattr(post.sender._results, "_work", finish)
    await post.try_once(number)

    assert refusals == []
    assert post.messenger.asked == ["post"]
    assert await post.state(number) == ("sent", "")


async def test_a_store_that_refuses_to_hand_out_a_delivery_sends_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await post.put("hallo")

    async def claim(work: UnitOfWork, ids: Sequence[int]) -> Sequence[Claimed]:
        raise StoreError("gone")

    monkeypatch.setattr(post.sender._claims, "_work", claim)

    again = await post.try_once(number)

    assert again
    assert post.messenger.asked == []


async def test_a_pace_is_kept_between_two_messages_to_one_conversation(sqlite_post: Post) -> None:
    sqlite_post.messenger = FakeMessenger(pace=30.0)
    sqlite_post.sender = sqlite_post.another_sender()
    first, second = await sqlite_post.put("one"), await sqlite_post.put("two")
    await sqlite_post.try_once(first)

    wait = await sqlite_post.try_once(second)

    assert wait is not None
    assert 25 < wait <= 30
    assert sqlite_post.messenger.said() == ["one"]


async def test_what_is_shown_is_what_was_stored(post: Post) -> None:
    number = await post.put("Wat *leerde* je, <@U1>?")

    await post.try_once(number)

    assert post.messenger.posts[0].card.summary == Plain("Wat *leerde* je, <@U1>?")
