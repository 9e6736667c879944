"""What members write is sealed: neither a stolen file nor a dump of the database says a word of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage import checkins, claims, deliveries, inbox, pulses, reflections, results, tables
from storage.checkins import Answer, CheckIn, Run
from storage.db import Store, UnitOfWork, sqlite_file
from storage.inbox import Arrival
from storage.people import key_of
from storage.reflections import Cycle, Reflection
from storage.sealed import SealBroken, Vault
from tests.conftest import SECRET
from tests.storage.rows import NOW, a_delivery, some_members

WORDS = "ik durfde het niet te zeggen"


@pytest.fixture
async def written(store: Store) -> Store:
    """A store in which a member has written everywhere one can."""
    (member,) = await some_members(store, 1)
    async with store.begin() as work:
        await inbox.keep(work, [Arrival("fake", "w", "e1", WORDS.encode(), NOW)])
        await deliveries.add(work, [a_delivery("d1", payload=work.vault.seal(WORDS))])
        await _answer_check_in(work, member)
        await _reflect(work, member)
        await pulses.log(work, 1, 4, WORDS, at=NOW)
    return store


async def _answer_check_in(work: UnitOfWork, member: int) -> None:
    await checkins.add(work, check_in := CheckIn(community_id=1, question="Hoe gaat het?", created_at=NOW))
    run = Run(check_in_id=key_of(check_in), local_slot="2026-11-03T09:00", opened_at=NOW, closes_at=NOW)
    await checkins.add(work, run)
    await checkins.add(work, Answer(run_id=key_of(run), member_id=member, words=work.vault.seal(WORDS), at=NOW))


async def _reflect(work: UnitOfWork, member: int) -> None:
    await reflections.add(work, cycle := Cycle(community_id=1, model="short_stroke", opened_by=member, opened_at=NOW))
    await reflections.add(work, reflection := Reflection(cycle_id=key_of(cycle), member_id=member))
    await reflections.answer(work, key_of(reflection), 1, WORDS)


async def test_no_row_of_any_table_holds_a_members_words(written: Store) -> None:
    dumped = await _dump(written)

    assert b"2026-11-03T09:00" in dumped
    assert WORDS.encode() not in dumped


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_no_byte_of_the_file_or_its_log_holds_a_members_words(written: Store) -> None:
    while_open = _files(written)
    await written.close()

    assert b"2026-11-03T09:00" in while_open
    assert WORDS.encode() not in while_open
    assert WORDS.encode() not in _files(written)


async def test_what_was_sealed_is_read_back(written: Store) -> None:
    async with written.begin() as work:
        assert await reflections.answers(work, 1) == {1: WORDS}
        assert await pulses.journal(work, 1) == [(NOW, 4)]


def test_the_same_words_are_sealed_to_other_bytes_each_time() -> None:
    vault = Vault(SECRET)

    assert vault.seal(WORDS) != vault.seal(WORDS)


@pytest.mark.parametrize("spoil", [bytes.lower, bytes.title, lambda sealed: sealed[:-4]])
def test_what_was_changed_does_not_open(spoil: Callable[[bytes], bytes]) -> None:
    vault = Vault(SECRET)

    with pytest.raises(SealBroken):
        vault.open(spoil(vault.seal(WORDS)))


async def test_what_was_erased_leaves_no_trace_in_the_file(sqlite_store: Store) -> None:
    sealed = sqlite_store.vault.seal(WORDS * 50)
    async with sqlite_store.begin() as work:
        await deliveries.add(work, [a_delivery("d1", payload=sealed)])
    async with sqlite_store.begin() as work:
        (claim,) = await claims.claim(work, [1], now=NOW + timedelta(hours=1), paces={})
        assert isinstance(claim, claims.Claim)
        await results.finish(work, [results.Result(claim.row, deliveries.DeliveryState.SENT)])

    await sqlite_store.close()

    assert sealed[-100:] not in _files(sqlite_store)


async def _dump(store: Store) -> bytes:
    async with store.begin() as work:
        rows = [row for table in tables.metadata.sorted_tables for row in await work.run(sa.select(table))]
    return b"\n".join(_bytes(value) for row in rows for value in row)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _files(store: Store) -> bytes:
    file = sqlite_file(store.url)
    assert file
    return b"".join(found.read_bytes() for found in file.parent.glob(f"{file.name}*"))
