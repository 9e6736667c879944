"""Conversation references: one row a conversation, the newest wins, found by what they belong to."""

from datetime import UTC, datetime, timedelta

from bot.domain.reference import Reference
from storage.db import Store
from storage.references import References

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
CHANNEL = Reference("19:general@thread.tacv2", "https://emea.example/", group="19:general@thread.tacv2", name="General")
OTHER = Reference("19:other@thread.tacv2", "https://emea.example/", group="19:general@thread.tacv2")
PRIVATE = Reference("a:1", "https://emea.example/", user_id="29:noor")


async def test_a_conversation_that_moved_is_reached_where_it_is_now(store: Store) -> None:
    references = References(store, "teams", "tenant")
    await references.keep(CHANNEL, at=AT)
    moved = Reference(CHANNEL.conversation, "https://amer.example/", group=CHANNEL.group, name="General")

    await references.keep(moved, at=LATER)

    assert await references.find(CHANNEL.conversation) == moved
    assert await references.of_group(CHANNEL.group) == [moved]


async def test_channels_are_found_by_their_team_and_direct_conversations_by_their_person(store: Store) -> None:
    references = References(store, "teams", "tenant")
    for number, one in enumerate((CHANNEL, OTHER, PRIVATE)):
        await references.keep(one, at=AT + timedelta(minutes=number))

    assert await references.of_group(CHANNEL.group) == [OTHER, CHANNEL]
    assert await references.direct("29:noor") == PRIVATE
    assert await references.latest() == PRIVATE


async def test_another_tenant_has_references_of_its_own(store: Store) -> None:
    await References(store, "teams", "tenant").keep(PRIVATE, at=AT)

    elsewhere = References(store, "teams", "elsewhere")

    assert await elsewhere.find("a:1") is None
    assert await elsewhere.direct("29:noor") is None
    assert await elsewhere.latest() is None


async def test_a_reference_that_was_erased_is_gone(store: Store) -> None:
    references = References(store, "teams", "tenant")
    await references.keep(PRIVATE, at=AT)

    await references.erase("a:1")

    assert await references.find("a:1") is None
